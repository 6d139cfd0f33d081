"""What the suites gave: the table for docs/compiled-packages.md, and each test that differs.

Both sides are counted by the same rule, per test as pytest names it. Used by __main__.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.judge.process import FAILED, ModuleResult, Outcome

Results = Mapping[tuple[str, str], Sequence[ModuleResult]]  # by suite and place

PEER = "pyodide"
TITLES = {"jspi": "JSPI core", "asyncify": "Asyncify core", PEER: "Pyodide 0.29.5"}
ENOUGH = 0.97
BEGIN, END = "<!-- suites -->", "<!-- end of suites -->"


def told(result: ModuleResult) -> str:
    """A line for the terminal."""
    bad = result.count(*FAILED)
    return (
        f"{result.count('pass')} passed, {result.count('skip')} skipped, {bad} failed "
        f"in {result.seconds:.0f} s"
    )


def _by_id(results: Sequence[ModuleResult]) -> dict[str, Outcome]:
    return {outcome.id: outcome for result in results for outcome in result.outcomes}


def _share(results: Sequence[ModuleResult], peer: Sequence[ModuleResult]) -> tuple[int, int]:
    """Of the tests that pass over Pyodide: how many there are, how many pass here."""
    here = _by_id(results)
    wanted = [name for name, outcome in _by_id(peer).items() if outcome.outcome == "pass"]
    return len(wanted), sum(name in here and here[name].outcome == "pass" for name in wanted)


def is_enough(results: Results) -> bool:
    """Whether ENOUGH of what passes over Pyodide passes in each place."""
    for (suite, place), found in results.items():
        if place != PEER and (suite, PEER) in results:
            wanted, passed = _share(found, results[suite, PEER])
            if passed < ENOUGH * wanted:
                return False
    return True


def differences(results: Results) -> list[str]:
    """The tests that pass over Pyodide and not here, with the end of what they said."""
    lines = []
    for (suite, place), found in results.items():
        if place == PEER or (suite, PEER) not in results:
            continue
        here = _by_id(found)
        for name, outcome in _by_id(results[suite, PEER]).items():
            if outcome.outcome != "pass":
                continue
            mine = here.get(name)
            if mine is None or mine.outcome != "pass":
                what = mine.outcome if mine else "not run"
                last = mine.detail.strip().splitlines()[-1:] if mine else []
                lines.append(f"{place}: {name}: {what} {' '.join(last)[:200]}".rstrip())
    return lines


def table(results: Results) -> str:
    """The table in Markdown."""
    lines = [
        "| Suite | place | passed | skipped | failed | of what passes over Pyodide |",
        "|---|---|---|---|---|---|",
    ]
    for (suite, place), found in results.items():
        counts = Counter(outcome.outcome for outcome in _by_id(found).values())
        bad = sum(counts[kind] for kind in FAILED)
        share = ""
        if place != PEER and (suite, PEER) in results:
            wanted, passed = _share(found, results[suite, PEER])
            share = f"{100 * passed / max(wanted, 1):.2f} % ({passed:,} of {wanted:,})"
        cells = [
            suite,
            TITLES[place],
            f"{counts['pass']:,}",
            f"{counts['skip']:,}",
            f"{bad:,}",
            share,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write(path: Path, table: str) -> None:
    """Put the table between the marks of a document.

    Raises:
        ValueError: there are no marks.
    """
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{path} has no {BEGIN} ... {END}")
    path.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
