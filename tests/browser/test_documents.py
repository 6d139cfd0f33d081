"""The code of the documents, run as a reader would: pages opened, programs run, what they print
compared.

Why: the README's own example failed once, as nobody had tried it. Every block of the pages that
    teach is a file, a
program, or a command, and each kind is tried here. A block that nothing tries fails a test.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import click
import pytest
from playwright.async_api import Browser, Page

from sospeso.cli import sospeso as command_line
from sospeso.paths import ROOT, dist_dir
from sospeso.server import ServerOptions, make_app, serving
from tests.documents.blocks import DOCS, Block, blocks_of, documents
from tests.programs import scripts

from .conftest import PROGRAMS, TIMEOUT_MS, call
from .test_loading import NO_JSPI

SCRIPTS = scripts(__file__)
BLOCKS = [block for document in documents() for block in blocks_of(document)]
FIELD = "sospeso-input input"
HELPERS = (PROGRAMS / "console_helpers.js").read_text(encoding="utf-8")
# Shown, and not run: what it is stands beside it.
SHOWN = {
    ("how-to/bundlers.md", "main.js"): "tests/clients/test_bundlers.py bundles such programs",
    ("how-to/bundlers.md", "run.mjs"): "tests/clients/test_npm.py runs such programs",
    ("how-to/workers.md", "worker.js"): "the page of the same document starts it",
    ("tutorial/web-app.md", "places.json"): "the page of the same document reads it",
}
# Commands that are no target of make and no command of sospeso.
OTHER_COMMANDS = {
    "npm install pyodide@file:build/packages/sospeso-0.1.0.tgz": "tests/clients/test_npm.py",
}

Steps = Callable[[Page], Awaitable[None]]


@asynccontextmanager
async def opened(browser: Browser, folder: Path, name: str, core: str) -> AsyncIterator[Page]:
    """A page of a folder, as `sospeso serve` serves it; no error goes unseen."""
    app = make_app(ServerOptions(folder, dist_dir()))
    context = await browser.new_context()
    async with serving(app) as url, context:
        page = await context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.add_init_script(HELPERS)
        if core == "asyncify":
            await page.add_init_script(NO_JSPI)
        await page.goto(f"{url}/{name}")
        yield page
        assert errors == []


async def shows(page: Page, selector: str, text: str) -> None:
    """Wait until an element has the text somewhere in it."""
    await page.wait_for_function(
        "([selector, text]) => document.querySelector(selector)?.textContent.includes(text)",
        arg=[selector, text],
    )


async def terminal_shows(page: Page, text: str) -> None:
    """Wait until the page's terminal has the text somewhere in it, and Python waits for a key."""
    await page.wait_for_function(
        "(text) => theConsole()?.state === 'waiting' && screenText().includes(text)", arg=text
    )


async def enter(page: Page, line: str) -> None:
    """Type a line at the page's terminal."""
    await page.evaluate("theConsole().focus()")
    await page.keyboard.type(f"{line}\n")


async def first_page(page: Page) -> None:
    await page.fill(FIELD, "Ada")
    await page.keyboard.press("Enter")
    await shows(page, "#out", "Hello, Ada!")


async def a_prompt(page: Page) -> None:
    await terminal_shows(page, ">>>")
    await enter(page, "6 * 7")
    await terminal_shows(page, "\n42\n")


async def guess(page: Page) -> None:
    for number, answer in (("3", "Too low."), ("9", "Too high."), ("7", "That is it!")):
        await terminal_shows(page, "A number from 1 to 10:")
        await enter(page, number)
        await terminal_shows(page, answer)
    await terminal_shows(page, ">>>")


async def exercise(page: Page) -> None:
    await page.click("#run")
    await shows(page, "#out", "All tests pass.")
    await page.fill("#code", "def double(n):\n    return 3 * n")
    await page.click("#run")
    await shows(page, "#out", "AssertionError: double(1) is 3, and not 2")
    await page.fill("#code", "while True: pass")
    await page.click("#run")
    await page.click("#stop")
    await shows(page, "#out", "KeyboardInterrupt")


