# What a person sees of a build: which step, how long, how large.
# Two faces of one interface: Rich on a terminal, plain lines elsewhere (with a sign of life every
# 30 seconds, because CI systems kill silent jobs). Called by engine.py, and by steps via Context.
"""Progress reporters."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

HEARTBEAT_SECONDS = 30.0


class Reporter(Protocol):
    """The engine calls these in the order plan, (start, detail*, done | failed)*."""

    def plan(self, total: int, todo: int) -> None:
        """`todo` of `total` steps will run."""

    def start(self, number: int, total: int, name: str) -> None:
        """Step `number` (from 1) begins."""

    def detail(self, text: str) -> None:
        """What the running step is doing now."""

    def done(self, seconds: float, size: int) -> None:
        """The running step ended well; `size` of its output in bytes."""

    def failed(self) -> None:
        """The running step failed or was interrupted."""

    def say(self, text: str) -> None:
        """A line for the reader."""


def human_size(size: float) -> str:
    """Bytes as a short text, decimal units."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.2f} GB"


def human_time(seconds: float) -> str:
    """Seconds as a short text."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"


class PlainReporter:
    """One line per event."""

    def __init__(self, stream: TextIO | None = None, heartbeat: float = HEARTBEAT_SECONDS) -> None:
        self.stream = stream or sys.stderr
        self.heartbeat = heartbeat
        self._prefix = ""
        self._detail = ""
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None

    def say(self, text: str) -> None:
        print(text, file=self.stream, flush=True)

    def plan(self, total: int, todo: int) -> None:
        self.say(f"{todo} of {total} steps to run" if todo else f"all {total} steps are up to date")

    def start(self, number: int, total: int, name: str) -> None:
        self._prefix = f"[{number}/{total}] {name}"
        self._detail = ""
        self.say(f"{self._prefix} ...")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, args=(self._stop,), daemon=True)
        self._thread.start()

    def detail(self, text: str) -> None:
        self._detail = f": {text}"

    def done(self, seconds: float, size: int) -> None:
        self._end()
        self.say(f"{self._prefix}  {human_time(seconds)}, {human_size(size)}")

    def failed(self) -> None:
        self._end()
        self.say(f"{self._prefix}  stopped")

    def _end(self) -> None:
        if self._stop is not None and self._thread is not None:
            self._stop.set()
            self._thread.join()

    def _beat(self, stop: threading.Event) -> None:
        started = time.monotonic()
        while not stop.wait(self.heartbeat):
            self.say(
                f"{self._prefix} {human_time(time.monotonic() - started)} so far{self._detail}"
            )


class RichReporter:
    """A live line for the running step; finished steps scroll by above it."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console = Console(stderr=True, highlight=False)
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._prefix = ""
        self._name = ""

    def say(self, text: str) -> None:
        self.console.print(text, markup=False)

    def plan(self, total: int, todo: int) -> None:
        self.say(f"{todo} of {total} steps to run" if todo else f"all {total} steps are up to date")

    def start(self, number: int, total: int, name: str) -> None:
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._prefix, self._name = f"[{number}/{total}]", name
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
        )
        self._task = self._progress.add_task(f"{self._prefix} {name}", total=None)
        self._progress.start()

    def detail(self, text: str) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=f"{self._prefix} {self._name}: {text}")

    def done(self, seconds: float, size: int) -> None:
        self._end("green", f"{human_time(seconds)}, {human_size(size)}")

    def failed(self) -> None:
        self._end("red", "stopped")

    def _end(self, colour: str, text: str) -> None:
        from rich.text import Text

        if self._progress is not None:
            self._progress.stop()
            self._progress = None
        line = Text(f"{self._prefix:>8} ")
        line.append(f"{self._name:<28}", style="bold")
        line.append(text, style=colour)
        self.console.print(line)


def make_reporter() -> Reporter:
    """Rich where a person watches a terminal and Rich is installed, else plain lines."""
    if sys.stderr.isatty():
        try:
            return RichReporter()
        except ImportError:
            pass
    return PlainReporter()
