"""What Python files import: every form of import statement, and importlib with a name.

Two worlds, which share nothing but the language: the host side (`HOST`), whose modules are named by
their paths, and the Python inside the core (`INSIDE`), whose modules have the names that
cpython/build/steps/profiles.py and stdlib.py give to their files. An import of a submodule is no
import of the packages above it, although Python runs these as well.

Of the host side more is read: `python -m` commands, and project paths in strings, since a tool
that is told a source's path knows that source.
"""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from cpython.build.steps.profiles import FROZEN
from cpython.build.steps.stdlib import OVERLAY, PACKAGES
from sospeso.paths import ROOT

from .graph import FOLDERS, Dependency, files_with, name_of

# Python's modules that are C of ours; which file of theirs has a function, see inside_python.py.
BUILTIN = {"_sospeso_ffi": "ffi/ffi_module.c"}


@dataclass(frozen=True, eq=False)
class World:
    """Modules that can import each other.

    Attributes:
        modules: name -> the file it is.
        files: those of the world's files that are read.
    """

    modules: Mapping[str, Path]
    files: tuple[Path, ...]

    def module_of(self, file: Path) -> str | None:
        """The name of the first module that the file is."""
        return next((name for name, path in self.modules.items() if path == file), None)


def module_name(place: Path) -> str:
    """`a/b.py` and `a/b/__init__.py` are `a.b`."""
    parts = place.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def inside() -> World:
    """The Python of the core: what is frozen, what is in the archive, and programs run as text."""
    modules = {name.rstrip("/"): ROOT / path for name, path in FROZEN.items() if path[:4] != "Lib/"}
    modules |= {module_name(Path(place)): ROOT / path for path, place in OVERLAY.items()}
    for packages in PACKAGES:
        for file in files_with(".py", below=[packages]):
            modules.setdefault(module_name(file.relative_to(ROOT / packages)), file)
    programs = [ROOT / "runtime/node/main.py", *files_with(".py", below=["examples"])]
    return World(modules, tuple(sorted({*modules.values(), *programs})))


@cache
def host() -> World:
    """The Python of this machine."""
    files = [file for file in files_with(".py") if file not in inside().files]
    modules = {module_name(file.relative_to(ROOT)): file for file in files}
    return World(modules, tuple(files))


# Syntax of Python 3.12 that the Python 3.11 of a host cannot read: type parameters and aliases.
PARAMETERS = re.compile(r"^(\s*(?:async\s+)?(?:def|class)\s+\w+)\[[^\n]*?\](?=[(:])", re.MULTILINE)
ALIAS = re.compile(r"^(\s*)type\s+(?=\w+(?:\[[^\n]*?\])?\s*=)", re.MULTILINE)


def parse(file: Path) -> ast.Module:
    """The syntax tree of a file, whatever Python it is for."""
    text = file.read_text(encoding="utf-8")
    # CPython 3.11: a finalizer that runs while the tree is built and parses something itself
    # upsets a counter, and this raises SystemError ("recursion depth mismatch").
    gc.disable()
    try:
        return ast.parse(text, str(file))
    except SyntaxError:
        older = ALIAS.sub(r"\1", PARAMETERS.sub(r"\1", text))
        return ast.parse(older, str(file))
    finally:
        gc.enable()


@dataclass(frozen=True)
class Import:
    """A name that is imported.

    Attributes:
        line: where.
        module: absolute name; None when it is computed.
        name: what is taken from the module, or "".
        how: "import", "type" (below `if TYPE_CHECKING`) or "command" (`python -m`).
    """

    line: int
    module: str | None
    name: str
    how: str


def absolute(node: ast.ImportFrom, module: str | None, is_package: bool) -> str:
    """The module that `from X import` means."""
    if not node.level:
        return node.module or ""
    assert module is not None, f"line {node.lineno}: a relative import in no package"
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _walk(node: ast.AST, how: str = "import") -> Iterator[tuple[ast.AST, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            for statement in child.body:
                yield statement, "type"
                yield from _walk(statement, "type")
            for statement in child.orelse:
                yield statement, how
                yield from _walk(statement, how)
        else:
            yield child, how
            yield from _walk(child, how)


def _text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def imports(tree: ast.Module, module: str | None, is_package: bool) -> Iterator[Import]:
    """Everything a tree imports, functions' insides too."""
    for node, how in _walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(node.lineno, alias.name, "", how)
            case ast.ImportFrom(names=names):
                base = absolute(node, module, is_package)
                for alias in names:
                    yield Import(node.lineno, base, alias.name, how)
            case ast.Call(func=ast.Name(id="__import__" | "import_module"), args=[first, *_]):
                yield Import(node.lineno, _text(first), "", how)
            case ast.Call(
                func=ast.Attribute(attr="import_module" | "run_module"), args=[first, *_]
            ):
                yield Import(node.lineno, _text(first), "", how)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                for option, name in pairwise(elements):
                    if _text(option) == "-m" and _text(name) is not None:
                        yield Import(node.lineno, _text(name), "", "command")
            case _:
                pass


def resolve(world: World, one: Import) -> Path | None:
    """The file that is imported; None when it is none of ours."""
    if one.module is None:
        return None
    if one.how == "command" and f"{one.module}.__main__" in world.modules:
        return world.modules[f"{one.module}.__main__"]
    if one.name and f"{one.module}.{one.name}" in world.modules:
        return world.modules[f"{one.module}.{one.name}"]
    if one.module in world.modules:
        return world.modules[one.module]
    return ROOT / BUILTIN[one.module] if one.module in BUILTIN else None


@cache
def imports_of(file: Path, world: World) -> tuple[Import, ...]:
    """What a file of that world imports."""
    return tuple(imports(parse(file), world.module_of(file), file.name == "__init__.py"))


@cache
def dependencies(world: World) -> tuple[Dependency, ...]:
    """The imports (and commands) among the files of a world."""
    return tuple(
        Dependency(name_of(file), one.line, name_of(target), one.how)
        for file in world.files
        for one in imports_of(file, world)
        if (target := resolve(world, one)) is not None and target != file
    )


def computed(world: World) -> list[tuple[str, int]]:
    """(file, line) of imports whose name is not written out, so that nobody sees what they are."""
    return [
        (name_of(file), one.line)
        for file in world.files
        for one in imports_of(file, world)
        if one.module is None
    ]


def _path_text(node: ast.AST) -> str | None:
    """`ROOT / "a" / "b"` as "a/b"; None for what is no such expression."""
    match node:
        case ast.Name(id="ROOT"):
            return "."
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            before, after = _path_text(left), _text(right)
            return None if before is None or after is None else f"{before}/{after}"
    return None


@cache
def paths_in(file: Path) -> tuple[Dependency, ...]:
    """Files and folders of the project whose paths a Python file has in its strings."""
    found: set[Dependency] = set()
    parts: set[ast.AST] = set()
    for node in ast.walk(parse(file)):  # from the outside in
        text = _text(node) or _path_text(node)
        if text is None or not isinstance(node, ast.expr) or node in parts:
            continue
        parts.update(ast.walk(node))
        target = Path(text)
        if (
            len(target.parts) > 1
            and target.parts[0] in FOLDERS
            and "\n" not in text
            and (ROOT / target).exists()
        ):
            found.add(Dependency(name_of(file), node.lineno, target.as_posix(), "path"))
    return tuple(sorted(found))
