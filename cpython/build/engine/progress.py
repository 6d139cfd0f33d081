# What a person sees of a build: which steps run, how long already, and what is left.
# Two faces of one interface: Rich on a terminal, plain lines elsewhere (with a sign of life every
# 30 seconds, because CI systems kill silent jobs). Called by engine.py, and by steps via Context.
# Steps run in threads of their own: every method may be called by any of them.
"""Progress reporters."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TextIO

from .step import Step

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

HEARTBEAT_SECONDS = 30.0
# How much faster than one after the other two cores run the steps of a build from nothing, about.
SIDE_BY_SIDE = 1.4


class Reporter(Protocol):
    """The engine calls plan() once, then start(), detail() and done() or failed() for each step."""

    def plan(self, total: int, todo: Sequence[Step]) -> None:
        """Of `total` steps those in `todo` will run."""

    def start(self, step: Step) -> None:
        """A step begins."""

    def detail(self, step: Step, text: str) -> None:
        """What a running step is doing now."""

    def done(self, step: Step, seconds: float, size: int) -> None:
        """A step ended well; `size` of its output in bytes."""

    def failed(self, step: Step) -> None:
        """A step failed or was interrupted."""

    def say(self, text: str) -> None:
        """A line for the reader."""

    def close(self) -> None:
        """The build has ended."""


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


class Estimate:
    """How long the rest takes: what the steps take on two cores, scaled by what was seen so far."""

    def __init__(self, todo: Sequence[Step]) -> None:
        self._left = {step: step.seconds for step in todo}
        self._expected = self._taken = 0.0
        self._begun = time.monotonic()

    def done(self, step: Step, seconds: float) -> None:
        """A step ended."""
        self._left.pop(step, None)
        self._expected += step.seconds
        self._taken += seconds

    @property
    def steps_left(self) -> int:
        """Steps that run or wait."""
        return len(self._left)

    @property
    def elapsed(self) -> float:
        """Seconds since the build began."""
        return time.monotonic() - self._begun

    def seconds_left(self, running: Sequence[tuple[Step, float]]) -> float:
        """`running`: the steps that run, each with the seconds that it has run."""
        pace = self._taken / self._expected if self._expected > 20 else 1.0
        left = sum(self._left.values()) * pace
        left -= sum(min(seconds, step.seconds * pace) for step, seconds in running)
        return max(left, 0.0) / SIDE_BY_SIDE

    def text(self, running: Sequence[tuple[Step, float]]) -> str:
        """Elapsed time and what is left, for people."""
        left = self.seconds_left(running)
        about = f"about {round(left / 60)} min" if left > 90 else f"about {round(left, -1):.0f} s"
        return f"{human_time(self.elapsed)} so far, {about} left"


class PlainReporter:
    """One line per event."""

    def __init__(self, stream: TextIO | None = None, heartbeat: float = HEARTBEAT_SECONDS) -> None:
        self.stream = stream or sys.stderr
        self.heartbeat = heartbeat
        self._lock = threading.Lock()
        self._running: dict[Step, tuple[float, str]] = {}  # since when, doing what
        self._estimate = Estimate([])
        self._todo = 0
        self._stop: threading.Event | None = None

    def say(self, text: str) -> None:
        print(text, file=self.stream, flush=True)

    def plan(self, total: int, todo: Sequence[Step]) -> None:
        self._estimate, self._todo = Estimate(todo), len(todo)
        if not todo:
            self.say(f"all {total} steps are up to date")
            return
        self.say(f"{len(todo)} of {total} steps to run")
        self._stop = threading.Event()
        threading.Thread(target=self._beat, args=(self._stop,), daemon=True).start()

    def start(self, step: Step) -> None:
        with self._lock:
            self._running[step] = (time.monotonic(), "")
        self.say(f"        {step.label} ...")

    def detail(self, step: Step, text: str) -> None:
        with self._lock:
            self._running[step] = (self._running[step][0], text)

    def done(self, step: Step, seconds: float, size: int) -> None:
        with self._lock:
            self._running.pop(step, None)
            self._estimate.done(step, seconds)
            at = self._todo - self._estimate.steps_left
        self.say(f"[{at}/{self._todo}] {step.label}  {human_time(seconds)}, {human_size(size)}")

    def failed(self, step: Step) -> None:
        with self._lock:
            self._running.pop(step, None)
        self.say(f"        {step.label}  stopped")

    def close(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def _beat(self, stop: threading.Event) -> None:
        while not stop.wait(self.heartbeat):
            with self._lock:
                now = time.monotonic()
                running = [(step, now - since) for step, (since, _) in self._running.items()]
                shown = [
                    f"{step.label}{f' ({doing})' if doing else ''}"
                    for step, (_, doing) in self._running.items()
                ]
                text = self._estimate.text(running)
            self.say(f"        {text}; running: {', '.join(shown) or 'nothing'}")


class RichReporter:
    """A live block: the whole build and each running step; finished steps scroll by above it."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console = Console(stderr=True, highlight=False)
        self._lock = threading.RLock()
        self._progress: Progress | None = None
        self._whole: TaskID | None = None
        self._tasks: dict[Step, tuple[TaskID, float]] = {}
        self._estimate = Estimate([])
        self._todo = 0

    def say(self, text: str) -> None:
        self.console.print(text, markup=False)

    def plan(self, total: int, todo: Sequence[Step]) -> None:
        self._estimate, self._todo = Estimate(todo), len(todo)
        if not todo:
            self.say(f"all {total} steps are up to date")
            return
        from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TextColumn
        from rich.text import Text

        reporter = self

        class Left(TextColumn):
            """Elapsed and left on the first line, elapsed on a step's."""

            def render(self, task: Task) -> Text:
                if task.id == reporter._whole:
                    return Text(reporter._left())
                return Text(human_time(task.elapsed or 0.0))

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            Left(""),
            console=self.console,
            transient=True,
        )
        self._whole = self._progress.add_task(f"0 of {len(todo)} steps", total=len(todo))
        self._progress.start()

    def start(self, step: Step) -> None:
        with self._lock:
            if self._progress is not None:
                task = self._progress.add_task(step.label, total=None)
                self._tasks[step] = (task, time.monotonic())

    def detail(self, step: Step, text: str) -> None:
        with self._lock:
            if self._progress is not None and step in self._tasks:
                shown = f"{step.label}: {text if len(text) < 60 else text[:57] + '...'}"
                self._progress.update(self._tasks[step][0], description=shown)

    def done(self, step: Step, seconds: float, size: int) -> None:
        self._estimate.done(step, seconds)
        self._end(step, "green", f"{human_time(seconds)}, {human_size(size)}")

    def failed(self, step: Step) -> None:
        self._end(step, "red", "stopped")

    def close(self) -> None:
        with self._lock:
            if self._progress is not None:
                self._progress.stop()
                self._progress = None

    def _left(self) -> str:
        with self._lock:
            now = time.monotonic()
            return self._estimate.text([(s, now - since) for s, (_, since) in self._tasks.items()])

    def _end(self, step: Step, colour: str, text: str) -> None:
        from rich.text import Text

        with self._lock:
            at = self._todo - self._estimate.steps_left
            if self._progress is not None and self._whole is not None:
                task = self._tasks.pop(step, None)
                if task is not None:
                    self._progress.remove_task(task[0])
                shown = f"{at} of {self._todo} steps"
                self._progress.update(self._whole, completed=at, description=shown)
            line = Text(f"{f'[{at}/{self._todo}]':>8} ")
            line.append(f"{step.label:<28}", style="bold")
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
