"""`make run`: the example, with a small web server for it to read a page from.

Why: the example shows urllib waiting for a server, and the machine it runs on may have no network.
The server answers late on purpose, so that there is something to wait for. Called by cli.py.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from .engines import Chromium
from .paths import ROOT
from .program import Core, Program
from .run import run_on_node
from .server import serving

EXAMPLE = ROOT / "examples" / "hello_blocking.py"
DELAY_SECONDS = 0.5


def demo_app(delay: float = DELAY_SECONDS) -> web.Application:
    """A server with one page, /hello, which greets `?name=` after `delay` seconds."""

    async def hello(request: web.Request) -> web.Response:
        await asyncio.sleep(delay)
        name = request.query.get("name", "world")
        # The header lets a page from another address read the answer, too.
        return web.Response(
            text=f"Hello, {name}! This page came over HTTP after {delay} s.\n",
            headers={"Access-Control-Allow-Origin": "*"},
        )

    app = web.Application()
    app.router.add_get("/hello", hello)
    return app


async def demo(core: Core, chromium: Chromium | None) -> int:
    """Run the example (in `chromium`, else on Node) against the server; the exit code."""
    async with serving(demo_app()) as url:
        program = Program("file", str(EXAMPLE), (f"{url}/hello",))
        if chromium is None:
            return await run_on_node(program, core, ticks=True)
        from .page import run_on_chromium

        return await run_on_chromium(program, chromium, core, ticks=True)
