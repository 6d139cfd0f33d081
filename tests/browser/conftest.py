"""One Chromium and one server for all browser tests, and pages that watch for errors.

Why: a browser takes a second to start and none of these tests changes it. The server is the
project's own dev server, with routes in front of it for what goes wrong in the field (a missing
file, a wrong MIME type, a Content-Security-Policy, a cut-off download). Every page of the fixture
`open_page` fails its test when an exception or a rejection in it went unhandled.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from sospeso.engines import CHROMIUM_ARGS, ensure_chromium
from sospeso.paths import ROOT, UserError, dist_dir
from sospeso.server import ServerOptions, make_app, serving
from tests.programs import Program, Script

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
CORES = ("jspi", "asyncify")
TIMEOUT_MS = 25_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder share one event loop, as they share the browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"))
            item.add_marker(pytest.mark.timeout(30))


@pytest.fixture(params=CORES)
def core(request: pytest.FixtureRequest) -> str:
    """Which core the test asks for; it asserts that it got it."""
    return str(request.param)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, found or installed."""
    try:
        chromium = ensure_chromium(print)
    except UserError as error:
        pytest.skip(str(error))
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=chromium.path, args=list(CHROMIUM_ARGS)
        )
        yield running
        await running.close()


@dataclass
class Site:
    """The servers.

    Attributes:
        url: the example page and, under /dist/, the runtime.
        other: another origin with the runtime at its root, which allows every page (CORS).
        private: another origin with the runtime at its root, which allows none.
        disconnected: set when a client of /slow went away.
    """

    url: str = ""
    other: str = ""
    private: str = ""
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)


