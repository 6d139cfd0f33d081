"""pyodide-worker-runner, with comsync, sync-message, comlink and python_runner.

The page is cross-origin isolated: Stop and input() go through shared memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from .bundled import bundle
from .installed import npm_packages, npm_version, pip_wheels
from .over import Over
from .pages import Watched, watched
from .served import site

CLIENT = "pyodide-worker-runner " + npm_version("quick", "pyodide-worker-runner")
PAGES = Path(__file__).parent / "pages" / "worker_runner"

CHECKS: dict[str, Any] = {
    "output": ["stdout:printed\n"],
    "await": ["stdout:awaited\n"],
    "input": ["input_prompt:Who? ", "input:Ada\n", "stdout:Hello, Ada\n"],
    "sleep": ["stdout:True\n"],
    "traceback": ["traceback:ZeroDivisionError: division by zero\n"],
    "a deep recursion": ["traceback:RecursionError: maximum recursion depth exceeded\n"],
    "Stop of a loop": ["traceback:KeyboardInterrupt\n"],
    "Stop of input()": ["input_prompt:", "traceback:KeyboardInterrupt\n"],
    "Stop of sleep()": ["traceback:KeyboardInterrupt\n"],
    "where the archive went": "/tmp/own/python_runner/__init__.py",
    "install_imports": "sixsnowballstemmer",
    "after a fatal error": [True, ["stdout:again\n"]],
}


@pytest_asyncio.fixture(scope="module")
async def page(
    over: Over, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Watched]:
    """A page with Python in its worker."""
    root = tmp_path_factory.mktemp("worker_runner")
    for name in ("page.js", "worker.js"):
        bundle(PAGES / name, root / name, npm_packages("quick"), over)
    (root / "index.html").write_text('<!doctype html><script src="page.js"></script>')
    wheels = pip_wheels("inside")
    (archive,) = wheels.glob("python_runner-*.whl")
    async with site(root, over.dist, wheels=wheels, isolated=True) as url:
        address = f"{url}/index.html?archive={url}/wheels/{archive.name}"
        async with watched(browser, address) as one:
            yield one


@pytest.mark.parametrize("check", CHECKS)
async def test_worker_runner(page: Watched, check: str) -> None:
    assert await page.page.evaluate("name => check(name)", check) == CHECKS[check]
