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

from tests.runtime.conftest import Runtime

pytestmark = pytest.mark.timeout(60)

FAKE = """
const { attachTerminal } = await import(%r);
const listeners = { data: new Set(), resize: new Set() };
const on = (name) => (listener) => {
  listeners[name].add(listener);
  return { dispose: () => listeners[name].delete(listener) };
};
const decoder = new TextDecoder();
const term = {
  cols: 80,
  rows: 24,
  screen: "",
  held: [],
  slow: false,
  onData: on("data"),
  onBinary: on("data"),
  onResize: on("resize"),
  write(data, done) {
    this.screen += typeof data === "string" ? data : decoder.decode(data, { stream: true });
    if (this.slow) this.held.push(done);
    else setTimeout(done, 0);
  },
  type: (text) => listeners.data.forEach((listener) => listener(text)),
  resize(cols, rows) {
    Object.assign(this, { cols, rows });
    listeners.resize.forEach((listener) => listener({ cols, rows }));
  },
};
session.term = term;
session.attached = attachTerminal(pyodide, term);
session.listeners = listeners;
"""


class Terminal:
    """The fake and the runtime behind it."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.running: asyncio.Task[Any] | None = None

    async def start(self, code: str) -> None:
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
        await self.runtime.js(f"session.term.type({text!r})")

    async def screen(self) -> str:
        """All that was drawn, and what is on its way there unless the terminal is held."""
        return str(
            await self.runtime.js(
                "await Promise.race([session.attached.drained(), later(300)]);"
                "return session.term.screen"
            )
        )

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
    await runtime.js(FAKE % f"{runtime.host.dist}/terminal.mjs")
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
    await terminal.start(
        """
try:
    input("first? ")
except KeyboardInterrupt:
    answer = input("again? ")
answer
"""
    )
    await terminal.shows("first? ")
    await terminal.type("half a li\x03")
    await terminal.shows("again? ")
    await terminal.type("whole\r")
    assert await terminal.result() == "whole"


async def test_the_streams_are_terminals(terminal: Terminal) -> None:
    await terminal.start(
        """
import os, sys
repr([os.isatty(fd) for fd in (0, 1, 2)] + [sys.stdin.isatty(), tuple(os.get_terminal_size())])
"""
    )
    assert await terminal.result() == "[True, True, True, True, (80, 24)]"


async def test_a_new_size_is_a_signal(terminal: Terminal) -> None:
    await terminal.start(
        """
import os, signal, time
sizes = []
before = signal.signal(signal.SIGWINCH, lambda *_: sizes.append(tuple(os.get_terminal_size())))
print("ready")
while not sizes:
    time.sleep(0.01)
signal.signal(signal.SIGWINCH, before)
repr(sizes)
"""
    )
    await terminal.shows("ready")
    await terminal.runtime.js("session.term.resize(100, 40)")
    assert await terminal.result() == "[(100, 40)]"


async def test_a_new_size_disturbs_nobody(terminal: Terminal) -> None:
    """SIGWINCH without a handler: what waits goes on waiting."""
    await terminal.start("import time\ntime.sleep(0.2)\ninput()")
    await terminal.runtime.js("session.term.resize(100, 40)")
    await asyncio.sleep(0.3)
    await terminal.runtime.js("session.term.resize(90, 40)")
    await terminal.type("x\r")
    assert await terminal.result() == "x"


async def test_a_program_is_in_the_foreground_of_its_terminal(terminal: Terminal) -> None:
    """tcgetpgrp() gave 0, and tcdrain() raised."""
    await terminal.start(
        """
import os, termios
told = [os.tcgetpgrp(0) == os.getpgrp(), os.tcsetpgrp(1, os.getpgrp()), termios.tcdrain(1)]
told += [termios.tcflow(1, termios.TCOON), termios.tcsendbreak(1, 0)]
for call in (lambda: os.tcsetpgrp(0, 7), lambda: termios.tcdrain(99), lambda: os.tcgetpgrp(read)):
    read, write = os.pipe()
    try:
        call()
    except (OSError, termios.error) as error:
        told.append(os.strerror(error.args[0]))
    os.close(read), os.close(write)
repr(told)
"""
    )
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
    await terminal.start(
        """
