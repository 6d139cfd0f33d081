"""`python -m tests.suites`: run the suites of packages here and over Pyodide, and compare.

    python -m tests.suites [--place PLACE]... [--kept] [--group TEXT] [--write] [NAME]...

PLACE is jspi, asyncify or pyodide; NAME is a suite of suites.toml; the default is all of them. What
passes over Pyodide has to pass here: each test that does not is named. `make test-suites` runs them
all and puts the table into docs/compiled-packages.md. Exit code 1: fewer than 97 % of them pass.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.peer import install_peer
from sospeso.cli import say
from sospeso.engines import find_node
from sospeso.paths import ROOT, UserError, need_dist
from tests.judge.process import ModuleResult, run_module

from . import report
from .catalog import Suite, names, suite

HERE = Path(__file__).parent
LOGS = ROOT / "test-results" / "suites"
PLACES = ("jspi", "asyncify", "pyodide")
GROUP_SECONDS = 3600.0
QUIET_SECONDS = 400.0  # twenty thousand tests are collected before the first one runs


def command_of(one: Suite, group: str, place: str, folder: Path) -> Any:
    """From a job of run_module() to the command line that runs it."""
    entry = "pyodide.mjs" if place == "pyodide" else "sospeso.mjs"
    dist = install_peer() if place == "pyodide" else need_dist(entry)
    fixed = {
        "core": place,
        "dist": str(dist),
        "entry": entry,
        "wheels": [str(path) for path in one.wheels],
        "tests": str(one.tests),
        "inside": str(HERE / "inside.py"),
        "group": group,
        "options": one.options,
        "missing": one.missing,
    }
    node = find_node(need_jspi=True)

    def command(job: Mapping[str, object]) -> Sequence[str]:
        path = folder / f"{group.replace('/', '.')}.job.json"
        path.write_text(json.dumps({**job, **fixed}))  # too long for a command line
        return node.command(str(HERE / "host.mjs"), str(path))

    return command


async def results_of(one: Suite, place: str, part: str, kept: bool) -> list[ModuleResult]:
    """The results of a suite in one place."""
    folder = LOGS / one.name / place
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for group in one.groups:
        if part not in group:
            continue
        name = group.replace("/", ".")
        file = folder / f"{name}.json"
        if kept and file.exists():
            found.append(ModuleResult.from_json(json.loads(file.read_text())))
            continue
        command = command_of(one, group, place, folder)
        result = await run_module(
            name, place, command, folder, seconds=GROUP_SECONDS, quiet=QUIET_SECONDS
        )
        file.write_text(json.dumps(result.to_json(), indent=1))
        say(f"{one.name}, {place}: {group}: {report.told(result)}")
        found.append(result)
    return found


@click.command()
@click.argument("suites", nargs=-1, metavar="[NAME]...")
@click.option("--place", "places", multiple=True, type=click.Choice(PLACES), default=PLACES)
@click.option("--group", "part", default="", help="Only folders of tests with this in their names.")
@click.option("--kept", is_flag=True, help="Take the last results of folders that have some.")
@click.option("--write", is_flag=True, help="Put the table into docs/compiled-packages.md.")
def main(
    suites: tuple[str, ...], places: tuple[str, ...], part: str, kept: bool, write: bool
) -> None:
    """Run the suites of packages here and over Pyodide."""
    try:
        all_results = {}
        for name in suites or names():
            one = suite(name)
            for place in places:
                found = asyncio.run(results_of(one, place, part, kept))
                all_results[name, place] = found
    except UserError as error:
        say(str(error))
        sys.exit(2)
    for line in report.differences(all_results):
        say(line)
    table = report.table(all_results)
    print(table)
    if write:
        report.write(ROOT / "docs" / "compiled-packages.md", table)
    sys.exit(0 if report.is_enough(all_results) else 1)


if __name__ == "__main__":
    main()
