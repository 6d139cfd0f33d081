"""The console's page and <sospeso-console>, used as a person would: by typing at them.

What is on the screen is read from xterm.js's buffer. One page per core lives through the tests of
the prompt, each of which leaves it at the prompt; tests that end Python, or look at the page around
it, open their own.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route
from playwright.async_api import TimeoutError as PlaywrightTimeout

from sospeso.paths import ROOT
from tests.programs import scripts

from .conftest import CORES, OpenPage, Site, call, script_text
from .test_example_page import contrasts

SCRIPTS = scripts(__file__)

# A step of a person at a terminal; loading may take longer.
STEP_MS = 8_000
LOAD_MS = 20_000

HELPERS = script_text("console_helpers.js")
EVENTS = script_text("console_events.js")


class Terminal:
    """A page with a console, and what one does with it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.since = 0

    async def state(self, *names: str, timeout: float = STEP_MS) -> None:
        await self.page.wait_for_function(
            "(names) => names.includes(theConsole()?.state)", arg=list(names), timeout=timeout
        )

    async def ready(self, core: str) -> None:
        """At the prompt, on the core that was asked for."""
        await self.prompt(timeout=LOAD_MS)
        found = await self.page.evaluate("theConsole().pyodide.then((p) => p.core.name)")
        assert found == core

    async def prompt(self, prompt: str = ">>>", timeout: float = STEP_MS) -> None:
        """Python waits, and the last line is nothing but a prompt."""
        await self.page.wait_for_function(
            "(prompt) => theConsole()?.state === 'waiting' && "
            "screenText().split('\\n').at(-1).trimEnd() === prompt",
            arg=prompt,
            timeout=timeout,
        )

    async def text(self) -> str:
        return str(await self.page.evaluate("screenText()"))

    async def shows(self, text: str) -> None:
        """Since the last line that was entered."""
        try:
            await self.page.wait_for_function(
                "([text, since]) => screenText().slice(since).includes(text)",
                arg=[text, self.since],
                timeout=STEP_MS,
            )
        except Exception as error:
            raise AssertionError(
                f"{text!r} did not appear:\n{(await self.text())[-2000:]}"
            ) from error

    async def focus(self) -> None:
        await self.page.evaluate("theConsole().focus()")

    async def type(self, text: str) -> None:
        """Type into the line that is being edited, and see it there."""
        self.since = len(await self.text())
        await self.page.keyboard.type(text)
        await self.page.wait_for_function(
            "(text) => screenText().endsWith(text)", arg=text, timeout=STEP_MS
        )

    async def enter(self, line: str) -> None:
        """Type a line and Enter."""
        self.since = len(await self.text())
        await self.focus()
        await self.page.keyboard.type(line)
        await self.page.keyboard.press("Enter")

    async def run(self, *lines: str) -> str:
        """Type lines at the prompt; what they printed, with the lines themselves."""
        before = len(await self.text())
        for line in lines:
            await self.enter(line)
            # Another prompt than the one that the line was typed at.
            await self.page.wait_for_function(
                "(since) => theConsole().state === 'waiting' && screenText().length > since && "
                "['>>>', '...'].includes(screenText().split('\\n').at(-1))",
                arg=self.since,
                timeout=STEP_MS,
            )
        return (await self.text())[before:]

    async def notice(self) -> str:
        return await self.page.locator("#notices .notice").last.inner_text(timeout=STEP_MS)


