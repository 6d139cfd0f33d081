"""The type check of the Python that runs inside sees all of it, and its stubs say what C has."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from sospeso.paths import ROOT
from tests.dependencies import python_code, seams
from tests.dependencies.graph import name_of
from tests.inside_types.__main__ import check, layout


def functions(stub: str) -> set[str]:
    """The functions that a stub describes itself."""
    tree = python_code.parse(ROOT / stub)
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_file_that_runs_inside_is_checked() -> None:
    """But for the examples, which are programs of users."""
    checked = set(layout().values())
    missing = [name_of(file) for file in python_code.inside().files if file not in checked]
    assert [name for name in missing if not name.startswith("examples/")] == []


def test_the_stub_of_the_core_has_its_functions() -> None:
    assert functions("runtime/api/_sospeso_core.pyi") == seams.core_functions().keys()


def test_the_stub_of_the_bridge_has_its_functions() -> None:
    """Beside those that users know, which have a stub of their own."""
    public = functions("runtime/stubs/pyodide/ffi/__init__.pyi")
    built = seams.functions_of(ROOT / "ffi/ffi_module.c").keys()
    own = functions("ffi/_sospeso_ffi.pyi")
    assert own - built == set()
    assert built - own - public == set()


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        ('import _sospeso_core\n_sospeso_core.schedule("soon")\n', "[arg-type]"),
        ("from _sospeso.runner import run\nrun(1, '', None, None, None)\n", "[arg-type]"),
        ("from readline import none\n", "[attr-defined]"),
        ("from _pyrepl._minimal_curses import tparm\ntparm(1)\n", "[arg-type]"),
        ("import js\nfrom pyodide.ffi import JsProxy\nx: JsProxy = 1\n", "[assignment]"),
    ],
)
def test_a_mistake_is_found_where_it_is(tmp_path: Path, program: str, complaint: str) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(program)
    said, code = check({"wrong.py": wrong})
    assert code == 1
    lines = said.splitlines()
    assert "wrong.py:" in lines[0]
    assert lines[0].endswith(complaint)
    assert lines[-1].startswith("Found 1 error in 1 file")
