"""Programs that tests run inside the runtime, kept in files that the linters read.

`test_x.py` keeps its programs beside it: Python in `programs/x.py`, JavaScript in `programs/x.mjs`.
In both a program is a function with a name. A Python program is run as a module: the text that
reaches the runtime is the function's body, one level to the left, and a final `return value`
becomes the module's last expression, which is what runPython() gives. A JavaScript program is an
exported function; the driver imports its file and calls it (tests/runtime/driver.mjs). Used by
tests/runtime/ and tests/browser/.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INDENT = "    "


@dataclass(frozen=True)
class Program:
    """A Python program: a function of a file."""

    name: str
    text: str  # the whole definition
    body: str  # what runs as a module
    is_async: bool

    def __str__(self) -> str:
        return self.body

    def called(self, *arguments: Any) -> str:
        """The definition, and a call of it with values that JSON can carry.

        For programs that take arguments, or whose names have to be local ones.
        """
        literals = ", ".join(repr(json.loads(json.dumps(argument))) for argument in arguments)
        return f"{self.text}\n{'await ' if self.is_async else ''}{self.name}({literals})"


@dataclass(frozen=True)
class Script:
    """A JavaScript program: an exported function of a file, seen from tests/runtime/driver.mjs."""

    file: str
    name: str


class Programs:
    """The Python programs of one file, as attributes."""

    def __init__(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        inside = _lines_inside_strings(text)
        self._file = file
        self._all: dict[str, Program] = {}
        for node in ast.parse(text, str(file)).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                is_async = isinstance(node, ast.AsyncFunctionDef)
                whole = "".join(lines[node.lineno - 1 : node.end_lineno])
                body = _body(node, lines, inside)
                self._all[node.name] = Program(node.name, whole, body, is_async)

    def __getattr__(self, name: str) -> Program:
        try:
            return self._all[name]
        except KeyError:
            raise AttributeError(f"{self._file} has no program {name}") from None

    def __iter__(self) -> Any:
        return iter(self._all.values())


class Scripts:
    """The JavaScript programs of one file, as attributes."""

    def __init__(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        found = re.findall(r"^export (?:async )?function (\w+)\(", text, re.MULTILINE)
        self._file, self._names = file, set(found)

    def __getattr__(self, name: str) -> Script:
        if name not in self._names:
            raise AttributeError(f"{self._file} exports no function {name}")
        return Script(self._file.name, name)


def programs(test_file: str) -> Programs:
    """The Python programs of a test file, which passes its `__file__`."""
    return Programs(_beside(test_file, ".py"))


def scripts(test_file: str) -> Scripts:
    """The JavaScript programs of a test file, which passes its `__file__`."""
    return Scripts(_beside(test_file, ".mjs"))


def _beside(test_file: str, suffix: str) -> Path:
    path = Path(test_file)
    return path.parent / "programs" / (path.stem.removeprefix("test_") + suffix)


def _lines_inside_strings(text: str) -> set[int]:
    """Numbers of the lines that begin inside a string: their indentation is the string's."""
    inside: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    return inside


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str], inside: set[int]) -> str:
    statements = node.body
    if ast.get_docstring(node) is not None and len(statements) > 1:
        statements = statements[1:]
    start, end = statements[0].lineno, statements[-1].end_lineno
    assert end is not None
    text = {
        at: lines[at - 1] if at in inside else lines[at - 1].removeprefix(INDENT)
        for at in range(start, end + 1)
    }
    last = statements[-1]
    if isinstance(last, ast.Return) and last.lineno >= start:
        text[last.lineno] = re.sub(r"^return\b ?", "", text[last.lineno])
    return "".join(text.values())
