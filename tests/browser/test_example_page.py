"""The example page (examples/web) used as a person would: type, run, answer, stop, look.

One page per core lives through all of these tests, as a page in real use does; each test leaves it
idle.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.programs import Program, programs, scripts

from .conftest import CORES, TIMEOUT_MS, OpenPage, Site, call

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

STATE = "document.querySelector('#state').dataset.state"
FIELD = "#output .field"


async def contrasts(page: Page, *selectors: str) -> dict[str, float]:
    """The contrast ratio of WCAG 2 for elements whose colours are opaque."""
    return dict(await call(page, SCRIPTS.contrasts, selectors))


class Example:
    """The page and what one does with it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.set_default_timeout(TIMEOUT_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def start(self, source: str | Program) -> None:
        await self.page.fill("#source", str(source))
        await self.page.click("#run")

    async def idle(self) -> None:
        await self.page.wait_for_function(f"!['loading', 'running'].includes({STATE})")

    async def run(self, source: str | Program) -> str:
        """Run to the end; the whole output."""
        await self.start(source)
        await self.idle()
        return await self.output()

    async def output(self) -> str:
        """The text of the output as it is in the page."""
        return str(await self.page.evaluate("document.querySelector('#output').textContent"))

    async def state(self) -> str:
        return await self.page.inner_text("#state")

    async def printed(self, text: str) -> None:
        await self.page.locator("#output").get_by_text(text).wait_for()

    async def answer(self, text: str) -> None:
        await self.page.locator(FIELD).fill(text)
        await self.page.keyboard.press("Enter")

    async def frames(self) -> int:
        return int(await self.page.evaluate("document.querySelector('#pulse').dataset.frames"))

    async def is_alive(self) -> None:
        """The page's JavaScript turns the sign of life."""
        before = await self.frames()
        await self.page.wait_for_function(
            f"Number(document.querySelector('#pulse').dataset.frames) >= {before + 5}"
        )


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=CORES)
async def shared(request: Any, browser: Browser, site: Site) -> AsyncIterator[Example]:
    """One page for a core, loaded."""
    context = await browser.new_context(color_scheme="light")
    example = Example(await context.new_page())
    await example.page.goto(f"{site.url}/?core={request.param}")
    await example.idle()
    assert await example.page.get_attribute("#core", "data-core") == request.param
    yield example
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def example(shared: Example) -> AsyncIterator[Example]:
    """The page, idle; afterwards there was no error in it, and it is idle again."""
    yield shared
    try:
        assert not shared.errors, f"unhandled in the page: {shared.errors}"
        await shared.idle()
    except BaseException:
        await shared.page.reload()  # this test's failure is not the next one's
        await shared.idle()
        raise
    finally:
        shared.errors.clear()


async def test_status_says_which_core_runs_and_why(example: Example) -> None:
    text = await example.page.inner_text("#core")
    assert re.fullmatch(r"Core (jspi|asyncify): asked for; this engine has JSPI.*", text)
    assert re.fullmatch(r"loaded in \d+\.\d+ s", await example.page.inner_text("#load-time"))


async def test_a_program_runs_and_the_status_says_so(example: Example) -> None:
    assert await example.run("print('hello', 6 * 7)") == "hello 42\n"
    assert await example.state() == "Finished"
    assert re.fullmatch(r"\d+\.\d+ s", await example.page.inner_text("#elapsed"))


async def test_text_without_a_newline_at_the_end_is_shown(example: Example) -> None:
    assert await example.run("print('no newline', end='')") == "no newline"


async def test_input_opens_a_field_after_the_prompt_and_echoes_the_answer(
    example: Example,
) -> None:
    await example.start("name = input('Who? ')\nprint('Hello', name)")
    field = example.page.locator(FIELD)
    await field.wait_for()
    assert await example.output() == "Who? "
    assert await example.page.evaluate(f"document.activeElement.matches('{FIELD}')")
    assert await field.get_attribute("aria-label") == "Input: Who?"
    assert await example.state() == "Waiting for input"
    await example.answer("Ada")
    await example.idle()
    assert await example.output() == "Who? Ada\nHello Ada\n"
    assert await field.count() == 0


