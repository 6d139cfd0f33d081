# Commands of a build: each a process group of its own, which ends when the build is interrupted.
# Steps run in threads, several at once, and an interrupt reaches the main thread alone: it ends all
# groups from there. Called by toolchain.py (commands in the toolchain) and root.py (on this
# machine).
#
# Invariants
# 1. A command's whole group has ended before run_group() returns or raises.
# 2. After end_all() no new group starts until allow() is called: a step that goes on meanwhile
#    fails at its next command.
"""Runs commands and tells why they failed."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from .errors import BuildError, disk_full

LOG_LINES = 40  # shown of a failing step's log

_lock = threading.Lock()
_running: set[subprocess.Popen[bytes]] = set()
_stopping = False


class Stopped(BuildError):
    """A command that did not run, or did not run to its end, because the build is stopping."""

    def __init__(self) -> None:
        super().__init__("the build was stopped", "run the same command again")


def run_group(command: Sequence[str], cwd: Path, output: int) -> int:
    """Runs a command as a process group of its own; its exit status. Raises Stopped."""
    try:
        with _lock:
            if _stopping:
                raise Stopped
            process = subprocess.Popen(
                command,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            _running.add(process)
    except FileNotFoundError as error:
        raise missing_tool(str(error.filename)) from None
    try:
        code = process.wait()
    except BaseException:
        _end_group(process)
        raise
    finally:
        with _lock:
            _running.discard(process)
            stopped = _stopping
    if stopped:
        _end_group(process)  # what its first process left behind
        raise Stopped
    return code


def end_all() -> None:
    """Ends every running group and lets none start."""
    global _stopping
    with _lock:
        _stopping = True
        doomed = list(_running)
    for process in doomed:
        _end_group(process)


def allow() -> None:
    """Lets commands start (again)."""
    global _stopping
    with _lock:
        _stopping = False


def _end_group(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(5)
            break
        except subprocess.TimeoutExpired:
            continue


def log_tail(log: Path, lines: int = LOG_LINES) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def failed_command(argv: Sequence[str], code: int, log: Path) -> BuildError:
    """The error for a command that ended badly: the log's end, and the cure it points to."""
    tail = log_tail(log)
    if "No space left on device" in tail or "ENOSPC" in tail:
        return disk_full(log.parent.parent)
    shown = shlex.join(argv)
    shown = shown if len(shown) < 200 else shown[:200] + " ..."
    reason = f"signal {-code}" if code < 0 else f"exit status {code}"
    if code in (-signal.SIGKILL, 128 + signal.SIGKILL):
        cure = "it was killed, probably for lack of memory: close other programs and run it again"
    elif code == 127:
        cure = "a program was not found (named above): install it; then run the same command again"
    else:
        cure = f"the whole log is {log}; after a fix the same command goes on from this step"
    return BuildError(f"the log ends with:\n{tail}\n\n`{shown}` failed ({reason})", cure, log)


APT_PACKAGE = {"unshare": "util-linux", "newuidmap": "uidmap", "cc": "gcc"}


def missing_tool(name: str) -> BuildError:
    """The error for a program that is not installed."""
    return BuildError(f"`{name}` is not installed", f"install it (Debian, Ubuntu: {apt(name)})")


def apt(name: str) -> str:
    """The command that installs a program on Debian."""
    return f"sudo apt-get install {APT_PACKAGE.get(name, name)}"
