"""Running requests of probe.mjs in a fresh Node or a fresh Chromium.

Why: what an engine has compiled stays in its process, so every sample that must be cold gets a new
process, a new browser profile and an empty cache. Both contenders get the same engine, the same
flags and the same code. Used by bench.py and __main__.py.

Invariants
1. fresh(): nothing of an earlier sample is left. Its requests then share the process (Node), or the
   browser with its HTTP and code caches (Chromium), in the order given: cold first, warm next.
2. together(): all contenders are loaded in one process, which is as fresh.
3. The files come from memory, brotli-compressed before any clock runs, with headers that allow
   caching for ever, as from a CDN.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import brotli
from aiohttp import web
from playwright.async_api import Error, async_playwright

from sospeso.engines import CHROMIUM_ARGS, Chromium, Node
from sospeso.paths import UserError
from sospeso.server import MIME, serving

from .contenders import Contender

PROBE = Path(__file__).with_name("probe.mjs")
WORKLOADS = Path(__file__).with_name("workloads.py")
PAGE = "<!doctype html><meta charset=utf-8><title>benchmark</title><link rel=icon href=data:,>"
IMPORT_PROBE = "async () => { globalThis.probe = await import('/probe.mjs') }"
# V8 writes compiled code to the cache two seconds after the last optimised function.
CACHE_PAUSE = 3.0
LONGEST = 300.0

Request = dict[str, Any]
Answer = dict[str, Any]


class Driver(Protocol):
    """An engine that can start afresh."""

    name: str
    about: str

    async def fresh(self, contender: Contender, requests: Sequence[Request]) -> list[Answer]:
        """Run the requests in a new process; see the invariants above."""
        ...

    async def together(self, contenders: Sequence[Contender], request: Request) -> Answer:
        """Run one request with all contenders loaded in one new process."""
        ...


def fill(request: Request, module: str, contender: Contender) -> Request:
    """A request with what every request needs."""
    source = WORKLOADS.read_text()
    return {"module": module, "options": contender.options, "source": source, **request}


def fill_together(
    request: Request, modules: Sequence[str], contenders: Sequence[Contender]
) -> Request:
    """A request for all contenders at once."""
    loads = [
        {"key": contender.key, "module": module, "options": contender.options}
        for contender, module in zip(contenders, modules, strict=True)
    ]
    return {"contenders": loads, **request}


class NodeDriver:
    """Node, one process for each sample."""

    name = "node"

    def __init__(self, node: Node) -> None:
        self._node = node
        self.about = f"Node {node.version} (V8 {node.v8}) {' '.join(node.flags)}".strip()

    async def fresh(self, contender: Contender, requests: Sequence[Request]) -> list[Answer]:
        """Run the requests in a new process.

        Raises:
            UserError: the process failed or took too long.
        """
        module = self._module(contender)
        return await self._run(
            [fill(request, module, contender) for request in requests], contender.key
        )

    async def together(self, contenders: Sequence[Contender], request: Request) -> Answer:
        """One request with all contenders in one new process.

        Raises:
            UserError: the process failed or took too long.
        """
        modules = [self._module(contender) for contender in contenders]
        filled = fill_together(request, modules, contenders)
        return (await self._run([filled], "one of the contenders"))[0]

    @staticmethod
    def _module(contender: Contender) -> str:
        return (contender.folder / contender.module).as_uri()

    async def _run(self, filled: Sequence[Request], who: str) -> list[Answer]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "requests.json")
            path.write_text(json.dumps(filled))
            process = await asyncio.create_subprocess_exec(
                *self._node.command("--expose-gc", str(PROBE), str(path)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                out, err = await asyncio.wait_for(process.communicate(), LONGEST)
            except (TimeoutError, asyncio.CancelledError):
                process.kill()
                await process.wait()
                raise
        for line in out.decode(errors="replace").splitlines():
            if line.startswith("@answers "):
                answers: list[Answer] = json.loads(line.removeprefix("@answers "))
                return answers
        raise UserError(
            f"{who} failed in Node (exit code {process.returncode}):\n"
            f"{err.decode(errors='replace').strip()[-2000:]}"
        )


class ChromiumDriver:
    """Chromium, one browser with a profile of its own for each sample."""

    name = "chromium"

    def __init__(
        self, chromium: Chromium, playwright: Any, url: str, asked: set[tuple[str, str]]
    ) -> None:
        self._chromium = chromium
        self._playwright = playwright
        self._url = url
        self._asked = asked
        self.about = f"Chromium {chromium.version}"

    async def fresh(self, contender: Contender, requests: Sequence[Request]) -> list[Answer]:
        """Run the requests in a new browser, each in a new page.

        Raises:
            UserError: the page failed, or fetched other files than the contender lists.
        """
        module = self._module(contender)
        return await self._run(
            [fill(request, module, contender) for request in requests], [contender]
        )

    async def together(self, contenders: Sequence[Contender], request: Request) -> Answer:
        """One request with all contenders in one page of a new browser.

        Raises:
            UserError: the page failed, or fetched other files than the contenders list.
        """
        modules = [self._module(contender) for contender in contenders]
        return (await self._run([fill_together(request, modules, contenders)], contenders))[0]

    def _module(self, contender: Contender) -> str:
        return f"{self._url}/{contender.key}/{contender.module}"

    async def _run(
        self, filled: Sequence[Request], contenders: Sequence[Contender]
    ) -> list[Answer]:
        answers: list[Answer] = []
        who = " or ".join(contender.key for contender in contenders)
        self._asked.clear()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            context = await self._playwright.chromium.launch_persistent_context(
                profile,
                executable_path=self._chromium.path,
                headless=True,
                args=[*CHROMIUM_ARGS, "--js-flags=--expose-gc"],
            )
            try:
                for request in filled:
                    if answers:
                        await asyncio.sleep(CACHE_PAUSE)
                    page = await context.new_page()
                    await page.goto(f"{self._url}/page.html")
                    await page.evaluate(IMPORT_PROBE)
                    running = page.evaluate("request => globalThis.probe.run(request)", request)
                    answers.append(await asyncio.wait_for(running, LONGEST))
                    if not answers[1:]:
                        self._check_files(
                            who, {(c.key, name) for c in contenders for name in c.files}
                        )
                    await page.close()
            except Error as error:
                raise UserError(f"{who} failed in Chromium:\n{error.message}") from None
            finally:
                await context.close()
        return answers

    def _check_files(self, who: str, listed: set[tuple[str, str]]) -> None:
        if self._asked != listed:
            raise UserError(
                f"{who} fetched {sorted(self._asked)} to run 1+1, but contenders.py "
                f"counts {sorted(listed)}: correct the list"
            )


def make_app(contenders: Sequence[Contender], asked: set[tuple[str, str]]) -> web.Application:
    """The server: every contender's files below its key. `asked` collects (key, name) asked for."""
    ready: dict[tuple[str, str], bytes] = {
        (contender.key, name): brotli.compress((contender.folder / name).read_bytes(), quality=5)
        for contender in contenders
        for name in contender.files
    }

    async def serve_file(request: web.Request) -> web.Response:
        key, name = request.match_info["key"], request.match_info["name"]
        asked.add((key, name))
        if (key, name) not in ready:
            raise web.HTTPNotFound
        headers = {
            "Content-Type": MIME.get(Path(name).suffix, "application/octet-stream"),
            "Content-Encoding": "br",
            "Cache-Control": "public, max-age=31536000, immutable",
        }
        return web.Response(body=ready[key, name], headers=headers)

    async def serve_page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def serve_probe(request: web.Request) -> web.Response:
        script = PROBE.with_name(request.path.removeprefix("/"))
        return web.Response(text=script.read_text(), content_type="text/javascript")

    app = web.Application()
    app.router.add_get("/page.html", serve_page)
    app.router.add_get("/probe.mjs", serve_probe)
    app.router.add_get("/ffi_probe.mjs", serve_probe)
    app.router.add_get("/streams_probe.mjs", serve_probe)
    app.router.add_get("/concurrency_probe.mjs", serve_probe)
    app.router.add_get("/{key}/{name}", serve_file)
    return app


@asynccontextmanager
async def chromium_driver(
    chromium: Chromium, contenders: Sequence[Contender]
) -> AsyncIterator[ChromiumDriver]:
    """A Chromium driver and, while the block runs, the server it loads from."""
    asked: set[tuple[str, str]] = set()
    app = make_app(contenders, asked)
    async with serving(app) as url, async_playwright() as playwright:
        yield ChromiumDriver(chromium, playwright, url, asked)
