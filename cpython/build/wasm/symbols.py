# After the link: what libraries may import leaves the core's export section and becomes a table of
# names, core.symbols.json.
# Why: thousands of exports would be so many objects at each start, and as many assignments in
# Emscripten's glue, for pages that never load a library. A function is found by its slot in the
# core's table instead, which it has anyway where its address is taken, so that a pointer to it is
# the same number on both sides; a variable is found by its address.
# Called by link.py, before Binaryen makes the Asyncify core, which keeps slots and addresses.
#
# Invariants
# 1. Each function has one slot: the first one that names it.
# 2. No slot that was there moves; new ones come after the last.
"""Exports that become slots and addresses."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..engine.errors import BuildError
from .wasm import (
    ELEMENT,
    END,
    EXPORT,
    GLOBAL,
    HEADER,
    I32_CONST,
    OF_FUNCTION,
    OF_GLOBAL,
    TABLE,
    content_of,
    exports,
    imports,
    leb,
    read_leb,
    section,
    sections,
    text,
    vector,
)

I32 = 0x7F
UNKNOWN = "teach cpython/build/wasm/symbols.py what this compiler makes"


@dataclass(frozen=True)
class Symbols:
    """Name -> slot of the core's table; name -> address in its memory."""

    functions: dict[str, int]
    data: dict[str, int]

    def json(self) -> str:
        """As the linker reads it."""
        tables = {"functions": self.functions, "data": self.data}
        return json.dumps(tables, sort_keys=True, separators=(",", ":")) + "\n"


def take_out(
    module: bytes, names: Mapping[str, str], kept: Collection[str]
) -> tuple[bytes, Symbols]:
    """The module without the exports that libraries get, and where they are found.

    Args:
        module: the core as it was linked.
        names: what libraries call it -> the export.
        kept: exports that JavaScript wants as well.

    Raises:
        BuildError: a name is not exported, or the module is built in an unknown way.
    """
    wanted = set(names.values())
    found = {name: (kind, index) for name, kind, index in exports(module)}
    if missing := sorted(wanted - found.keys()):
        raise BuildError(f"the core does not export {', '.join(missing)}", "see exports.py")
    first, elements = _elements(module)
    slots: dict[int, int] = {}
    for slot, function in enumerate(elements, first):
        slots.setdefault(function, slot)
    addresses = _addresses(module)
    functions, data = {}, {}
    for name, export in sorted(names.items()):
        kind, index = found[export]
        if kind == OF_FUNCTION:
            if index not in slots:
                slots[index] = first + len(elements)
                elements.append(index)
            functions[name] = slots[index]
        elif kind == OF_GLOBAL:
            data[name] = addresses[index]
        else:
            raise BuildError(f"{name} is neither a function nor a variable", UNKNOWN)
    left = [
        text(name) + bytes([kind]) + leb(index)
        for name, (kind, index) in found.items()
        if name not in wanted or name in kept
    ]
    table = b"\0" + bytes([I32_CONST]) + _signed(first) + bytes([END])
    new = {
        TABLE: vector([_table(module, first + len(elements))]),
        EXPORT: vector(left),
        ELEMENT: vector([table + vector([leb(function) for function in elements])]),
    }
    parts = [module[:HEADER]]
    for kind, start, _, end in sections(module, HEADER, len(module)):
        parts.append(section(kind, new[kind]) if kind in new else module[start:end])
    return b"".join(parts), Symbols(functions, data)


def _elements(module: bytes) -> tuple[int, list[int]]:
    """The first slot that is filled, and the functions there and behind."""
    at, end = _content(module, ELEMENT)
    count, at = read_leb(module, at)
    flags, at = read_leb(module, at)
    if count != 1 or flags != 0 or module[at] != I32_CONST:
        raise BuildError("the core's table is not filled by one active segment", UNKNOWN)
    first, at = read_leb(module, at + 1)
    count, at = read_leb(module, at + 1)
    functions = []
    for _ in range(count):
        function, at = read_leb(module, at)
        functions.append(function)
    if at != end:
        raise BuildError("the core's element section has more than it says", UNKNOWN)
    return first, functions


def _table(module: bytes, size: int) -> bytes:
    """The one table, with so many slots, and without a limit."""
    at, _ = _content(module, TABLE)
    count, at = read_leb(module, at)
    kind, flags = module[at], module[at + 1]
    if count != 1 or flags != 0:
        raise BuildError("the core has not one table that can grow", UNKNOWN)
    return bytes([kind, flags]) + leb(size)


def _addresses(module: bytes) -> dict[int, int]:
    """Index of a global that never changes -> its value."""
    index = sum(kind == OF_GLOBAL for _, _, kind in imports(module))
    at, _ = _content(module, GLOBAL)
    count, at = read_leb(module, at)
    found = {}
    for number in range(index, index + count):
        kind, changes, opcode = module[at : at + 3]
        if opcode != I32_CONST:  # none of an address
            at = module.index(END, at + 3) + 1
            continue
        value, at = _read_signed(module, at + 3)
        if kind == I32 and not changes:
            found[number] = value & 0xFFFFFFFF
        at += 1
    return found


def _content(module: bytes, kind: int) -> tuple[int, int]:
    found = content_of(module, kind)
    if found is None:
        raise BuildError(f"the core has no section {kind}", UNKNOWN)
    return found


def _signed(number: int) -> bytes:
    """A number that is not negative as signed LEB128: the highest bit is its sign."""
    encoded = bytearray()
    while number > 63:
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _read_signed(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return (number - (1 << shift) if byte & 64 else number), at
