# The step engine: runs what changed, keeps the rest.
# A step's digest covers its recipe, the text of its function, its input files and the digests of
# the steps it needs; its output folder is named after that digest and never changes afterwards.
# Called by __main__.py with the steps of plan.py; the tests drive it with toy steps.
#
# Invariants
# 1. steps/<key>/ exists only when complete: it is renamed there, with its marker inside, on one
#    file system. An interrupted build therefore leaves no half output, and the next one resumes.
# 2. A step never writes into another step's output.
# 3. One build at a time per cache (flock on `lock`); `status` only reads.
# 4. An output belongs to the inputs its name stands for: they are looked at again when a step
#    starts and when it ends.
# 5. Pruning never removes an output of the plan that is running.
"""Cached, resumable build steps."""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import inspect
import json
import os
import shutil
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from . import errors

if TYPE_CHECKING:
    from .progress import Reporter
    from .toolchain import Toolchain

KEEP = 2  # outputs kept per step: the current one and the one before
MARKER = ".complete"


@dataclass(frozen=True, eq=False)
class Step:
    """One unit of work.

    `recipe` is JSON-able data that shapes the output; `files` are inputs (files or folders) read
    from the project; `needs` are steps whose outputs are read; `run` fills `Context.out`.
    `variant` (a profile's name) keeps the outputs of profiles apart when old ones are pruned.
    With `resumable`, `Context.tmp` survives an interruption, for tools that resume by themselves.
    """

    name: str
    run: Callable[[Context], None]
    needs: tuple[Step, ...] = ()
    files: tuple[Path, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    variant: str = ""
    resumable: bool = False

    @property
    def label(self) -> str:
        """Name and variant, e.g. `zlib.release`."""
        return f"{self.name}.{self.variant}" if self.variant else self.name


@dataclass
class Context:
    """What a running step sees. All paths are absolute and the same inside the toolchain root."""

    step: Step
    project: Path  # the checkout
    cache: Path
    out: Path  # fill this folder; it becomes the output
    tmp: Path  # scratch on the same file system
    log: Path
    jobs: int
    engine: Engine
    reporter: Reporter

    def output(self, step: Step) -> Path:
        """The complete output folder of a step this one needs."""
        assert step in self.step.needs, f"{self.step.name} does not declare {step.name}"
        return self.engine.path(step)

    @property
    def toolchain(self) -> Toolchain:
        """The toolchain; the step must (indirectly) need the toolchain step."""
        return self.engine.toolchain()

    def run(
        self,
        argv: Sequence[str | Path],
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Runs a command in the toolchain, its output to the step's log; raises BuildError."""
        self.toolchain.run([str(a) for a in argv], cwd=cwd or self.tmp, log=self.log, env=env)

    def script(
        self, text: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        """Runs a bash script in the toolchain, stopping at the first failure."""
        self.run(["/bin/bash", "-euo", "pipefail", "-c", text], cwd=cwd, env=env)

    def note(self, text: str) -> None:
        """Says what the step is doing now (shown next to its name, and logged)."""
        self.reporter.detail(text)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"# {text}\n")


class FileHashes:
    """sha256 of input files, remembered by their stat data, so that unchanged ones are not read."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.changed = False
        try:
            self.known: dict[str, list[Any]] = json.loads(store.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.known = {}

    def of(self, path: Path) -> str:
        """sha256 (hex) of a file's content."""
        stat = path.stat()
        stamp = [stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino]
        entry = self.known.get(str(path))
        if entry is not None and entry[0] == stamp:
            return str(entry[1])
        digest = file_sha256(path)
        # A file written within the last second could change again under the same stamp.
        if time.time_ns() - stat.st_mtime_ns > 1_000_000_000:
            self.known[str(path)] = [stamp, digest]
            self.changed = True
        return digest

    def save(self) -> None:
        """Writes what was learnt; losing it only costs time, so a failure is ignored."""
        if not self.changed:
            return
        with contextlib.suppress(OSError):
            part = self.store.with_suffix(".part")
            part.write_text(json.dumps(self.known), encoding="utf-8")
            part.replace(self.store)
            self.changed = False


def file_sha256(path: Path) -> str:
    """sha256 (hex) of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tree_files(path: Path) -> Iterator[Path]:
    """The files of a folder in a fixed order, or the file itself; caches of tools left out."""
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(f for f in folders if f not in ("__pycache__", "node_modules", ".git"))
        for name in sorted(names):
            yield Path(folder, name)


def tree_size(path: Path) -> int:
    """Bytes in all regular files below `path` (links are not followed)."""
    total = 0
    stack = [str(path)]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    total += entry.stat(follow_symlinks=False).st_size
    return total


def source_text(function: Callable[[Context], None]) -> str:
    """A function's source without comments and layout, so that only a change of meaning counts."""
    return ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(function))))


