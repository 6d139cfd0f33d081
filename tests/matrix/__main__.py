"""`python -m tests.matrix`: run the matrix, print its table, write its page. `make test-engines`.

Why apart from pytest: it takes half an hour, goes on after failures, and its product is a page.
Engines that cannot be had are named with the reason and fail the run only with --require.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import click
from rich.console import Console

from sospeso.cli import say
from sospeso.paths import ROOT, UserError, dist_dir

from .catalog import Cell, Engine, full_cells, quick_cells, read_catalog
from .install import EngineMissing, Installed, install
from .machine import examine_engines
from .picture import make_picture
from .report import (
    Row,
    build_mark,
    into_page,
    load,
    make_rows,
    markdown,
    problems,
    rich_table,
    save,
)
from .runner import Outcome, bench

KEPT = ROOT / "test-results" / "engines.json"
PAGE, PICTURE = ROOT / "docs" / "engines.md", ROOT / "docs" / "engines.svg"


async def run_cells(
    found: Installed, cells: list[Cell], only: list[str] | None, keep: Callable[[Outcome], None]
) -> list[Outcome]:
    """Run an engine's cells, one after the other, saying and keeping what comes of each."""
    outcomes = []
    async with bench() as server:
        for cell in cells:
            outcome = await server.run(found, cell, only)
            passed = sum(check.passed for check in outcome.checks)
            state = outcome.absent or f"{passed}/{len(outcome.checks)} on {outcome.core or '?'}"
            say(f"{cell.key}: {state} ({outcome.seconds:.0f} s)")
            for problem in outcome.problems:
                say(f"  {problem}")
            keep(outcome)
            outcomes.append(outcome)
    return outcomes


def chosen(engines: list[Engine], names: tuple[str, ...]) -> list[Engine]:
    """Those whose keys begin with one of the names; all without names.

    Raises:
        UserError: a name means none.
    """
    unknown = [n for n in names if not any(engine.key.startswith(n) for engine in engines)]
    if unknown:
        keys = ", ".join(engine.key for engine in engines)
        raise UserError(f"no engine {', '.join(unknown)}. There are: {keys}")
    return [e for e in engines if not names or any(e.key.startswith(name) for name in names)]


@click.command()
@click.argument("names", nargs=-1, metavar="[ENGINE]...")
@click.option("--require", is_flag=True, help="Fail if an engine cannot be had.")
@click.option("--quick", is_flag=True, help="Only what `make test` runs.")
@click.option("--resume", is_flag=True, help="Only cells without a good result on this build.")
@click.option("--context", "contexts", multiple=True, help="Only in this context; may be repeated.")
@click.option("--feature", "only", multiple=True, help="Only this feature; may be repeated.")
@click.option("--here", is_flag=True, help="Only engines of this machine; installs nothing.")
@click.option("--write", is_flag=True, help="Write docs/engines.md and docs/engines.svg.")
def matrix(
    names: tuple[str, ...],
    require: bool,
    quick: bool,
    resume: bool,
    contexts: tuple[str, ...],
    only: tuple[str, ...],
    here: bool,
    write: bool,
) -> int:
    """Run the suite in every engine, or in those whose names begin with ENGINE."""
    if here:
        return 0 if examine_engines(Console(), say) else 1
    everything = read_catalog()
    mark = build_mark(dist_dir())

    def keep(outcome: Outcome) -> None:
        if not only:  # or it would count as a whole one
            save(KEPT, mark, [outcome])

    missing: dict[str, str] = {}
    ran: list[Outcome] = []
    for engine in chosen(everything, names):
        cells = quick_cells(engine) if quick else full_cells(engine)
        good = {o.cell.key for o in load(KEPT, mark, [engine]) if not o.problems} if resume else ()
        cells = [
            cell
            for cell in cells
            if (not contexts or cell.context in contexts) and cell.key not in good
        ]
        if not cells:
            continue
        try:
            found = install(engine, say)
            outcomes = asyncio.run(run_cells(found, cells, list(only) or None, keep))
        except EngineMissing as error:
            missing[engine.key] = str(error)
            say(f"{engine.key}: cannot be had: {error}")
            continue
        ran += outcomes
    shown = ran if only or not write else load(KEPT, mark, everything)
    rows = make_rows(everything, shown, missing)
    if rows:
        Console().print(rich_table(rows, "Engine matrix"))
    if write:
        write_page(rows)
    return 1 if problems(ran) or (require and missing) else 0


def write_page(rows: list[Row]) -> None:
    """docs/engines.md and its picture, from everything that is kept of this build."""
    PAGE.write_text(into_page(PAGE.read_text("utf-8"), markdown(rows)), "utf-8")
    PICTURE.write_text(make_picture(rows), "utf-8")
    say(f"wrote {PAGE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}")


def main() -> None:
    """Entry point; ends the process with the exit code."""
    try:
        sys.exit(matrix(standalone_mode=False))
    except UserError as error:
        say(str(error))
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
