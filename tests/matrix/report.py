"""The matrix's results as tables: for a terminal, for docs/engines.md, and stored as JSON.

Why: one run takes long, so each cell's outcome is kept with the build that it ran on, and the page
is written from what is kept. Used by __main__.py, machine.py and picture.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from .catalog import HOST_CONTEXTS, PAGE_CONTEXTS, Engine, full_cells
from .runner import Check, Outcome

FEATURES = (
    *("core", "waits", "ffi", "streams", "asyncio", "threads", "interrupts", "errors", "leaks"),
)
BEGIN, END = "<!-- made by make test-engines -->", "<!-- end -->"
MARKS = {"pass": "✓", "fail": "✗", "none": "–"}


@dataclass(frozen=True)
class Row:
    """One line of the tables: an engine on one core.

    Attributes:
        engine: which.
        version: of the engine; "" if it could not be had.
        core: "jspi" or "asyncify".
        outcomes: by context, those that ran.
        missing: why the engine could not be had; "" if it could.
    """

    engine: Engine
    version: str
    core: str
    outcomes: dict[str, Outcome]
    missing: str = ""

    @property
    def title(self) -> str:
        """The engine's name with its version."""
        first = self.version.split("-")[0]
        short = ".".join(first.split(".")[: 1 if self.engine.family == "chromium" else 2])
        head, comma, tail = self.engine.title.partition(",")
        numbered = any(word.isdigit() and word in short.split(".") for word in head.split())
        name, of, place = head.partition(" of ")
        return name + ("" if numbered or not short else f" {short}") + of + place + comma + tail

    def context(self, name: str) -> tuple[str, int, int]:
        """A context's state ("pass", "fail", "none"), how many checks passed, and of how many."""
        outcome = self.outcomes.get(name)
        if outcome is None or outcome.absent:
            return ("fail" if outcome is not None and outcome.problems else "none"), 0, 0
        passed = sum(check.passed for check in outcome.checks)
        wrong = outcome.failures or outcome.problems
        return ("fail" if wrong else "pass"), passed, len(outcome.checks)

    def feature(self, name: str) -> tuple[str, int, int]:
        """A feature's state, over all contexts."""
        checks = [
            check
            for outcome in self.outcomes.values()
            for check in outcome.checks
            if check.feature == name
        ]
        passed = sum(check.passed for check in checks)
        if not checks:
            return "none", 0, 0
        return ("pass" if passed == len(checks) else "fail"), passed, len(checks)


def make_rows(
    engines: Iterable[Engine], outcomes: Sequence[Outcome], missing: dict[str, str]
) -> list[Row]:
    """The lines, in the order of the engines.

    Args:
        missing: why engines could not be had, by key.
    """
    rows = []
    for engine in engines:
        mine = [outcome for outcome in outcomes if outcome.cell.engine.key == engine.key]
        for core in ("jspi", "asyncify"):
            of_core = {o.cell.context: o for o in mine if (o.cell.core or o.core) == core}
            if of_core:
                version = next(iter(of_core.values())).version
                rows.append(Row(engine, version, core, of_core))
        if not mine and engine.key in missing:
            rows.append(Row(engine, "", "", {}, missing[engine.key]))
    return rows


def problems(outcomes: Sequence[Outcome]) -> list[str]:
    """Everything that is wrong, a line each."""
    return [f"{o.cell.key}: {problem}" for o in outcomes for problem in o.problems]


def contexts_of(rows: Sequence[Row]) -> list[str]:
    """The contexts that occur, in their usual order."""
    return list(dict.fromkeys(c for row in rows for c in row.engine.contexts))


def rich_table(rows: Sequence[Row], title: str) -> Table:
    """The table for a terminal."""
    colours = {"pass": "green", "fail": "red", "none": "dim"}
    table = Table(title=title, title_justify="left")
    table.add_column("Engine")
    table.add_column("Core")
    ran = [c for c in contexts_of(rows) if any(c in row.outcomes for row in rows)]
    for name in ran:
        table.add_column(name.replace(" worker", "\nworker"), justify="center")
    table.add_column("Fails in")
    for row in rows:
        if row.missing:
            reason = escape(" ".join(row.missing.split())[:120])
            table.add_row(row.title, "", *([""] * len(ran)), f"[dim]not there: {reason}[/]")
            continue
        cells = []
        for state, passed, total in (row.context(name) for name in ran):
            text = f"{passed}/{total}" if state == "fail" and total else MARKS[state]
            cells.append(f"[{colours[state]}]{text}[/]")
        failing = ", ".join(name for name in FEATURES if row.feature(name)[0] == "fail")
        table.add_row(row.title, row.core, *cells, f"[red]{failing}[/]")
    return table


