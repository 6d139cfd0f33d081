# Reads and writes what the build changes in a wasm module: names, and bodies of functions.
# Why: Binaryen has no pass for what fast_copies.py does, and a library would be one more thing to
# install for the little of the format that is needed (WebAssembly specification, chapter 5).
# Every other byte of a module stays as it is. Called by names.py,
# fast_copies.py, symbols.py, exports.py.
"""The binary format of wasm modules."""

from __future__ import annotations

from collections.abc import Iterator

from ..engine.errors import BuildError

HEADER = 8  # the magic number and the version
CUSTOM, TYPE, IMPORT, FUNCTION, TABLE, GLOBAL, EXPORT, ELEMENT, CODE = (
    *(0, 1, 2, 3, 4, 6, 7, 9, 10),  # sections
)
OF_FUNCTION, OF_GLOBAL = 0, 3  # kinds of imports and exports
FUNCTION_NAMES = 1  # the subsection of the section "name" (appendix A.2)

IF, END, RETURN, CALL, LOCAL_GET, LOCAL_SET, LOCAL_TEE = 0x04, 0x0B, 0x0F, 0x10, 0x20, 0x21, 0x22
GLOBAL_GET, I32_CONST, I32_EQ = 0x23, 0x41, 0x46
NO_RESULT = 0x40  # the type of an `if` or a block


