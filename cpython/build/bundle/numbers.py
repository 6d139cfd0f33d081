# Numbers that two languages share stand once: in the table numbers.toml of the folder whose idea
# they are. From each table this makes a C header and a TypeScript module, and where a number is
# the C library's, a header that compares it. They go to build/generated/, never into git.
# Called by objects.py before it compiles, and by javascript.py and the tests before they bundle or
# check types.
#
# A table consists of groups. In a group a word in capitals is a number:
#   NAME = 3                  the number
#   NAME = [3, "..."]         the same and what it is, a comment in both languages
#   NAME = "..."              what it is; `each` numbers it
#   NAME = { number = 8, is = "sizeof(struct pollfd)" }
#                             by a C expression, where `headers` say what it is compared with
# A word in small letters says how the group is made:
#   about    what the numbers are; required
#   each     "next": 0, 1, 2 and so on in order; "bit": 1, 2, 4 and so on
#   headers  the numbers are the C library's, which has them in these headers: C code gets them from
#            there, and a comparison does not compile when one of them differs
#   object   TypeScript gets one object of this name in place of constants
# Before the groups, `c_prefix` may say what C code has before each name.
#
# Invariants
# 1. A number has 32 bits. From 2^31 on it is unsigned in C, and in TypeScript negative, with the
#    same bits: so do its operators on bits and an Int32Array give it.
# 2. A file is written only when its text changes, and appears at once: programs that run side by
#    side may all generate.
"""C headers and TypeScript modules of the numbers that both languages use."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.errors import BuildError

PROJECT = Path(__file__).resolve().parent.parent.parent.parent
FOLDERS = ("jspi", "ffi", "polyfills", "asyncio_bridge", "runtime")  # that may have a table
TABLE = "numbers.toml"
GENERATED = "build/generated"

NAME = re.compile(r"[A-Z][A-Z0-9_]*")
EACH = ("next", "bit")


@dataclass(frozen=True)
class Number:
    """`expression` is what the C library calls it."""

    name: str
    value: int
    comment: str
    expression: str

    @property
    def signed(self) -> int:
        """Its 32 bits, read with a sign."""
        return self.value - 2**32 if self.value >= 2**31 else self.value


@dataclass(frozen=True)
class Group:
    """Numbers that belong together; see the top of this file."""

    about: str
    numbers: tuple[Number, ...]
    headers: tuple[str, ...] = ()
    object: str = ""


@dataclass(frozen=True)
class Table:
    """One numbers.toml; `path` is its place in the project."""

    path: str
    groups: tuple[Group, ...]
    c_prefix: str = ""

    def names(self) -> list[str]:
        """The names of all numbers, as TypeScript has them."""
        return [number.name for group in self.groups for number in group.numbers]


# --- reading ------------------------------------------------------------------------------------


def parse(path: str, text: str) -> Table:
    """Reads a table.

    Args:
        path: its place in the project, for the generated files and for errors.
        text: what it says.

    Raises:
        BuildError: it is not TOML, or not a table as described at the top of this file.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(path, f"it is not TOML: {error}") from None
    prefix = found.pop("c_prefix", "")
    if not isinstance(prefix, str):
        raise _wrong(path, "c_prefix is a string")
    for key, value in found.items():
        if not isinstance(value, dict):
            raise _wrong(path, f"{key} stands outside of a group")
    return Table(path, tuple(_group(path, key, value) for key, value in found.items()), prefix)


def _group(path: str, key: str, entries: dict[str, Any]) -> Group:
    numbers = {name: value for name, value in entries.items() if NAME.fullmatch(name)}
    settings = {name: value for name, value in entries.items() if name not in numbers}
    about = settings.pop("about", "")
    each = settings.pop("each", "")
    headers = settings.pop("headers", [])
    name = settings.pop("object", "")
    if settings:
        raise _wrong(path, f"[{key}] has a setting that is not known: {', '.join(settings)}")
    if not about or each not in ("", *EACH) or not numbers:
        raise _wrong(path, f'[{key}] needs numbers and `about`; `each` is "next" or "bit"')
    return Group(
        about,
        tuple(
            _number(path, name, value, each, place, bool(headers))
            for place, (name, value) in enumerate(numbers.items())
        ),
        tuple(headers),
        name,
    )


def _number(path: str, name: str, entry: Any, each: str, place: int, of_library: bool) -> Number:
    value: Any
    comment, expression = "", name
    match entry:
        case str() if each:
            value, comment = (1 << place if each == "bit" else place), entry
        case [value, str(comment)] if not each:
            pass
        case {"number": value, "is": str(expression)} if of_library and len(entry) == 2:
            pass
        case int() if not each:
            value = entry
        case _:
            raise _wrong(path, f"{name} = {entry!r} is not how a number is written in its group")
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**31) <= value < 2**32:
        raise _wrong(path, f"{name} is {value!r}, which is no number of 32 bits")
    if "*/" in comment:
        raise _wrong(path, f"what {name} is ends the comments of C")
    return Number(name, value, comment, expression)


