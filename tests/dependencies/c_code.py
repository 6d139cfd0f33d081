"""What C files include, and the functions they call behind the includes' back.

Why the second: a line `extern int f(void);` in a .c file calls another folder and shows in no
#include. So every name that one .c file defines and another one uses has to be declared in a
header that the user includes. Read by patterns: our C is formatted, and declares at the top level.

What stays unseen: imports from JavaScript (`host_*`), which are bound by name at run time, as are
the exports that JavaScript calls; and what CPython calls after our patches.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cpython.build.steps.profiles import C_FOLDERS, FORCED_INCLUDE
from sospeso.paths import ROOT

from .graph import Dependency, files_with, name_of, source_of

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
# What compile_flags() of cpython/build/steps/objects.py gives to -I and is ours.
INCLUDE_FOLDERS = (ROOT,)
NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'", re.DOTALL)
WORD = re.compile(r"[A-Za-z_]\w*")


def resolve(file: Path, written: str, quoted: bool) -> Path | None:
    """The project's file that an #include means; None when it is none of the project's."""
    for folder in (*([file.parent] if quoted else []), *INCLUDE_FOLDERS):
        target = source_of(Path(os.path.normpath(folder / written)))
        if target.is_file():
            return target if target.is_relative_to(ROOT) else None
    return None


def includes(file: Path) -> list[tuple[int, Path]]:
    """(line, file) of each #include of the project's own."""
    text = file.read_text(encoding="utf-8")
    found = []
    for match in INCLUDE.finditer(text):
        target = resolve(file, match[1] or match[2], match[1] is not None)
        if target is not None:
            found.append((text.count("\n", 0, match.start()) + 1, target))
    return found


@cache
def dependencies() -> tuple[Dependency, ...]:
    """The includes of all C files and headers of the project."""
    return tuple(
        Dependency(name_of(file), line, name_of(target), "include")
        for file in files_with(".c", ".h")
        for line, target in includes(file)
    )


def without_noise(text: str) -> str:
    """The text with comments and strings blanked; every character and line keeps its place."""
    return NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def top_level(text: str) -> str:
    """The text with directives and the insides of braces blanked: declarations are left."""
    text = re.sub(
        r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.MULTILINE
    )
    out, depth = [], 0
    for character in text:
        depth -= character == "}"
        out.append(character if depth == 0 or character == "\n" else " ")
        depth += character == "{"
    return "".join(out)


@dataclass(frozen=True)
class Names:
    """What a file says of names with external linkage: name -> line.

    Attributes:
        defined: functions with a body, and variables.
        declared: prototypes and `extern` variables.
    """

    defined: dict[str, int]
    declared: dict[str, int]


FUNCTION = re.compile(r"([A-Za-z_]\w*)\s*\((?!\s*\*)")
VARIABLE = re.compile(r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*$")
POINTER = re.compile(r"\(\s*\*\s*([A-Za-z_]\w*)\s*\)\s*\(")
# Words before a declaration that are no part of its type: the import of a name from JavaScript.
ATTRIBUTE = re.compile(
    r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)|\b(?:SOSPESO_)?IMPORT\s*\([^()]*\)"
)
# Types are nobody's symbol, nor is a variable of a type that has no name.
TYPE = re.compile(
    r"\btypedef\b[^;{}]*(?:\{\s*\})?[^;{}]*;"
    r"|\b(?:static\s+)?(?:struct|enum|union)\b[\w\s]*\{\s*\}[^;{}]*;"
    r"|\b_Static_assert\b[^;]*;"
)


@cache
def names(file: Path) -> Names:
    """The names that a C file or header defines and declares."""
    text = top_level(without_noise(file.read_text(encoding="utf-8")))
    text = TYPE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    defined: dict[str, int] = {}
    declared: dict[str, int] = {}
    for match in re.finditer(r"[^;{}]*(;|\{\s*\}\s*;?)", text):
        statement, end = match[0][: -len(match[1])], match[1]
        words = ATTRIBUTE.sub(" ", statement)
        if not words.strip() or re.search(r"\bstatic\b", words):
            continue
        head = words.split("=")[0].rstrip()
        pointer, function = POINTER.search(head), FUNCTION.search(head)
        if pointer and function:  # a pointer to a function, or a function that takes one
            pointer, function = (
                (pointer, None) if pointer.start() < function.start() else (None, function)
            )
        found = pointer or function or VARIABLE.search(head)
        if found is None or re.fullmatch(r"\s*(struct|enum|union)\s+\w+\s*", head):
            continue
        line = text.count("\n", 0, match.start() + len(statement) - len(statement.lstrip())) + 1
        is_declaration = end == ";" and (
            re.search(r"\bextern\b", words) is not None
            or (function is not None and "=" not in words)
        )
        (declared if is_declaration else defined)[found[1]] = line
    return Names(defined, declared)


def with_what_it_includes(file: Path) -> set[Path]:
    """The headers that a file sees, its own includes' includes too, and the forced one."""
    seen: set[Path] = set()
    work = [ROOT / FORCED_INCLUDE[0], *(target for _, target in includes(file))]
    while work:
        header = work.pop()
        if header not in seen and header.suffix == ".h":
            seen.add(header)
            work += [target for _, target in includes(header)]
    return seen


def core_files() -> list[Path]:
    """The .c files that are linked into the core (c_files() of cpython/build/steps/objects.py)."""
    return [file for file in files_with(".c", below=C_FOLDERS) if file.parent.name != "example"]


@cache
def definitions() -> dict[str, Path]:
    """Name with external linkage -> the .c file that defines it."""
    return {name: file for file in core_files() for name in names(file).defined}


@cache
def symbols() -> tuple[tuple[str, Dependency], ...]:
    """Names that one .c file defines and another uses without a header that declares them."""
    found = []
    for file in core_files():
        text = without_noise(file.read_text(encoding="utf-8"))
        headers = with_what_it_includes(file)
        known = {name for header in headers for name in names(header).declared}
        known |= names(file).defined.keys()
        for match in WORD.finditer(text):
            name, definer = match[0], definitions().get(match[0])
            if definer is None or name in known:
                continue
            # libc's own names, such as `raise`, are words that stand for other things as well.
            if name.startswith("sospeso_") or name in names(file).declared:
                known.add(name)
                line = text.count("\n", 0, match.start()) + 1
                found.append((name, Dependency(name_of(file), line, name_of(definer), "symbol")))
    return tuple(found)


def hidden_externs() -> list[str]:
    """`extern` within a function, which the readers above do not see: file and line."""
    found = []
    for file in core_files():
        text = without_noise(file.read_text(encoding="utf-8"))
        outside = top_level(text)
        found += [
            f"{name_of(file)}:{text.count(chr(10), 0, match.start()) + 1}"
            for match in re.finditer(r"^(?![ \t]*#).*\bextern\b", text, re.MULTILINE)
            if "extern" not in outside[match.start() : match.end()]
        ]
    return found
