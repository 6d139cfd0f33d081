"""`sospeso` in a person's terminal: the REPL, raw mode, resize, Ctrl-C, Ctrl-D, Ctrl-Z, pipes.

A pseudo-terminal plays the terminal (pexpect); what is typed goes through the kernel's line
discipline, as at a real one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from sospeso.paths import ROOT, dist_dir
from tests.programs import programs

pytestmark = [
    pytest.mark.timeout(90),
    # pexpect forks; the pty's child calls exec at once.
    pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning"),
]

PROGRAMS = programs(__file__)
COMMAND = [sys.executable, "-m", "sospeso"]
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")

Spawn = Callable[..., "Screen"]


class Screen:
    """A program at a pseudo-terminal."""

    def __init__(self, command: list[str], home: Path) -> None:
        environment = {**os.environ, "TERM": "xterm-256color", "HOME": str(home), "PS1": "$ "}
        environment["PYTHONPATH"] = str(ROOT)
        for name in ("PYTHONSTARTUP", "PYTHON_HISTORY", "NO_COLOR", "COLUMNS", "LINES"):
            environment.pop(name, None)
        self.child = pexpect.spawn(
            command[0],
            command[1:],
            env=environment,
            cwd=str(home),
            dimensions=(24, 80),
            timeout=30,
            encoding="utf-8",
        )
        self.text = ""

    def shows(self, text: str) -> str:
        """Wait until text is there that was not asked for before; what stood before it."""
        while text not in self.text:
            try:
                self.text = CODES.sub("", self.text + self.child.read_nonblocking(65536, 30))
            except (pexpect.TIMEOUT, pexpect.EOF) as error:
                raise AssertionError(f"no {text!r} in {self.text!r}") from error
        before, _, self.text = self.text.partition(text)
        return before

    def type(self, text: str) -> None:
        self.child.send(text)

    def exit_code(self) -> int:
        self.child.expect(pexpect.EOF)
        self.child.close()
        return int(self.child.exitstatus if self.child.exitstatus is not None else -1)


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Spawn]:
    """Start `sospeso WORDS...` (or another command) at a terminal, at home in an empty folder."""
    if not (dist_dir() / "cli.mjs").exists():
        pytest.fail(f"{dist_dir()} has no runtime. Build first: make build")
    started: list[Screen] = []

    def start(*words: str, command: list[str] | None = None) -> Screen:
        started.append(Screen(command or [*COMMAND, *words], tmp_path))
        return started[-1]

    yield start
    for screen in started:
        screen.child.close(force=True)


@pytest.fixture(params=["jspi", "asyncify"])
def core(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_without_arguments_it_is_the_repl(spawn: Spawn) -> None:
    screen = spawn()
    screen.shows(">>> ")
    screen.type("6 * 7\r")
    screen.shows("\n42\n")
    screen.type("exit(3)\r")
    assert screen.exit_code() == 3


def test_the_repl_edits_waits_and_awaits(spawn: Spawn, core: str) -> None:
    screen = spawn("run", "--core", core)
    screen.shows(">>> ")
    screen.type("import pyodide_js; str(pyodide_js.core)\r")
    screen.shows(f"'{core}'")
    screen.shows(">>> ")  # before it a key is not the line editor's
    screen.type("def f(n):\r")
    screen.shows("... ")
    screen.type("return n + 1\r\r")
    screen.shows(">>> ")
    screen.type("f(9)\r")
    screen.shows("\n10\n")
    screen.shows(">>> ")
    screen.type("\x1bOA\x7f0)\r")  # the line before, edited
    screen.shows("\n91\n")
    screen.shows(">>> ")
    screen.type("import asyncio; await asyncio.sleep(0.01, 'awaited')\r")
    screen.shows("\n'awaited'\n")
    screen.shows(">>> ")
    screen.type("input('who? ')\r")
    screen.shows("\nwho? ")
    screen.type("me\r")
    screen.shows("\n'me'\n")
    screen.shows(">>> ")
    screen.type("\x04")
    assert screen.exit_code() == 0


@pytest.mark.parametrize(
    "wait", ["import time; time.sleep(60)\r", "while True: pass\r\r", "input('? ')\r", "half a li"]
)
def test_ctrl_c_gives_the_prompt_back(spawn: Spawn, core: str, wait: str) -> None:
    screen = spawn("run", "--core", core)
    screen.shows(">>> ")
    screen.type("'be' + 'gun'\r")
    screen.shows("'begun'\n")
    screen.shows(">>> ")
    screen.type(wait)
    screen.shows(wait.rstrip("\r"))
    screen.type("\x03")
    screen.shows("KeyboardInterrupt")
    screen.type("'still ' + 'here'\r")
    screen.shows("'still here'\n")
    screen.shows(">>> ")
    screen.type("\x04")
    assert screen.exit_code() == 0


def test_a_resized_terminal_is_seen(spawn: Spawn) -> None:
    screen = spawn("-c", str(PROGRAMS.shows_its_size))
    screen.shows("(80, 24)\n")
    screen.child.setwinsize(40, 100)
    screen.shows("[(100, 40)]\n")
    assert screen.exit_code() == 0


def test_a_password_is_not_shown(spawn: Spawn, core: str) -> None:
    screen = spawn(
        "run", "--core", core, "-c", "import getpass; print(getpass.getpass('key: ')[::-1])"
    )
    screen.shows("key: ")
    screen.type("secret\r")
    assert "secret" not in screen.shows("terces\n")
    assert screen.exit_code() == 0


def test_raw_mode_gives_single_keys_and_ends_with_the_program(spawn: Spawn) -> None:
    screen = spawn(command=["bash", "--norc", "--noprofile"])
    screen.shows("$ ")
    screen.type("stty -g > before\r")
    screen.shows("$ ")
    code = "import os, tty; tty.setraw(0); print('raw'); print([os.read(0, 1) for _ in range(2)])"
    screen.type(
        f'{" ".join(COMMAND)} -c "{code}"; stty -g > after; cmp before after && echo s""ame\r'
    )
    screen.shows("raw\n")
    screen.type("a\x03")
    screen.shows(r"[b'a', b'\x03']")
    screen.shows("same")


@pytest.mark.parametrize(
    ("reads", "keys", "shown"),
    [
        ("3 0 9 2", "abcde", "b'abc', b'de'"),
        ("9 255 3", "abc", "b'abc'"),
        ("9 1 9", "a", "b'a'"),
        ("0 0 9", "", "b''"),
        ("0 1 9 asks", "", "b'', []"),
        ("0 0 waits 9", "k", "[0], b'k'"),
    ],
)
def test_vmin_and_vtime_say_when_a_raw_read_ends(
    spawn: Spawn, core: str, reads: str, keys: str, shown: str
) -> None:
    code = str(PROGRAMS.reads_raw)
    screen = spawn("run", "--core", core, "-c", code, *reads.split())
    if keys:
        screen.shows("ready\n")
    for key in keys:
        screen.type(key)
    screen.shows(f"got [{shown}]\n")
    assert screen.exit_code() == 0


def test_lines_typed_ahead_stay_apart(spawn: Spawn, core: str) -> None:
    screen = spawn("run", "--core", core, "-c", str(PROGRAMS.reads_lines_typed_ahead))
    screen.shows("type\n")
    screen.type("one\r")
    screen.shows("typed\n")
    screen.type("two\rthree\r")
    screen.shows("three\n")  # the kernel has them, as it has echoed them
    (Path(screen.child.cwd) / "go").touch()
    screen.shows(r"got [b'one\n', b'tw', b'o\n', b'three\n']")


@pytest.mark.parametrize("ahead", ["a line\r", "half a li"])
@pytest.mark.parametrize("drops", ["tcflush", "getpass"])
def test_what_was_typed_ahead_is_dropped(spawn: Spawn, drops: str, ahead: str) -> None:
    """A password was what had been typed before it was asked for."""
    screen = spawn("-c", str(PROGRAMS.drops_what_was_typed_ahead), drops)
    screen.shows("type\n")
    screen.type(ahead)
    screen.shows(ahead.rstrip("\r"))
    (Path(screen.child.cwd) / "go").touch()
    screen.shows("key: ")
    screen.type("secret\r")
    screen.shows("got ['secret']\n")


def test_ctrl_z_stops_it_and_fg_brings_it_back(spawn: Spawn) -> None:
    screen = spawn(command=["bash", "--norc", "--noprofile", "-i"])
    screen.shows("$ ")
    screen.type(" ".join(COMMAND) + "\r")
    screen.shows(">>> ")
    screen.type("kept = 41\r")
    screen.shows("kept = 41")
    screen.shows(">>> ")
    screen.type("\x1a")
    screen.shows("Stopped")
    screen.shows("$ ")
    screen.type("echo in the s''hell\r")
    screen.shows("in the shell")
    screen.type("fg\r")
    screen.shows("sospeso")
    screen.type("kept + 1\r")
    screen.shows("\n42\n")
    screen.shows(">>> ")
    screen.type("\x04")
    screen.shows("$ ")


def test_ctrl_d_ends_one_read_and_not_the_terminal(spawn: Spawn, core: str, tmp_path: Path) -> None:
    """Node's stream of a terminal has ended for ever after Ctrl-D: the prompt then spun."""
    screen = spawn("run", "--core", core)
    screen.shows(">>> ")
    screen.type("import os, sys, time; print('coo' + 'ked'); sys.stdin.read()\r")
    screen.shows("cooked\n")
    screen.type("all\r\x04")
    screen.shows("'all\\n'")
    screen.shows(">>> ")
    screen.type("while not os.path.exists('go'): _ = print('wai' + 'ting'), time.sleep(0.1)\r\r")
    screen.shows("waiting\n")
    screen.type("\x04# typed ahead\r")
    screen.shows("# typed ahead\n")
    (tmp_path / "go").touch()
    screen.shows(">>> ")
    screen.type("6 * 7\r")
    assert "Traceback" not in screen.shows("\n42\n")
    screen.shows(">>> ")
    screen.type("\x04")
    assert screen.exit_code() == 0


