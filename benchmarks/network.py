"""Sockets to other machines beside native CPython: `python -m benchmarks.network`.

The same client talks to the same server on this machine: CPython as it is, CPython through nothing
but the runtime's network in Node, and through `sospeso relay` in Node and in a page of Chromium.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from sospeso.engines import CHROMIUM_ARGS, ensure_chromium, find_node
from sospeso.paths import ROOT, dist_dir
from sospeso.server import ServerOptions, make_app, serving

HERE = Path(__file__).parent
CLIENT = HERE / "network_client.py"


@asynccontextmanager
async def process(*words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A child that lives as long as the block."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *words,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield child
    finally:
        child.kill()
        await child.wait()


@asynccontextmanager
async def relay() -> AsyncIterator[str]:
    """A relay in a process of its own; its address."""
    words = ("sospeso", "relay", "--listen", "127.0.0.1:0", "--no-token", "--origin", "*")
    limits = ("--allow", "127.0.0.0/8:*", "--limit", "bytes_per_second=10000000000")
    async with process(*words, *limits) as child:
        assert child.stderr is not None
        line = json.loads(await child.stderr.readline())
        yield f"ws://127.0.0.1:{line['address'][1]}/"


def program(port: int, size: int) -> str:
    """The client with its settings."""
    return f'given = ("127.0.0.1", {port}, {size})\n{CLIENT.read_text()}'


async def native(code: str) -> dict[str, float]:
    """On this CPython."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"{code}\nprint(result)", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate()
    return dict(json.loads(out))


async def in_node(code: str, core: str, network: Any) -> dict[str, float]:
    """In Node."""
    order = {"dist": dist_dir().as_uri(), "core": core, "network": network, "code": code}
    command = find_node(need_jspi=core == "jspi").command(
        str(HERE / "network_probe.mjs"), json.dumps(order)
    )
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate()
    return dict(json.loads(out))


async def in_page(code: str, core: str, network: Any) -> dict[str, float]:
    """In a page of Chromium."""
    from playwright.async_api import async_playwright

    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(serving(make_app(ServerOptions(HERE, dist_dir()))))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=ensure_chromium(print).path, args=list(CHROMIUM_ARGS)
        )
        stack.push_async_callback(browser.close)
        page = await browser.new_page()
        await page.goto(f"{base}/network_probe.mjs")
        order = {"dist": f"{base}/dist", "core": core, "network": network, "code": code}
        return dict(
            await page.evaluate(
                "async (order) => (await import('/network_probe.mjs')).measure(order)", order
            )
        )


async def run(size: int, cores: list[str]) -> dict[str, dict[str, float]]:
    """All contenders, one after another."""
    found = {}
    async with process("benchmarks.network_server") as server, relay() as url:
        assert server.stdout is not None
        code = program(int(await server.stdout.readline()), size)
        found["native"] = await native(code)
        for core in cores:
            found[f"Node, host, {core}"] = await in_node(code, core, "host")
            found[f"Node, relay, {core}"] = await in_node(code, core, {"relay": url})
            found[f"Chromium, relay, {core}"] = await in_page(code, core, {"relay": url})
    return found


@click.command()
@click.option("--size", default=30_000_000, show_default=True, help="Bytes of each stream.")
@click.option("--core", "cores", multiple=True, default=["jspi", "asyncify"], show_default=True)
def main(size: int, cores: tuple[str, ...]) -> None:
    """Measure, and print a table."""
    found = asyncio.run(run(size, list(cores)))
    table = Table("", "down MB/s", "up MB/s", "round trip ms", "longest hold ms")
    base = found["native"]
    for name, one in found.items():
        table.add_row(
            name,
            f"{one['down']:.0f} ({one['down'] / base['down']:.2f}x)",
            f"{one['up']:.0f} ({one['up'] / base['up']:.2f}x)",
            f"{one['round_trip']:.3f}",
            f"{one['hold']:.0f}" if "hold" in one else "",
        )
    Console(width=int(os.environ.get("COLUMNS", "100"))).print(table)


if __name__ == "__main__":
    main()
