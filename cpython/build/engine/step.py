# What a step is, and what it sees while it runs.
# It exists so that the modules with the steps and the engine that runs them need not know each
# other: a step knows this file, the engine knows this file. Used by everything in this folder.
"""Steps and their context."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

MARKER = ".complete"


@dataclass(frozen=True, eq=False)
class Step:
    """One unit of work.

    `recipe` is JSON-able data that shapes the output; `files` are inputs (files or folders) read
    from the project; `needs` are steps whose outputs are read; `run` fills `Context.out`.
    `variant` (a profile's name) keeps the outputs of profiles apart when old ones are pruned.
    With `resumable`, `Context.tmp` survives an interruption, for tools that resume by themselves.
    `identity` names a file of the output that says what was really taken from outside (versions,
    hashes); its content belongs to the digests of the steps that need this one. `seconds` is what
    the step takes on two cores, about: it decides the order and what is said to be left.
    """

    name: str
    run: Callable[[Context], None]
    needs: tuple[Step, ...] = ()
    files: tuple[Path, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    variant: str = ""
    resumable: bool = False
    identity: str = ""
    seconds: float = 1.0

    @property
    def label(self) -> str:
        """Name and variant, e.g. `zlib.release`."""
        return f"{self.name}.{self.variant}" if self.variant else self.name


class Tools(Protocol):
    """The part of the toolchain (toolchain.py) that steps use."""

    @property
    def python(self) -> str:
        """A Python of the same minor version as the CPython that is built."""

    def run(
        self, argv: Sequence[str], *, cwd: Path, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        """Runs a command, its output to `log`; raises BuildError."""

    def output(self, argv: Sequence[str], *, cwd: Path) -> str:
        """What a short command prints."""


class Build(Protocol):
    """The part of the engine (engine.py) that steps use."""

    def path(self, step: Step) -> Path:
        """Where a step's output is."""

    def digest(self, step: Step) -> str:
        """What a step's output is made from, as one hash."""

    def hash_of(self, file: Path) -> str:
        """sha256 (hex) of an input file."""

    def tools(self) -> Tools:
        """The toolchain."""


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
    build: Build
    show: Callable[[str], None]  # what the step is doing now
    say: Callable[[str], None]  # a line that the reader must see

    def output(self, step: Step) -> Path:
        """The complete output folder of a step this one needs."""
        assert step in self.step.needs, f"{self.step.name} does not declare {step.name}"
        return self.build.path(step)

    @property
    def toolchain(self) -> Tools:
        """The toolchain; the step must (indirectly) need the toolchain step."""
        return self.build.tools()

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
        self.show(text)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"# {text}\n")