def markdown(rows: Sequence[Row]) -> str:
    """The tables for docs/engines.md."""
    lines = []
    for names in (PAGE_CONTEXTS, HOST_CONTEXTS):
        some = [row for row in rows if row.engine.contexts == names and not row.missing]
        if not some:
            continue
        columns = [*names, *FEATURES[1:]]
        lines += ["| | core | " + " | ".join(columns) + " |", "|---|---|" + "---|" * len(columns)]
        for row in some:
            states = [row.context(name) for name in names] + [row.feature(f) for f in FEATURES[1:]]
            cells = [
                f"{MARKS[state]} {passed}/{total}" if state == "fail" else MARKS[state]
                for state, passed, total in states
            ]
            lines.append(f"| {row.title} | {row.core} | " + " | ".join(cells) + " |")
        lines.append("")
    gone = [row for row in rows if row.missing]
    if gone:
        lines += ["Could not be had:", ""]
        lines += [f"- {row.title}: {' '.join(row.missing.split())}" for row in gone] + [""]
    wrong: dict[str, list[str]] = {}
    reasons: dict[str, str] = {}
    for row in rows:
        for name, outcome in row.outcomes.items():
            for problem in outcome.failures or outcome.problems:
                if "the runtime lives on after" in problem:
                    continue  # the line before says of what it ended
                feature, check, *reason = problem.splitlines()[0].split(": ", 2)
                reasons.setdefault(f"{feature}: {check}", "".join(reason)[:120])
                where = wrong.setdefault(f"{feature}: {check}", [])
                where.append(f"{row.title} ({row.core}, {name})")
    if wrong:
        lines += ["What fails, and where:", ""]
        lines += [f"- {what} ({reasons[what]}): {', '.join(wrong[what])}" for what in wrong] + [""]
    return "\n".join(lines)


def into_page(page: str, text: str) -> str:
    """A page with what stands between its marks replaced.

    Raises:
        ValueError: it has no marks.
    """
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:begin]}\n\n{text.strip()}\n\n{page[end:]}"


# -- what is kept ----------------------------------------------------------------------------------


def build_mark(dist: Path) -> str:
    """A digest of what is tested: results of another build are forgotten."""
    total = hashlib.sha256()
    for name in ("sospeso.mjs", "sospeso.js", "core.jspi.wasm", "core.asyncify.wasm"):
        total.update((dist / name).read_bytes())
    return total.hexdigest()[:16]


def save(path: Path, mark: str, outcomes: Sequence[Outcome]) -> None:
    """Keep outcomes beside those of other cells on the same build."""
    kept = _load(path, mark)
    for o in outcomes:
        kept[o.cell.key] = {
            "version": o.version,
            "absent": o.absent,
            "broken": o.broken,
            "seconds": round(o.seconds, 1),
            "checks": [[c.feature, c.name, c.passed, c.reason, c.ms] for c in o.checks],
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"build": mark, "cells": kept}, indent=1))


def load(path: Path, mark: str, engines: Iterable[Engine]) -> list[Outcome]:
    """What is kept of these engines' cells on this build."""
    kept = _load(path, mark)
    return [
        Outcome(
            cell,
            entry["version"],
            [Check(*fields) for fields in entry["checks"]],
            entry["absent"],
            entry["broken"],
            entry["seconds"],
        )
        for engine in engines
        for cell in full_cells(engine)
        if (entry := kept.get(cell.key)) is not None
    ]


def _load(path: Path, mark: str) -> dict[str, dict[str, Any]]:
    try:
        stored = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    cells: dict[str, dict[str, Any]] = stored["cells"] if stored.get("build") == mark else {}
    return cells