def read_leb(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and where it ends."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, at


def leb(number: int) -> bytes:
    """A number as unsigned LEB128."""
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def read_text(data: bytes, at: int) -> tuple[str, int]:
    """A name, and where it ends."""
    size, at = read_leb(data, at)
    return data[at : at + size].decode(), at + size


def text(name: str) -> bytes:
    """A name, encoded."""
    encoded = name.encode()
    return leb(len(encoded)) + encoded


def section(kind: int, content: bytes) -> bytes:
    """A section, encoded; subsections of the section "name" look the same."""
    return bytes([kind]) + leb(len(content)) + content


def sections(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Of each section: its kind, where it begins, where its content begins, and where it ends."""
    while at < end:
        start = at
        size, content = read_leb(data, at + 1)
        at = content + size
        yield data[start], start, content, at


def name_section(module: bytes) -> tuple[int, int, int] | None:
    """Where the section "name" begins, where its content begins, and where it ends."""
    for kind, start, content, end in sections(module, HEADER, len(module)):
        if kind == CUSTOM:
            name, inside = read_text(module, content)
            if name == "name":
                return start, inside, end
    return None


def content_of(module: bytes, wanted: int) -> tuple[int, int] | None:
    """Where the content of a section that is no custom one begins and ends."""
    for kind, _, content, end in sections(module, HEADER, len(module)):
        if kind == wanted:
            return content, end
    return None


def imports(module: bytes) -> Iterator[tuple[str, str, int]]:
    """Of each import: the module it is from, its name, its kind."""
    found = content_of(module, IMPORT)
    if found is None:
        return
    count, at = read_leb(module, found[0])
    for _ in range(count):
        source, at = read_text(module, at)
        name, at = read_text(module, at)
        kind, at = module[at], at + 1
        yield source, name, kind
        if kind == OF_FUNCTION:  # its type
            _, at = read_leb(module, at)
        elif kind in (1, 2):  # a table: its type; a table or a memory: flags, limits
            at += kind == 1
            flags, at = module[at], at + 1
            for _ in range(1 + (flags & 1)):
                _, at = read_leb(module, at)
        elif kind == OF_GLOBAL:  # its type, whether it changes
            at += 2
        else:  # a tag: 0, its type
            _, at = read_leb(module, at + 1)


def exports(module: bytes) -> Iterator[tuple[str, int, int]]:
    """Of each export: its name, its kind, the index of what is exported."""
    found = content_of(module, EXPORT)
    if found is None:
        return
    count, at = read_leb(module, found[0])
    for _ in range(count):
        name, at = read_text(module, at)
        kind = module[at]
        index, at = read_leb(module, at + 1)
        yield name, kind, index


class Module:
    """A module whose functions can be changed and added to.

    `bodies` are those of the functions that are not imported; the first of them has the index
    `imported`. `names` and `exports` are of functions only.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = {
            kind: (content, end)
            for kind, _, content, end in sections(data, HEADER, len(data))
            if kind != CUSTOM
        }
        self._parameters = self._read_types()
        self.imported = self._read_imports()
        self._types, self.bodies = self._read_functions()
        self.exports = self._read_exports()
        self.names = self._read_names()

    def parameters(self, index: int) -> int:
        """How many parameters a function has that is not imported."""
        return self._parameters[self._types[index - self.imported]]

    def add(self, like: int, body: bytes, name: str) -> int:
        """Adds a function of the type of the function `like`; its index."""
        index = self.imported + len(self.bodies)
        self.bodies.append(body)
        self._types.append(self._types[like - self.imported])
        self.names[index] = name
        return index

    def encode(self) -> bytes:
        """The module as it is now."""
        data = self._data
        parts = [data[:HEADER]]
        for kind, start, content, end in sections(data, HEADER, len(data)):
            if kind == FUNCTION:
                parts.append(section(kind, vector([leb(number) for number in self._types])))
            elif kind == CODE:
                bodies = [leb(len(body)) + body for body in self.bodies]
                parts.append(section(kind, vector(bodies)))
            elif kind == CUSTOM and read_text(data, content)[0] == "name":
                parts.append(section(kind, self._encode_names(content, end)))
            else:
                parts.append(data[start:end])
        return b"".join(parts)

    def _encode_names(self, at: int, end: int) -> bytes:
        _, inside = read_text(self._data, at)
        parts = [self._data[at:inside]]
        for kind, start, _, following in sections(self._data, inside, end):
            if kind == FUNCTION_NAMES:
                names = [leb(index) + text(name) for index, name in sorted(self.names.items())]
                parts.append(section(kind, vector(names)))
            else:
                parts.append(self._data[start:following])
        return b"".join(parts)

    def _read_types(self) -> list[int]:
        """How many parameters each type has."""
        data = self._data
        at, end = self._at[TYPE]
        count, at = read_leb(data, at)
        parameters = []
        for _ in range(count):
            if data[at] != 0x60:
                raise BuildError(f"wasm type {data[at]:#x} is not known", "add it to wasm.py")
            number, at = read_leb(data, at + 1)
            parameters.append(number)
            results, at = read_leb(data, at + number)
            at += results
        if at != end:
            raise BuildError(
                "a wasm type's parameters are not known", "see cpython/build/wasm/wasm.py"
            )
        return parameters

    def _read_imports(self) -> int:
        """How many functions are imported."""
        return sum(kind == OF_FUNCTION for _, _, kind in imports(self._data))

    def _read_functions(self) -> tuple[list[int], list[bytes]]:
        """Of each function that is not imported: its type, its body."""
        data = self._data
        count, at = read_leb(data, self._at[FUNCTION][0])
        types = []
        for _ in range(count):
            number, at = read_leb(data, at)
            types.append(number)
        count, at = read_leb(data, self._at[CODE][0])
        bodies = []
        for _ in range(count):
            size, at = read_leb(data, at)
            bodies.append(data[at : at + size])
            at += size
        return types, bodies

    def _read_exports(self) -> dict[str, int]:
        return {name: index for name, kind, index in exports(self._data) if kind == OF_FUNCTION}

    def _read_names(self) -> dict[int, str]:
        found = name_section(self._data)
        return {} if found is None else read_names(self._data, *found[1:])


def read_names(data: bytes, at: int, end: int) -> dict[int, str]:
    """The names of functions in the content of a section "name"."""
    names = {}
    for kind, _, content, _ in sections(data, at, end):
        if kind == FUNCTION_NAMES:
            count, place = read_leb(data, content)
            for _ in range(count):
                index, place = read_leb(data, place)
                names[index], place = read_text(data, place)
    return names


def vector(items: list[bytes]) -> bytes:
    """Their number and they themselves."""
    return leb(len(items)) + b"".join(items)


# --- instructions -------------------------------------------------------------------------------


def _immediates() -> list[str]:
    """What follows each opcode: a letter for each immediate; `?` is an opcode not known here.

    l: a number; v: several, their count first; m: alignment and offset; 1, 4, 8: bytes.
    """
    kinds = ["?"] * 256
    for first, last, letters in (
        (0x00, 0x01, ""),  # unreachable, nop
        (0x02, 0x04, "l"),  # block, loop, if
        (0x05, 0x05, ""),  # else
        (0x06, 0x09, "l"),  # try, catch, throw, rethrow
        (0x0B, 0x0B, ""),  # end
        (0x0C, 0x0D, "l"),  # br, br_if
        (0x0E, 0x0E, "vl"),  # br_table
        (0x0F, 0x0F, ""),  # return
        (0x10, 0x10, "l"),  # call
        (0x11, 0x11, "ll"),  # call_indirect
        (0x18, 0x18, "l"),  # delegate
        (0x19, 0x1B, ""),  # catch_all, drop, select
        (0x1C, 0x1C, "v"),  # select, of a type
        (0x20, 0x26, "l"),  # local, global and table .get, .set, .tee
        (0x28, 0x3E, "m"),  # loads and stores
        (0x3F, 0x42, "l"),  # memory.size, memory.grow, i32.const, i64.const
        (0x43, 0x43, "4"),  # f32.const
        (0x44, 0x44, "8"),  # f64.const
        (0x45, 0xC4, ""),  # arithmetic
        (0xD0, 0xD0, "l"),  # ref.null
        (0xD1, 0xD1, ""),  # ref.is_null
        (0xD2, 0xD2, "l"),  # ref.func
    ):
        kinds[first : last + 1] = [letters] * (last + 1 - first)
    return kinds


IMMEDIATES = _immediates()
# What follows a second opcode, by the first.
IMMEDIATES_OF = {
    # conversions that saturate, bulk memory, tables
    0xFC: (*[""] * 8, "ll", "l", "ll", "l", "ll", "l", "ll", "l", "l", "l"),
    # SIMD: loads and a store; const, shuffle; splats; lanes; arithmetic, with loads of lanes inside
    0xFD: (
        *["m"] * 12,
        *["88"] * 2,
        *[""] * 7,
        *["1"] * 14,
        *[""] * (0x54 - 0x23),
        *["m1"] * 8,
        *["m"] * 2,
        *[""] * (0x100 - 0x5E),
    ),
    # atomics: a fence, and accesses
    0xFE: (*["m"] * 3, "1", *["?"] * 12, *["m"] * (0x4F - 0x10)),
}


def instructions(body: bytes) -> Iterator[int]:
    """Where each instruction of a function's body begins, what declares its locals left out.

    Raises:
        BuildError: an instruction is not known here.
    """
    groups, at = read_leb(body, 0)
    for _ in range(groups):
        _, at = read_leb(body, at)
        at += 1
    while at < len(body):
        yield at
        opcode, at = body[at], at + 1
        letters = IMMEDIATES[opcode]
        if opcode in IMMEDIATES_OF:
            second, at = read_leb(body, at)
            more = IMMEDIATES_OF[opcode]
            letters = more[second] if second < len(more) else "?"
        for letter in letters:
            at = _after(body, at, letter)
    if at != len(body):
        raise BuildError(
            "a wasm function could not be read to its end", "see cpython/build/wasm/wasm.py"
        )


def _after(body: bytes, at: int, letter: str) -> int:
    """Where an immediate ends."""
    if letter == "?":
        raise BuildError(
            f"wasm instruction {body[at - 1]:#x} is not known",
            "add it to cpython/build/wasm/wasm.py",
        )
    if letter in "148":
        return at + int(letter)
    numbers = 2 if letter == "m" else 1
    if letter == "v":
        numbers, at = read_leb(body, at)
    for _ in range(numbers):
        while body[at] > 127:
            at += 1
        at += 1
    return at
