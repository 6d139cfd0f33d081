"""What a type checker told of a program in which each marked line is wrong.

Why: one run of tsc or mypy takes seconds, so all wrong lines go into one program, and each must
have its own complaint. A line is marked by a comment, `// error: words` or `# error: words`, with
words that its complaint has. Used by the tests of the types that ship.
"""

from __future__ import annotations

import re

MARK = re.compile(r" *(?://|#) error: (.*)$", re.MULTILINE)


def without_marks(program: str) -> str:
    """The program as it is to be checked: a checker that shows a line must not show the words."""
    return MARK.sub("", program)


def each_line_is_refused(told: str, name: str, program: str) -> None:
    """Assert that `told` has a complaint for each marked line, with the words of the mark.

    Args:
        told: the checker's output.
        name: what the program's file is called in it.
        program: with its marks.
    """
    marked = 0
    for number, line in enumerate(program.splitlines(), start=1):
        mark = MARK.search(line)
        if mark is None:
            continue
        marked += 1
        complaints = [
            part for part in told.split(name) if part.startswith((f"({number},", f":{number}:"))
        ]
        assert complaints, f"accepted: {line}\n{told}"
        assert any(mark[1] in part for part in complaints), (line, complaints)
    assert marked, "no line is marked"
