"""Where the languages inside the core name each other: Python's C functions, modules in strings.

Two seams show in no import line. `_sospeso_core` is one module to Python, but each of its functions
belongs to the folder that brings it (runtime/api/start.c puts the tables together); calling a
function is knowing that folder. And C and TypeScript import Python modules by a name in a string.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from sospeso.paths import ROOT

from .graph import Dependency, files_with, name_of
from .python_code import inside, parse

START = ROOT / "runtime/api/start.c"
CORE = "_sospeso_core"
TABLE = re.compile(r"^PyMethodDef (\w+)\[\] = \{\n(.*?)^\};", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r'^    \{"(\w+)"', re.MULTILINE)
MODULE = re.compile(r'"((?:_sospeso|_pyodide|pyodide)(?:\.\w+)+)"')


@cache
def method_tables() -> dict[str, tuple[Path, tuple[str, ...]]]:
    """Tables of functions in C: name -> the file, and the functions' names in Python."""
    return {
        match[1]: (file, tuple(ENTRY.findall(match[2])))
        for file in files_with(".c")
        for match in TABLE.finditer(file.read_text(encoding="utf-8"))
    }


@cache
def functions_of(module: Path) -> dict[str, Path]:
    """The functions of a builtin module, by the C file that makes it: name -> file that has it."""
    listed = re.search(r"tables\[\] = \{([^}]*)\}", module.read_text(encoding="utf-8"))
    assert listed is not None, f"{name_of(module)} lists its tables of functions"
    found: dict[str, Path] = {}
    for table in re.findall(r"\w+", listed[1]):
        file, names = method_tables()[table]
        found |= dict.fromkeys(names, file)
    return found


def core_functions() -> dict[str, Path]:
    """The functions of `_sospeso_core`: name -> the C file that has it."""
    return functions_of(START)


def calls_of_core(file: Path) -> list[tuple[int, str]]:
    """(line, name) of what a Python file takes from `_sospeso_core`."""
    tree = parse(file)
    bound = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == CORE
    }
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module="_sospeso_core", names=names):
                found += [(node.lineno, alias.name) for alias in names]
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in bound:
                found.append((node.lineno, attribute))
            case _:
                pass
    return found


@cache
def dependencies() -> tuple[Dependency, ...]:
    """Python on the functions of the core, C and TypeScript on Python modules."""
    found = []
    for file in inside().files:
        for line, name in calls_of_core(file):
            target = core_functions().get(name)
            assert target is not None, f"{name_of(file)}:{line}: {CORE} has no function {name}"
            found.append(Dependency(name_of(file), line, name_of(target), "symbol"))
    folders = ("cpython", "jspi", "ffi", "asyncio_bridge", "polyfills", "runtime", "console")
    for file in files_with(".c", ".h", ".ts", below=folders):
        text = file.read_text(encoding="utf-8")
        for match in MODULE.finditer(text):
            if match[1] in inside().modules:
                line = text.count("\n", 0, match.start()) + 1
                module = inside().modules[match[1]]
                found.append(Dependency(name_of(file), line, name_of(module), "import"))
    return tuple(found)
