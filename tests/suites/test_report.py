"""How the results of suites are counted and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.judge.process import ModuleResult, Outcome

from . import report


def result(place: str, **outcomes: str) -> ModuleResult:
    found = [Outcome(f"t::{name}", outcome, "last line") for name, outcome in outcomes.items()]
    return ModuleResult("t", place, found)


RESULTS = {
    ("numpy", "jspi"): [result("jspi", a="pass", b="fail", c="skip", d="pass")],
    ("numpy", "pyodide"): [result("pyodide", a="pass", b="pass", c="fail", e="pass")],
}


def test_the_share_is_of_what_passes_over_pyodide() -> None:
    lines = report.table(RESULTS).splitlines()
    assert lines[2:] == [
        "| numpy | JSPI core | 2 | 1 | 1 | 33.33 % (1 of 3) |",
        "| numpy | Pyodide 0.29.5 | 3 | 0 | 1 |  |",
    ]
    assert not report.is_enough(RESULTS)


def test_each_difference_is_named() -> None:
    assert report.differences(RESULTS) == [
        "jspi: t::b: fail last line",
        "jspi: t::e: not run",
    ]


def test_the_table_goes_between_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.write(page, "new")
    report.write(page, "newer")
    assert page.read_text() == f"before\n{report.BEGIN}\nnewer\n{report.END}\nafter\n"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="has no"):
        report.write(page, "new")
