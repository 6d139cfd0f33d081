"""Who is compared: the two cores of dist/, and the peer. Their files, and how big those are.

Why: an engine needs to know what to import, the download measure what a page has to fetch. The
list of files is data here and checked against what the browser really asked for (drivers.py).
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import brotli

from sospeso.paths import UserError, cache_dir

from .targets import Contender as Key

OURS = ("sospeso.mjs", "core.mjs", "python_stdlib.zip")
PEERS = (
    "pyodide.mjs",
    "pyodide.asm.js",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)


@dataclass(frozen=True)
class Contender:
    """One runtime.

    Attributes:
        key: its name in the samples.
        folder: where its files are.
        module: the file that exports loadPyodide.
        files: what a page fetches to run `1+1`.
        options: given to loadPyodide.
    """

    key: Key
    folder: Path
    module: str
    files: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)

    @property
    def wasm(self) -> str:
        """The wasm among the files."""
        return next(name for name in self.files if name.endswith(".wasm"))

    def check(self) -> None:
        """Raises: UserError: a file is missing."""
        missing = [name for name in self.files if not (self.folder / name).is_file()]
        if missing:
            raise UserError(f"{self.folder} has no {', '.join(missing)}. Build first: make build")


def own(key: Key, core: str, folder: Path) -> Contender:
    """One of our cores in a dist/."""
    return Contender(key, folder, OURS[0], (*OURS, f"core.{core}.wasm"), {"core": core})


def peer(folder: Path) -> Contender:
    """Pyodide in the folder of its npm package."""
    return Contender("peer", folder, PEERS[0], PEERS)


def packed_sizes(path: Path) -> tuple[int, int]:
    """Bytes of a file as gzip -9 and as brotli 11, never more than the file itself.

    Brotli at 11 takes seconds for a megabyte: remembered in the cache by the file's hash.
    """
    data = path.read_bytes()
    store = cache_dir() / "packed-sizes.json"
    key = hashlib.sha256(data).hexdigest()
    try:
        known = json.loads(store.read_text())
    except (OSError, ValueError):
        known = {}
    if key not in known:
        packed = brotli.compress(data, quality=11, lgwin=24)
        known[key] = [len(gzip.compress(data, 9, mtime=0)), len(packed)]
        store.parent.mkdir(parents=True, exist_ok=True)
        store.write_text(json.dumps(known, indent=1))
    sizes = known[key]
    return min(sizes[0], len(data)), min(sizes[1], len(data))
