"""A terminal of JavaScript as Python's terminal: line discipline, termios, signals, the REPL.

The terminal is a small fake with what xterm.js has: keys are typed into it and what it was told to
draw is kept. What is expected is what Linux does on a pseudo-terminal.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
import pytest_asyncio

from tests.programs import Program, programs, scripts
from tests.runtime.conftest import Runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)
pytestmark = pytest.mark.timeout(60)


class Terminal:
    """The fake and the runtime behind it."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.running: asyncio.Task[Any] | None = None

    async def start(self, code: str | Program) -> None:
        """Begin a program; result() gives what becomes of it."""
        self.running = asyncio.create_task(self.runtime.run_async(code))

    async def result(self) -> Any:
        assert self.running is not None
        result = await asyncio.wait_for(self.running, 20)
        assert result.error is None, result.error
        return result.value

    async def error(self) -> str:
        assert self.running is not None
        result = await asyncio.wait_for(self.running, 20)
        return str(result.error_type)

    async def type(self, text: str) -> None:
        await self.runtime.js(SCRIPTS.type_keys, text)

    async def drawn(self) -> str:
        """All that was drawn."""
        return str(await self.runtime.js("return session.term.screen"))

    async def screen(self) -> str:
        """All that was drawn, and what is on its way there: for ever if the terminal is held."""
        await self.runtime.js("await session.attached.drained()")
        return await self.drawn()

    async def waits(self) -> None:
        """Wait until Python waits."""
        await self.runtime.js("await until(() => pyodide.stats().waiting > 0)")

    async def stands_still(self) -> None:
        """Wait until print_much() prints no more."""
        await self.runtime.js(SCRIPTS.stand_still)

    async def shows(self, text: str) -> str:
        """Wait until the text was drawn; all that was, without escape sequences and returns."""
        for _ in range(1000):
            plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r", "", await self.screen())
            if text in plain:
                return plain
            if self.running is not None and self.running.done():
                error = self.running.result().error
                assert error is None, f"ended without {text!r}: {plain!r}\n{error}"
            await asyncio.sleep(0.01)
        raise AssertionError(f"no {text!r} in {plain!r}")


@pytest_asyncio.fixture
async def terminal(runtime: Runtime) -> Any:
    await runtime.js(SCRIPTS.attach_a_fake, f"{runtime.host.dist}/terminal.mjs")
    made = Terminal(runtime)
    yield made
    await runtime.js("session.attached.dispose(); session.attached.dispose();")
    if made.running is not None and not made.running.done():
        # A failed test left it: its input is at an end, or it would read this driver's commands.
        await runtime.js("pyodide.setStdin({ stdin: () => null }); pyodide.interrupt();")
    left = await runtime.js("return [...Object.values(session.listeners)].map((all) => all.size)")
    assert left == [0, 0], "the terminal still has listeners"


async def test_a_typed_line_is_echoed_and_read(terminal: Terminal) -> None:
    await terminal.start("input('name? ')")
    await terminal.shows("name? ")
    await terminal.type("Anna\r")
    assert await terminal.result() == "Anna"
    assert await terminal.screen() == "name? Anna\r\n"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ab\x7fc\r", "ac"),
        ("one two\x17three\r", "one three"),
        ("all wrong\x15right\r", "right"),
        ("grün\x7f\x7fün\r", "grün"),
        ("lit\x16\x03eral\r", "lit\x03eral"),
    ],
)
async def test_the_line_discipline_edits(terminal: Terminal, typed: str, read: str) -> None:
    await terminal.start("input()")
    await terminal.type(typed)
    assert await terminal.result() == read


async def test_one_read_gives_one_line(terminal: Terminal) -> None:
    """Lines that were typed ahead stay apart, as in the kernel's line discipline."""
    await terminal.type("first\rsecond\r")
    await terminal.start("import os\nrepr([os.read(0, 100), os.read(0, 3), os.read(0, 100)])")
    assert await terminal.result() == r"[b'first\n', b'sec', b'ond\n']"


async def test_ctrl_d_ends_input_once(terminal: Terminal) -> None:
    await terminal.type("rest\x04\x04after\r")
    await terminal.start("import os\nrepr([os.read(0, 9) for _ in range(3)])")
    assert await terminal.result() == r"[b'rest', b'', b'after\n']"
    await terminal.start("input()")
    await terminal.type("\x04")
    assert await terminal.error() == "EOFError"