async def console_page(open_page: OpenPage, core: str, query: str = "", **options: Any) -> Terminal:
    """A page of its own, at the prompt."""
    page = await open_page(f"/dist/console.html?core={core}{query}", HELPERS, **options)
    terminal = Terminal(page)
    await terminal.ready(core)
    return terminal


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=CORES)
async def shared(request: Any, browser: Browser, site: Site) -> AsyncIterator[Terminal]:
    """One page for a core."""
    context = await browser.new_context(viewport={"width": 1000, "height": 700})
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.add_init_script(HELPERS)
    await page.goto(f"{site.url}/dist/console.html?core={request.param}")
    terminal = Terminal(page)
    await terminal.ready(request.param)
    yield terminal
    assert not errors, f"unhandled in the page: {errors}"
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def terminal(shared: Terminal) -> AsyncIterator[Terminal]:
    """The shared page, at the prompt before and after."""
    try:
        await shared.prompt(timeout=1_000)
    except PlaywrightTimeout:  # a test before this one failed
        await shared.page.reload()
        await shared.prompt(timeout=LOAD_MS)
    await shared.page.evaluate("theConsole().terminal.clear()")
    shared.since = 0
    await shared.focus()
    yield shared
    await shared.prompt()


async def test_the_status_says_ready_and_which_core_and_why(terminal: Terminal) -> None:
    page = terminal.page
    assert await page.inner_text("#status") == "Ready"
    core = await page.get_attribute("#status", "data-core")
    title = await page.get_attribute("#status", "title")
    assert title is not None and title.startswith(f"Core {core}: asked for")


async def test_an_expression_and_its_result(terminal: Terminal) -> None:
    assert "\n42\n" in await terminal.run("6 * 7")


async def test_a_function_of_several_lines(terminal: Terminal) -> None:
    # The prompt indents by itself.
    await terminal.run("def twice(x):", "return x * 2", "")
    assert "\n84\n" in await terminal.run("twice(42)")


async def test_arrow_up_brings_back_what_was_entered(terminal: Terminal) -> None:
    await terminal.run("'his' + 'tory'")
    await terminal.page.keyboard.press("ArrowUp")
    await terminal.page.wait_for_function(
        "screenText().split('\\n').at(-1).includes('tory')", timeout=STEP_MS
    )
    terminal.since = len(await terminal.text())
    await terminal.page.keyboard.press("Enter")
    await terminal.shows("'history'")


async def test_a_line_can_be_edited_before_it_is_entered(terminal: Terminal) -> None:
    await terminal.page.keyboard.type("print('ac')")
    for _ in range(3):
        await terminal.page.keyboard.press("ArrowLeft")
    await terminal.page.keyboard.type("b")
    await terminal.page.keyboard.press("Home")
    await terminal.page.keyboard.type("x = 1; ")
    terminal.since = len(await terminal.text())
    await terminal.page.keyboard.press("Enter")
    await terminal.shows("\nabc\n")


async def test_tab_completes(terminal: Terminal) -> None:
    await terminal.page.keyboard.type("pri")
    await terminal.page.keyboard.press("Tab")
    await terminal.page.wait_for_function("screenText().endsWith('print(')", timeout=STEP_MS)
    await terminal.page.keyboard.type("'com' + 'pleted')")
    await terminal.page.keyboard.press("Enter")
    await terminal.shows("\ncompleted\n")


async def test_await_at_the_top_level(terminal: Terminal) -> None:
    printed = await terminal.run("import asyncio", "await asyncio.sleep(0.01, 'awai' + 'ted')")
    assert "'awaited'" in printed


async def test_input_asks_and_gets_the_answer(terminal: Terminal) -> None:
    await terminal.enter("name = input('Who is ' + 'there? ')")
    await terminal.prompt("Who is there?")
    await terminal.enter("Ada")
    await terminal.prompt()
    assert "'<Ada>'" in await terminal.run("f'<{name}>'")


async def test_control_c_interrupts_a_sleep(terminal: Terminal) -> None:
    await terminal.enter("import time; time.sleep(60)")
    await terminal.state("running")
    assert await terminal.page.inner_text("#status") == "Running"
    await terminal.page.keyboard.press("Control+c")
    await terminal.shows("KeyboardInterrupt")


async def test_control_c_at_the_prompt_drops_the_line(terminal: Terminal) -> None:
    await terminal.type("1 / 0")
    await terminal.page.keyboard.press("Control+c")
    await terminal.shows("KeyboardInterrupt")
    await terminal.prompt()
    assert "ZeroDivision" not in await terminal.text()


