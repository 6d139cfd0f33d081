"""A page of a client, watched: what it says, what goes wrong in it, and a picture.

Why: clients tell what happened in three ways, by the page's content, the console and errors that
nobody handled; a failed check has to show all three. Used by the tests of clients in pages.
$SOSPESO_PICTURES names a folder for screenshots.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Dialog, Page, Route
from playwright.async_api import TimeoutError as PlaywrightTimeout

WAIT_MS = 25_000


@dataclass
class Watched:
    """A page.

    Attributes:
        page: Playwright's page.
        said: the lines of the console.
        wrong: errors that nobody handled.
        asked: the questions of window.prompt(), each answered with `answer`.
        stuck: what the page did not come back from.
    """

    page: Page
    said: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answer: str = "an answer"
    stuck: str = ""

    async def until(self, condition: str, argument: Any = None, timeout: float = WAIT_MS) -> None:
        """Wait until an expression or function of JavaScript gives something true."""
        try:
            await self.page.wait_for_function(condition, arg=argument, timeout=timeout)
        except PlaywrightTimeout:
            raise AssertionError(
                f"{condition} did not become true.\nConsole: {self.said[-20:]}\n"
                f"Errors: {self.wrong}\nPage: {(await self.page.inner_text('body'))[:1000]}"
            ) from None

    async def picture(self, name: str) -> None:
        """Leave a screenshot, if somebody wants one."""
        folder = os.environ.get("SOSPESO_PICTURES")
        if folder:
            await self.page.screenshot(path=Path(folder, f"{name}.png"))


@asynccontextmanager
async def watched(
    browser: Browser,
    address: str,
    outside: Callable[[Route], Awaitable[None]] | None = None,
    script: str = "",
) -> AsyncIterator[Watched]:
    """Open a page in a context of its own: no cache and no storage of another.

    Args:
        browser: the browser.
        address: the page.
        outside: answers what is asked of other hosts (https).
        script: runs in the page before all else.
    """
    context = await browser.new_context(viewport={"width": 1100, "height": 800})
    if outside is not None:
        await context.route(re.compile("https://"), outside)
    await context.add_init_script(script)
    page = await context.new_page()
    one = Watched(page)

    async def answer(dialog: Dialog) -> None:
        one.asked.append(dialog.message)
        await dialog.accept(one.answer)

    def say(message: ConsoleMessage) -> None:
        one.said.append(message.text)

    page.on("dialog", answer)
    page.on("console", say)
    page.on("pageerror", lambda error: one.wrong.append(str(error)))
    try:
        await page.goto(address)
        yield one
    finally:
        await context.close()
