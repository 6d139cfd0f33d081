"""The table of clients and checks, made from a run of pytest: what `make test-clients` prints.

A client is a module with a CLIENT (its name and version), a check is one of its tests, called by
the words of its name. A check has a column for each thing that it ran over (over.py). A skipped one
is not applicable, and its reason is in the table. Used by __main__.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table as RichTable

from .over import OURS, PEER, chosen

BEGIN = "<!-- made by make test-clients WRITE=1 -->"
END = "<!-- end of the table -->"
STYLES = {"passed": "green", "failed": "bold red", "not applicable": "yellow"}


@dataclass
class Check:
    """A check of a client: what it gave over each dist, and why if it was not tried."""

    outcomes: dict[str, str] = field(default_factory=dict)
    reason: str = ""


class Table:
    """A plugin of pytest that collects what the checks gave."""

    def __init__(self) -> None:
        self.clients: dict[str, dict[str, Check]] = {}
        self.names: dict[str, tuple[str, str, str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """What each test is called in the table."""
        for item in items:
            client = str(
                getattr(getattr(item, "module", None), "CLIENT", "the npm package and the wheel")
            )
            self.names[item.nodeid] = (client, *_words(item))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A step of a test has ended."""
        if report.when != "call" and report.outcome == "passed":
            return
        client, name, over = self.names[report.nodeid]
        check = self.clients.setdefault(client, {}).setdefault(name, Check())
        outcome = report.outcome
        if outcome == "skipped" and isinstance(report.longrepr, tuple):
            check.reason = str(report.longrepr[2]).removeprefix("Skipped: ")
            outcome = "not applicable"
        check.outcomes[over] = "failed" if check.outcomes.get(over) == "failed" else outcome

    def show(self, console: Console) -> None:
        """Print it."""
        table = RichTable(title="Clients of Pyodide", show_lines=False)
        columns = chosen()
        for heading in ("client", "check", *columns, "why"):
            table.add_column(heading, overflow="fold")
        for client, checks in self.clients.items():
            for place, (name, check) in enumerate(checks.items()):
                cells = [_styled(check.outcomes.get(column, "-")) for column in columns]
                table.add_row("" if place else client, name, *cells, check.reason)
            table.add_section()
        console.print(table)
        for column in columns:
            console.print(f"{column}: {self._sum(column)}")

    def _sum(self, over: str) -> str:
        counts = [
            check.outcomes.get(over)
            for checks in self.clients.values()
            for check in checks.values()
        ]
        return ", ".join(f"{counts.count(word)} {word}" for word in STYLES)

    def write(self, page: Path) -> None:
        """Put it into a page of the documentation, between its marks.

        Clients that this run did not try keep their lines.
        """
        before, rest = page.read_text(encoding="utf-8").split(BEGIN)
        old, after = rest.split(END)
        lines = {_name(line): line for line in old.splitlines() if line.startswith("| ")}
        lines.pop("client", None)
        for client, checks in self.clients.items():
            cells = [_passed(checks, column) for column in (OURS, PEER)]
            line = f"| {client} | {_listed(checks)} | {' | '.join(cells)} |"
            lines[_name(line)] = line
        head = f"| client | checks | {OURS} | {PEER} |\n|---|---|---|---|"
        table = "\n".join([head, *lines.values()])
        page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


def _name(line: str) -> str:
    """The client of a line of the page, without its version."""
    return re.sub(r" \d\S*$", "", line.split(" | ")[0].removeprefix("| "))


def _passed(checks: dict[str, Check], column: str) -> str:
    """How many passed of those that could, and which did not."""
    tried = {name: one.outcomes[column] for name, one in checks.items() if column in one.outcomes}
    if not tried:
        return "not run"
    skipped = [
        checks[name].reason for name, outcome in tried.items() if outcome == "not applicable"
    ]
    failed = [name for name, outcome in tried.items() if outcome == "failed"]
    passed = list(tried.values()).count("passed")
    told = [f"{passed} of {len(tried) - len(skipped)}"] if len(tried) > len(skipped) else []
    told += [f"failed: {', '.join(failed)}"] if failed else []
    told += [f"not applicable: {reason}" for reason in dict.fromkeys(skipped)]
    return "; ".join(told)


def _words(item: pytest.Item) -> tuple[str, str]:
    """A test's name in words, and what it ran over."""
    name, _, parameters = item.name.partition("[")
    parts = parameters.rstrip("]")
    over = OURS
    for one in chosen():
        found = re.fullmatch(rf"(.*-)?{one}(-.*)?", parts)
        if found:
            over = one
            parts = "-".join(part.strip("-") for part in found.groups() if part)
            break
    words = name.removeprefix("test_").replace("_", " ")
    return words + (f": {parts.replace('_', ' ')}" if parts else ""), over


def _styled(outcome: str) -> str:
    style = STYLES.get(outcome)
    return f"[{style}]{outcome}[/]" if style else outcome


def _listed(checks: dict[str, Check]) -> str:
    """The checks' names, the parametrized ones together."""
    groups: dict[str, list[str]] = {}
    for name in checks:
        first, _, rest = name.partition(": ")
        groups.setdefault(first, []).append(rest)
    told = []
    for first, rest in groups.items():
        known = list(dict.fromkeys(one for one in rest if one))
        told.append(f"{first} ({', '.join(known)})" if known else first)
    return "; ".join(told)