async def test_stop_interrupts_a_computation(terminal: Terminal) -> None:
    await terminal.enter("while True: pass")
    await terminal.page.keyboard.press("Enter")
    await terminal.state("running")
    assert await terminal.page.is_enabled("#stop")
    await terminal.page.click("#stop")
    await terminal.shows("KeyboardInterrupt")
    # A click on a button leaves the keyboard with the terminal.
    await terminal.prompt()
    await terminal.page.keyboard.type("'typ' + 'ed'\n")
    await terminal.shows("'typed'")


async def test_an_error_is_shown_with_colours(terminal: Terminal) -> None:
    printed = await terminal.run("1 / 0")
    assert "ZeroDivisionError: division by zero" in printed
    assert await call(terminal.page, SCRIPTS.is_the_error_coloured) is True


async def test_the_debugger_stops_and_goes_on(terminal: Terminal) -> None:
    await terminal.enter("answer = 42; breakpoint(); print('went', 'on')")
    await terminal.prompt("(Pdb)")
    await terminal.enter("p answer + 1")
    await terminal.shows("\n43\n")
    await terminal.prompt("(Pdb)")
    await terminal.enter("c")
    await terminal.shows("went on")
    # As on Linux, Ctrl-C would be the debugger's from here on.
    await terminal.run("import signal; _ = signal.signal(2, signal.default_int_handler)")


async def test_help_is_shown(terminal: Terminal) -> None:
    await terminal.enter("help(len)")
    await terminal.shows("Return the number of items in a container.")


async def test_a_page_of_output_can_be_interrupted(terminal: Terminal) -> None:
    await terminal.enter("while True: print('line')")
    await terminal.page.keyboard.press("Enter")
    await terminal.shows("\nline\nline\nline\n")
    await terminal.page.click("#stop")
    await terminal.shows("KeyboardInterrupt")
    await terminal.prompt()
    await terminal.page.evaluate("theConsole().terminal.clear()")


async def test_the_size_of_the_terminal_is_pythons(terminal: Terminal) -> None:
    page = terminal.page
    sizes = []
    for width, height in ((1000, 700), (700, 500), (1000, 700)):
        await page.set_viewport_size({"width": width, "height": height})
        await page.wait_for_function(
            f"Math.abs(theConsole().terminal.cols - {width} / 8.43) < 6", timeout=STEP_MS
        )
        size = await page.evaluate("[theConsole().terminal.cols, theConsole().terminal.rows]")
        sizes.append(tuple(size))
        await terminal.prompt()
        printed = await terminal.run("import os; tuple(os.get_terminal_size())")
        assert f"({size[0]}, {size[1]})" in printed
    assert sizes[0] == sizes[2] != sizes[1]


async def test_pasted_lines_run(terminal: Terminal) -> None:
    source = "def pasted():\n    for n in range(3):\n        yield n\n\nlist(pasted())\n"
    await terminal.page.evaluate("(text) => theConsole().terminal.paste(text)", source)
    await terminal.page.keyboard.press("Enter")
    await terminal.shows("[0, 1, 2]")


async def test_control_c_copies_a_selection_and_does_not_interrupt(terminal: Terminal) -> None:
    page = terminal.page
    await terminal.type("unfinished")
    await page.evaluate("theConsole().terminal.selectAll()")
    await page.keyboard.press("Control+c")
    await page.wait_for_function("!theConsole().terminal.hasSelection()", timeout=STEP_MS)
    assert (await terminal.text()).endswith("unfinished")
    await page.keyboard.press("Control+c")
    await terminal.prompt()


async def test_shift_tab_leaves_the_terminal(terminal: Terminal) -> None:
    await terminal.page.keyboard.press("Shift+Tab")
    assert await terminal.page.evaluate("document.activeElement.tagName") == "BUTTON"


