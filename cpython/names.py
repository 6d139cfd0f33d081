# The "name" section of a wasm module: read it, cut it off.
# Why: what Binaryen is told about functions is told by name, and a release ships without names.
# Called by link.py.
"""Names of a wasm module's functions."""

from __future__ import annotations

FUNCTION_NAMES = 1  # the subsection, by the WebAssembly specification, appendix A.2


def _leb(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and where it ends."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, at


def _text(data: bytes, at: int) -> tuple[str, int]:
    size, at = _leb(data, at)
    return data[at : at + size].decode(), at + size


def _name_section(module: bytes) -> tuple[int, int, int] | None:
    """Where it begins, where its content begins, and where it ends."""
    at = 8  # after the magic number and the version
    while at < len(module):
        start, kind = at, module[at]
        size, content = _leb(module, at + 1)
        at = content + size
        if kind == 0:
            name, inside = _text(module, content)
            if name == "name":
                return start, inside, at
    return None


def function_names(module: bytes) -> list[str]:
    """The names of all functions that have one, imports included, in the order of their indices."""
    found = _name_section(module)
    if found is None:
        return []
    _, at, end = found
    names = []
    while at < end:
        kind = module[at]
        size, at = _leb(module, at + 1)
        following = at + size
        if kind == FUNCTION_NAMES:
            count, at = _leb(module, at)
            for _ in range(count):
                _, at = _leb(module, at)
                name, at = _text(module, at)
                names.append(name)
        at = following
    return names


def without_names(module: bytes) -> bytes:
    """The module with no "name" section; every other byte stays."""
    found = _name_section(module)
    return module if found is None else module[: found[0]] + module[found[2] :]