def page_with(headers: dict[str, str]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        page = "<!doctype html><link rel=icon href=data:,><title>test</title>"
        return web.Response(text=page, content_type="text/html", headers=headers)

    return answer


def dist_file(request: web.Request) -> Path:
    path = dist_dir() / request.match_info["name"]
    if not path.is_file():
        raise web.HTTPNotFound
    return path


async def without(request: web.Request) -> web.StreamResponse:
    """dist/ with one file missing."""
    if request.match_info["name"] == request.match_info["missing"]:
        raise web.HTTPNotFound
    return web.FileResponse(dist_file(request))


async def mistyped(request: web.Request) -> web.StreamResponse:
    """dist/ with one file served with a type that says nothing."""
    response = web.FileResponse(dist_file(request))
    if request.match_info["name"] == request.match_info["file"]:
        response.content_type = "text/plain"
    return response


async def cut(request: web.Request) -> web.StreamResponse:
    """dist/ with one file of which only the first half is there."""
    path = dist_file(request)
    if path.name != request.match_info["file"]:
        return web.FileResponse(path)
    body = path.read_bytes()
    kind = "application/wasm" if path.suffix == ".wasm" else "application/zip"
    return web.Response(body=body[: len(body) // 2], content_type=kind)


async def broken_off(request: web.Request) -> web.StreamResponse:
    """dist/ with one file whose download breaks off half-way."""
    path = dist_file(request)
    if path.name != request.match_info["file"]:
        return web.FileResponse(path)
    body = path.read_bytes()
    kind = "application/wasm" if path.suffix == ".wasm" else "application/zip"
    response = web.StreamResponse(headers={"Content-Type": kind, "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    assert request.transport is not None
    request.transport.close()
    return response


async def skewed(request: web.Request) -> web.StreamResponse:
    """dist/ whose script says it is another version than the core."""
    path = dist_file(request)
    if path.name not in ("sospeso.mjs", "sospeso.js"):
        return web.FileResponse(path)
    package = (ROOT / "package.json").read_text().split('"version": "')[1].split('"')[0]
    script = path.read_text()
    assert f'"{package}"' in script, "the bundle has no version string to change"
    return web.Response(
        text=script.replace(f'"{package}"', '"0.0.0-other"'), content_type="text/javascript"
    )


def program(name: str = "") -> Callable[[web.Request], Awaitable[web.Response]]:
    """A script of programs/: this one, or the one that is asked for."""

    async def answer(request: web.Request) -> web.Response:
        text = (PROGRAMS / (name or request.match_info["name"])).read_text(encoding="utf-8")
        return web.Response(text=text, content_type="text/javascript")

    return answer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site() -> AsyncIterator[Site]:
    """The servers, on free ports."""
    if not (dist_dir() / "core.jspi.wasm").exists():
        pytest.fail(f"{dist_dir()} has no runtime. Build first: make build")
    found = Site()

    async def slow(request: web.Request) -> web.StreamResponse:
        """A line, and then nothing more for ever."""
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        await response.write(b"first line\n")
        try:
            while True:
                await asyncio.sleep(0.02)
                if request.transport is None or request.transport.is_closing():
                    break
        finally:
            found.disconnected.set()
        return response

    routes = {
        "/blank": page_with({}),
        "/csp": page_with({"Content-Security-Policy": "script-src 'self' 'unsafe-inline'"}),
        "/csp-wasm": page_with(
            {"Content-Security-Policy": "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'"}
        ),
        "/csp-strict": page_with(
            {
                "Content-Security-Policy": "default-src 'none'; connect-src 'self'; "
                "script-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'"
            }
        ),
        "/csp-unconnected": page_with(
            {"Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'; connect-src 'none'"}
        ),
        "/isolated": page_with(
            {
                "Cross-Origin-Opener-Policy": "same-origin",
                "Cross-Origin-Embedder-Policy": "require-corp",
            }
        ),
        "/programs/{name}": program(),
        "/caching-worker.js": program("caching_worker.js"),
        "/serve-worker.js": program("serve_worker.js"),
        "/slow": slow,
        "/deep/er/worker.js": program("classic_worker.js"),
        "/without/{missing}/{name}": without,
        "/mistyped/{file}/{name}": mistyped,
        "/cut/{file}/{name}": cut,
        "/broken/{file}/{name}": broken_off,
        "/skewed/{name}": skewed,
    }

    @web.middleware
    async def allow_all(request: web.Request, handler: Any) -> Any:
        response = await handler(request)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    dist = dist_dir()
    example = make_app(ServerOptions(ROOT / "examples/web", dist), routes)
    other = make_app(ServerOptions(dist, dist))
    other.middlewares.append(allow_all)
    private = make_app(ServerOptions(dist, dist))
    async with AsyncExitStack() as stack:
        found.url = await stack.enter_async_context(serving(example))
        found.other = await stack.enter_async_context(serving(other))
        found.private = await stack.enter_async_context(serving(private))
        yield found


OpenPage = Callable[..., Awaitable[Page]]


def script_text(name: str) -> str:
    """A script of programs/ that runs in a page before all else."""
    return (PROGRAMS / name).read_text(encoding="utf-8")


async def call(page: Page, script: Script, *arguments: Any) -> Any:
    """What a JavaScript program gives in a page (tests/programs.py).

    It gets the arguments: values that JSON can carry, and Python programs as their text.
    """
    given = [str(one) if isinstance(one, Program) else one for one in arguments]
    return await page.evaluate(
        "async ([file, name, given]) => (await import(`/programs/${file}`))[name](...given)",
        [script.file, script.name, given],
    )


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, site: Site) -> AsyncIterator[OpenPage]:
    """Opens a page of the site; closed with the test, which fails if the page had an error."""
    async with AsyncExitStack() as stack:
        errors: list[str] = []

        async def open_one(path: str = "/blank", script: str = "", **options: Any) -> Page:
            context = await browser.new_context(**options)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(TIMEOUT_MS)
            page.on("pageerror", lambda error: errors.append(str(error)))
            if script:
                await page.add_init_script(script)
            await page.goto(site.url + path)
            return page

        yield open_one
        assert not errors, f"unhandled in the page: {errors}"