async def test_files_are_added_to_the_current_folder(terminal: Terminal) -> None:
    page = terminal.page
    files = [
        {"name": "one.txt", "mimeType": "text/plain", "buffer": b"first"},
        {"name": "tw\u00f6 words.csv", "mimeType": "text/csv", "buffer": b"\xff\x00second"},
    ]
    await terminal.type("not yet ent")
    await page.set_input_files("#files", files)
    await page.wait_for_function(
        "document.querySelectorAll('#notices .notice').length === 2", timeout=STEP_MS
    )
    assert "tw\u00f6 words.csv is now in /home/pyodide" in await terminal.notice()
    # The line that is being edited is left alone, and the keyboard is back at it.
    assert (await terminal.text()).endswith("not yet ent")
    await terminal.type("ered")
    assert (await terminal.text()).endswith("not yet entered")
    await page.keyboard.press("Control+c")
    await terminal.prompt()
    printed = await terminal.run(
        "open('one.txt').read()", "open('tw\u00f6 words.csv', 'rb').read()"
    )
    assert "'first'" in printed and r"b'\xff\x00second'" in printed
    await page.set_input_files("#files", files[:1])
    await page.get_by_text("instead of the old one").wait_for(timeout=STEP_MS)


async def test_a_dropped_file_is_added_and_a_failure_says_why(terminal: Terminal) -> None:
    page = terminal.page
    assert await call(page, SCRIPTS.drop_a_file, "dropped.txt") is True
    assert await page.get_attribute("#drop", "data-over") is None
    await page.get_by_text("dropped.txt is now in").wait_for(timeout=STEP_MS)
    assert "'dropped'" in await terminal.run("open('dropped.txt').read()")
    await terminal.run("import os; os.makedirs('taken', exist_ok=True)")
    await call(page, SCRIPTS.drop_a_file, "taken")
    await page.locator("#notices .error").wait_for(timeout=STEP_MS)
    assert "taken was not added: /home/pyodide/taken cannot be written (EISDIR)" in (
        await terminal.notice()
    )
    await page.locator("#notices .error button").click()
    assert await page.locator("#notices .error").count() == 0


async def test_a_file_that_is_too_large_says_so(terminal: Terminal) -> None:
    page = terminal.page
    await call(page, SCRIPTS.make_files_huge)
    await call(page, SCRIPTS.drop_a_file, "huge.bin")
    await page.locator("#notices .error").wait_for(timeout=STEP_MS)
    assert "huge.bin was not added: it has 3072 MB, and 256 MB is" in await terminal.notice()
    await call(page, SCRIPTS.make_files_small_again)
    await page.locator("#notices .error button").click()


async def test_restart_forgets_names_and_files(terminal: Terminal) -> None:
    page = terminal.page
    core = await page.get_attribute("#status", "data-core")
    assert core is not None
    await terminal.run("secret = 1; open('left.txt', 'w').close()")
    await page.click("#restart")
    await terminal.state("loading")
    await terminal.ready(core)
    assert "NameError" in await terminal.run("secret")
    assert "False" in await terminal.run("import os; os.path.exists('left.txt')")


async def test_restart_while_a_program_prints(terminal: Terminal) -> None:
    core = await terminal.page.get_attribute("#status", "data-core")
    assert core is not None
    await terminal.enter("while True: print('line')")
    await terminal.page.keyboard.press("Enter")
    await terminal.shows("\nline\nline\nline\n")
    await terminal.page.click("#restart")
    await terminal.state("loading")
    await terminal.ready(core)
    text = await terminal.text()
    assert "KeyboardInterrupt" not in text and "line" not in text
    assert "\n3\n" in await terminal.run("1 + 2")


