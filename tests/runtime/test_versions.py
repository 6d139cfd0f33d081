"""The two versions: that of the Pyodide it stands for, by which libraries choose, and our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sospeso.paths import ROOT

from .conftest import CORES, DIST

ABOUT = json.loads((ROOT / "package.json").read_text())


async def test_version_is_that_of_the_pyodide_it_stands_for(runtime: Any) -> None:
    """With our own 0.1.0 there, pyodide-worker-runner called unpackArchive() as of Pyodide 0.19."""
    versions = "[pyodide.version, pyodide.sospesoVersion].join(' ')"
    told = await runtime.js(f"return {versions};")
    assert told == f"{ABOUT['pyodide']['version']} {ABOUT['version']}" == "0.29.5 0.1.0"
    inside = "import pyodide, pyodide_js\n(pyodide.__version__, pyodide_js.sospesoVersion)"
    assert await runtime.value(f"{inside} == {tuple(told.split())}") is True


@pytest.mark.parametrize("core", CORES)
async def test_a_script_and_a_core_of_two_builds_refuse_each_other(
    hosts: Any, core: str, tmp_path: Path
) -> None:
    """By our own version: two builds may well stand for the same Pyodide."""
    for file in ("core.mjs", f"core.{core}.wasm", "python_stdlib.zip"):
        (tmp_path / file).symlink_to(DIST / file)
    script = (DIST / "sospeso.mjs").read_text()
    other = script.replace(f'"{ABOUT["version"]}"', '"99.0.0"')
    assert other != script
    (tmp_path / "sospeso.mjs").write_text(other)
    host = hosts["node"]
    words = (
        f"Pyodide version does not match: the core in .* is Sospeso {ABOUT['version']}, this .* 99"
    )
    with pytest.raises(RuntimeError, match=words):
        await host.ask("load", dist=tmp_path.as_uri(), core=core)
    options = {"checkAPIVersion": False}
    made = await host.ask("load", dist=tmp_path.as_uri(), core=core, options=options)
    await host.ask("destroy", id=made["id"])
