"""What the core offers to libraries: the names, their table, the glue without them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import wasmtime

from cpython.build.engine.errors import BuildError
from cpython.build.wasm import exports, glue, symbols, wasm

CORE = """
(module
  (memory (export "memory") 1)
  (table (export "__indirect_function_table") 4 funcref)
  (global $stack (export "__stack_pointer") (mut i32) (i32.const 1024))
  (global (export "variable") i32 (i32.const 200))
  (global (export "high") i32 (i32.const -16))
  (func $taken (export "taken") (result i32) (i32.const 7))
  (func $other (result i32) (i32.const 8))
  (func (export "new") (result i32) (i32.const 9))
  (func (export "ours") (param i32) (result i32) (call_indirect (result i32) (local.get 0)))
  (elem (i32.const 1) $other $taken $other))
"""
GLUE = (
    "before;var _taken,_new,_ours,wasmTable;function assignWasmExports(wasmExports){"
    '_taken=Module["_taken"]=wasmExports["taken"];_new=Module["_new"]=wasmExports["new"];'
    '_ours=Module["_ours"]=wasmExports["ours"];_variable=wasmExports["variable"].value>>>0;'
    'wasmTable=wasmExports["__indirect_function_table"]}function f(){_new()}'
)


def test_exports_become_slots_and_addresses() -> None:
    """A function that is in the table keeps its first slot; others come behind the last."""
    core = bytes(wasmtime.wat2wasm(CORE))
    names = {
        "taken": "taken",
        "alias": "taken",
        "new": "new",
        "variable": "variable",
        "high": "high",
    }
    module, found = symbols.take_out(core, names, {"new"})
    assert found.functions == {"taken": 2, "alias": 2, "new": 4}
    assert found.data == {"variable": 200, "high": 0xFFFFFFF0}
    assert json.loads(found.json()) == {"functions": found.functions, "data": found.data}
    kept = {"memory", "__indirect_function_table", "__stack_pointer", "new", "ours"}
    assert {name for name, _, _ in wasm.exports(module)} == kept
    store = wasmtime.Store()
    instance = wasmtime.Instance(store, wasmtime.Module(store.engine, module), [])
    call = instance.exports(store)["ours"]
    assert isinstance(call, wasmtime.Func)
    assert [call(store, slot) for slot in (1, 2, 3, 4)] == [8, 7, 8, 9]


def test_a_name_that_is_not_exported_fails_the_build() -> None:
    with pytest.raises(BuildError, match="does not export missing"):
        symbols.take_out(bytes(wasmtime.wat2wasm(CORE)), {"missing": "missing"}, ())


def test_the_glue_keeps_what_it_uses() -> None:
    text, kept = glue.without_exports(GLUE, {"taken", "new", "variable"})
    assert kept == {"new"}
    assert text == (
        "before;var _new,_ours,wasmTable;function assignWasmExports(wasmExports){"
        '_new=Module["_new"]=wasmExports["new"];_ours=Module["_ours"]=wasmExports["ours"];'
        'wasmTable=wasmExports["__indirect_function_table"]}function f(){_new()}'
    )
    with pytest.raises(BuildError, match="known way"):
        glue.without_exports("something else", {"taken"})


def test_the_api_is_what_headers_declare_and_archives_have(tmp_path: Path) -> None:
    (tmp_path / "a.h").write_text(
        "PyAPI_FUNC(int) Py_There(void);\nPyAPI_FUNC(PyObject *) Py_Absent(void);\n"
        "PyAPI_DATA(PyTypeObject) Py_Data;\nPyAPI_FUNC(void (*)(int)) Py_Pointer(void);\n"
    )
    index = b"Py_There\0Py_Data\0Py_Pointer\0hidden\0"
    content = (4).to_bytes(4, "big") + bytes(16) + index
    header = b"/".ljust(48) + str(len(content)).encode().ljust(10) + b"`\n"
    archive = tmp_path / "a.a"
    archive.write_bytes(b"!<arch>\n" + header + content)
    assert exports.api_names(tmp_path, [archive]) == {"Py_There", "Py_Data", "Py_Pointer"}


def test_the_list_grows_by_what_wheels_want(tmp_path: Path) -> None:
    library = wasmtime.wat2wasm("""
        (module (import "env" "wanted" (func)) (import "env" "elsewhere" (func))
          (import "env" "__memory_base" (global i32)) (import "GOT.func" "own" (global (mut i32)))
          (func (export "own")))
    """)
    wheel = tmp_path / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("a/b.so", bytes(library))
    content = (2).to_bytes(4, "big") + bytes(8) + b"wanted\0unwanted\0"
    header = b"/".ljust(48) + str(len(content)).encode().ljust(10) + b"`\n"
    archive = tmp_path / "a.a"
    archive.write_bytes(b"!<arch>\n" + header + content)
    file = tmp_path / "exported.txt"
    file.write_text("# About.\nzebra ant\n")
    assert exports.grow([wheel], [archive], file) == ({"wanted"}, {"elsewhere"})
    assert file.read_text() == "# About.\nant wanted zebra\n"
    file.write_text("ant ant\n")
    with pytest.raises(BuildError, match="names ant twice"):
        exports.listed(file)


def test_the_list_in_the_project_can_be_read() -> None:
    assert {"malloc", "strlen", "stdout"} <= exports.listed()
