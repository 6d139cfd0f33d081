"""Programs that tests run inside the runtime, kept in files that the linters read.

`test_x.py` keeps its programs beside it: Python in `programs/x.py`, JavaScript in `programs/x.mjs`.
In both a program is a function with a name. A Python program is run as a module: the text that
reaches the runtime is the function's body, one level to the left, and a final `return value`
becomes the module's last expression, which is what runPython() gives. What else the file has at
its top level (imports, constants, classes, functions whose names begin with `_`) comes before the
body of each program. A JavaScript program is an exported function; the driver imports its file and
calls it (tests/runtime/driver.mjs). Used by tests/runtime/ and tests/browser/.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

INDENT = "    "


@dataclass(frozen=True)
class Program:
    """A Python program: a function of a file."""

    name: str
    text: str  # the whole definition, with what the file has besides in it
    body: str  # what runs as a module
    is_async: bool

    def __str__(self) -> str:
        return self.body

    def called(self, *arguments: Any) -> str:
        """The definition, and a call of it with values that JSON can carry.

        For programs that take arguments, or whose names have to be local ones: those that the
        file has at its top level are local then, too.
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
        module = ast.parse(text, str(file))
        nodes = module.body[1:] if ast.get_docstring(module) is not None else module.body
        functions = [node for node in nodes if _is_program(node)]
        besides = [node for node in nodes if not _is_program(node)]
        flat = "".join(_text(node, lines) for node in besides)
        nested = "".join(_text(node, _indented(lines, inside)) for node in besides)
        for node in functions:
            # Black's layout, which ruff keeps, begins a body on a line of its own.
            begin = node.body[0].lineno - 1
            signature = "".join(lines[node.lineno - 1 : begin])
            whole = signature + nested + "".join(lines[begin : node.end_lineno])
            body = flat + _body(node, lines, inside)
            is_async = isinstance(node, ast.AsyncFunctionDef)
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
    starts: list[int] = []  # of f-strings, which are tokens of their own since Python 3.12
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        if kind == "STRING":
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
        elif kind == "FSTRING_START":
            starts.append(token.start[0])
        elif kind == "FSTRING_END":
            inside.update(range(starts.pop() + 1, token.end[0] + 1))
    return inside


def _is_program(node: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return is_function and not node.name.startswith("_")


def _text(node: ast.stmt, lines: list[str]) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return "".join(lines[first - 1 : node.end_lineno])


def _indented(lines: list[str], inside: set[int]) -> list[str]:
    return [
        line if at in inside or not line.strip() else INDENT + line
        for at, line in enumerate(lines, 1)
    ]


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