@pytest.mark.parametrize(
    "wait",
    [
        "input()",
        "import time; time.sleep(60)",
        "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
        "import asyncio; await asyncio.sleep(60)",
        "import queue; queue.Queue().get()",
        "while True: pass",
    ],
)
async def test_ctrl_c_interrupts(terminal: Terminal, wait: str) -> None:
    await terminal.start(f"print('on it')\n{wait}")
    await terminal.shows("on it")
    await terminal.type("\x03")
    assert await terminal.error() == "KeyboardInterrupt"
    assert "^C" in await terminal.screen()


async def test_ctrl_c_throws_away_what_was_typed(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.ask_again_after_an_interrupt)
    await terminal.shows("first? ")
    await terminal.type("half a li\x03")
    await terminal.shows("again? ")
    await terminal.type("whole\r")
    assert await terminal.result() == "whole"


async def test_the_streams_are_terminals(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.ask_for_the_terminal)
    assert await terminal.result() == "[True, True, True, True, (80, 24)]"


async def test_a_new_size_is_a_signal(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.handle_a_new_size)
    await terminal.shows("ready")
    await terminal.runtime.js("session.term.resize(100, 40)")
    assert await terminal.result() == "[(100, 40)]"


async def test_a_new_size_disturbs_nobody(terminal: Terminal) -> None:
    """SIGWINCH without a handler: what waits goes on waiting."""
    await terminal.start(PROGRAMS.sleep_and_ask)
    await terminal.shows("asleep")
    await terminal.waits()
    await terminal.runtime.js("session.term.resize(100, 40)")
    await terminal.shows("awake? ")
    await terminal.waits()
    await terminal.runtime.js("session.term.resize(90, 40)")
    await terminal.type("x\r")
    assert await terminal.result() == "x"


async def test_a_program_is_in_the_foreground_of_its_terminal(terminal: Terminal) -> None:
    """tcgetpgrp() gave 0, and tcdrain() raised."""
    await terminal.start(PROGRAMS.ask_for_the_foreground)
    assert await terminal.result() == (
        "[True, None, None, None, None, "
        "'Operation not permitted', 'Bad file descriptor', 'Not a tty']"
    )


async def test_getpass_shows_nothing(terminal: Terminal) -> None:
    await terminal.start("import getpass\ngetpass.getpass('key: ')")
    await terminal.shows("key: ")
    await terminal.type("secret\r")
    assert await terminal.result() == "secret"
    assert "secret" not in await terminal.screen()
    await terminal.start("input()")
    await terminal.type("seen\r")
    assert await terminal.result() == "seen"
    assert "seen" in await terminal.screen()


async def test_raw_mode_gives_single_keys(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.read_single_keys)
    await terminal.shows("raw")
    await terminal.type("a\x03\x1b")
    assert await terminal.result() == r"[[b'a', b'\x03', b'\x1b'], True]"
    assert "raw\n" in await terminal.screen(), "output is not processed in raw mode"


async def test_a_read_that_need_not_wait_does_not(terminal: Terminal) -> None:
    """VMIN 0: VTIME 0 polls, VTIME 1 waits for a tenth of a second."""
    await terminal.start(PROGRAMS.read_without_waiting)
    assert await terminal.result() == "[b'', b'', True]"


async def test_a_raw_read_waits_for_as_many_keys_as_it_was_told(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.read_three_raw_keys)
    await terminal.shows("ready")
    for key in "abcde":
        await terminal.type(key)
    assert await terminal.result() == "[b'abc', b'de']", "a short buffer is full earlier"


async def test_a_pause_ends_a_raw_read_that_has_begun(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.read_raw_keys_until_a_pause)
    await terminal.shows("ready")
    await terminal.type("ab")
    await terminal.shows("again")
    for key in "cde":
        await terminal.type(key)
    assert await terminal.result() == "[b'ab', b'cde']"


async def test_a_poll_waits_for_as_many_keys_as_a_raw_read(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.poll_for_three_raw_keys)
    await terminal.shows("ready")
    for key in "abc":
        await terminal.type(key)
    assert await terminal.result() == "[[], [0], b'abc']"