async def test_the_field_continues_the_line_of_the_prompt(example: Example) -> None:
    await example.start("input('Who? ')")
    field = await example.page.locator(FIELD).bounding_box()
    prompt = await example.page.locator("#output .out").bounding_box()
    assert field is not None and prompt is not None
    middle = field["y"] + field["height"] / 2
    assert prompt["y"] <= middle <= prompt["y"] + prompt["height"]
    assert field["x"] >= prompt["x"] + prompt["width"] - 1
    await example.answer("")


async def test_end_of_input_is_an_eof_error(example: Example) -> None:
    await example.start("input('> ')")
    await example.page.locator(FIELD).press("Control+d")
    await example.idle()
    assert "EOFError" in await example.output()


async def test_output_of_a_thread_goes_before_an_open_field(example: Example) -> None:
    await example.start(
        "import threading\nthreading.Timer(0.05, print, ['from a thread']).start()\ninput('> ')"
    )
    await example.printed("from a thread")
    last = await example.page.evaluate(
        "document.querySelector('#output').lastChild.lastChild.className"
    )
    assert last == "field"
    await example.answer("x")


@pytest.mark.parametrize(
    "waiting",
    [
        "import time; time.sleep(60)",
        "input('> ')",
        "sorted([2, 1], key=input)",
        "import threading; threading.Event().wait()",
    ],
    ids=["sleep", "input", "sort key", "event"],
)
async def test_the_page_lives_while_python_waits(example: Example, waiting: str) -> None:
    await example.start(f"print('before')\n{waiting}")
    await example.printed("before")
    await example.is_alive()
    assert await example.page.evaluate(STATE) == "running"
    await example.page.click("#stop")


@pytest.mark.parametrize(
    "program",
    [
        "print('ready')\nimport time; time.sleep(60)",
        "print('ready')\ninput('> ')",
        PROGRAMS.read_slowly,
        "print('ready')\nsorted([3, 2, 1], key=lambda _: time.sleep(60))",
        "print('ready')\nimport queue; queue.Queue().get()",
        "print('ready')\nwhile True: pass",
        "while True: print('ready')",  # the pane forgets its oldest lines
        "import asyncio\nprint('ready')\nawait asyncio.sleep(60)",
    ],
    ids=["sleep", "input", "urllib", "sort key", "queue", "loop", "printing loop", "await"],
)
async def test_stop_interrupts_and_the_page_runs_again(
    example: Example, site: Site, program: str | Program
) -> None:
    if isinstance(program, Program):
        program = program.called(f"{site.url}/slow")
    await example.start("import time\n" + program)
    await example.page.locator("#output").get_by_text("ready").first.wait_for()
    await example.page.click("#stop")
    await example.idle()
    assert "KeyboardInterrupt" in await example.output()
    assert await example.state() == "Stopped"
    assert await example.page.locator(FIELD).count() == 0
    assert await example.run("import time; time.sleep(0.01); print('fine')") == "fine\n"


async def test_stopping_a_read_closes_the_connection(example: Example, site: Site) -> None:
    site.disconnected.clear()
    await example.start(PROGRAMS.read_slowly.called(f"{site.url}/slow"))
    await example.printed("ready")
    await example.page.click("#stop")
    await example.idle()
    # The traceback kept in sys.last_exc holds the response; the next program's end replaces it.
    await example.run(
        "import gc, sys\nsys.last_exc = sys.last_value = sys.last_traceback = None\ngc.collect()"
    )
    await site.disconnected.wait()


async def test_control_c_in_the_field_interrupts(example: Example) -> None:
    await example.start("input('> ')")
    await example.page.locator(FIELD).press("Control+c")
    await example.idle()
    assert "KeyboardInterrupt" in await example.output()


async def test_a_program_that_catches_the_interrupt_can_ask_again(example: Example) -> None:
    await example.start(PROGRAMS.ask_again_after_an_interrupt)
    await example.page.locator(FIELD).wait_for()
    await example.page.click("#stop")
    await example.printed("second")
    await example.answer("x")
    await example.idle()
    assert (await example.output()).endswith("got x\n")