def _wrong(path: str, what: str) -> BuildError:
    return BuildError(
        f"{path}: {what}", "the top of cpython/build/bundle/numbers.py says what may stand"
    )


# --- writing ------------------------------------------------------------------------------------


def c_header(table: Table) -> str:
    """The numbers as enums; macros where an int of C is too small. Not those of the C library."""
    guard = f"SOSPESO_{re.sub('[^A-Z]', '_', table.path.removesuffix('.toml').upper())}_H"
    lines = [f"/* Made from {table.path}. */", f"#ifndef {guard}", f"#define {guard}"]
    for group in table.groups:
        if group.headers:
            continue
        lines += ["", f"/* {group.about} */"]
        small = [number for number in group.numbers if number.value < 2**31]
        if small:
            lines.append("enum {")
            for number in small:
                comment = f" /* {number.comment} */" if number.comment else ""
                lines.append(f"    {table.c_prefix}{number.name} = {number.value},{comment}")
            lines.append("};")
        for number in group.numbers:
            if number not in small:
                comment = f" /* {number.comment} */" if number.comment else ""
                lines.append(f"#define {table.c_prefix}{number.name} {number.value:#x}u{comment}")
    return "\n".join([*lines, "", "#endif", ""])


def typescript(table: Table) -> str:
    """All the numbers, as constants or objects of constants."""
    lines = [f"// Made from {table.path}."]
    # Objects last: esbuild puts a constant in the place of its name only while nothing else has
    # come before it.
    for group in sorted(table.groups, key=lambda group: group.object != ""):
        lines += ["", f"// {group.about}"]
        if group.object:
            lines.append(f"export const {group.object} = {{")
            lines += (f"  {number.name}: {number.signed}," for number in group.numbers)
            lines.append("} as const;")
            continue
        for number in group.numbers:
            if number.comment:
                lines.append(f"/** {number.comment} */")
            lines.append(f"export const {number.name} = {number.signed};")
    return "\n".join([*lines, ""])


def comparison(table: Table) -> str:
    """C that compiles only when the numbers are the C library's; "" when none are."""
    groups = [group for group in table.groups if group.headers]
    if not groups:
        return ""
    lines = [f"/* Made from {table.path}. */"]
    lines += [f"#include <{name}>" for name in sorted({n for g in groups for n in g.headers})]
    for group in groups:
        lines += ["", f"/* {group.about} */"]
        for number in group.numbers:
            value = f"{number.value:#x}u" if number.value >= 2**31 else str(number.value)
            told = f"{table.path} says that {number.name} is {number.value}"
            lines.append(f'_Static_assert(({number.expression}) == {value}, "{told}");')
    return "\n".join([*lines, ""])


# --- files --------------------------------------------------------------------------------------


def tables(project: Path) -> list[Path]:
    """The tables of a project, sorted."""
    return sorted(file for name in FOLDERS for file in (project / name).rglob(TABLE))


def read(project: Path) -> list[Table]:
    """The project's tables.

    Raises:
        BuildError: one of them is wrong, or two have a number of the same name.
    """
    found = []
    seen: dict[str, str] = {}
    for file in tables(project):
        table = parse(file.relative_to(project).as_posix(), file.read_text(encoding="utf-8"))
        for name in table.names():
            if name in seen:
                raise _wrong(table.path, f"{name} is in {seen[name]} already")
            seen[name] = table.path
        found.append(table)
    return found


def _texts(found: list[Table]) -> Iterator[tuple[str, str]]:
    for table in found:
        stem = table.path.removesuffix(".toml")
        yield f"{stem}.h", c_header(table)
        yield f"{stem}.ts", typescript(table)
        if compared := comparison(table):
            yield f"{stem}_compared.h", compared


def generate(project: Path = PROJECT) -> list[Path]:
    """Brings build/generated/ up to date; returns the files that were written or removed.

    Raises:
        BuildError: a table is wrong.
    """
    changed = []
    folder = project / GENERATED
    wanted = {folder / name: text for name, text in _texts(read(project))}
    for file, text in wanted.items():
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        part.replace(file)
        changed.append(file)
    for file in folder.rglob("[!.]*.*"):  # of a table that is gone, or has moved
        if file.is_file() and file not in wanted:
            file.unlink(missing_ok=True)
            changed.append(file)
    return changed
