# What an output is made from, as hashes: files, folders, and the code of a step.
# It exists so that a cached output can never belong to other inputs than its name says. Called by
# engine.py, and by the steps that hash files.
#
# Invariants
# 1. The code of a step is its function, the module that defines it, and every module of the
#    project that this one imports, by whatever way. A helper that changes makes the step run again.
# 2. Comments, docstrings and layout do not count; everything else does.
"""Hashes of files and of code."""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import inspect
import json
import os
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Modules that only speak to people: what they do cannot shape an output.
SPEAKS_ONLY = ("errors", "progress")


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


# --- code -----------------------------------------------------------------------------------------


def source_text(function: Callable[..., Any]) -> str:
    """A function's source without comments and layout, so that only a change of meaning counts."""
    return _plain(ast.parse(textwrap.dedent(inspect.getsource(function))))


def code_sha256(function: Callable[..., Any]) -> str:
    """sha256 (hex) of a step's code: see invariant 1."""
    digest = hashlib.sha256(source_text(function).encode())
    file = inspect.getsourcefile(function)
    if file is not None:
        for module in sorted(modules_of(Path(file).resolve())):
            digest.update(
                f"\n{module.name}\n{_module_text(module, module.stat().st_mtime_ns)}".encode()
            )
    return digest.hexdigest()


def modules_of(file: Path) -> set[Path]:
    """A module's file and those of the project's modules that it imports, directly or not."""
    found: set[Path] = set()
    todo = [file]
    while todo:
        module = todo.pop()
        if module not in found:
            found.add(module)
            todo += _imported(module, module.stat().st_mtime_ns)
    return found


@functools.cache
def _module_text(file: Path, changed: int) -> str:
    return _plain(ast.parse(file.read_text(encoding="utf-8")))


@functools.cache
def _imported(file: Path, changed: int) -> tuple[Path, ...]:
    """Files of the project's modules that a module names in an import, wherever that stands."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped: set[ast.AST] = set()
    found: list[Path] = []
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            skipped.update(part for statement in node.body for part in ast.walk(statement))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                found += _files(_root(file), alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = file.parents[node.level - 1] if node.level else _root(file)
            parts = node.module.split(".") if node.module else []
            found += _files(base, parts)
            for alias in node.names:
                found += _files(base, [*parts, alias.name])
    return tuple(path for path in found if path.stem not in SPEAKS_ONLY)


def _root(file: Path) -> Path:
    """The folder that absolute imports of the project's modules begin at."""
    folder = file.parent
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return folder


def _files(base: Path, parts: list[str]) -> list[Path]:
    if not parts or any(part == "*" for part in parts):
        return []
    path = base.joinpath(*parts)
    candidates = (path.with_name(f"{path.name}.py"), path / "__init__.py")
    return [candidate for candidate in candidates if candidate.is_file()]


def _plain(tree: ast.Module) -> str:
    """Source text without comments, layout and docstrings."""
    for node in ast.walk(tree):
        may_have = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        if isinstance(node, may_have) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
