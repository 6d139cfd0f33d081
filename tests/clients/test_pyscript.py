"""PyScript (@pyscript/core, with polyscript in it) over dist/: page, worker, editor, terminal."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from .installed import npm_packages, npm_version, pip_wheels
from .over import Over
from .pages import Watched, watched
from .served import site

pytestmark = [pytest.mark.clients, pytest.mark.timeout(150)]

CLIENT = "PyScript " + npm_version("pages", "@pyscript/core")
PAGES = Path(__file__).parent / "pages" / "pyscript"

# What pages/pyscript/main.py finds, by check.
IN_THE_PAGE = {
    "from_lock": True,
    "from_index": "wait",
    "one_file": 42,
    "archive": "packed",
    "fetched": "['a line\\n', True]",
    "js_modules": "module.mjs",
    "the_document": "written",
    "displays": True,
    "web": "a div",
    "fetches": "{'a': [1, 2]}",
    "stores": True,
    "listen": True,
}
IN_THE_WORKER = {
    "from_lock": True,
    "one_file": 42,
    "the_document": "by the worker",
    "asks": "an answer",
    "sleeps": True,
    "exported": 42,
}


def packed() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("inner.txt", "packed")
    return data.getvalue()


@pytest_asyncio.fixture(scope="module")
async def address(over: Over) -> AsyncIterator[str]:
    """The pages, cross-origin isolated: PyScript's workers reach the page by Atomics."""
    npm, wheels = npm_packages("pages"), pip_wheels("inside")
    files = {"own.zip": packed()}
    async with site(PAGES, over.dist, npm, wheels, isolated=True, files=files) as url:
        yield url


@pytest_asyncio.fixture(scope="module")
async def page(browser: Browser, address: str) -> AsyncIterator[Watched]:
    """main.html, when its scripts have ended."""
    async with watched(browser, f"{address}/main.html") as one:
        await one.until("told.done")
        await one.picture("pyscript")
        yield one


@pytest.mark.parametrize("check", IN_THE_PAGE)
async def test_in_the_page(page: Watched, check: str) -> None:
    assert await page.page.evaluate("check => told[check]", check) == IN_THE_PAGE[check]


async def test_print_reaches_the_console(page: Watched) -> None:
    assert "told by print" in page.said


async def test_several_scripts_and_a_traceback(browser: Browser, address: str) -> None:
    """All of a page's scripts start at once, in one namespace."""
    async with watched(browser, f"{address}/several.html") as one:
        await one.until("told.awaited && told.tag && document.querySelector('.py-error')")
        assert "printed by py-script" in one.said
        assert "ZeroDivisionError" in await one.page.inner_text(".py-error")
        assert "NameError" not in await one.page.inner_text("body")


@pytest.mark.parametrize("button", ["pressed", "listened"])
async def test_a_handler_is_called(page: Watched, button: str) -> None:
    """`listened` was given without create_proxy(): experimental_create_proxy is "auto"."""
    await page.page.click(f"#{button}")
    assert await page.page.evaluate("button => told[button]", button) == "click"


async def test_input_in_the_page(browser: Browser, address: str, over: Over) -> None:
    """Pyodide asks by window.prompt(), which stops the page; ours has a dialog."""
    async with watched(browser, f"{address}/input.html") as one:
        if over.is_ours:
            await one.page.wait_for_selector("sospeso-input input")
            await one.page.fill("sospeso-input input", one.answer)
            await one.page.keyboard.press("Enter")
        await one.until("told.asked === 'an answer'")


async def test_a_second_visit_has_the_packages(browser: Browser, address: str) -> None:
    """They come by the lock file that micropip.freeze() gave, which PyScript keeps."""
    async with watched(browser, f"{address}/main.html") as one:
        await one.until("told.done")
        await one.page.reload()
        await one.until("told.done")
        assert await one.page.evaluate("[told.from_lock, told.from_index]") == [True, "wait"]


@pytest_asyncio.fixture(scope="module")
async def worker(browser: Browser, address: str) -> AsyncIterator[Watched]:
    """worker.html, when its worker's script has ended."""
    async with watched(browser, f"{address}/worker.html") as one:
        await one.until("told.done && told.exported")
        yield one


@pytest.mark.parametrize("check", IN_THE_WORKER)
async def test_in_the_worker(worker: Watched, check: str) -> None:
    assert await worker.page.evaluate("check => told[check]", check) == IN_THE_WORKER[check]


async def test_the_worker_handles_an_event(worker: Watched) -> None:
    await worker.page.click("#pressed")
    await worker.until("told.pressed === 'click'")
    assert worker.asked == ["Who is there? "]


@pytest_asyncio.fixture(scope="module")
async def editor(browser: Browser, address: str) -> AsyncIterator[Watched]:
    async with watched(browser, f"{address}/editor.html") as one:
        await one.until("document.querySelectorAll('.py-editor-run-button').length === 3")
        yield one


@pytest.mark.parametrize(
    ("cell", "shows"),
    [(0, "first 42"), (1, "second 42"), (2, "ZeroDivisionError")],
    ids=["runs", "shares names and sleeps", "traceback"],
)
async def test_a_cell_of_the_editor(editor: Watched, cell: int, shows: str) -> None:
    await editor.page.locator(".py-editor-run-button").nth(cell).click()
    await editor.until(
        "([cell, text]) => document.querySelectorAll('.py-editor-output')[cell]"
        ".innerText.includes(text)",
        [cell, shows],
    )
    await editor.picture("pyscript-editor")


SCREEN = """() => {
  const buffer = document.querySelector("#terminal").terminal?.buffer.active;
  if (!buffer) return "";
  const lines = [];
  for (let i = 0; i < buffer.length; i++) lines.push(buffer.getLine(i).translateToString(true));
  return lines.join("\\n");
}"""


async def shows(one: Watched, text: str) -> None:
    await one.until(f"text => ({SCREEN})().includes(text)", text)


async def test_the_terminal_asks_and_is_a_prompt(browser: Browser, address: str) -> None:
    async with watched(browser, f"{address}/terminal.html") as one:
        await shows(one, "Who is there? ")
        await one.page.keyboard.type("Ada")
        await one.page.keyboard.press("Enter")
        await shows(one, "Hello, Ada")
        await shows(one, ">>> ")
        for line in ("a = 6", "a * 7"):
            await one.until(f"() => ({SCREEN})().trimEnd().endsWith('\\n>>>')")
            await one.page.keyboard.type(line)
            await shows(one, line)
            await one.page.keyboard.press("Enter")
        await shows(one, "\n42")
        await one.picture("pyscript-terminal")


async def test_the_terminal_of_the_page_shows_what_is_printed(
    browser: Browser, address: str
) -> None:
    async with watched(browser, f"{address}/terminal_main.html") as one:
        await shows(one, "bold and plain")
        await shows(one, "wrong")
