"""Pictures that programs show: in the console, in the example page, and what they may not do."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Page

from tests.programs import Program, programs, scripts

from .conftest import OpenPage, call
from .test_console_page import LOAD_MS, Terminal, console_page, embed

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

CONSOLE = ("sospeso-console", ".pictures-list > *")
EXAMPLE = ("body", "#output .picture")
EACH_KIND = [
    ["image", 10, 20, "an image"],
    ["image", 40, 30, "a grey picture"],
    ["image", 50, 20],
    ["frame", "cell", "rgb(1, 2, 3)"],
]


async def pictures(page: Page, place: tuple[str, str], count: int) -> list[Any]:
    """What is shown, once there are so many."""
    found: list[Any] = []
    async with asyncio.timeout(8):
        while len(found) < count:
            await asyncio.sleep(0.05)
            found = await call(page, SCRIPTS.look, *place)
    # The description of an object without a repr of its own has its address.
    return [one[:3] if "object at" in str(one[-1]) else one for one in found]


async def run_in_an_element(open_page: OpenPage, core: str, program: Program) -> Terminal:
    """A console that runs a script to its end."""
    element = f'<sospeso-console src="program.py" core="{core}"></sospeso-console>'
    terminal = await embed(open_page, element, {"program.py": str(program)})
    await terminal.state("ended", timeout=LOAD_MS)
    return terminal


async def test_a_script_shows_pictures_of_each_kind(open_page: OpenPage, core: str) -> None:
    """And prints what has none, a class among it."""
    terminal = await run_in_an_element(open_page, core, PROGRAMS.show_each_kind)
    assert await pictures(terminal.page, CONSOLE, 4) == EACH_KIND
    text = await terminal.text()
    assert text.startswith("text\n[1, 2]\n<class '__main__._Picture'>\n")


async def test_html_of_a_program_reaches_nothing_of_the_page(
    open_page: OpenPage, core: str
) -> None:
    terminal = await run_in_an_element(open_page, core, PROGRAMS.show_each_kind)
    await pictures(terminal.page, CONSOLE, 4)
    assert await call(terminal.page, SCRIPTS.reached, CONSOLE[0], "iframe") == [None, 0]


async def test_the_value_of_a_script_is_shown(open_page: OpenPage, core: str) -> None:
    terminal = await run_in_an_element(open_page, core, PROGRAMS.return_a_picture)
    assert await pictures(terminal.page, CONSOLE, 1) == [["image", 40, 30, "a grey picture"]]


async def test_figures_of_matplotlib_are_shown(open_page: OpenPage, core: str) -> None:
    terminal = await run_in_an_element(open_page, core, PROGRAMS.draw_a_figure)
    shown = await pictures(terminal.page, CONSOLE, 2)
    assert [one[:3] for one in shown] == [["image", 60, 40]] * 2
    assert "left 0" in await terminal.text()


async def test_the_prompt_shows_a_value_in_place_of_its_text(
    open_page: OpenPage, core: str
) -> None:
    terminal = await console_page(open_page, core)
    await terminal.run("class P:", "_repr_svg_ = lambda self: '<svg xmlns=%r/>' % x", "")
    await terminal.run("x = 'http://www.w3.org/2000/svg'")
    printed = await terminal.run("P()")
    assert "object at" not in printed
    assert len(await pictures(terminal.page, CONSOLE, 1)) == 1
    assert "\nTrue\n" in await terminal.run("isinstance(_, P)")
    assert "\n7\n" in await terminal.run("7")
    await terminal.page.get_by_role("button", name="Clear").click()
    assert await pictures(terminal.page, CONSOLE, 0) == []
    assert await terminal.page.locator(".pictures").is_hidden()


async def test_a_restart_takes_the_pictures_away(open_page: OpenPage) -> None:
    terminal = await run_in_an_element(open_page, "jspi", PROGRAMS.return_a_picture)
    await pictures(terminal.page, CONSOLE, 1)
    await terminal.page.evaluate("theConsole().restart()")
    assert await terminal.page.locator(".pictures").is_hidden()


async def test_the_example_page_shows_them_among_the_output(open_page: OpenPage, core: str) -> None:
    page = await open_page(f"/?core={core}")
    ready = "document.querySelector('#state').dataset.state === '{}'"
    await page.wait_for_function(ready.format("ready"))
    await page.fill(
        "#source", f"print('before')\n{PROGRAMS.show_each_kind}\nprint('after')\n_Picture()"
    )
    await page.click("#run")
    await page.wait_for_function(ready.format("done"))
    assert await pictures(page, EXAMPLE, 5) == [*EACH_KIND, EACH_KIND[1]]
    assert (await page.inner_text("#output")).split() == (
        ["before", "text", "[1,", "2]", "<class", "'__main__._Picture'>", "after"]
    )
    assert await call(page, SCRIPTS.reached, EXAMPLE[0], "iframe") == [None, 0]
    await page.click("#clear")
    assert await pictures(page, EXAMPLE, 0) == []