async def notebook(page: Page) -> None:
    await shows(page, "section:nth-child(2) pre", "3\n'wait and go on'\n")
    await shows(page, "section:nth-child(3) pre", "'awaited'")
    await page.click("#more")
    await page.fill("section:nth-child(4) textarea", "words[0]")
    await page.press("section:nth-child(4) textarea", "Shift+Enter")
    await shows(page, "section:nth-child(4) pre", "'wait'")


async def web_app(page: Page) -> None:
    await page.fill("#name", "Bern")
    # The listener is there when Python has run; until then nothing happens.
    await page.wait_for_function(
        "() => { document.querySelector('#look').click();"
        " return document.querySelector('#list').textContent.includes('Bern: Switzerland'); }",
        polling=500,
    )


async def a_field(page: Page) -> None:
    for question, number in (("First number: ", "2"), ("Second number: ", "40")):
        await shows(page, "#out", question)
        await page.fill("#answer", number)
        await page.keyboard.press("Enter")
    await shows(page, "#out", "The sum is 42")


async def a_worker(page: Page) -> None:
    await shows(page, "#out", "begins\n42\n")


PAGES: dict[tuple[str, str], Steps] = {
    ("tutorial/first-page.md", "index.html"): first_page,
    ("tutorial/prompt.md", "index.html"): a_prompt,
    ("tutorial/prompt.md", "guess.html"): guess,
    ("tutorial/class.md", "index.html"): exercise,
    ("tutorial/notebook.md", "index.html"): notebook,
    ("tutorial/web-app.md", "index.html"): web_app,
    ("how-to/input.md", "index.html"): a_field,
    ("how-to/workers.md", "index.html"): a_worker,
}


@pytest.mark.parametrize("name", PAGES, ids=" ".join)
async def test_a_page_of_the_documents_works(
    browser: Browser, tmp_path: Path, name: tuple[str, str], core: str
) -> None:
    for block in BLOCKS:
        if block.document == name[0] and block.title:
            (tmp_path / block.title).write_text(block.text, encoding="utf-8")
    async with opened(browser, tmp_path, name[1], core) as page:
        await PAGES[name](page)


def programs(document: str, language: str) -> list[Block]:
    return [
        block
        for block in BLOCKS
        if (block.document, block.language, block.title) == (document, language, "")
    ]


RUNS = sorted(
    {
        (block.document, block.language)
        for block in BLOCKS
        if block.language in ("python", "js") and not block.title
    }
)


def lessons() -> bytes:
    """The archive that a program of the documents unpacks."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("one.txt", "1")
    return data.getvalue()


@pytest.mark.parametrize("which", RUNS, ids=" ".join)
async def test_the_programs_of_a_document_print_what_it_says(
    browser: Browser, tmp_path: Path, which: tuple[str, str], core: str
) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>A document</title>")
    (tmp_path / "lessons.zip").write_bytes(lessons())
    (tmp_path / "programs").mkdir()
    shutil.copy(PROGRAMS / SCRIPTS.run_blocks.file, tmp_path / "programs")
    blocks = programs(*which)
    async with opened(browser, tmp_path, "", core) as page:
        printed = await call(page, SCRIPTS.run_blocks, core, which[1], [one.text for one in blocks])
    for block, text in zip(blocks, printed, strict=True):
        assert block.printed is None or text == block.printed, str(block)


async def test_every_block_is_tried() -> None:
    left = [
        str(block)
        for block in BLOCKS
        if block.language not in ("text", "sh")
        and (block.document, block.title) not in {*PAGES, *SHOWN}
        and (block.document, block.language) not in RUNS
    ]
    assert left == []


async def test_data_can_be_read() -> None:
    for block in BLOCKS:
        if block.language == "json":
            json.loads(block.text)


def targets() -> set[str]:
    """What `make` can be told to do."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([\w-]+):", text, re.MULTILINE))


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(DOCS)))
async def test_the_commands_of_a_document_are_there(document: Path) -> None:
    assert isinstance(command_line, click.Group)
    for block in blocks_of(document):
        if block.language != "sh":
            continue
        for line in block.text.splitlines():
            command = line.partition("#")[0].strip()
            if command.startswith("make "):
                assert command.split()[1] in targets(), str(block)
            elif command.startswith(".venv/bin/sospeso "):
                assert command.split()[1] in command_line.commands, str(block)
            else:
                assert command in OTHER_COMMANDS, str(block)