import os, sys, termios, tty
before = termios.tcgetattr(0)
tty.setraw(0)
print("raw")
try:
    keys = [os.read(0, 1) for _ in range(3)]
finally:
    termios.tcsetattr(0, termios.TCSADRAIN, before)
repr([keys, termios.tcgetattr(0) == before])
"""
    )
    await terminal.shows("raw")
    await terminal.type("a\x03\x1b")
    assert await terminal.result() == r"[[b'a', b'\x03', b'\x1b'], True]"
    assert "raw\n" in await terminal.screen(), "output is not processed in raw mode"


async def test_a_read_that_need_not_wait_does_not(terminal: Terminal) -> None:
    """VMIN 0: VTIME 0 polls, VTIME 1 waits for a tenth of a second."""
    await terminal.start(
        """
import os, termios, time, tty
before = termios.tcgetattr(0)
raw = termios.tcgetattr(0)
raw[3] &= ~(termios.ICANON | termios.ECHO)
raw[6][termios.VMIN] = 0
raw[6][termios.VTIME] = 0
termios.tcsetattr(0, termios.TCSANOW, raw)
polled = os.read(0, 10)
raw[6][termios.VTIME] = 1
termios.tcsetattr(0, termios.TCSANOW, raw)
start = time.monotonic()
waited = os.read(0, 10)
took = time.monotonic() - start
termios.tcsetattr(0, termios.TCSANOW, before)
repr([polled, waited, 0.09 < took < 5])
"""
    )
    assert await terminal.result() == "[b'', b'', True]"


RAW = """
import os, select, termios
before = termios.tcgetattr(0)
def raw(least, tenths, echo=False):
    changed = termios.tcgetattr(0)
    changed[3] &= ~(termios.ICANON | (0 if echo else termios.ECHO))
    changed[6][termios.VMIN] = least
    changed[6][termios.VTIME] = tenths
    termios.tcsetattr(0, termios.TCSANOW, changed)
"""


async def test_a_raw_read_waits_for_as_many_keys_as_it_was_told(terminal: Terminal) -> None:
    await terminal.start(RAW + "raw(3, 0)\nprint('ready')\nrepr([os.read(0, 9), os.read(0, 2)])")
    await terminal.shows("ready")
    for key in "abcde":
        await terminal.type(key)
    assert await terminal.result() == "[b'abc', b'de']", "a short buffer is full earlier"


async def test_a_pause_ends_a_raw_read_that_has_begun(terminal: Terminal) -> None:
    await terminal.start(
        RAW + "raw(5, 1)\nprint('ready')\ngot = [os.read(0, 9)]\nraw(3, 255)\nprint('again')\n"
        "got.append(os.read(0, 9))\nrepr(got)"
    )
    await terminal.shows("ready")
    await terminal.type("ab")
    await terminal.shows("again")
    for key in "cde":
        await terminal.type(key)
    assert await terminal.result() == "[b'ab', b'cde']"


async def test_a_poll_waits_for_as_many_keys_as_a_raw_read(terminal: Terminal) -> None:
    await terminal.start(
        RAW + "raw(3, 0)\nfirst = select.select([0], [], [], 0)[0]\nprint('ready')\n"
        "second = select.select([0], [], [], 20)[0]\nrepr([first, second, os.read(0, 9)])"
    )
    await terminal.shows("ready")
    for key in "abc":
        await terminal.type(key)
    assert await terminal.result() == "[[], [0], b'abc']"


async def test_changed_settings_reach_a_read_that_waits(terminal: Terminal) -> None:
    await terminal.start(RAW + "raw(9, 0, echo=True)\nprint('ready')\nrepr(os.read(0, 9))")
    await terminal.shows("ready")
    await terminal.type("ab")
    await terminal.shows("ab")
    assert (await terminal.runtime.run_async("raw(1, 0)")).error is None
    assert await terminal.result() == "b'ab'"


async def test_the_beginning_of_a_line_is_keys_in_raw_mode(terminal: Terminal) -> None:
    await terminal.start(RAW + "print('ready')\nrepr(os.read(0, 9))")
    await terminal.shows("ready")
    await terminal.type("ab")
    await terminal.shows("ab")
    assert (await terminal.runtime.run_async("raw(1, 0)")).error is None
    assert await terminal.result() == "b'ab'"


@pytest.mark.parametrize("how", ["tcflush(0, termios.TCIFLUSH)", "tcsetattr(0, termios.TCSAFLUSH, before)"])
async def test_flushing_drops_the_beginning_of_a_line(terminal: Terminal, how: str) -> None:
    await terminal.start(RAW + "print('ready')\ninput()")
    await terminal.shows("ready")
    await terminal.type("half a li")
    await terminal.shows("half a li")
    assert (await terminal.runtime.run_async(f"termios.{how}")).error is None
    await terminal.type("whole\r")
    assert await terminal.result() == "whole"


async def test_flushing_drops_what_was_typed(terminal: Terminal) -> None:
    await terminal.start(
        """
