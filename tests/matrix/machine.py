"""The engines that are on this machine, and the suite in each of them: `make test-engines HERE=1`.

Why: people ask whether it works in *their* browser. Nothing is installed; what the harness has
fetched earlier counts as being here. Also tells which engines `make test` needs.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.markup import escape

from sospeso.engines import find_chromium, list_nodes
from sospeso.paths import UserError

from .catalog import Cell, Engine, Family, read_catalog
from .install import EngineMissing, Installed, find
from .report import make_rows, problems, rich_table
from .runner import Outcome, bench

# Beside those of the catalog: what people have. Name on $PATH, title, family.
OTHERS: tuple[tuple[str, str, Family], ...] = (
    ("firefox", "Firefox", "firefox"),
    ("firefox-esr", "Firefox ESR", "firefox"),
    ("microsoft-edge", "Edge", "chromium"),
    ("google-chrome", "Chrome", "chromium"),
    ("deno", "Deno", "deno"),
    ("bun", "Bun", "bun"),
)


def quick_engines() -> list[Engine]:
    """The engines of `make test`."""
    return [engine for engine in read_catalog() if engine.quick]


def found_engines() -> Iterator[Installed]:
    """Every engine on this machine, each program with the same settings once."""
    seen: set[tuple[object, ...]] = set()

    def new(found: Installed) -> bool:
        engine = found.engine
        settings = (engine.flags, tuple(engine.environment), tuple(engine.prefs), engine.trial)
        mark = (found.program, found.root, *settings)
        return not (mark in seen or seen.add(mark))  # type: ignore[func-returns-value]

    for engine in _own():
        found = find(engine)
        if found is not None and new(found):
            yield found
    for engine in read_catalog():
        found = find(engine)
        if found is not None and new(found):
            yield found


def _own() -> Iterator[Engine]:
    """What `sospeso run` would use, then other programs on $PATH."""
    try:
        chromium = find_chromium()
    except UserError:
        chromium = None
    if chromium is not None:
        yield Engine("own-chromium", "Chromium", "chromium", programs=(chromium.path,))
    for at, node in enumerate(list_nodes()):
        key, title = f"own-node-{at}", f"Node ({node.source})"
        yield Engine(key, title, "node", programs=(node.path,), flags=node.flags)
    for name, title, family in OTHERS:
        path = shutil.which(name)
        if path is not None:
            yield Engine(f"own-{name}", title, family, programs=(path,))


def quick_contexts(engine: Engine) -> tuple[str, ...]:
    """Where the doctor looks: a page or the main thread, and a worker."""
    return engine.contexts[:2]


async def examine(say: Callable[[str], None]) -> list[Outcome]:
    """Run the suite in each engine, on the core it takes by itself."""
    outcomes = []
    async with bench() as server:
        for found in found_engines():
            for context in quick_contexts(found.engine):
                if context in found.engine.lacks:
                    continue
                say(f"{found.engine.title} {found.version}: {context}")
                cell = Cell(found.engine, context)
                try:
                    outcomes.append(await server.run(found, cell))
                except EngineMissing as error:
                    say(f"{found.engine.title}: {error}")
                    break
    return outcomes


def examine_engines(console: Console, say: Callable[[str], None]) -> bool:
    """Print the table and what is wrong; False if something is.

    Raises:
        UserError: nothing is built.
    """
    outcomes = asyncio.run(examine(say))
    engines = list({o.cell.engine.key: o.cell.engine for o in outcomes}.values())
    console.print(rich_table(make_rows(engines, outcomes, {}), "Engines of this machine"))
    wrong = problems(outcomes)
    for line in wrong:
        console.print(f"[red]✗[/] {escape(line)}")
    return not wrong