async def test_exit_ends_and_restart_or_enter_begins_again(open_page: OpenPage, core: str) -> None:
    terminal = await console_page(open_page, core)
    page = terminal.page
    await terminal.enter("exit()")
    await terminal.state("ended")
    await terminal.shows("Python ended. Enter starts it again.")
    await call(page, SCRIPTS.drop_a_file, "late.txt")
    await page.get_by_text("not added: Python is not running").wait_for(timeout=STEP_MS)
    assert await page.inner_text("#status") == "Ended"
    assert await page.is_disabled("#stop") and await page.is_enabled("#restart")
    await page.click("#restart")
    await terminal.ready(core)
    await page.keyboard.press("Control+d")
    await terminal.state("ended")
    # An Enter right after the end is taken for a late answer: one of these comes later.
    while await page.evaluate("theConsole().state") == "ended":
        await page.keyboard.press("Enter")
    await terminal.state("loading")


async def test_the_theme_is_chosen_kept_and_applied(open_page: OpenPage) -> None:
    terminal = await console_page(open_page, "jspi", color_scheme="light")
    page = terminal.page
    background = "theConsole().terminal.options.theme.background"
    header = "getComputedStyle(document.documentElement).backgroundColor"
    light = [await page.evaluate(background), await page.evaluate(header)]
    assert await page.get_attribute("#theme", "aria-label") == "Theme: Auto"
    await page.click("#theme")
    await page.click("#theme")
    assert await page.get_attribute("#theme", "aria-label") == "Theme: Dark"
    dark = [await page.evaluate(background), await page.evaluate(header)]
    assert light[0] != dark[0] and light[1] != dark[1]
    await page.reload()
    await terminal.ready("jspi")
    assert [await page.evaluate(background), await page.evaluate(header)] == dark
    await page.click("#theme")  # auto again
    assert [await page.evaluate(background), await page.evaluate(header)] == light
    await page.emulate_media(color_scheme="dark")
    await page.wait_for_function(f"{background} === '{dark[0]}'", timeout=STEP_MS)
    assert await page.evaluate(header) == dark[1]


async def test_a_browser_that_keeps_nothing_is_fine(open_page: OpenPage) -> None:
    page = await open_page(
        "/dist/console.html?core=jspi&theme=dark",
        HELPERS + script_text("no_storage.js"),
    )
    terminal = Terminal(page)
    await terminal.ready("jspi")
    assert await page.get_attribute("#theme", "aria-label") == "Theme: Dark"
    await page.click("#theme")
    assert await page.get_attribute("#theme", "aria-label") == "Theme: Auto"


@pytest.mark.parametrize(
    ("look", "grounds"), [("light", {"white", "brightWhite"}), ("dark", {"black"})]
)
async def test_colours_have_contrast(open_page: OpenPage, look: str, grounds: set[str]) -> None:
    terminal = await console_page(open_page, "jspi", f"&theme={look}")
    page = terminal.page
    ratios = await call(page, SCRIPTS.contrasts_of_the_theme)
    assert len(ratios) == 18
    weak = {name: ratio for name, ratio in ratios.items() if ratio < 4.5}
    assert set(weak) == grounds, weak  # these are backgrounds; as text the terminal lifts them:
    assert await page.evaluate("theConsole().terminal.options.minimumContrastRatio") == 4.5
    around = await contrasts(page, "h1", "#status", "#restart", "#add", "#theme")
    assert min(around.values()) >= 4.5, around


async def test_every_control_has_a_name(open_page: OpenPage) -> None:
    page = await open_page(
        "/dist/console.html?core=jspi", HELPERS, has_touch=True, is_mobile=True,
        viewport={"width": 390, "height": 700},
    )  # fmt: skip
    await Terminal(page).ready("jspi")
    for name in ("Stop", "Restart", "Add file", "Theme: Auto"):
        assert await page.get_by_role("button", name=name, exact=True).count() == 1
    for name in ("Escape", "Tab", "Control, for the next key", "Arrow up", "Arrow left"):
        assert await page.get_by_role("button", name=name, exact=True).count() == 1
    field = page.get_by_role("textbox", name="Terminal input. Shift+Tab leaves the terminal.")
    assert await field.count() == 1


