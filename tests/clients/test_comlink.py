"""comlink: Python in a worker and functions of the page, each seen from the other side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from .bundled import bundle
from .installed import npm_packages, npm_version
from .over import Over
from .pages import Watched, watched
from .served import site

CLIENT = "comlink " + npm_version("quick", "comlink")
PAGES = Path(__file__).parent / "pages" / "comlink"

CHECKS: dict[str, Any] = {
    "values": [42, "text", None, 3, [1, [2]]],
    "errors": [True, "PythonError", "ZeroDivisionError: division by zero"],
    "callbacks": 42,
    "objects": ["the page", 8, 15],
    "errors of the page": "RangeError: said by the page",
    "run_sync on a remote": 21,
    "a function of Python": 42,
    "an object of Python": [3, [1, 2, 3]],
}


@pytest_asyncio.fixture(scope="module")
async def page(
    over: Over, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Watched]:
    """A page with Python in its worker."""
    root = tmp_path_factory.mktemp("comlink")
    for name in ("page.js", "worker.js"):
        bundle(PAGES / name, root / name, npm_packages("quick"), over)
    (root / "index.html").write_text('<!doctype html><script src="page.js"></script>')
    async with site(root, over.dist) as url, watched(browser, f"{url}/index.html") as one:
        yield one


@pytest.mark.parametrize("check", CHECKS)
async def test_comlink(page: Watched, check: str) -> None:
    assert await page.page.evaluate("name => check(name)", check) == CHECKS[check]
