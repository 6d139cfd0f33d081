# What the Asyncify core need not instrument: never_waits.toml, made into names of functions.
# Why: Binaryen takes every call through a pointer for one that may wait, and so nearly all of
# CPython. It finds by itself what follows from the functions named here. Called by link.py.
"""Functions that never wait."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import filter as matching
from pathlib import Path

from ..engine.errors import BuildError

FILE = Path(__file__).with_name("never_waits.toml")


@dataclass(frozen=True)
class Never:
    """One reason, and what it is true of: functions (`*` in a name: several), all of an archive."""

    why: str
    functions: tuple[str, ...]
    archives: tuple[str, ...]


def read(file: Path = FILE) -> list[Never]:
    """The entries of the file.

    Raises:
        BuildError: an entry has no reason, names nothing, or has a key that is not known.
    """
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["never"]
    for entry in entries:
        unknown = entry.keys() - {"why", "functions", "archives"}
        if unknown or not entry.get("why") or len(entry) < 2:
            raise BuildError(
                f"{file.name}: {entry} needs a `why`, and `functions` or `archives`",
                "see the entries around it",
            )
    return [
        Never(entry["why"], tuple(entry.get("functions", ())), tuple(entry.get("archives", ())))
        for entry in entries
    ]


def base_name(name: str) -> str:
    """A function's name in C; link-time optimisation adds `.123` to a second static one."""
    return name.split(".", 1)[0]


def functions(
    entries: Iterable[Never],
    linked: Sequence[Path],
    present: Sequence[str],
    defined_in: Callable[[Path], set[str]],
) -> list[str]:
    """The functions of the core that are never to be instrumented.

    Args:
        entries: what is known.
        linked: all that was linked, archives and objects.
        present: the names in the linked module, the C library's among them, but not of what was
            inlined.
        defined_in: the names that an archive or object defines.

    Raises:
        BuildError: an archive was not linked, or a named function is in nothing that was.
    """
    symbols = {path: defined_in(path) for path in linked}
    everything = set().union(map(base_name, present), *symbols.values())
    named: set[str] = set()
    for entry in entries:
        of_these = {name: matching(everything, name) for name in entry.functions}
        missing = [name for name, found in of_these.items() if not found]
        for archive in entry.archives:
            ours = [path for path in linked if path.name == archive]
            if not ours:
                missing.append(archive)
            # A static function's name may be another one's too: then it stays instrumented.
            others = set().union(*(symbols[path] for path in linked if path not in ours))
            named |= set().union(*(symbols[path] for path in ours)) - others
        if missing:
            raise BuildError(
                f"{FILE.name} names {', '.join(missing)}, which nothing that was linked has",
                "take it out, or give its new name",
            )
        named = named.union(*of_these.values())
    return sorted(name for name in present if base_name(name) in named)
