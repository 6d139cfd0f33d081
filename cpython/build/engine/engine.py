# The step engine: runs what changed, keeps the rest, and runs steps that do not need each other at
# the same time.
# A step's digest covers its recipe, its code (digest.py), its input files, the digests of the steps
# it needs and what these really took from outside; its output folder is named after that digest and
# never changes afterwards. Called by driver.py with the steps of plan.py; the tests drive it with
# toy steps.
#
# Invariants
# 1. steps/<key>/ exists only when complete: it is renamed there, with its marker inside, on one
#    file system. An interrupted build therefore leaves no half output, and the next one resumes.
# 2. A step never writes into another step's output.
# 3. One build at a time per cache (flock on `lock`); `status` only reads.
# 4. An output belongs to the inputs its name stands for: they are looked at again when a step
#    starts and when it ends.
# 5. Pruning never removes an output of the plan that is running.
# 6. Digests are computed by the main thread alone, between steps; a step's thread only runs it.
"""Cached, resumable build steps."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import IO, Any

from . import commands, errors
from .digest import FileHashes, code_sha256, tree_files, tree_size
from .progress import Reporter
from .step import MARKER, Context, Step, Tools

KEEP = 2  # outputs kept per step: the current one and the one before
# Steps at once: a step that computes on one core beside one that uses all of them.
AT_ONCE = 3


class Engine:
    """Runs steps; see the invariants at the top."""

    def __init__(
        self,
        project: Path,
        cache: Path,
        reporter: Reporter,
        toolchain: Callable[[Engine], Tools] | None = None,
        jobs: int | None = None,
    ) -> None:
        self.project = project
        self.cache = cache
        self.reporter = reporter
        self.jobs = jobs or os.cpu_count() or 1
        self.hashes = FileHashes(cache / "filehashes.json")
        self._digests: dict[Step, str] = {}
        self._make_toolchain = toolchain
        self._toolchain: Tools | None = None

    # --- names ---------------------------------------------------------------------------------

    def digest(self, step: Step) -> str:
        """The step's digest (hex sha256), remembered until a step has run."""
        known = self._digests.get(step)
        if known is not None:
            return known
        parts: dict[str, Any] = {
            "name": step.label,
            "recipe": step.recipe,
            "code": code_sha256(step.run),
            "needs": [[self.digest(need), self.identity(need)] for need in step.needs],
            "files": [],
        }
        for root in step.files:
            for file in tree_files(root):
                name = os.path.relpath(file, self.project)
                parts["files"].append([name, self.hashes.of(file)])
        text = json.dumps(parts, sort_keys=True)
        self._digests[step] = digest = hashlib.sha256(text.encode()).hexdigest()
        return digest

    def identity(self, step: Step) -> str | None:
        """What a step really took from outside: None if it is not done, "" if it takes nothing."""
        if not step.identity:
            return ""
        file = self.path(step) / step.identity
        return file.read_text(encoding="utf-8") if self.is_done(step) else None

    def key(self, step: Step) -> str:
        """The name of the step's output folder."""
        return f"{step.label}-{self.digest(step)[:16]}"

    def path(self, step: Step) -> Path:
        """Where the step's output is, or will be."""
        return self.cache / "steps" / self.key(step)

    def is_done(self, step: Step) -> bool:
        """Whether the output is there, complete."""
        return (self.path(step) / MARKER).is_file()

    def info(self, step: Step) -> dict[str, Any]:
        """The marker of a complete step: `seconds` it took, `bytes` of its output, `digest`."""
        data: dict[str, Any] = json.loads((self.path(step) / MARKER).read_text(encoding="utf-8"))
        return data

    def hash_of(self, file: Path) -> str:
        """sha256 (hex) of an input file."""
        return self.hashes.of(file)

    def tools(self) -> Tools:
        """The toolchain, made at first use (its root is itself a step's output)."""
        if self._toolchain is None:
            assert self._make_toolchain is not None, "this engine has no toolchain"
            self._toolchain = self._make_toolchain(self)
        return self._toolchain

    # --- running -------------------------------------------------------------------------------

    def run(self, steps: Sequence[Step]) -> list[Step]:
        """Brings every step up to date, needed ones first; returns those that had to run.

        Raises BuildError: the first step that failed; those that ran beside it were stopped.
        """
        try:
            with self.locked():
                return self._run_locked(steps)
        except OSError as error:
            raise errors.from_os_error(error, self.cache) from error
        finally:
            self.reporter.close()

    def _run_locked(self, steps: Sequence[Step]) -> list[Step]:
        ran: list[Step] = []
        finished: set[Step] = set()
        pending = longest_way_first(steps)
        self.reporter.plan(len(pending), [step for step in pending if not self.is_done(step)])
        running: dict[Future[float], tuple[Step, str]] = {}
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                try:
                    while pending or running:
                        step = self._next(pending, finished, len(running) < AT_ONCE)
                        if step is not None:
                            pending.remove(step)
                            if self.is_done(step):
                                os.utime(
                                    self.path(step) / MARKER
                                )  # "used now": pruning goes by this
                                finished.add(step)
                            else:
                                key = self.key(step)
                                running[pool.submit(self._execute, step, key)] = (step, key)
                                ran.append(step)
                            continue
                        assert running, f"{pending[0].name} needs what is not in the plan"
                        for future in wait(running, return_when=FIRST_COMPLETED).done:
                            step, key = running.pop(future)
                            self._complete(step, key, future.result())
                            finished.add(step)
                except BaseException:
                    commands.end_all()
                    self._keep(running)
                    raise
        finally:
            commands.allow()  # those that were stopped have ended: the pool waited for them
        self.hashes.save()
        if ran:
            self._prune(steps)
        return ran

    def _keep(self, running: Mapping[Future[float], tuple[Step, str]]) -> None:
        """Waits for steps that were stopped, and keeps the outputs of those that ended well."""
        wait(running)
        for future, (step, key) in running.items():
            if future.exception() is None:
                with contextlib.suppress(errors.BuildError):
                    self._complete(step, key, future.result())

    def _next(self, pending: Sequence[Step], finished: set[Step], room: bool) -> Step | None:
        """A step that may begin now: what it needs is done, and it is done itself or has room."""
        for step in pending:
            if finished.issuperset(step.needs):
                # Somebody may have edited since it was asked for, and what it needs has run.
                self._digests.pop(step, None)
                if room or self.is_done(step):
                    return step
        return None

    def _execute(self, step: Step, key: str) -> float:
        """Runs a step in the thread of its own; the seconds that it took."""
        work = self.cache / "work" / key
        if work.exists() and not step.resumable:
            shutil.rmtree(work)
        out, tmp = work / "out", work / "tmp"
        if out.exists():
            shutil.rmtree(out)
        log = self.cache / "logs" / f"{step.label}.log"
        for folder in (out, tmp, log.parent, self.cache / "steps"):
            folder.mkdir(parents=True, exist_ok=True)
        log.write_text(f"# {key}\n", encoding="utf-8")
        started = time.monotonic()
        context = Context(
            step,
            self.project,
            self.cache,
            out,
            tmp,
            log,
            self.jobs,
            self,
            lambda text: self.reporter.detail(step, text),
            self.reporter.say,
        )
        self.reporter.start(step)
        try:
            step.run(context)
        except OSError as error:
            self.reporter.failed(step)
            raise errors.from_os_error(error, self.cache) from error
        except BaseException:
            self.reporter.failed(step)
            raise
        return time.monotonic() - started

    def _complete(self, step: Step, key: str, seconds: float) -> None:
        """Puts a step's output in its place."""
        self._digests.pop(step)
        if self.key(step) != key:
            self.reporter.failed(step)
            raise errors.BuildError(
                f"an input of {step.label} was edited while it was being built",
                "run the same command again",
            )
        out = self.cache / "work" / key / "out"
        size = tree_size(out)
        marker = {
            "step": step.label,
            "digest": self.digest(step),
            "seconds": round(seconds, 1),
            "bytes": size,
        }
        (out / MARKER).write_text(json.dumps(marker), encoding="utf-8")
        final = self.path(step)
        if final.exists():  # without its marker: not ours to trust
            shutil.rmtree(final)
        out.rename(final)
        shutil.rmtree(self.cache / "work" / key, ignore_errors=True)
        self.reporter.done(step, seconds, size)

    def _prune(self, current: Iterable[Step]) -> None:
        """Removes all but the newest KEEP outputs of each step, and scratch nobody resumes."""
        keep = {self.key(step) for step in current}
        by_label: dict[str, list[tuple[float, Path]]] = {}
        for folder in (self.cache / "steps").iterdir():
            marker = folder / MARKER
            used = marker.stat().st_mtime if marker.exists() else 0.0
            by_label.setdefault(folder.name.rpartition("-")[0], []).append((used, folder))
        for entries in by_label.values():
            for _, folder in sorted(entries, reverse=True)[KEEP:]:
                if folder.name not in keep:
                    shutil.rmtree(folder, ignore_errors=True)
        work = self.cache / "work"
        if work.exists():
            for folder in work.iterdir():
                if folder.name not in keep:
                    shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the cache's lock; waits, and says so, while another process has it."""
        self.cache.mkdir(parents=True, exist_ok=True)
        with (self.cache / "lock").open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.reporter.say(f"waiting: {_lock_holder(file)} is building in {self.cache}")
                fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            file.truncate()
            file.write(f"process {os.getpid()} (since {time.strftime('%H:%M:%S')})")
            file.flush()
            yield


def longest_way_first(steps: Sequence[Step]) -> list[Step]:
    """The steps by the time from their start to the end of the plan, the longest first."""
    way: dict[Step, float] = {}
    for step in reversed(steps):  # a plan names what is needed before what needs it
        after = (way[user] for user in steps if step in user.needs)
        way[step] = step.seconds + max(after, default=0.0)
    return sorted(steps, key=lambda step: -way[step])


def _lock_holder(file: IO[str]) -> str:
    file.seek(0)
    return file.read().strip() or "another process"
