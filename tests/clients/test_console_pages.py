"""Pyodide's own console pages, unmodified, beside dist/: those of its npm package.

They load their terminal from a network of copies; here the same packages come from npm, except
that jquery.terminal 2.35.2 is no longer published, and 2.35.3 stands in for it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route

from benchmarks.peer import install_peer, read_pins
from sospeso.server import MIME

from .installed import npm_packages
from .over import Over
from .pages import Watched, watched
from .served import site

CLIENT = "Pyodide's console.html " + read_pins()[0].version

# What is on the screen.
SCREENS = {
    "console.html": """() =>
      document.querySelector(".terminal")?.innerText.replaceAll("\\u00a0", " ")""",
    "console-v2.html": """() => {
      const { active } = term.buffer;
      const line = (_, i) => active.getLine(i)?.translateToString(true);
      return Array.from({ length: active.length }, line).join("\\n");
    }""",
}
BARE = {"jquery": "dist/jquery.js"}


async def from_npm(route: Route) -> None:
    """Answer for the hosts that have copies of npm: https://HOST/.../NAME@VERSION/FILE."""
    found = re.fullmatch(
        r"https://[^/]+/(?:npm/)?((?:@[^/]+/)?[^@/]+)@[\d.]+/?(.*)", route.request.url
    )
    assert found is not None, route.request.url
    package, file = found.groups()
    path = npm_packages("quick") / package / (file or BARE[package])
    if not path.exists():  # that host makes files smaller
        path = path.with_name(path.name.replace(".min.", "."))
    await route.fulfill(body=path.read_bytes(), content_type=MIME[path.suffix])


@asynccontextmanager
async def console(over: Over, browser: Browser, name: str, folder: Path) -> AsyncIterator[Watched]:
    """A console page with a prompt."""
    for file in over.dist.iterdir():
        if file.is_file():
            (folder / file.name).unlink(missing_ok=True)
            (folder / file.name).hardlink_to(file)
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_bytes((install_peer() / name).read_bytes())
    async with (
        site(folder, over.dist) as url,
        watched(browser, f"{url}/{name}", outside=from_npm) as one,
    ):
        await shows(one, name, ">>>")
        yield one


async def shows(one: Watched, name: str, text: str) -> None:
    await one.until(f"text => (({SCREENS[name]})() ?? '').includes(text)", text)


async def enter(one: Watched, *lines: str) -> None:
    """Type lines; console.html takes no keys while one of them runs."""
    for line in lines:
        await one.page.keyboard.type(line)
        await one.page.keyboard.press("Enter")
        await one.page.evaluate("term.ready?.then(() => 0)")


@pytest_asyncio.fixture(scope="module")
async def page(
    over: Over, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Watched]:
    async with console(over, browser, "console.html", tmp_path_factory.mktemp("console")) as one:
        yield one
        await one.picture("pyodide-console")
        assert one.wrong == []


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (["6 * 7"], "\n42"),
        (["def f():", "    return 'in a function'", "", "f()"], "\n'in a function'"),
        (["print('pri' + 'nted')"], "\nprinted"),
        (["1 / 0"], "ZeroDivisionError: division by zero"),
        (["a b"], "Error: in"),  # _IncompleteInputError: incomplete input, in Pyodide's words
        (["import asyncio", "await asyncio.sleep(0.01, 'awa' + 'ited')"], "\n'awaited'"),
        (["import time; time.sleep(0.05); 'sl' + 'ept'"], "\n'slept'"),
        (["input('Who? ') + '!'"], "\n'an answer!'"),
        (
            ["import pyodide_js", "await pyodide_js.loadPackage('six'); import six; six.PY3"],
            "\nTrue",
        ),
        (["_"], "\nTrue"),
    ],
    ids=[
        "value",
        "function",
        "print",
        "traceback",
        "syntax error",
        "await",
        "time.sleep",
        "input",
        "package",
        "underscore",
    ],
)
async def test_at_the_prompt(page: Watched, lines: list[str], shown: str) -> None:
    await enter(page, *lines)
    await shows(page, "console.html", shown)


async def test_completion(page: Watched) -> None:
    await page.page.keyboard.type("asyncio.get_running_l")
    await page.page.keyboard.press("Tab")
    await shows(page, "console.html", "asyncio.get_running_loop")
    await page.page.keyboard.press("Enter")


async def test_python_that_ends_is_told_about(over: Over, browser: Browser, tmp_path: Path) -> None:
    """The page assigns _api.on_fatal, which gets an error by name Exit."""
    async with console(over, browser, "console.html", tmp_path) as one:
        await one.page.keyboard.type("import os; os._exit(3)")
        await one.page.keyboard.press("Enter")
        await shows(one, "console.html", "Pyodide exited and can no longer be used.")


async def test_console_v2(over: Over, browser: Browser, tmp_path: Path) -> None:
    async with console(over, browser, "console-v2.html", tmp_path) as one:
        await one.page.locator(".xterm-helper-textarea").focus()
        await enter(one, "6 * 7")
        await shows(one, "console-v2.html", "\n42")
        await enter(one, "1 / 0")
        await shows(one, "console-v2.html", "ZeroDivisionError: division by zero")