import array, fcntl, select, termios, time
print("type")
while not select.select([0], [], [], 5)[0]:
    pass
size = array.array("i", [0])
fcntl.ioctl(0, termios.FIONREAD, size)
termios.tcflush(0, termios.TCIFLUSH)
print("flushed")
repr([size[0], select.select([0], [], [], 0)[0], input()])
"""
    )
    await terminal.shows("type")
    await terminal.type("typed\r")
    await terminal.shows("flushed")
    await terminal.type("more\r")
    assert await terminal.result() == "[6, [], 'more']"


async def test_ctrl_c_drops_what_a_poll_had_fetched(terminal: Terminal) -> None:
    await terminal.start(
        """
import select, time
try:
    select.select([0], [], [], 20)
    print("ready")
    time.sleep(20)
except KeyboardInterrupt:
    pass
repr(select.select([0], [], [], 0)[0])
"""
    )
    await terminal.type("abc\r")
    await terminal.shows("ready")
    await terminal.type("\x03")
    assert await terminal.result() == "[]"


async def test_a_read_that_may_be_empty_is_not_ready_by_that(terminal: Terminal) -> None:
    """And a poll without a limit hears of the key that makes it so."""
    await terminal.start(
        RAW + "raw(0, 0)\nfirst = select.select([0], [], [], 0.05)[0]\nprint('ready')\n"
        "second = select.select([0], [], [])[0]\nkey = os.read(0, 1)\n"
        "termios.tcsetattr(0, termios.TCSANOW, before)\nrepr([first, second, key])"
    )
    await terminal.shows("ready")
    await terminal.type("k")
    assert await terminal.result() == "[[], [0], b'k']"


async def test_an_end_of_file_of_cooked_mode_is_none_in_raw_mode(terminal: Terminal) -> None:
    await terminal.start(
        """
import os, time, tty
print("cooked")
time.sleep(0.3)
tty.setraw(0)
print("raw")
os.read(0, 1)
"""
    )
    await terminal.shows("cooked")
    await terminal.type("\x04")
    await terminal.shows("raw")
    await terminal.type("k")
    await terminal.result()
    assert terminal.running is not None
    assert terminal.running.result().value == {"proxy": "bytes", "text": "b'k'"}


async def test_a_writer_that_waits_goes_on_when_the_terminal_is_let_go(terminal: Terminal) -> None:
    await terminal.type("\x13")
    await terminal.start("for i in range(3000): print('0123456789')\n'done'")
    await asyncio.sleep(0.2)
    await terminal.runtime.js(
        "session.attached.dispose(); pyodide.setStdout({ batched: () => undefined });"
    )
    assert await terminal.result() == "done"


async def test_select_waits_for_a_line(terminal: Terminal) -> None:
    await terminal.start(
        """
