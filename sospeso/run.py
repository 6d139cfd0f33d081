"""Running a program on Node: one child process, its streams ours, its end ours.

Why a parent stays: Ctrl-C. Node runs its signal handler only when the wasm code gives the thread
back, so a Python loop that never waits would make a program unstoppable. Used by `sospeso run` and
`sospeso demo`.

Invariants of Ctrl-C:
 1. This process alone decides: the child ignores the SIGINT that a terminal sends to both, and
    interrupts Python for every byte on the control socket. (It once took either, and a SIGINT that
    only the parent had got was passed on after a pause; a slow machine then interrupted twice.)
 2. The child answers every byte, when it has interrupted Python, with one of its own.
 3. A second SIGINT while the first is unanswered kills the child.
 4. The child's end of the control socket closes with this process, and then the child ends too.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .engines import find_node
from .packages import Packages, node_environment, packages
from .paths import UserError, need_dist
from .program import Core, Program

EXIT_INTERRUPTED = 130


class NodeProcess:
    """A child and what we know about its handling of Ctrl-C."""

    def __init__(self, process: asyncio.subprocess.Process, control: socket.socket) -> None:
        self._process = process
        self._control = control
        self._unanswered = 0
        self._killed = False
        control.setblocking(False)

    def on_answer(self) -> None:
        """The child has handled Ctrl-C (invariant 2), or has closed the socket by ending."""
        try:
            data = self._control.recv(64)
        except BlockingIOError:
            return
        except ConnectionResetError:  # it ended before it read what was sent
            data = b""
        if data:
            self._unanswered = 0
        else:
            asyncio.get_running_loop().remove_reader(self._control)

    def on_interrupt(self) -> None:
        """This process got a SIGINT."""
        self._unanswered += 1
        if self._unanswered > 1:
            print("\nsospeso: killed (Python did not react to Ctrl-C)", file=sys.stderr)
            self._killed = True
            self.send(signal.SIGKILL)
            return
        with contextlib.suppress(OSError):  # it has just ended
            self._control.send(b"c")

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the child has ended already."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def wait(self) -> int:
        """The exit code for the shell: 128 + n when signal n ended the child."""
        code = await self._process.wait()
        if self._killed:
            return EXIT_INTERRUPTED
        return 128 - code if code < 0 else code


def node_command(
    program: Program,
    core: Core,
    ticks: bool,
    control: int | None,
    wanted: Packages,
    listen: tuple[str, ...] = (),
    mounts: Sequence[Path] = (),
) -> list[str]:
    """The command line that runs `program`.

    Raises:
        UserError: nothing is built, or there is no Node that fits.
    """
    node = find_node(need_jspi=core == "jspi")
    # `make run` builds the other core alone.
    fallback = core == "asyncify" or not node.has_jspi
    dist = need_dist("cli.mjs", "sospeso.mjs", *(["core.asyncify.wasm"] if fallback else []))
    command = node.command(str(dist / "cli.mjs"), f"--core={core}", *wanted.options())
    if ticks:
        command.append("--ticks")
    command += [f"--listen={address}" for address in listen]
    if control is not None:
        command.append(f"--control-fd={control}")
    command += [f"--mount={folder.resolve()}" for folder in mounts]
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


async def run_on_node(
    program: Program,
    core: Core = "auto",
    ticks: bool = False,
    wanted: Packages | None = None,
    listen: tuple[str, ...] = (),
    mounts: Sequence[Path] = (),
) -> int:
    """Run `program` to its end.

    Args:
        program: what to run; its paths are relative to the current folder.
        core: which wasm core.
        ticks: let the child print how often a 10 ms timer fired meanwhile.
        wanted: packages to install before; None: those of its header alone.
        listen: ports ("8000", "0.0.0.0:8000") at which its servers are reached from outside; empty:
            at all that it listens on.
        mounts: the folders that it may read and write; empty: the host's.

    Returns:
        The exit code.

    Raises:
        UserError: it could not be started.
    """
    loop = asyncio.get_running_loop()
    control, child_end = socket.socketpair()
    with control:
        terminal = terminal_settings()
        try:
            end = child_end.fileno()
            wanted = wanted or packages()
            command = node_command(program, core, ticks, end, wanted, listen, mounts)
            environment = node_environment(os.environ)
            process = await asyncio.create_subprocess_exec(
                *command, pass_fds=[end], env=environment
            )
        except OSError as error:
            raise UserError(f"cannot start Node.js: {error.strerror or error}") from None
        finally:
            child_end.close()
        child = NodeProcess(process, control)
        loop.add_reader(control, child.on_answer)
        loop.add_signal_handler(signal.SIGINT, child.on_interrupt)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, child.send, number)
        try:
            return await child.wait()
        finally:
            loop.remove_reader(control)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(number)
            if process.returncode is not None and process.returncode < 0:
                restore_terminal(terminal)  # otherwise the child has done it
