# Reads pins.toml, the one file that says which versions and sources are used.
# It exists so that every other module sees typed values and no module repeats a
# version. Called by plan.py; the tests check the file's shape through it.
"""Typed view of `pins.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("pins.toml")


@dataclass(frozen=True)
class Source:
    """One archive: `sha256` is of the file, `url` and `pool` are where to look for it.

    Where it is not served any more, another version of the series `within` may stand for it.
    """

    name: str
    version: str
    within: str
    file: str
    sha256: str
    pool: str
    url: str | None = None


@dataclass(frozen=True)
class Pins:
    """All pinned versions; `sources` by short name."""

    cpython: str
    python: str
    emscripten: str
    suite: str
    packages: tuple[str, ...]
    sources: dict[str, Source]


def load(path: Path = FILE) -> Pins:
    """Reads the pins; raises `tomllib.TOMLDecodeError` or `KeyError` when malformed."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    versions, debian = data["versions"], data["debian"]
    return Pins(
        cpython=versions["cpython"],
        python=versions["python"],
        emscripten=versions["emscripten"],
        suite=debian["suite"],
        packages=tuple(debian["packages"]),
        sources={name: Source(name=name, **entry) for name, entry in data["source"].items()},
    )