async def test_what_was_typed_for_one_program_is_not_read_by_the_next(example: Example) -> None:
    await example.start("input('> ')")
    await example.page.locator(FIELD).fill("left over")
    await example.page.click("#stop")
    await example.idle()
    await example.start("print(repr(input('> ')))")
    await example.answer("new")
    await example.idle()
    assert (await example.output()).endswith("'new'\n")


async def test_buttons_are_enabled_when_they_can_do_something(example: Example) -> None:
    page = example.page
    assert await page.is_enabled("#run") and await page.is_disabled("#stop")
    await example.start("input('> ')")
    await page.locator(FIELD).wait_for()
    assert await page.is_disabled("#run") and await page.is_enabled("#stop")
    await example.answer("x")
    await example.idle()
    assert await page.is_enabled("#run") and await page.is_disabled("#stop")


async def test_stderr_and_tracebacks_have_a_colour_of_their_own(example: Example) -> None:
    output = await example.run(PROGRAMS.print_to_both_streams_and_raise)
    assert output.startswith("out\nerr\ntail")
    assert "ZeroDivisionError: division by zero" in output
    assert 'File "program.py", line 5, in <module>\n    1 / 0\n' in output
    assert await example.state() == "Ended with ZeroDivisionError"
    colours = await call(example.page, SCRIPTS.colours_of_the_streams)
    assert colours[0] != colours[1]
    # Not inner_text(): a block that was not painted yet (content-visibility) has none.
    assert "err" in str(await example.page.locator("#output .err").first.text_content())


async def test_exit_shows_its_status(example: Example) -> None:
    assert await example.run("import sys\nprint('bye')\nsys.exit(3)") == "bye\n"
    assert await example.state() == "Exited with status 3"


async def test_each_run_has_names_of_its_own(example: Example) -> None:
    await example.run("secret = 1")
    assert "NameError" in await example.run("print(__name__)\nsecret")
    assert (await example.output()).startswith("__main__\n")


async def test_a_very_long_output_is_cut_at_its_beginning(example: Example) -> None:
    output = await example.run("for n in range(60_000): print('line', n)")
    assert output.endswith("line 59999\n")
    first = int(output.split("\n")[1].split()[1])
    numbers = [int(line.split()[1]) for line in output.splitlines()[1:]]
    assert numbers == list(range(first, 60_000))
    assert 100_000 < len(output) < 400_000


async def test_a_line_without_end_is_cut_too(example: Example) -> None:
    output = await example.run("for n in range(50_000): print('0123456789', end='')\nprint('end')")
    assert output.endswith("789end\n")
    assert 100_000 < len(output) < 400_000


async def test_markup_in_the_output_is_text(example: Example) -> None:
    assert await example.run("print('<b>bold</b> & π')") == "<b>bold</b> & π\n"


@pytest.mark.parametrize(
    ("program", "last"),
    [
        ("countdown", "Lift-off."),
        ("fetch", "HTTP Error 404: Not Found"),
        ("threads", "Closed."),
        ("traceback", "ValueError: 90 is more than the 70 there is"),
    ],
)
async def test_the_example_programs_end_as_they_should(
    example: Example, program: str, last: str
) -> None:
    await example.page.select_option("#programs", program)
    await example.page.click("#run")
    await example.idle()
    assert (await example.output()).rstrip().endswith(last)


async def test_the_number_can_be_guessed(example: Example) -> None:
    await example.page.select_option("#programs", "guess")
    await example.page.click("#run")
    low, high = 1, 100
    for tries in range(1, 8):
        guess = (low + high) // 2
        await example.answer(str(guess))
        await example.page.wait_for_function(
            f"document.querySelector('#output').textContent.match(/Too|Yes/g)?.length === {tries}"
        )
        output = await example.output()
        if "Yes!" in output:
            break
        if re.findall(r"Too (\w+)", output)[-1] == "low":
            low = guess + 1
        else:
            high = guess - 1
    await example.idle()
    assert f"Yes! You needed {tries} tries." in await example.output()