def test_in_the_background_it_leaves_the_terminal_alone(spawn: Spawn) -> None:
    """Settings that the shell had changed meanwhile were put back, which stopped the job."""
    screen = spawn(command=["bash", "--norc", "--noprofile", "-i"])
    screen.shows("$ ")
    screen.type(f"{' '.join(COMMAND)} -c 'print(6 * 7)' &\r")
    screen.shows("42\n")
    screen.type("wait; echo wai''ted\r")
    screen.shows("waited")


def test_the_history_is_kept(spawn: Spawn, tmp_path: Path) -> None:
    screen = spawn()
    screen.shows(">>> ")
    screen.type("'re' + 'membered'\r")
    screen.shows("'remembered'\n")
    screen.shows(">>> ")
    screen.type("\x04")
    assert screen.exit_code() == 0
    assert "'re' + 'membered'" in (tmp_path / ".python_history").read_text()
    screen = spawn()
    screen.shows(">>> ")
    screen.type("\x1bOA\r")
    screen.shows("'remembered'")


def test_a_pipe_is_a_program_or_its_input(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("print(int(input()) + 1)")
    for words, given, expected in (
        (["-"], b"print(6 * 7)", b"42\n"),
        ([], b"import sys; print(sys.argv, __name__)", b"['-'] __main__\n"),
        (["run", "x.py"], b"1\n", b"2\n"),
    ):
        done = subprocess.run(
            [*COMMAND, *words], input=given, capture_output=True, cwd=tmp_path, timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert (done.stdout, done.returncode) == (expected, 0), done.stderr
