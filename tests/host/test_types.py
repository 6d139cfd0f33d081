"""The types that users' programs are checked with: `.d.mts` for JavaScript, stubs for Python.

Programs that must check, and programs that must not: an interface that accepts everything would
pass the first test. The names in the stubs are held to the runtime's by a runtime test
(test_names.py).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cpython.build.bundle import javascript as js
from cpython.build.engine.errors import BuildError
from sospeso.paths import ROOT
from tests.refused import each_line_is_refused, without_marks

STUBS = ROOT / "runtime" / "stubs"
PROGRAMS = Path(__file__).with_name("types")


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the emitted .d.mts files and the modules they describe."""
    folder = tmp_path_factory.mktemp("types")
    js.emit_types(folder)
    for name in ("sospeso.mjs",):
        (folder / name).write_text("")
    return folder


def check_ts(folder: Path, source: str) -> None:
    user = folder / "user.mts"
    user.write_text(source)
    check = ["--noEmit", "--ignoreConfig", "--strict", "--skipLibCheck", "--module", "nodenext"]
    check += ["--target", "es2022", "--lib", "es2024,dom,esnext.disposable", "--types", ""]
    js._tool("typescript/bin/tsc", *check, str(user))


def test_a_typescript_program_checks(declared: Path) -> None:
    check_ts(declared, (PROGRAMS / "good.mts").read_text())


def test_wrong_typescript_does_not_check(declared: Path) -> None:
    """All wrong lines at once: each must have its own complaint."""
    program = (PROGRAMS / "bad.mts").read_text()
    with pytest.raises(BuildError) as raised:
        check_ts(declared, without_marks(program))
    each_line_is_refused(str(raised.value), "user.mts", program)


def check_py(tmp_path: Path, source: str) -> str:
    """What mypy has to say about a program, "" if nothing."""
    program = tmp_path / "program.py"
    program.write_text(source)
    done = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--no-incremental",
            "--python-version", "3.13", "--config-file", "", str(program),
        ],
        env={"MYPYPATH": str(STUBS), "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_a_python_program_checks(tmp_path: Path) -> None:
    told = check_py(tmp_path, (PROGRAMS / "good.py").read_text())
    assert told.strip() == ""


def test_wrong_python_does_not_check(tmp_path: Path) -> None:
    program = (PROGRAMS / "bad.py").read_text()
    told = check_py(tmp_path, without_marks(program))
    each_line_is_refused(told, "program.py", program)


def test_the_stubs_say_that_they_are_complete() -> None:
    assert (STUBS / "pyodide" / "py.typed").exists()
    names = {str(file.relative_to(STUBS)) for file in STUBS.rglob("*.pyi")}
    assert names == {
        "_pyodide/__init__.pyi",
        "_pyodide/jsbind.pyi",
        "js.pyi",
        "pyodide_js.pyi",
        "pyodide/__init__.pyi",
        "pyodide/code.pyi",
        "pyodide/console.pyi",
        "pyodide/display.pyi",
        "pyodide/ffi/__init__.pyi",
        "pyodide/ffi/wrappers.pyi",
        "pyodide/http/__init__.pyi",
        "pyodide/http/pyxhr.pyi",
        "pyodide/webloop.pyi",
    }