async def test_changed_settings_reach_a_read_that_waits(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.read_nine_raw_keys)
    await terminal.shows("ready")
    await terminal.type("ab")
    await terminal.shows("ab")
    assert (await terminal.runtime.run_async("_make_raw(1, 0)")).error is None
    assert await terminal.result() == "b'ab'"


async def test_the_beginning_of_a_line_is_keys_in_raw_mode(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.read_a_raw_key)
    await terminal.shows("ready")
    await terminal.type("ab")
    await terminal.shows("ab")
    assert (await terminal.runtime.run_async("_make_raw(1, 0)")).error is None
    assert await terminal.result() == "b'ab'"


@pytest.mark.parametrize(
    "how", ["tcflush(0, termios.TCIFLUSH)", "tcsetattr(0, termios.TCSAFLUSH, before)"]
)
async def test_flushing_drops_the_beginning_of_a_line(terminal: Terminal, how: str) -> None:
    await terminal.start(PROGRAMS.read_a_line)
    await terminal.shows("ready")
    await terminal.type("half a li")
    await terminal.shows("half a li")
    assert (await terminal.runtime.run_async(f"termios.{how}")).error is None
    await terminal.type("whole\r")
    assert await terminal.result() == "whole"


async def test_flushing_drops_what_was_typed(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.flush_a_typed_line)
    await terminal.shows("type")
    await terminal.type("typed\r")
    await terminal.shows("flushed")
    await terminal.type("more\r")
    assert await terminal.result() == "[6, [], 'more']"


async def test_ctrl_c_drops_what_a_poll_had_fetched(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.poll_before_and_after_an_interrupt)
    await terminal.type("abc\r")
    await terminal.shows("ready")
    await terminal.type("\x03")
    assert await terminal.result() == "[]"


async def test_a_read_that_may_be_empty_is_not_ready_by_that(terminal: Terminal) -> None:
    """And a poll without a limit hears of the key that makes it so."""
    await terminal.start(PROGRAMS.poll_for_a_read_that_may_be_empty)
    await terminal.shows("ready")
    await terminal.type("k")
    assert await terminal.result() == "[[], [0], b'k']"


async def test_an_end_of_file_of_cooked_mode_is_none_in_raw_mode(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.go_raw_after_a_key)
    await terminal.shows("cooked")
    await terminal.type("\x04")
    assert (await terminal.runtime.run("typed = True")).error is None
    await terminal.shows("raw")
    await terminal.type("k")
    await terminal.result()
    assert terminal.running is not None
    assert terminal.running.result().value == {"proxy": "bytes", "text": "b'k'"}


async def test_a_writer_that_waits_goes_on_when_the_terminal_is_let_go(terminal: Terminal) -> None:
    await terminal.type("\x13")
    await terminal.start(PROGRAMS.print_much.called(3000))
    await terminal.stands_still()
    await terminal.runtime.js(
        "session.attached.dispose(); pyodide.setStdout({ batched: () => undefined });"
    )
    assert await terminal.result() == "done"


async def test_select_waits_for_a_line(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.select_a_line)
    await terminal.shows("ready")
    await terminal.type("line\r")
    assert await terminal.result() == "[[], [0], 'line']"


async def test_ctrl_s_holds_output_until_ctrl_q(terminal: Terminal) -> None:
    await terminal.type("\x13")
    await terminal.start(PROGRAMS.print_much.called(2000))
    await terminal.stands_still()
    assert await terminal.drawn() == ""
    assert terminal.running is not None and not terminal.running.done()
    await terminal.type("\x11")
    assert await terminal.result() == "done"
    await terminal.shows("0123456789\n" * 2000)


async def test_a_slow_terminal_slows_the_program(terminal: Terminal) -> None:
    await terminal.runtime.js("session.term.slow = true")
    await terminal.start(PROGRAMS.print_much.called(30000))
    await terminal.stands_still()
    assert terminal.running is not None and not terminal.running.done()
    assert len(await terminal.drawn()) < 200_000, "the program is far ahead of the terminal"
    await terminal.runtime.js(
        "session.term.slow = false; for (const done of session.term.held.splice(0)) done();"
    )
    assert await terminal.result() == "done"
    await terminal.shows("0123456789\n" * 30000)


