"""The folders of ffi/ know each other in one direction, as docs/architecture.md says.

Python seen from JavaScript and JavaScript seen from Python lean on each other at every step, so
without a rule their files soon know each other in a circle, and none can be read alone. The files'
references are those of tests/dependencies: C, TypeScript with its types, and Python.
"""

from __future__ import annotations

from pathlib import PurePath

import pytest

from tests.dependencies import c_code, python_code, scripts, seams
from tests.dependencies.graph import Dependency, files_with, name_of

# A folder knows those of earlier rows and itself; "ffi" is the files of ffi/ itself.
ROWS = (
    ("ffi/abi",),
    ("ffi/bridge",),
    ("ffi/convert", "ffi/wait"),
    ("ffi/js_in_py", "ffi/py_in_js"),
    ("ffi",),
)
# The module that Python imports has names of every folder: importing it is knowing no folder.
MODULE = "ffi/ffi_module.c"


def folder_of(file: str) -> str:
    return PurePath(file).parent.as_posix()


def references() -> list[Dependency]:
    """Where a file of ffi/ names another file of ffi/."""
    found = (
        *c_code.dependencies(),
        *scripts.dependencies(),
        *python_code.dependencies(python_code.inside()),
        *seams.dependencies(),
    )
    return [
        one
        for one in found
        if one.source.startswith("ffi/")
        and one.target.startswith("ffi/")
        and not (one.target == MODULE and one.source.endswith(".py"))
    ]


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_a_folder_of_the_ffi_knows_only_those_before_it(row: int) -> None:
    before = {folder for earlier in ROWS[:row] for folder in earlier}
    wrong = [
        str(one)
        for one in references()
        if folder_of(one.source) in ROWS[row]
        and folder_of(one.target) not in before | {folder_of(one.source)}
    ]
    assert not wrong


def test_every_folder_has_its_place_and_the_check_sees_references() -> None:
    folders = {folder_of(name_of(file)) for file in files_with(".c", ".h", ".ts", below=["ffi"])}
    assert folders == {folder for row in ROWS for folder in row}
    found = {(one.source, one.target) for one in references()}
    assert found >= {
        ("ffi/bridge/js_object.h", "ffi/bridge/bridge.h"),
        ("ffi/convert/to_js.c", "ffi/bridge/js_object.h"),
        ("ffi/py_in_js/py_access.ts", "ffi/bridge/bridge_types.ts"),
        ("ffi/wasm_bridge.ts", "ffi/abi/abi.ts"),
        ("ffi/js_in_py/js_methods.c", "ffi/js_in_py/jsbind.py"),
    }
