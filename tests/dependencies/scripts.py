"""What TypeScript and JavaScript files import: every form, by value and by type.

Read by patterns and not by a parser, since TypeScript 7 offers none to programs; test_layers.py
compares what is found here with what esbuild's parser finds. Names that are no relative path
(packages, Node's own modules, addresses below /dist/) are nobody's source.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from .graph import Dependency, files_with, name_of, source_of

SUFFIXES = (".ts", ".mjs", ".js")
# A statement begins a line. Between its keyword and the text of the path are names and braces, no
# quote and no semicolon.
STATEMENT = re.compile(
    r"""^[ \t]*(?P<keyword>import|export)\b(?P<what>[^;'"`()]*?)(?:\bfrom\b)?\s*"""
    r"""(?P<quote>['"])(?P<path>\.[^'"]*)(?P=quote)""",
    re.MULTILINE,
)
CALL = re.compile(r"""\bimport\(\s*(['"`])(?P<path>\.[^'"`$]*)\1""")

# Made by a build: no sources, whatever lies about after one.
BUILT = {"console.mjs", "core.mjs", "sospeso.mjs", "prices.mjs", "jspi-polyfill.mjs"}


def is_type_only(what: str) -> bool:
    """Whether the words between `import` and `from` name types only."""
    what = what.strip()
    if re.match(r"type\b(?!\s*,|\s*from\b|\s*$)", what):
        return True
    names = re.fullmatch(r"\{(.*)\}", what, re.DOTALL)
    if names is None:
        return False
    each = [name.strip() for name in names[1].split(",") if name.strip()]
    return bool(each) and all(name.startswith("type ") for name in each)


def resolve(file: Path, written: str) -> Path | None:
    """The file that a relative path means, `.ts` or none at its end; None: there is none."""
    target = source_of(Path(os.path.normpath(file.parent / written)))
    for candidate in (target, target.with_name(target.name + ".ts"), target / "index.ts"):
        if candidate.is_file():
            return candidate
    return None


def read(file: Path, text: str) -> list[tuple[int, str, str]]:
    """(line, path as written, "import" or "type") of every relative import in a text."""
    found = []
    for match in STATEMENT.finditer(text):
        how = "type" if is_type_only(match["what"]) else "import"
        found.append((text.count("\n", 0, match.start("keyword")) + 1, match["path"], how))
    for match in CALL.finditer(text):
        # `import("./x.ts").Name` is the type Name, in TypeScript; a value is waited for.
        after = text[match.end() :].lstrip(") \n")
        is_type = file.suffix == ".ts" and re.match(r"\.[A-Z]", after) is not None
        line = text.count("\n", 0, match.start()) + 1
        found.append((line, match["path"], "type" if is_type else "import"))
    return sorted(found)


@cache
def dependencies() -> tuple[Dependency, ...]:
    """Of all TypeScript and JavaScript files of the project.

    Raises:
        AssertionError: a relative path leads to no file.
    """
    found = []
    for file in files_with(*SUFFIXES):
        for line, written, how in read(file, file.read_text(encoding="utf-8")):
            if Path(written).name in BUILT:
                continue
            target = resolve(file, written)
            assert target is not None, f"{name_of(file)}:{line}: {written} leads to no file"
            found.append(Dependency(name_of(file), line, name_of(target), how))
    return tuple(found)
