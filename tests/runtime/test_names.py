"""The names that the packages offer inside the runtime are those of the stubs outside."""

from __future__ import annotations

import ast
import gc
from typing import Any

import pytest

from sospeso.paths import ROOT
from tests.programs import programs

PROGRAMS = programs(__file__)
STUBS = ROOT / "runtime" / "stubs"
MODULES = {
    "_pyodide.jsbind": "_pyodide/jsbind.pyi",
    "pyodide": "pyodide/__init__.pyi",
    "pyodide.code": "pyodide/code.pyi",
    "pyodide.console": "pyodide/console.pyi",
    "pyodide.ffi": "pyodide/ffi/__init__.pyi",
    "pyodide.ffi.wrappers": "pyodide/ffi/wrappers.pyi",
    "pyodide.http": "pyodide/http/__init__.pyi",
    "pyodide.http.pyxhr": "pyodide/http/pyxhr.pyi",
    "pyodide.webloop": "pyodide/webloop.pyi",
}
# Of JavaScript, and typed for the convenience of callers.
JAVASCRIPTS = {
    ("JsProxy", "constructor"),
    ("JsProxy", "new"),  # of those that can be called
    ("JsProxy", "as_object_map"),  # of plain objects
    ("JsProxy", "as_py_json"),  # likewise, and of arrays
    ("JsWeakRef", "deref"),
    ("JsBuffer", "byteLength"),
    ("JsTypedArray", "buffer"),
    ("JsTypedArray", "subarray"),
    ("JsArray", "push"),
    ("JsException", "message"),
    ("JsException", "name"),
    ("JsException", "stack"),
}


def stub_names(file: str) -> tuple[list[str], dict[str, list[str]]]:
    """__all__ of a stub, and the public members of each class in it."""
    # CPython 3.11: a finalizer that runs while the tree is built and parses something itself
    # upsets a counter, and this raises SystemError ("recursion depth mismatch").
    gc.disable()
    try:
        tree = ast.parse((STUBS / file).read_text(encoding="utf-8"))
    finally:
        gc.enable()
    exported: list[str] = []
    members: dict[str, list[str]] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                exported = list(ast.literal_eval(value))
            case ast.ClassDef(name=name, body=body):
                found = {
                    item.name
                    for item in body
                    if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))
                    and not item.name.startswith("_")
                }
                members[name] = sorted(found)
    return exported, members


@pytest.mark.parametrize("module", MODULES)
async def test_a_module_exports_what_its_stub_says(runtime: Any, module: str) -> None:
    exported, _ = stub_names(MODULES[module])
    assert await runtime.call(PROGRAMS.differences_in_names, module, exported) == ""


@pytest.mark.parametrize("module", MODULES)
async def test_classes_have_the_methods_of_their_stubs(runtime: Any, module: str) -> None:
    _, members = stub_names(MODULES[module])
    # Properties of the JavaScript objects themselves, which no class has.
    for name in ("JsDomElement", "JsFetchResponse"):
        members.pop(name, None)
    for name, found in members.items():
        members[name] = [member for member in found if (name, member) not in JAVASCRIPTS]
    assert await runtime.call(PROGRAMS.missing_members, module, members) == ""
