"""Programs that carry Pyodide's own loader in their bundle, and take a folder (indexURL) alone.

marimo is one, and so are applications that vite or webpack made. The loader makes the interpreter
itself, of `pyodide.asm.*`; over ours these files load our runtime (runtime/clients/own_loader.ts).
The loaders here are those of npm's packages, as they are.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from sospeso.engines import find_node

from .conftest import cores
from .installed import npm_packages, npm_version
from .over import Over
from .pages import watched
from .served import site
from .test_npm import PYODIDE

CLIENT = "Pyodide's own loader " + npm_version("loaders", "pyodide-314")
PAGES = Path(__file__).parent / "pages" / "own_loader"
LOADERS = ("0.29", "314")
PLACES = ("a module", "a script", "a module worker", "a classic worker")
# The loader of 314 refuses by itself: "Classic web workers are not supported".
WHERE = [
    (loader, place)
    for loader in LOADERS
    for place in PLACES
    if (loader, place) != ("314", "a classic worker")
]


def folder(loader: str, over: Over) -> Path:
    """npm's package of a version of Pyodide."""
    if loader == "314" and not over.is_ours:
        pytest.skip("Pyodide's loader takes the files of its own version alone")
    return npm_packages("loaders") / f"pyodide-{loader}"


def expected(over: Over, core: str) -> dict[str, Any]:
    """What checks.mjs finds."""
    return {
        "waited": True,
        "input": "typed",
        "folder": "/home/somebody",
        "given": "yes",
        "own folder in sys.path": ["", 1],
        "prepared": 7,
        "null": True,
        "package": True,
        "arguments": ["program.py", "word"],
        "printed": True,
        "version": PYODIDE,
        **({"core": core} if over.is_ours else {}),
        "a second runtime": 42,
    }


@pytest.mark.parametrize("core", cores())
@pytest.mark.parametrize("loader", LOADERS)
def test_it_loads_in_node(over: Over, loader: str, core: str) -> None:
    words = ["in_node.mjs", folder(loader, over) / "pyodide.mjs", over.dist, core]
    command = find_node().command(*map(str, words))
    done = subprocess.run(command, cwd=PAGES, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == expected(over, core)
    assert done.stderr == ""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("core", cores())
@pytest.mark.parametrize(("loader", "place"), WHERE)
async def test_it_loads_in_a_page(
    over: Over, browser: Browser, loader: str, place: str, core: str
) -> None:
    html = b"<!doctype html><script type=module src=page.mjs></script>"
    npm = folder(loader, over).parent
    async with (
        site(PAGES, over.dist, npm, files={"index.html": html}) as base,
        watched(browser, f"{base}/index.html") as one,
    ):
        await one.until("globalThis.ready")
        told = await one.page.evaluate(
            "words => run(...words)",
            [place, f"{base}/npm/pyodide-{loader}", {"indexURL": f"{base}/dist/", "core": core}],
        )
        assert told == expected(over, core)
        assert one.wrong == []