async def test_a_phone(open_page: OpenPage, core: str) -> None:
    terminal = await console_page(
        open_page, core, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True
    )
    page = terminal.page
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    assert await page.evaluate("document.documentElement.scrollHeight") <= 640
    assert await page.evaluate("theConsole().terminal.options.fontSize") == 16
    for selector in ("#stop", "#restart", "#add", "#theme", "[data-key=Escape]"):
        box = await page.locator(selector).bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360
        assert min(box["width"], box["height"]) >= 40
    await terminal.run("'by' + ' finger'")
    await page.tap("[data-key=ArrowUp]")
    await page.wait_for_function(
        "screenText().split('\\n').at(-1).includes('finger')", timeout=STEP_MS
    )
    # The keyboard has not gone away.
    assert await page.evaluate("document.activeElement.tagName") == "SOSPESO-CONSOLE"
    await page.tap("[data-key=Control]")
    assert await page.get_attribute("[data-key=Control]", "aria-pressed") == "true"
    await page.keyboard.type("c")
    await terminal.prompt()
    assert await page.get_attribute("[data-key=Control]", "aria-pressed") == "false"
    # The on-screen keyboard takes half of the window: the prompt and the keys stay in sight.
    await call(page, SCRIPTS.open_the_keyboard)
    await page.wait_for_function("theConsole().terminal.rows < 14", timeout=STEP_MS)
    box = await page.locator("[data-key=Tab]").bounding_box()
    assert box is not None and box["y"] + box["height"] <= 320


# The component in other pages

EMBED = """<!doctype html><link rel="icon" href="data:,"><title>embed</title>
<body>{element}<script type="module" src="/dist/console.mjs"></script></body>"""


async def answer(page: Page, pattern: str, body: str | bytes, kind: str) -> None:
    async def fulfill(route: Route) -> None:
        await route.fulfill(body=body, content_type=kind)

    await page.route(pattern, fulfill)


async def embed(
    open_page: OpenPage, element: str, files: dict[str, str | bytes] | None = None
) -> Terminal:
    """A page with one script tag and the element in it, at /lesson/."""
    page = await open_page("/blank", HELPERS)
    for name, source in (files or {}).items():
        await answer(page, f"**/{name}", source, "text/x-python")
    await answer(page, "**/lesson/", EMBED.replace("{element}", element), "text/html")
    await page.goto(page.url.replace("/blank", "/lesson/"))
    return Terminal(page)


async def core_of(terminal: Terminal) -> str:
    return str(await terminal.page.evaluate("theConsole().pyodide.then((p) => p.core.name)"))


async def test_a_script_is_embedded_with_one_tag(open_page: OpenPage, core: str) -> None:
    hello = (ROOT / "examples/embed/hello.py").read_text(encoding="utf-8")
    terminal = await embed(
        open_page, f'<sospeso-console src="hello.py" core="{core}"></sospeso-console>',
        {"hello.py": hello},
    )  # fmt: skip
    await terminal.state("waiting", timeout=LOAD_MS)
    assert await core_of(terminal) == core
    await terminal.enter("Ada")
    await terminal.state("ended")
    text = await terminal.text()
    assert "Ada" in text and text.endswith("hello.py ended. Enter starts it again.")


async def test_a_script_within_the_element_and_the_prompt_after_it(
    open_page: OpenPage, core: str
) -> None:
    terminal = await embed(
        open_page,
        f"""<sospeso-console core="{core}" interactive>
          <script type="text/python">
            import sys
            def shout(text):
                return text.upper() + "!"
            print(__name__, sys.argv, 1 < 2)
          </script>
        </sospeso-console>""",
    )
    await terminal.ready(core)
    text = await terminal.text()
    assert text.startswith("__main__ ['script.py'] True\n")
    assert "script.py ended\n" in text
    assert "'HEY!'" in await terminal.run("shout('hey')")


