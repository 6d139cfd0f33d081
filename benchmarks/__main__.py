"""`python -m benchmarks`: measure, print the table, write the JSON. `make bench` calls it.

Why: one command, nothing to prepare: the peer is fetched and checked, the engines are found as
everywhere in this project. With --baseline another build of ours takes the peer's place, to see
what a compiler flag or a change brings.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from sospeso.engines import Node, ensure_chromium, find_node, probe_node
from sospeso.paths import UserError, dist_dir

from . import contenders as who
from .bench import FULL, QUICK, Bench
from .concurrency import CONCURRENCY_TARGETS
from .drivers import Driver, NodeDriver, chromium_driver
from .ffi import FFI_TARGETS, make_chart
from .measures import MEASURES, NAMES, download
from .native_driver import python_version, run_native
from .peer import install_node, install_peer, read_pins
from .polyfill import make_polyfill_table, polyfill
from .report import Samples, make_json, make_parts, make_rows, make_table
from .streams import STREAMS_TARGETS
from .targets import TARGETS


def say(text: str) -> None:
    """One line of progress on stderr."""
    print(f"sospeso: {text}", file=sys.stderr, flush=True)


def choose(baseline: Path | None, cores: tuple[str, ...]) -> tuple[list[who.Contender], str]:
    """The contenders, the peer last, and what to call the peer."""
    chosen = [who.own(core, core, dist_dir()) for core in ("jspi", "asyncify") if core in cores]
    if baseline is None:
        pin = read_pins()[0]
        chosen.append(who.peer(install_peer()))
        name = f"{pin.name}@{pin.version}"
    else:
        chosen.append(who.own("peer", "jspi", baseline.absolute()))
        name = str(baseline)
    for contender in chosen:
        contender.check()
    return chosen, name


def choose_node(given: str | None) -> Node:
    """The Node to measure on: a path, "pinned", or None for the one that is found everywhere."""
    if given is None:
        return find_node(need_jspi=True)
    node = probe_node(str(install_node()) if given == "pinned" else given, "--node")
    if not node.has_jspi:
        raise UserError(
            f"{node.path} ({node.version}) has no JSPI: {node.jspi}. Use Node 24 or newer."
        )
    return node


async def run_all(
    engines: list[str],
    only: tuple[str, ...],
    quick: bool,
    chosen: list[who.Contender],
    node: str | None,
    native: str,
) -> tuple[Samples, list[str]]:
    """Take every measure on every engine; the samples, and what the engines are."""
    samples = Samples()
    about = []
    names = [name for name in MEASURES if name in only]
    if "download" in only:
        download(chosen, samples, say)
    if "polyfill" in only and "node" in engines:
        found = choose_node(node)
        await asyncio.to_thread(polyfill, found, quick, samples, say)
        about.append(NodeDriver(found).about)
    for engine in engines if names else []:
        async with AsyncExitStack() as stack:
            driver: Driver
            if engine == "node":
                driver = NodeDriver(choose_node(node))
            else:
                chromium = await asyncio.to_thread(ensure_chromium, say)
                driver = await stack.enter_async_context(chromium_driver(chromium, chosen))
            if driver.about not in about:
                about.append(driver.about)
            for name in names:
                effort, run = QUICK if quick else FULL, partial(run_native, native)
                bench = Bench(driver, chosen, effort, samples, say, run)
                await MEASURES[name](bench)
    return samples, about


@click.command()
@click.option("--engine", type=click.Choice(["node", "chromium", "all"]), default="all")
@click.option("--quick", is_flag=True, help="Fewer repeats: a look, not a measurement.")
@click.option("--only", type=click.Choice(NAMES), multiple=True, help="Only this; may be repeated.")
@click.option("--core", type=click.Choice(["jspi", "asyncify", "all"]), default="all")
@click.option("--node", metavar="PATH", help='Measure on this Node; "pinned" fetches Node 25.')
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write everything here too.")
@click.option(
    "--chart",
    type=click.Path(path_type=Path),
    help="Draw the FFI's rows here, as SVG (docs/ffi.svg).",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Another dist/ of ours to compare the JSPI core with, instead of Pyodide.",
)
@click.option(
    "--native",
    default=sys.executable,
    help="The native CPython that concurrent programs are compared with; this one if not given.",
)
def main(
    engine: str,
    quick: bool,
    only: tuple[str, ...],
    core: str,
    node: str | None,
    file: Path | None,
    chart: Path | None,
    baseline: Path | None,
    native: str,
) -> None:
    """Measure Sospeso beside Pyodide on the same engine, and print ratios."""
    engines = ["node", "chromium"] if engine == "all" else [engine]
    cores = ("jspi", "asyncify") if core == "all" else (core,)
    load_before = os.getloadavg()[0]
    try:
        native_version = python_version(native)
        alone = set(only) == {"polyfill"}  # needs neither a build of ours nor the peer
        chosen, peer_name = ([], "asyncify-wasm") if alone else choose(baseline, cores)
        work = run_all(engines, only or NAMES, quick, chosen, node, native)
        samples, ran_on = asyncio.run(work)
    except UserError as error:
        say(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    rows = make_rows(samples, (*TARGETS, *FFI_TARGETS, *STREAMS_TARGETS, *CONCURRENCY_TARGETS))
    parts = make_parts(samples)
    about: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "engines": ran_on,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load": [round(load_before, 2), round(os.getloadavg()[0], 2)],
        "dist": str(dist_dir()),
        "peer": peer_name,
        "native": f"CPython {native_version}",
        "quick": quick,
    }
    console = Console(width=None if sys.stdout.isatty() else 140)
    if parts:
        console.print(make_table(parts, "single workloads", "peer"))
    if rows or not alone:
        console.print(make_table(rows, f"against {peer_name}", "peer"))
    if samples.parts("polyfill."):
        console.print(make_polyfill_table(samples))
    busy = f"load average {about['load'][0]} before, {about['load'][1]} after"
    what = f"{', '.join(ran_on) or 'no engine'}; native: {about['native']}; {about['machine']}"
    console.print(f"{what}; {busy}", soft_wrap=True)
    if ran_on and load_before > (os.cpu_count() or 1) / 2:
        console.print("The machine was busy before this began: take the numbers as rough.")
    if chart is not None:
        chart.write_text(make_chart(rows, peer_name, f"{', '.join(ran_on)}; {about['machine']}"))
    if file is not None:
        file.write_text(json.dumps(make_json(rows, parts, samples, about), indent=1) + "\n")


if __name__ == "__main__":
    main()
