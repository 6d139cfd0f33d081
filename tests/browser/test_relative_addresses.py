"""urlopen("data.json") in a worker is relative to the worker's own script, as it is for fetch()."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from sospeso.paths import dist_dir
from sospeso.server import ServerOptions, make_app, serving

from .conftest import TIMEOUT_MS

WORKER = Path(__file__).parent / "programs" / "relative_address_worker.mjs"

ASK = """([address, dist, core]) => new Promise((resolve) => {
  const worker = new Worker(address, { type: "module" });
  worker.onmessage = ({ data }) => (worker.terminate(), resolve(data));
  worker.onerror = (event) => resolve(event.message);
  worker.postMessage([dist, core]);
})"""
AS_BLOB = """async (address) => {
  const text = await (await fetch(address)).text();
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}"""


async def answer(browser: Browser, folder: Path, core: str, make: str = "") -> Any:
    """What a worker says; `make` is JavaScript that gives its address, if not the server's."""
    (folder / "deep").mkdir()
    (folder / "deep" / "worker.mjs").write_bytes(WORKER.read_bytes())
    (folder / "deep" / "data.json").write_text("beside the worker")
    (folder / "data.json").write_text("beside the page")
    (folder / "index.html").write_text("<!doctype html><link rel=icon href=data:,>")
    context = await browser.new_context()
    async with serving(make_app(ServerOptions(folder, dist_dir()))) as url, context:
        page = await context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        await page.goto(url)
        address = f"{url}/deep/worker.mjs"
        if make:
            address = await page.evaluate(make, address)
        return await page.evaluate(ASK, [address, f"{url}/dist", core])


async def test_a_worker_is_what_addresses_are_relative_to(
    browser: Browser, tmp_path: Path, core: str
) -> None:
    assert await answer(browser, tmp_path, core) == [core, "beside the worker"]


async def test_to_a_worker_of_a_blob_nothing_is_relative(
    browser: Browser, tmp_path: Path, core: str
) -> None:
    name, message = await answer(browser, tmp_path, core, AS_BLOB)
    assert name == core
    assert "ValueError: unknown url type: 'data.json'" in message
    assert "there is none here" in message