async def test_how_a_script_ended_is_said(open_page: OpenPage, core: str) -> None:
    terminal = await embed(
        open_page, f'<sospeso-console manual src="a.py" core="{core}"></sospeso-console>',
        {
            "a.py": "print('no newline', end='')\nundefined",
            "b.py": "import sys; sys.exit(3)",
            "c.py": "import time; print('asleep'); time.sleep(60)",
        },
    )  # fmt: skip
    page = terminal.page
    assert await page.evaluate("theConsole().state") == "idle"
    assert await page.evaluate("theConsole().pyodide === undefined")
    await page.evaluate("theConsole().start()")
    await terminal.state("ended", timeout=LOAD_MS)
    assert await core_of(terminal) == core
    text = await terminal.text()
    assert text.startswith('no newline\nTraceback (most recent call last):\n  File "a.py", line 2')
    assert "NameError: name 'undefined' is not defined\na.py ended with NameError. " in text
    await page.evaluate("(theConsole().setAttribute('src', 'b.py'), theConsole().restart())")
    await terminal.state("ended", timeout=LOAD_MS)
    assert (await terminal.text()).startswith("b.py exited with status 3.")
    await page.evaluate("(theConsole().setAttribute('src', 'c.py'), theConsole().restart())")
    await terminal.state("running", timeout=LOAD_MS)
    await terminal.page.wait_for_function("screenText().includes('asleep')", timeout=STEP_MS)
    await page.evaluate("theConsole().stop()")
    await terminal.state("ended")
    text = await terminal.text()
    assert "KeyboardInterrupt" in text and "c.py was interrupted." in text


async def test_events_tell_what_happens(open_page: OpenPage, core: str) -> None:
    page = await open_page("/blank", HELPERS + EVENTS)
    terminal = Terminal(page)
    await call(page, SCRIPTS.add_a_console_that_asks, core)
    await terminal.state("waiting", timeout=LOAD_MS)
    await terminal.enter("four")
    await terminal.state("ended")
    seen = await page.evaluate("seen")
    assert seen[:4] == ["state loading", "state running", f"ready {core}", "state waiting"]
    assert seen[-1] == "state ended"


@pytest.mark.parametrize(
    ("element", "headline", "cause"),
    [
        (
            '<sospeso-console src="missing.py"></sospeso-console>',
            "The script did not load.",
            ["missing.py: HTTP 404", "Check the attribute src"],
        ),
        (
            '<sospeso-console index-url="/nowhere/"></sospeso-console>',
            "Python did not load.",
            ["/nowhere/sospeso.mjs: HTTP 404", "Check the attribute index-url"],
        ),
        (
            '<sospeso-console src="/lesson/"></sospeso-console>',
            "The script did not load.",
            ["is a page of HTML and no Python script"],
        ),
        (
            '<sospeso-console core="native"></sospeso-console>',
            "Python did not load.",
            ['option core is "auto", "jspi" or "asyncify", not "native"'],
        ),
        (
            '<sospeso-console index-url="/without/core.jspi.wasm/" core="jspi"></sospeso-console>',
            "Python did not load.",
            ["core.jspi.wasm: HTTP 404"],
        ),
    ],
    ids=["script", "runtime", "html", "core", "wasm"],
)
async def test_what_cannot_load_says_why(
    open_page: OpenPage, element: str, headline: str, cause: list[str]
) -> None:
    terminal = await embed(open_page, element)
    await terminal.page.wait_for_function("globalThis.theConsole", timeout=STEP_MS)
    await terminal.state("failed", timeout=LOAD_MS)
    await terminal.page.wait_for_function("screenText().includes('Enter')", timeout=STEP_MS)
    text = " ".join((await terminal.text()).split())
    assert text.startswith(headline)
    for words in cause:
        assert words in text
    colour = await terminal.page.evaluate(
        "theConsole().terminal.buffer.active.getLine(1).getCell(0).getFgColor()"
    )
    assert colour == 1  # red


