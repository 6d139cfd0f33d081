"""The same programs in pages: Chromium's and Firefox's own JSPI, and the polyfill in each of them.

Engines differ where nobody looks, in the order of microtasks and in what they refuse. run.mjs runs
in a page of each browser that this machine has; the page posts all results, which are held to those
that Node's are held to (test_against_engine.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from sospeso.engines import CHROMIUM_ARGS, find_chromium
from sospeso.server import serving
from tests.matrix.launch import FIREFOX_PREFS

from .conftest import HERE
from .test_against_engine import EXPECTED, alternatives

LONGEST = 100.0
PAGE = "in_browser.html"
KINDS = {".html": "text/html", ".mjs": "text/javascript", ".wasm": "application/wasm"}
# Firefox has an error of its own for a stack that overflows ...
IN_FIREFOX: dict[str, dict[str, Any]] = {
    "traps": {"stack_overflow": {"thrown": "InternalError", "name": "InternalError"}},
    "recursion_to_the_engine_s_limit": {"seen": ["InternalError"]},
}
# ... and checks less what Suspending and promising are given; the polyfill does as V8 does.
FIREFOX_API = {
    "suspending_wasm_function": {},
    "suspending_promising_function": {},
    "tag": "[object Object]",
    "length": 0,
    "of_a_promising_function": {"thrown": "TypeError", "name": "TypeError"},
}


def chromium_command(profile: Path) -> list[str]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium; `make test` installs one (tests/provision.py)")
    flags = ["--headless", *CHROMIUM_ARGS, "--disable-dev-shm-usage", "--remote-debugging-port=0"]
    return [chromium.path, *flags, f"--user-data-dir={profile}"]


def firefox_command(profile: Path) -> list[str]:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("no Firefox; `make test` installs one (tests/provision.py)")
    lines = (
        f'user_pref("{name}", {json.dumps(value)});\n' for name, value in FIREFOX_PREFS.items()
    )
    (profile / "user.js").write_text("".join(lines))
    return [program, "--headless", "--no-remote", "--profile", str(profile)]


BROWSERS: dict[str, Callable[[Path], list[str]]] = {
    "chromium": chromium_command,
    "firefox": firefox_command,
}


@asynccontextmanager
async def serving_page(built: Path, answer: asyncio.Future[dict[str, Any]]) -> AsyncIterator[str]:
    """The page, its modules, and where it posts its answer; yields the address."""

    async def file(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        path = next((folder / name for folder in (HERE, built) if (folder / name).exists()), None)
        if path is None:
            raise web.HTTPNotFound
        kind = KINDS[path.suffix]
        return web.Response(body=path.read_bytes(), content_type=kind)

    async def post(request: web.Request) -> web.Response:
        if not answer.done():
            answer.set_result(await request.json())
        return web.Response(text="")

    app = web.Application(client_max_size=1 << 24)
    app.router.add_post("/answer", post)
    app.router.add_get("/{name}", file)
    async with serving(app) as url:
        yield f"{url}/{PAGE}"


async def results_of(browser: str, built: Path) -> dict[str, Any]:
    answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = BROWSERS[browser](Path(folder))
        async with serving_page(built, answer) as url:
            process = await asyncio.create_subprocess_exec(
                *(*command, url),
                env={**os.environ, "HOME": folder},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                return await asyncio.wait_for(answer, LONGEST)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


def expected_in(browser: str, which: str, scenario: str) -> list[Any]:
    if browser == "firefox" and scenario in IN_FIREFOX:
        return [{**EXPECTED[scenario], **IN_FIREFOX[scenario]}]
    if (browser, which, scenario) == ("firefox", "engine", "api_errors"):
        return [{**EXPECTED[scenario], **FIREFOX_API}]
    return alternatives(scenario) if which == "engine" else [EXPECTED[scenario]]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("browser", BROWSERS)
async def test_the_browser_s_jspi_and_the_polyfill_agree(browser: str, built: Path) -> None:
    answer = await results_of(browser, built)
    assert "failed" not in answer, answer["failed"]
    wrong = {}
    for which in ("engine", "polyfill") if answer["jspi"] else ("polyfill",):
        for scenario in EXPECTED:
            if answer[which][scenario] not in expected_in(browser, which, scenario):
                wrong[which, scenario] = answer[which][scenario]
    assert wrong == {}
