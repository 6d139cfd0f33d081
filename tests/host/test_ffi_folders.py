"""The folders of ffi/ know each other in one direction, as docs/architecture.md says.

Python seen from JavaScript and JavaScript seen from Python lean on each other at every step, so
without a rule their files soon know each other in a circle, and none can be read alone. This reads
#include and import lines, types included.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sospeso.paths import ROOT

FFI = ROOT / "ffi"
# A folder knows those of earlier rows and itself; "." is the files of ffi/ itself.
ROWS = (("abi",), ("bridge",), ("convert", "wait"), ("js_in_py", "py_in_js"), (".",))
REFERENCE = re.compile(
    r'^\s*(?:#include|import|export)\b[^"\n]*"([./\w]+)"|\bfrom "(\.[^"]+)"', re.MULTILINE
)


def folder_of(file: Path) -> str:
    return str(file.parent.relative_to(FFI))


def references() -> dict[Path, set[Path]]:
    """File of ffi/ -> the other files of ffi/ that it names."""
    found = {}
    for file in sorted(FFI.rglob("*")):
        if file.suffix in (".c", ".h", ".ts"):
            targets = REFERENCE.findall(file.read_text(encoding="utf-8"))
            paths = {(file.parent / (one or other)).resolve() for one, other in targets}
            found[file] = {path for path in paths if path.is_relative_to(FFI) and path.is_file()}
    return found


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_a_folder_of_the_ffi_knows_only_those_before_it(row: int) -> None:
    before = {folder for earlier in ROWS[:row] for folder in earlier}
    wrong = {
        f"{file.relative_to(ROOT)} names {target.relative_to(ROOT)}"
        for file, targets in references().items()
        for target in targets
        if folder_of(file) in ROWS[row] and folder_of(target) not in before | {folder_of(file)}
    }
    assert not wrong


def test_every_folder_has_its_place_and_the_check_sees_references() -> None:
    found = references()
    assert {folder_of(file) for file in found} == {folder for row in ROWS for folder in row}
    assert FFI / "bridge" / "bridge.h" in found[FFI / "bridge" / "js_object.h"]
    assert FFI / "bridge" / "js_object.h" in found[FFI / "convert" / "to_js.c"]
    assert FFI / "bridge" / "bridge_types.ts" in found[FFI / "py_in_js" / "py_traps.ts"]
    assert FFI / "abi" / "abi.ts" in found[FFI / "wasm_bridge.ts"]
