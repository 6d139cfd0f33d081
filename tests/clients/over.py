"""What the clients run over: our dist/, or Pyodide's own npm package with our lock file beside it.

Why: a check that fails over ours says something only when it passes over Pyodide. npm's package of
Pyodide has no wheels, and those of its lock file lie on a host of its own; so both get the same
wheels and the same lock file. Chosen by $SOSPESO_CLIENTS_OVER, which __main__.py sets.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.peer import install_peer
from sospeso.paths import cache_dir, dist_dir, need_dist

VARIABLE = "SOSPESO_CLIENTS_OVER"
OURS = "sospeso"
PEER = "pyodide"


@dataclass(frozen=True)
class Over:
    """A dist: its name in the table, and where it is."""

    name: str
    dist: Path

    @property
    def is_ours(self) -> bool:
        """Whether it is ours, and not the peer."""
        return self.name == OURS


def chosen() -> list[str]:
    """The names of what to run over."""
    return os.environ.get(VARIABLE, OURS).split(",")


@cache
def get(name: str) -> Over:
    """A dist by its name; the peer's is put together when it is needed first."""
    ours = need_dist("pyodide.mjs", "pyodide-lock.json")
    return Over(name, ours if name == OURS else _peer_with_packages())


def _peer_with_packages() -> Path:
    ours = dist_dir()
    lock = (ours / "pyodide-lock.json").read_bytes()
    digest = hashlib.sha256(lock).hexdigest()[:16]
    folder = cache_dir() / "clients" / f"pyodide-with-{digest}"
    if not folder.exists():
        half = folder.with_suffix(".part")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(install_peer(), half)
        for file in (ours / "pyodide-lock.json", *ours.glob("*.whl")):
            shutil.copy(file, half)
        half.rename(folder)
    return folder
