"""JupyterLite with pyodide-kernel: a site that `jupyter lite build` makes with dist/ in it.

The kernel runs in one of two workers: without special headers it reaches the page through a service
worker, in a cross-origin isolated page through Atomics. Both are tried.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from .installed import pip_packages, pip_version, pip_wheels
from .over import Over
from .pages import Watched, watched
from .served import site as serve_site

pytestmark = [pytest.mark.clients, pytest.mark.timeout(150)]

CLIENT = "JupyterLite " + pip_version("jupyterlite", "jupyterlite-pyodide-kernel")
HERE = Path(__file__).parent / "pages" / "jupyterlite"
CELLS: list[dict[str, Any]] = tomllib.loads((HERE / "cells.toml").read_text())["cell"]
SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {"exposeAppInBrowser": True},
}
# coincident, by which the kernel of an isolated page speaks, posts a message and then waits for the
# answer. On a busy machine the answer is there before it waits: waitAsync() then gives no promise,
# and coincident dies of it, over any Pyodide. Here it gets a promise.
WAIT_ASYNC = """
const { waitAsync } = Atomics;
Atomics.waitAsync = (...given) => {
  const found = waitAsync(...given);
  return found.async ? found : { async: true, value: Promise.resolve(found.value) };
};
"""


def lite(command: str, folder: Path) -> str:
    """Run `jupyter lite COMMAND` in a folder; what it says."""
    packages = pip_packages("jupyterlite")
    extensions = packages / "share/jupyter/labextensions"
    full = [sys.executable, "-m", "jupyterlite_core", command, "--lite-dir", str(folder)]
    full += ["--output-dir", str(folder / "site"), "--piplite-wheels", str(pip_wheels("inside"))]
    full += [f"--FederatedExtensionAddon.extra_labextensions_path={extensions}"]
    environment = {**os.environ, "PYTHONPATH": str(packages)}
    done = subprocess.run(full, env=environment, capture_output=True, text=True, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    return said


@pytest.fixture(scope="module")
def site(over: Over, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site."""
    folder = tmp_path_factory.mktemp("lite")
    (folder / "jupyter-lite.json").write_text(json.dumps(SETTINGS))
    unwanted = shutil.ignore_patterns("python_test.zip", "types", "stubs")
    shutil.copytree(over.dist, folder / "static" / "pyodide", ignore=unwanted)
    lite("build", folder)
    return folder / "site"


def test_the_site_is_built_and_checked(site: Path) -> None:
    lite("check", site.parent)
    settings = json.loads((site / "jupyter-lite.json").read_text())["jupyter-config-data"]
    (plugin,) = settings["litePluginSettings"].values()
    assert plugin["pyodideUrl"] == "./static/pyodide/pyodide.mjs"


@pytest_asyncio.fixture(scope="module", params=["service worker", "isolated"])
async def kernel(
    request: pytest.FixtureRequest, site: Path, browser: Browser
) -> AsyncIterator[Watched]:
    """A page of the site with a kernel."""
    isolated = request.param == "isolated"
    async with (
        serve_site(site, site, isolated=isolated) as url,
        watched(browser, f"{url}/tree/index.html", script=WAIT_ASYNC) as one,
    ):
        await one.until("globalThis.jupyterapp?.serviceManager")
        if not isolated:  # at the first visit, the service worker comes after the page
            await one.page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
            await one.page.reload()
            await one.until("globalThis.jupyterapp?.serviceManager")
        assert await one.page.evaluate("crossOriginIsolated") is isolated
        await one.page.evaluate("jupyterapp.serviceManager.ready")
        await one.page.add_script_tag(path=HERE / "kernel.js")
        yield one


async def run(kernel: Watched, code: str, answers: Sequence[str] = ()) -> Any:
    """Run a cell; what it shows. A kernel that once kept a cell waiting is asked no more."""
    assert not kernel.stuck, f"the kernel has not come back from: {kernel.stuck}"
    done = kernel.page.evaluate("([code, answers]) => runCell(code, answers)", [code, [*answers]])
    try:
        return await asyncio.wait_for(done, 30)
    except TimeoutError:
        kernel.stuck = code
        raise AssertionError(f"no reply: {kernel.said[-10:]} {kernel.wrong}") from None


@pytest.mark.parametrize("cell", CELLS, ids=[cell["name"] for cell in CELLS])
async def test_a_cell(kernel: Watched, cell: dict[str, Any]) -> None:
    shown = await run(kernel, cell["code"].strip(), cell.get("answers", []))
    for kind, text in cell["shows"]:
        assert any(kind == one and text in what for one, what in shown), (shown, kernel.said[-5:])


async def test_the_drive_has_what_the_kernel_wrote(kernel: Watched) -> None:
    got = await kernel.page.evaluate(
        "jupyterapp.serviceManager.contents.get('kept.txt',"
        " { type: 'file', format: 'text', content: true })"
        ".then((file) => file.content)"
    )
    assert got == "in the drive"


async def test_a_comm_that_the_notebook_opens(kernel: Watched) -> None:
    assert await kernel.page.evaluate("commAnswers()") == {"value": 42}


async def test_completion_and_inspection(kernel: Watched) -> None:
    matches = await kernel.page.evaluate(
        "theKernel().then((kernel) => kernel.requestComplete({ code: 'prin', cursor_pos: 4 }))"
        ".then((reply) => reply.content.matches)"
    )
    assert "print" in matches
    found = await kernel.page.evaluate(
        "theKernel().then((kernel) => kernel.requestInspect({ code: 'print', cursor_pos: 5,"
        " detail_level: 0 })).then((reply) => reply.content.found)"
    )
    assert found is True


async def test_the_kernel_starts_again(kernel: Watched) -> None:
    await kernel.page.evaluate("theKernel().then((kernel) => kernel.restart())")
    shown = await run(kernel, "opened")
    assert shown[-1] == ["reply", "error"]
    assert await run(kernel, "print(1)") == [["stdout", "1\n"], ["reply", "ok"]]


async def test_a_person_types_at_the_console(site: Path, browser: Browser) -> None:
    async with (
        serve_site(site, site) as url,
        watched(browser, f"{url}/repl/index.html?kernel=python&execute=1&code=6*7") as one,
    ):
        await one.until("document.body.innerText.includes('42')")
        await one.page.locator(".jp-CodeConsole-input .cm-content").click()
        await one.page.keyboard.type("input('Who? ')")
        await one.page.keyboard.press("Shift+Enter")
        field = one.page.locator(".jp-Stdin-input")
        await field.fill("Ada")
        await field.press("Enter")
        await one.until("document.body.innerText.includes(\"'Ada'\")")
        await one.picture("jupyterlite")