class Engine:
    """Runs steps in order; see the invariants at the top."""

    def __init__(
        self,
        project: Path,
        cache: Path,
        reporter: Reporter,
        toolchain: Callable[[Engine], Toolchain] | None = None,
        jobs: int | None = None,
    ) -> None:
        self.project = project
        self.cache = cache
        self.reporter = reporter
        self.jobs = jobs or os.cpu_count() or 1
        self.hashes = FileHashes(cache / "filehashes.json")
        self._digests: dict[Step, str] = {}
        self._make_toolchain = toolchain
        self._toolchain: Toolchain | None = None

    # --- names ---------------------------------------------------------------------------------

    def digest(self, step: Step) -> str:
        """The step's digest (hex sha256), computed once per engine."""
        known = self._digests.get(step)
        if known is not None:
            return known
        parts: dict[str, Any] = {
            "name": step.label,
            "recipe": step.recipe,
            "code": source_text(step.run),
            "needs": [self.digest(need) for need in step.needs],
            "files": [],
        }
        for root in step.files:
            for file in tree_files(root):
                name = os.path.relpath(file, self.project)
                parts["files"].append([name, self.hashes.of(file)])
        text = json.dumps(parts, sort_keys=True)
        self._digests[step] = digest = hashlib.sha256(text.encode()).hexdigest()
        return digest

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

    def toolchain(self) -> Toolchain:
        """The toolchain, made at first use (its root is itself a step's output)."""
        if self._toolchain is None:
            assert self._make_toolchain is not None, "this engine has no toolchain"
            self._toolchain = self._make_toolchain(self)
        return self._toolchain

    # --- running -------------------------------------------------------------------------------

    def run(self, steps: Sequence[Step]) -> list[Step]:
        """Brings every step up to date, in the given order; returns those that had to run."""
        try:
            with self.locked():
                return self._run_locked(steps)
        except OSError as error:
            raise errors.from_os_error(error, self.cache) from error

    def _run_locked(self, steps: Sequence[Step]) -> list[Step]:
        todo = sum(not self.is_done(step) for step in steps)
        self.reporter.plan(len(steps), todo)
        ran: list[Step] = []
        for number, step in enumerate(steps, 1):
            if ran:  # a while has gone by: somebody may have edited
                self._digests.pop(step)
            if self.is_done(step):
                os.utime(self.path(step) / MARKER)  # "used now": pruning goes by this
            else:
                self._execute(step, number, len(steps))
                ran.append(step)
        self.hashes.save()
        if ran:
            self._prune(steps)
        return ran

    def _execute(self, step: Step, number: int, total: int) -> None:
        for need in step.needs:
            assert self.is_done(need), (
                f"{step.name} runs before {need.name}: wrong order in the plan"
            )
        key = self.key(step)
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
            step, self.project, self.cache, out, tmp, log, self.jobs, self, self.reporter
        )
        self.reporter.start(number, total, step.label)
        try:
            step.run(context)
        except OSError as error:
            self.reporter.failed()
            raise errors.from_os_error(error, self.cache) from error
        except BaseException:
            self.reporter.failed()
            raise
        self._digests.pop(step)
        if self.key(step) != key:
            self.reporter.failed()
            raise errors.BuildError(
                f"an input of {step.label} was edited while it was being built",
                "run the same command again",
            )
        seconds = round(time.monotonic() - started, 1)
        size = tree_size(out)
        marker = {
            "step": step.label,
            "digest": self.digest(step),
            "seconds": seconds,
            "bytes": size,
        }
        (out / MARKER).write_text(json.dumps(marker), encoding="utf-8")
        final = self.path(step)
        if final.exists():  # without its marker: not ours to trust
            shutil.rmtree(final)
        out.rename(final)
        shutil.rmtree(work, ignore_errors=True)
        self.reporter.done(seconds, size)

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


def _lock_holder(file: IO[str]) -> str:
    file.seek(0)
    return file.read().strip() or "another process"
