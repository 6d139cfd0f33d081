"""micropip in its Pyodide mode, from the lock file: install, list, freeze, mock, uninstall.

In Node it runs in `make test` as well. tests/runtime/test_micropip.py tries the same on both cores,
with packages of its own; here it is one client among others, beside Pyodide.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from cpython.build.inputs import wheels
from sospeso.engines import find_node

from .installed import pip_wheels
from .over import Over
from .pages import watched
from .served import site

PAGES = Path(__file__).parent / "pages" / "micropip"
CLIENT = "micropip " + next(one.version for one in wheels.load() if one.name == "micropip")

CHECKS: dict[str, Any] = {
    "installs_from_an_index": "wait",
    "installs_by_address": "pure_eval",
    "installs_from_emfs": "5.3.1",
    "installs_what_the_lock_has": "pyodide",
    "installs_requirements": [True, True, True, True],
    "chooses_a_version": "Can't find a pure Python 3 wheel for 'comm>=1000'",
    "lists": ["3.1.1", "0.2.4", "5.3.1"],
    "freezes": ["3.1.1", "2025_0"],
    "mocks": [7, ["mocked"], []],
    "uninstalls": False,
    "transaction_without_dependencies": [True, False],
    "refuses_compiled_wheels": True,
}


async def in_node(dist: Path, base: str) -> Any:
    command = find_node().command(PAGES / "run.mjs", dist, base, PAGES / "checks.py")
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, wrong = await process.communicate()
    assert process.returncode == 0, (told + wrong).decode()[-3000:]
    return json.loads(told.decode().splitlines()[-1])


async def in_page(browser: Browser, base: str) -> Any:
    async with watched(browser, f"{base}/index.html") as one:
        return await one.page.evaluate(
            "async ([base, checks]) =>"
            " (await import('/run.mjs')).run(base + '/dist/', base, checks)",
            [base, (PAGES / "checks.py").read_text()],
        )


@pytest_asyncio.fixture(
    scope="module", params=["node", pytest.param("chromium", marks=pytest.mark.clients)]
)
async def told(
    request: pytest.FixtureRequest, over: Over, browser: Browser
) -> AsyncIterator[dict[str, Any]]:
    """What the checks found in one engine."""
    files = {"index.html": b"<!doctype html>"}
    async with site(PAGES, over.dist, wheels=pip_wheels("inside"), files=files) as base:
        node = request.param == "node"
        yield await in_node(over.dist, base) if node else await in_page(browser, base)


@pytest.mark.parametrize("check", CHECKS)
def test_micropip(told: dict[str, Any], check: str) -> None:
    assert told[check] == CHECKS[check]