async def test_a_long_paste_arrives_whole(terminal: Terminal) -> None:
    lines = "".join(f"line {i} ä😀\r" for i in range(5000))
    await terminal.start("sum(len(input()) for _ in range(5000))")
    await terminal.type(lines)
    assert await terminal.result() == len(lines) - lines.count("\r")


async def test_input_at_a_terminal_can_be_edited_with_readline(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.edit_with_readline)
    await terminal.shows("> ")
    await terminal.type("bc\x1bOD\x1bODa\r")
    await terminal.type("\x1bOA\r")
    assert await terminal.result() == "abc|abc"


async def test_input_reads_what_stdin_was_replaced_with(terminal: Terminal) -> None:
    """readline's input() took the keyboard even when sys.stdin was something else."""
    await terminal.start(PROGRAMS.replace_stdin)
    assert await terminal.result() == "given"


async def test_readline_works_without_a_terminal(runtime: Runtime) -> None:
    """`python -m asyncio` with a pipe imports it and asks for the history."""
    value = await runtime.value(PROGRAMS.use_the_history)
    assert value == "[0, 'two', 'one\\ntwo\\ntwo\\n', '', 'readline']"


async def test_the_repl_reads_evaluates_and_prints(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.start_the_repl.called("xterm-256color"))
    await terminal.shows(">>> ")
    await terminal.type("6 * 7\r")
    await terminal.shows("\n42")
    await terminal.type("def f(n):\rreturn n + 1\r\r")
    await terminal.type("f(9)\r")
    await terminal.shows("\n10")
    await terminal.type("import asyncio\rawait asyncio.sleep(0.01, 'awaited')\r")
    await terminal.shows("'awaited'\n")
    await terminal.type("1 / 0\r")
    await terminal.shows("ZeroDivisionError: division by zero")
    await terminal.type("await asyncio.wait_for(asyncio.sleep(9), 0.01)\r")
    await terminal.shows("TimeoutError")
    await terminal.type("input('who? ')\r")
    await terminal.shows("\nwho? ")
    await terminal.type("me\r")
    await terminal.shows("'me'")
    await terminal.type("f(\x01\x1b[200~# pasted\n\x1b[201~\x05 50)\r")
    await terminal.shows("\n51")
    await terminal.type("\x1bOA\x7f + 1)\r")
    await terminal.shows("\n52")
    await terminal.type("exit(3)\r")
    assert await terminal.result() == 3


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("import time; print('on', 'it'); time.sleep(60)\r", "on it\n"),
        ("print('on', 'it'); exec('while True: pass')\r", "on it\n"),
        ("print('on', 'it'); input()\r", "on it\n"),
        ("half a li", "half a li"),
    ],
    ids=["sleep", "computation", "input", "half a line"],
)
async def test_ctrl_c_in_the_repl_gives_the_prompt_back(
    terminal: Terminal, typed: str, shown: str
) -> None:
    await terminal.start(PROGRAMS.start_the_repl.called("xterm-256color"))
    await terminal.shows(">>> ")
    await terminal.type(typed)
    await terminal.shows(shown)
    await terminal.waits()
    await terminal.type("\x03")
    await terminal.shows("KeyboardInterrupt")
    await terminal.type("'still ' + 'here'\r")
    await terminal.shows("'still here'\n>>> ")
    await terminal.type("\x04")
    assert await terminal.result() == 0


async def test_long_help_is_paged(terminal: Terminal) -> None:
    """It came all at once: CPython expects no terminal on this platform."""
    await terminal.start(PROGRAMS.show_long_help)
    await terminal.shows("-- more --")
    assert "zfill" not in await terminal.screen()
    await terminal.type(" ")
    await terminal.shows("__format__")
    await terminal.type("q")
    await terminal.shows("after? ")
    await terminal.type("cooked again\r")
    assert await terminal.result() == "cooked again"
    assert "zfill" not in await terminal.screen()


async def test_the_repl_makes_do_with_a_terminal_it_does_not_know(terminal: Terminal) -> None:
    await terminal.start(PROGRAMS.start_the_repl.called("dumb"))
    await terminal.shows(">>> ")
    await terminal.type("6 * 7\r")
    await terminal.shows("\n42\n>>> ")
    await terminal.type("\x04")
    assert await terminal.result() == 0
