"""One module of CPython's tests in a process of its own, watched, and started again after a crash.

Why: one test that hangs or kills the core must cost that test only, and must be named. Called by
__main__.py for the cores and by native.py; what runs inside is inside.py.

Invariants:
 1. A test is started once at most: the process that follows a crash leaves out what has ended and
    what was running.
 2. A process that neither ends nor reports for TEST_SECONDS, or what was given, is killed.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

TEST_SECONDS = 90.0
MODULE_SECONDS = 900.0
STARTS = 25  # of one module; a module that needs more is not worth the time
POLL_SECONDS = 0.1
TAIL_LINES = 25

FAILED = ("fail", "error", "crash", "timeout")


@dataclass
class Outcome:
    """What came of a test function, or of a module or fixture as a whole.

    Attributes:
        id: e.g. `test_queue.QueueTest.test_get`; a module's name where the module itself
            was skipped or failed.
        outcome: pass, skip, fail, error, crash or timeout.
        detail: reason of a skip, traceback, or the end of the output of a process that died.
        seconds: how long it ran.
        spawns: it starts processes (known natively only).
    """

    id: str
    outcome: str
    detail: str = ""
    seconds: float = 0.0
    spawns: bool = False


@dataclass
class ModuleResult:
    """All outcomes of one module in one place ("jspi", "asyncify" or "native")."""

    module: str
    place: str
    outcomes: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0
    starts: int = 0

    def count(self, *kinds: str) -> int:
        """How many outcomes are of these kinds."""
        return sum(outcome.outcome in kinds for outcome in self.outcomes)

    def to_json(self) -> dict[str, Any]:
        """For from_json()."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ModuleResult:
        """What to_json() gave."""
        outcomes = [Outcome(**outcome) for outcome in data["outcomes"]]
        return cls(**{**data, "outcomes": outcomes})


class Reports:
    """Reads the lines that inside.py writes, as they come."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self.outcomes: list[Outcome] = []
        self.running: str | None = None
        self.done = False

    def read(self) -> bool:
        """Take what is new; whether there was anything."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._at)
                data = file.read()
        except FileNotFoundError:
            return False
        whole = data[: data.rfind(b"\n") + 1]
        self._at += len(whole)
        for line in whole.splitlines():
            self.take(json.loads(line))
        return bool(whole)

    def take(self, report: dict[str, Any]) -> None:
        """One report."""
        event = report.pop("event")
        if event == "start":
            self.running = report["id"]
        elif event == "end":
            self.running = None
            self.outcomes.append(Outcome(**report))
        elif event == "skip-module":
            self.outcomes.append(Outcome("", "skip", report["reason"]))
        elif event == "fail-module":
            self.outcomes.append(Outcome("", "error", report["detail"]))
        elif event == "done":
            self.done = True


async def run_module(
    module: str,
    place: str,
    command: Callable[[Mapping[str, object]], Sequence[str]],
    folder: Path,
    skip: Sequence[str] = (),
    only: Sequence[str] = (),
    on_progress: Callable[[Outcome | None], None] = lambda outcome: None,
    seconds: float = MODULE_SECONDS,
    quiet: float | None = None,
) -> ModuleResult:
    """Run a module to its end, however many processes that takes.

    Args:
        module: its name below the package `test`.
        place: what the result is called.
        command: from the job that host.mjs and native.py read to a command line.
        folder: where the logs go.
        skip: ids that are not started.
        only: ids that are run; empty for all.
        on_progress: called with each outcome.
        seconds: how long it may run.
        quiet: how long a process may go without a report; None: TEST_SECONDS.
    """
    folder.mkdir(parents=True, exist_ok=True)
    result = ModuleResult(module, place)
    began = time.monotonic()
    left_out = list(skip)
    log = folder / f"{module}.log"
    log.write_bytes(b"")
    while result.starts < STARTS:
        result.starts += 1
        path = folder / f"{module}.{result.starts}.jsonl"
        path.unlink(missing_ok=True)
        reports = Reports(path)
        job = {"module": module, "report": str(path), "skip": left_out, "only": list(only)}
        left = seconds - (time.monotonic() - began)
        most = TEST_SECONDS if quiet is None else quiet
        ended = await _run_once(command(job), reports, log, left, most, on_progress)
        for outcome in reports.outcomes:
            outcome.id = outcome.id or module
        result.outcomes += reports.outcomes
        path.unlink(missing_ok=True)
        if reports.done and ended != "module timeout":
            break
        lost = reports.running or module
        kind = "crash" if ended == "ended" else "timeout"
        outcome = Outcome(lost, kind, _tail(log))
        result.outcomes.append(outcome)
        on_progress(outcome)
        if reports.running is None or ended == "module timeout":
            break
        left_out += [outcome.id for outcome in reports.outcomes] + [lost]
    result.seconds = round(time.monotonic() - began, 1)
    return result


async def _run_once(
    command: Sequence[str],
    reports: Reports,
    log: Path,
    seconds: float,
    quiet: float,
    on_progress: Callable[[Outcome | None], None],
) -> str:
    """One process: "ended", "test timeout" or "module timeout"."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    waiting = asyncio.create_task(process.wait())
    began = last = time.monotonic()
    seen = 0
    try:
        while True:
            done, _ = await asyncio.wait({waiting}, timeout=POLL_SECONDS)
            now = time.monotonic()
            if reports.read():
                last = now
            for outcome in reports.outcomes[seen:]:
                on_progress(outcome)
            seen = len(reports.outcomes)
            if done or reports.done:
                return "ended"
            if now - last > quiet:
                return "test timeout"
            if now - began > seconds:
                return "module timeout"
    finally:
        await _end(process)
        await waiting


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the process with all that it started (native tests do)."""
    import os
    import signal

    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line[:400] for line in lines[-TAIL_LINES:])
