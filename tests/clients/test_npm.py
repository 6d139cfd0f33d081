"""`npm install` of our archive: a module, CommonJS, a context of node:vm, TypeScript, Deno, Bun."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cpython.build.bundle import javascript as js
from cpython.build.engine.errors import BuildError
from sospeso.paths import ROOT, dist_dir
from tests.matrix.catalog import read_catalog
from tests.matrix.install import EngineMissing, find

from .conftest import PROGRAMS, cores, node
from .installed import npm

ABOUT = json.loads((ROOT / "package.json").read_text())
PYODIDE = ABOUT["pyodide"]["version"]

# The ways in which projects have tsc find modules.
TSC = {
    "nodenext": ["--module", "nodenext"],
    "bundler": ["--module", "esnext", "--moduleResolution", "bundler"],
}


def check(project: Path, *settings: str) -> None:
    """Type-check the program written for Pyodide. Raises BuildError: tsc has found something."""
    options = [
        "--noEmit",
        "--ignoreConfig",
        "--strict",
        "--noUncheckedIndexedAccess",
        "--types",
        "",
    ]
    options += ["--target", "es2022", "--lib", "es2022,dom,dom.iterable,dom.asynciterable"]
    js._tool("typescript/bin/tsc", *options, *settings, str(project / "written_for_pyodide.ts"))


def told_by_module(core: str) -> dict[str, Any]:
    """What module.mjs prints."""
    return {
        "version": PYODIDE,
        "own": ABOUT["version"],
        "core": core,
        "waited": True,
        "inside": PYODIDE,
        "loaded": ["micropip"],
        "sameFile": True,
        "lock": True,
    }


# The first test makes the archive and installs it.
@pytest.mark.timeout(180)
@pytest.mark.parametrize("core", cores())
def test_a_module_of_node_imports_the_package_by_both_names(project: Path, core: str) -> None:
    assert json.loads(node(project, "module.mjs", core)) == told_by_module(core)


@pytest.mark.parametrize("core", cores())
def test_commonjs_requires_the_package(project: Path, core: str) -> None:
    """`require("pyodide.js")` gave an empty object, and its loadPyodide() asked for indexURL."""
    told = json.loads(node(project, "commonjs.cjs", core))
    assert told.pop("names") == sorted(
        ["LoadError", "PyProxy", "PythonError", "ffi", "loadPyodide", "sospesoVersion", "version"]
    )
    assert told == {
        "version": PYODIDE,
        "value": 42,
        "core": core,
        "byFile": "function",
        "global": "function",
    }


def test_a_module_imports_names_from_the_commonjs_form(project: Path) -> None:
    told = json.loads(node(project, "named_imports.mjs"))
    assert told == {"load": "function", "version": PYODIDE}


@pytest.mark.parametrize("core", cores())
def test_a_context_of_node_vm_loads_it(project: Path, core: str) -> None:
    """Where test runners run CommonJS there is no import(), and the glue is a module."""
    file = project / "node_modules" / "pyodide" / "pyodide.js"
    told = json.loads(node(project, "in_vm.cjs", core, file))
    assert told == {"value": 42, "list": "[1, {'a': 2}]", "core": core}


def test_the_folder_itself_can_be_installed(tmp_path: Path) -> None:
    """Where nobody has made an archive: dist/ has a package.json."""
    (tmp_path / "package.json").write_text(json.dumps({"name": "another", "private": True}))
    npm(tmp_path, "install", "--offline", f"pyodide@file:{dist_dir()}")
    shutil.copy(PROGRAMS / "commonjs.cjs", tmp_path)
    assert json.loads(node(tmp_path, "commonjs.cjs", "jspi"))["value"] == 42


@pytest.mark.parametrize("way", TSC)
def test_a_typescript_program_written_for_pyodide_checks(project: Path, way: str) -> None:
    """Our own .d.ts files are checked as well: none may lean on a setting of ours."""
    check(project, *TSC[way])


def test_wrong_typescript_does_not_check(project: Path) -> None:
    program = project / "written_for_pyodide.ts"
    text = program.read_text()
    wrong = text.replace('pyodide.pyimport("math")', "pyodide.pyimport(5)")
    assert wrong != text
    program.write_text(wrong)
    try:
        with pytest.raises(BuildError, match="'number' is not assignable to parameter of type"):
            check(project, *TSC["nodenext"])
    finally:
        program.write_text(text)


@pytest.mark.parametrize("family", ["deno", "bun"])
def test_other_runtimes_import_it_from_node_modules(project: Path, family: str) -> None:
    engine = next(one for one in read_catalog() if one.family == family)
    found = find(engine)
    if found is None:
        pytest.skip(f"{engine.title} is not on this machine (make test-engines installs it)")
    flags = ["run", "--allow-all"] if family == "deno" else []
    try:
        command = found.command(*flags, *engine.flags, "module.mjs")
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60)
    except EngineMissing as error:
        pytest.skip(str(error))
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == told_by_module(told["core"])
