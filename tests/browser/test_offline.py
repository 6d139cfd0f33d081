"""examples/offline: a page that was open once runs Python with no server at all.

docs/offline.md tells people to copy these files; here they are used as they are.
"""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page

from sospeso.paths import ROOT, dist_dir
from sospeso.server import ServerOptions, make_app

KEPT = "document.querySelector('#kept').textContent.startsWith('The files are kept')"
RAN = "document.querySelector('#out').textContent.startsWith('Python 3')"
CACHES = "caches.keys()"
CONTROLLED = "navigator.serviceWorker.controller?.scriptURL.split('=')[1]"

# The state of the next worker when its install has ended.
INSTALLED = """async () => {
  const { installing, waiting } = await navigator.serviceWorker.getRegistration();
  const worker = installing ?? waiting;
  while (worker.state === "installing") {
    await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
  }
  return worker.state;
}"""


class Place:
    """A server at one address, which can go and come back with another dist/."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}/"
        self._runner: web.AppRunner | None = None

    async def open(self, dist: Path) -> None:
        runner = web.AppRunner(make_app(ServerOptions(ROOT / "examples/offline", dist)))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        self._runner = runner

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


@pytest_asyncio.fixture(loop_scope="session")
async def place() -> AsyncIterator[Place]:
    made = Place()
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page of a browser that has never been anywhere."""
    context = await browser.new_context()
    made = await context.new_page()
    yield made
    await context.close()


async def visit(page: Page, url: str) -> str:
    """Open the page; what it shows when Python ran and the files are kept."""
    await page.goto(url)
    await page.wait_for_function(f"{RAN} && {KEPT}")
    return await page.inner_text("#out")


async def test_a_page_that_was_open_once_needs_no_server(page: Page, place: Place) -> None:
    await place.open(dist_dir())
    first = await visit(page, place.url)
    await place.close()
    await page.reload()
    await page.wait_for_function(RAN)
    assert await page.inner_text("#out") == first
    assert await page.evaluate("fetch('/other').then(() => 'there', () => 'gone')") == "gone"
    # By its other name, too.
    assert await visit(page, f"{place.url}index.html") == first


def another_build(folder: Path) -> Path:
    """The same dist/ with a build-info.json that says otherwise."""
    folder.mkdir()
    for name in ("sospeso.mjs", "core.*", "python_stdlib.zip", "pyodide-lock.json", "six-*"):
        for file in dist_dir().glob(name):
            shutil.copy(file, folder)
    info = json.loads((dist_dir() / "build-info.json").read_text())
    (folder / "build-info.json").write_text(json.dumps({**info, "another": True}))
    return folder


async def test_a_new_build_replaces_the_old_one_as_a_whole(
    page: Page, place: Place, tmp_path: Path
) -> None:
    """While a page of the old build is open it gets files of the old one only."""
    await place.open(dist_dir())
    await visit(page, place.url)
    old = await page.evaluate(CONTROLLED)
    await place.close()
    await place.open(another_build(tmp_path / "dist"))
    await visit(page, place.url)
    assert await page.evaluate(CONTROLLED) == old
    assert await page.evaluate(INSTALLED) == "installed"
    assert len(await page.evaluate(CACHES)) == 2
    # The last page of the old build goes; the next visit is the new one's.
    await page.goto("about:blank")
    await visit(page, place.url)
    await page.wait_for_function(f"{CONTROLLED} !== '{old}'")
    assert await page.evaluate(CACHES) == [f"python-{await page.evaluate(CONTROLLED)}"]
    await place.close()
    await page.reload()
    await page.wait_for_function(RAN)
