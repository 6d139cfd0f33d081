"""What tsc told of a program in which every line but the head is wrong.

Why: one run of tsc takes a second, so all wrong lines go into one program, and each must have its
own complaint. Used by the tests of the types that ship.
"""

from __future__ import annotations

from collections.abc import Iterable


def each_line_is_refused(told: str, bad: Iterable[tuple[str, str]], start: int) -> None:
    """Assert that `told` has a complaint for each line, with the words that belong to it.

    Args:
        told: tsc's output about `user.mts`.
        bad: the lines, each with words of its complaint.
        start: the number of the first of them.
    """
    for number, (line, words) in enumerate(bad, start=start):
        complaints = [
            part
            for part in told.split("user.mts")
            if part.startswith((f"({number},", f":{number}:"))
        ]
        assert complaints, f"accepted: {line}\n{told}"
        assert any(words in part for part in complaints), (line, complaints)
