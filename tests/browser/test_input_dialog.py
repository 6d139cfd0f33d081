"""input() in a page that set no stdin handler: a dialog asks, and the page lives on."""

from __future__ import annotations

from typing import Any

from tests.programs import scripts

from .conftest import OpenPage, call

SCRIPTS = scripts(__file__)
FIELD = "sospeso-input input"


async def test_the_dialog_shows_the_question_and_gives_the_answer(
    open_page: OpenPage, core: str
) -> None:
    page: Any = await open_page()
    code = "print('first line')\n'|'.join([input('Your name? '), input()])"
    assert await call(page, SCRIPTS.start, core, code) == core
    await page.wait_for_selector(FIELD)
    assert "Your name?" in await page.inner_text("sospeso-input label")
    assert "first line" not in await page.inner_text("sospeso-input label")
    assert await page.evaluate("new Promise((resolve) => setTimeout(resolve, 10, 'alive'))")
    await page.fill(FIELD, "Ada ä")
    await page.keyboard.press("Enter")
    await page.wait_for_function(f"document.querySelector({'sospeso-input'!r}) !== null")
    await page.fill(FIELD, "second")
    await page.get_by_role("button", name="Enter").click()
    assert await page.evaluate("result") == "Ada ä|second"
    assert await page.locator("sospeso-input").count() == 0


async def test_cancel_is_the_end_of_input(open_page: OpenPage, core: str) -> None:
    page: Any = await open_page()
    assert await call(page, SCRIPTS.start, core, "input('? ')") == core
    await page.get_by_role("button", name="Cancel").click()
    assert await page.evaluate("result") == "failed: EOFError"
    await page.evaluate(
        "() => { result = pyodide.runPythonAsync('input()').catch((error) => error.type); }"
    )
    await page.wait_for_selector(FIELD)
    await page.keyboard.press("Escape")
    assert await page.evaluate("result") == "EOFError"


async def test_an_interrupt_ends_the_wait(open_page: OpenPage, core: str) -> None:
    page: Any = await open_page()
    assert await call(page, SCRIPTS.start, core, "input('? ')") == core
    await page.wait_for_selector(FIELD)
    await page.evaluate("pyodide.interrupt()")
    assert await page.evaluate("result") == "failed: KeyboardInterrupt"
    assert await page.locator("sospeso-input").count() == 0
    await page.evaluate("() => { result = pyodide.runPythonAsync('input()'); }")
    await page.fill(FIELD, "later")
    await page.keyboard.press("Enter")
    assert await page.evaluate("result") == "later"


async def test_a_plain_call_says_that_it_cannot_wait(open_page: OpenPage, core: str) -> None:
    page: Any = await open_page()
    assert await call(page, SCRIPTS.start, core, "1") == core
    message = await page.evaluate(
        "(() => { try { pyodide.runPython('input()') } catch (error) { return error.message } })()"
    )
    assert "runPythonAsync" in message
    assert await page.locator("sospeso-input").count() == 0