async def test_a_person_can_be_the_sort_key(example: Example) -> None:
    await example.page.select_option("#programs", "sort")
    await example.page.click("#run")
    for prompt, points in (("Ladri", "3"), ("La dolce", "9"), ("Il postino", "5")):
        await example.printed(prompt)
        await example.answer(points)
    await example.idle()
    places = re.findall(r"\d\. (.*)", await example.output())
    assert places == ["La dolce vita", "Il postino", "Ladri di biciclette"]


async def test_the_editor_indents_and_the_keyboard_can_leave_it(example: Example) -> None:
    page, source = example.page, example.page.locator("#source")
    lines = page.locator("#source .cm-line")
    await source.fill("")
    await source.press_sequentially("if True:\nprint(1)\nprint(2)")
    assert await lines.all_inner_texts() == ["if True:", "    print(1)", "    print(2)"]
    await page.keyboard.press("Shift+Tab")
    assert await lines.all_inner_texts() == ["if True:", "    print(1)", "print(2)"]
    await page.keyboard.press("Tab")
    assert await lines.all_inner_texts() == ["if True:", "    print(1)", "    print(2)"]
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Tab")
    indented = ["    if True:", "        print(1)", "        print(2)"]
    assert await lines.all_inner_texts() == indented
    await page.keyboard.press("Control+z")
    assert await lines.all_inner_texts() == ["if True:", "    print(1)", "    print(2)"]
    assert await page.locator(".cm-lineNumbers").inner_text() == "1\n2\n3"
    await page.keyboard.press("Escape")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") != "source"


async def test_control_enter_runs(example: Example) -> None:
    await example.page.fill("#source", "print('by key')")
    await example.page.press("#source", "Control+Enter")
    await example.printed("by key")
    await example.idle()


async def test_clear_empties_the_output(example: Example) -> None:
    await example.run("print('something')")
    await example.page.click("#clear")
    assert await example.output() == ""


async def test_the_page_picks_a_core_by_itself(open_page: OpenPage) -> None:
    page = await open_page("/", script="delete WebAssembly.Suspending;")
    example = Example(page)
    await example.idle()
    text = await page.inner_text("#core")
    assert text == "Core asyncify: this engine has no WebAssembly.Suspending and promising"
    assert await example.run("import time; time.sleep(0.01); print('ran')") == "ran\n"


@pytest.mark.parametrize(
    ("blocked", "reason"),
    [("**/core.jspi.wasm", "core.jspi.wasm: HTTP 404"), ("**/sospeso.mjs", "sospeso.mjs")],
)
async def test_the_page_shows_why_python_did_not_load(
    browser: Browser, site: Site, blocked: str, reason: str
) -> None:
    page = await browser.new_page()
    await page.route(blocked, lambda route: route.fulfill(status=404))
    await page.goto(site.url)
    example = Example(page)
    await example.idle()
    assert await example.state() == "Python did not load"
    assert reason in await example.output()
    assert await page.is_disabled("#run")
    await page.close()


async def test_a_core_that_does_not_exist_is_an_error_in_the_page(open_page: OpenPage) -> None:
    example = Example(await open_page("/?core=native"))
    await example.idle()
    assert '"native"' in await example.output()


@pytest.mark.parametrize("look", ["light", "dark"])
async def test_a_phone_needs_no_sideways_scrolling_and_text_has_contrast(
    open_page: OpenPage, look: str
) -> None:
    page = await open_page("/", color_scheme=look, viewport={"width": 360, "height": 640})
    example = Example(page)
    await example.idle()
    await example.run("import sys; print('x\\n' * 99, 'x' * 400); print('err', file=sys.stderr)")
    assert await page.evaluate("document.documentElement.scrollHeight") == 640
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    for button in ("#run", "#stop", "#programs"):
        box = await page.locator(button).bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360
    ratios = await contrasts(page, "header p", "#core", "#output .out", ".err", "#run")
    assert min(ratios.values()) >= 4.5, ratios