async def test_packages_are_loaded_and_missing_ones_said(open_page: OpenPage, core: str) -> None:
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "answer = 42\n")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    terminal = await embed(
        open_page,
        f"""<sospeso-console core="{core}" packages="tiny-1.0-py3-none-any.whl
          gone-1.0-py3-none-any.whl">import tiny; print('got', tiny.answer)</sospeso-console>""",
        {"tiny-1.0-py3-none-any.whl": wheel.getvalue()},
    )
    await terminal.state("ended", timeout=LOAD_MS)
    assert await core_of(terminal) == core
    text = await terminal.text()
    assert text.startswith("Not all packages were loaded.\n")
    assert "gone-1.0-py3-none-any.whl: HTTP 404" in text and "got 42\n" in text
    await terminal.page.evaluate("theConsole().setAttribute('packages', 'unknown')")
    await terminal.page.evaluate("theConsole().restart()")
    await terminal.state("loading")
    await terminal.state("ended", timeout=LOAD_MS)
    text = await terminal.text()
    assert "No known package with name 'unknown'" in text and "ModuleNotFoundError" in text


async def test_a_failure_is_an_event_and_a_rejection(open_page: OpenPage) -> None:
    page = await open_page("/blank", HELPERS + EVENTS)
    await call(page, SCRIPTS.add_a_console_that_cannot_load)
    await Terminal(page).state("failed")
    seen = await page.evaluate("seen")
    assert seen[:2] == ["state loading", "state failed"]
    assert seen[2].startswith("error cannot load http") and "HTTP 404" in seen[2]
    message = await page.evaluate("theConsole().pyodide.catch((error) => error.name)")
    assert message == "ConsoleError"


async def test_out_of_the_document_everything_is_let_go(open_page: OpenPage, core: str) -> None:
    terminal = await embed(open_page, f'<sospeso-console core="{core}"></sospeso-console>')
    await terminal.ready(core)
    page = terminal.page
    gone = await call(page, SCRIPTS.remove_the_console)
    assert "destroyed" in gone[0] and gone[1:] == ["idle", True, True, 0]
    await page.evaluate("document.body.append(element)")
    await terminal.ready(core)
    assert "\n42\n" in await terminal.run("6 * 7")
    # While it loads, too.
    await page.evaluate("element.restart()")
    await terminal.state("loading")
    assert await call(page, SCRIPTS.remove_while_it_loads) == [
        "the console was stopped while it loaded",
        "idle",
    ]


async def test_two_consoles_and_no_new_globals(open_page: OpenPage, core: str) -> None:
    page = await open_page("/blank", HELPERS + "globalThis.before = Object.keys(globalThis);")
    await call(page, SCRIPTS.add_two_consoles, core)
    await page.wait_for_function(
        "[...document.querySelectorAll('sospeso-console')].every((c) => c.state === 'ended')",
        timeout=LOAD_MS,
    )
    texts, added, cores = await call(page, SCRIPTS.look_at_all_consoles)
    assert texts[0].startswith("I am 1\n") and texts[1].startswith("I am 2\n")
    assert [name for name in added if name != "before"] == []
    assert cores == [core, core]


async def test_look_attributes_apply_at_once(open_page: OpenPage) -> None:
    terminal = await embed(open_page, '<sospeso-console manual theme="light"></sospeso-console>')
    page = terminal.page
    await page.wait_for_function("theConsole()?.terminal", timeout=STEP_MS)
    options = "(({theme, fontSize}) => [theme.background, fontSize])(theConsole().terminal.options)"
    light = await page.evaluate(options)
    assert light[1] == 14
    await page.evaluate("theConsole().setAttribute('theme', 'dark')")
    await page.evaluate("theConsole().setAttribute('font-size', '20')")
    dark = await page.evaluate(options)
    assert dark[0] != light[0] and dark[1] == 20
    assert json.dumps(await page.evaluate("theConsole().state")) == '"idle"'
