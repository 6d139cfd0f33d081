"""Running a program on Node: one child process, its streams ours, its end ours.

Why a parent stays: Ctrl-C. Node runs its signal handler only when the wasm code gives the thread
back, so a Python loop that never waits would make a program unstoppable. Used by `sospeso run` and
`sospeso demo`.

Invariants of Ctrl-C:
 1. The child answers every SIGINT it has handled with one byte on the acknowledge pipe.
 2. A SIGINT that only this process got (`kill -INT pid`) is passed on; one from the terminal has
    reached the child by itself. The two look alike, so we wait a moment for the answer first.
 3. A second SIGINT while the first is unanswered kills the child.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import Any

from .engines import find_node
from .paths import UserError, need_dist
from .program import Core, Program

EXIT_INTERRUPTED = 130
ANSWER_SECONDS = 0.15


class NodeProcess:
    """A child and what we know about its handling of Ctrl-C."""

    def __init__(self, process: asyncio.subprocess.Process, answers: int) -> None:
        self._process = process
        self._answers = answers
        self._unanswered = 0
        self._killed = False
        self._timer: asyncio.TimerHandle | None = None
        os.set_blocking(answers, False)

    def on_answer(self) -> None:
        """The child has handled a SIGINT (invariant 1), or has closed the pipe by ending."""
        try:
            data = os.read(self._answers, 64)
        except BlockingIOError:
            return
        if data:
            self._unanswered = 0
        else:
            asyncio.get_running_loop().remove_reader(self._answers)

    def on_interrupt(self) -> None:
        """This process got a SIGINT."""
        self._unanswered += 1
        if self._unanswered > 1:
            print("\nsospeso: killed (Python did not react to Ctrl-C)", file=sys.stderr)
            self._killed = True
            self.send(signal.SIGKILL)
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(ANSWER_SECONDS, self._pass_on)

    def _pass_on(self) -> None:
        if self._unanswered:
            self.send(signal.SIGINT)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the child has ended already."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def wait(self) -> int:
        """The exit code for the shell: 128 + n when signal n ended the child."""
        code = await self._process.wait()
        if self._timer is not None:
            self._timer.cancel()
        if self._killed:
            return EXIT_INTERRUPTED
        return 128 - code if code < 0 else code


def node_command(program: Program, core: Core, ticks: bool, answers: int | None) -> list[str]:
    """The command line that runs `program`.

    Raises:
        UserError: nothing is built, or there is no Node that fits.
    """
    dist = need_dist("cli.mjs", "sospeso.mjs")
    node = find_node(need_jspi=core == "jspi")
    command = node.command(str(dist / "cli.mjs"), f"--core={core}")
    if ticks:
        command.append("--ticks")
    if answers is not None:
        command.append(f"--answer-fd={answers}")
    return [*command, *program.command_line()]


def terminal_settings() -> list[Any] | None:
    """The settings of the terminal at stdin; None when there is none, or another job has it.

    In the background they are the shell's, and changing them would stop this process (SIGTTOU).
    """
    try:
        import termios
    except ImportError:
        return None
    try:
        return termios.tcgetattr(0) if os.tcgetpgrp(0) == os.getpgrp() else None
    except (OSError, termios.error):
        return None


def restore_terminal(settings: list[Any] | None) -> None:
    """Put back what a child that was killed in raw mode could not."""
    found = terminal_settings()
    if settings is not None and found is not None and found != settings:
        import termios

        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(0, termios.TCSADRAIN, settings)


async def run_on_node(program: Program, core: Core = "auto", ticks: bool = False) -> int:
    """Run `program` to its end.

    Args:
        program: what to run; its paths are relative to the current folder.
        core: which wasm core.
        ticks: let the child print how often a 10 ms timer fired meanwhile.

    Returns:
        The exit code.

    Raises:
        UserError: it could not be started.
    """
    loop = asyncio.get_running_loop()
    answers, child_end = os.pipe()
    try:
        terminal = terminal_settings()
        try:
            command = node_command(program, core, ticks, child_end)
            process = await asyncio.create_subprocess_exec(*command, pass_fds=[child_end])
        except OSError as error:
            raise UserError(f"cannot start Node.js: {error.strerror or error}") from None
        finally:
            os.close(child_end)
        child = NodeProcess(process, answers)
        loop.add_reader(answers, child.on_answer)
        loop.add_signal_handler(signal.SIGINT, child.on_interrupt)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, child.send, number)
        try:
            return await child.wait()
        finally:
            loop.remove_reader(answers)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(number)
            if process.returncode is not None and process.returncode < 0:
                restore_terminal(terminal)  # otherwise the child has done it
    finally:
        os.close(answers)
