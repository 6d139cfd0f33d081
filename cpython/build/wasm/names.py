# The "name" section of a wasm module: read it, cut it off.
# Why: what Binaryen is told about functions is told by name, and a release ships without names.
# Called by link.py.
"""Names of a wasm module's functions."""

from __future__ import annotations

from . import wasm


def function_names(module: bytes) -> list[str]:
    """The names of all functions that have one, imports included, in the order of their indices."""
    found = wasm.name_section(module)
    return [] if found is None else list(wasm.read_names(module, *found[1:]).values())


def without_names(module: bytes) -> bytes:
    """The module with no "name" section; every other byte stays."""
    found = wasm.name_section(module)
    return module if found is None else module[: found[0]] + module[found[2] :]