import select
first = select.select([0], [], [], 0.05)[0]
print("ready")
second = select.select([0], [], [], 20)[0]
repr([first, second, input()])
"""
    )
    await terminal.shows("ready")
    await terminal.type("line\r")
    assert await terminal.result() == "[[], [0], 'line']"


async def test_ctrl_s_holds_output_until_ctrl_q(terminal: Terminal) -> None:
    await terminal.type("\x13")
    await terminal.start("for i in range(2000): print('0123456789')\n'done'")
    await asyncio.sleep(0.3)
    assert await terminal.screen() == ""
    assert terminal.running is not None and not terminal.running.done()
    await terminal.type("\x11")
    assert await terminal.result() == "done"
    await terminal.shows("0123456789\n" * 2000)


async def test_a_slow_terminal_slows_the_program(terminal: Terminal) -> None:
    await terminal.runtime.js("session.term.slow = true")
    await terminal.start("for i in range(30000): print('0123456789')\n'done'")
    await asyncio.sleep(0.3)
    assert terminal.running is not None and not terminal.running.done()
    assert len(await terminal.screen()) < 200_000, "the program is far ahead of the terminal"
    await terminal.runtime.js(
        "session.term.slow = false; for (const done of session.term.held.splice(0)) done();"
    )
    assert await terminal.result() == "done"
    await terminal.shows("0123456789\n" * 30000)


async def test_a_long_paste_arrives_whole(terminal: Terminal) -> None:
    lines = "".join(f"line {i} ä😀\r" for i in range(5000))
    await terminal.start("sum(len(input()) for _ in range(5000))")
    await terminal.runtime.js(f"session.term.type({lines!r})")
    assert await terminal.result() == len(lines) - lines.count("\r")


async def test_input_at_a_terminal_can_be_edited_with_readline(terminal: Terminal) -> None:
    await terminal.start(
        "import os\nos.environ['TERM'] = 'xterm-256color'\nimport readline\n"
        "[input('> '), input('> ')][0] + '|' + readline.get_history_item(1)"
    )
    await terminal.shows("> ")
    await terminal.type("bc\x1bOD\x1bODa\r")
    await terminal.type("\x1bOA\r")
    assert await terminal.result() == "abc|abc"


async def test_input_reads_what_stdin_was_replaced_with(terminal: Terminal) -> None:
    """readline's input() took the keyboard even when sys.stdin was something else."""
    await terminal.start(
        "import io, os, sys\nos.environ['TERM'] = 'xterm-256color'\nimport readline\n"
        "before, sys.stdin = sys.stdin, io.StringIO('given\\n')\n"
        "try:\n    line = input()\nfinally:\n    sys.stdin = before\nline"
    )
    assert await terminal.result() == "given"


async def test_readline_works_without_a_terminal(runtime: Runtime) -> None:
    """`python -m asyncio` with a pipe imports it and asks for the history."""
    value = await runtime.value(
        """
import os, readline
readline.add_history("one")
readline.add_history("two")
readline.write_history_file("/tmp/history")
readline.clear_history()
empty = readline.get_current_history_length()
readline.read_history_file("/tmp/history")
readline.append_history_file(1, "/tmp/history")
text = open("/tmp/history").read()
os.unlink("/tmp/history")
repr([empty, readline.get_history_item(2), text, readline.get_line_buffer(), readline.backend])
"""
    )
    assert value == "[0, 'two', 'one\\ntwo\\ntwo\\n', '', 'readline']"


REPL = "import os\nos.environ['TERM'] = %r\nfrom pyodide._repl import main\nmain()"


async def test_the_repl_reads_evaluates_and_prints(terminal: Terminal) -> None:
    await terminal.start(REPL % "xterm-256color")
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
    "wait", ["import time; time.sleep(60)", "while True: pass\r", "input()", "half a li"]
)
async def test_ctrl_c_in_the_repl_gives_the_prompt_back(terminal: Terminal, wait: str) -> None:
    await terminal.start(REPL % "xterm-256color")
    await terminal.shows(">>> ")
    await terminal.type(wait + ("\r" if wait != "half a li" else ""))
    await asyncio.sleep(0.3)
    await terminal.type("\x03")
    await terminal.shows("KeyboardInterrupt")
    await terminal.type("'still ' + 'here'\r")
    await terminal.shows("'still here'\n>>> ")
    await terminal.type("\x04")
    assert await terminal.result() == 0


async def test_long_help_is_paged(terminal: Terminal) -> None:
    """It came all at once: CPython expects no terminal on this platform."""
    await terminal.start(
        "import os\nos.environ['TERM'] = 'xterm-256color'\nhelp(str)\ninput('after? ')"
    )
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
    await terminal.start(REPL % "dumb")
    await terminal.shows(">>> ")
    await terminal.type("6 * 7\r")
    await terminal.shows("\n42\n>>> ")
    await terminal.type("\x04")
    assert await terminal.result() == 0
