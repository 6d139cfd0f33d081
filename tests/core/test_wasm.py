"""The two cores as wasm files: what they import, export and share. Read with wasmtime.

A suspending import that is one too many traps when it is called from a plain entry (Emscripten
marks several of its own); a tail call or a reference on a suspending path cannot be asyncified.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest
import wasmtime

from sospeso.paths import ROOT

DIST = Path(os.environ.get("SOSPESO_DIST", ROOT / "dist"))
CORES = ("jspi", "asyncify")
# What the link was told to expect; a name that C no longer uses is not in the wasm.
IMPORTS = (ROOT / "jspi" / "imports.js").read_text(encoding="utf-8")
OURS = set(re.findall(r'"(\w+)"', IMPORTS[IMPORTS.index("addToLibrary") :]))


@cache
def module(core: str) -> wasmtime.Module:
    """The core, compiled by wasmtime without optimising, which takes a few seconds."""
    config = wasmtime.Config()
    config.cranelift_opt_level = "none"
    config.wasm_exceptions = True
    return wasmtime.Module.from_file(wasmtime.Engine(config), str(DIST / f"core.{core}.wasm"))


@pytest.mark.parametrize("core", CORES)
def test_our_imports_are_the_known_ones(core: str) -> None:
    found = {entry.name for entry in module(core).imports if entry.module == "sospeso"}
    assert found == OURS


@pytest.mark.parametrize("core", CORES)
def test_import_names_survived_the_link(core: str) -> None:
    modules = {entry.module for entry in module(core).imports}
    assert modules == {"env", "wasi_snapshot_preview1", "sospeso"}


def test_no_other_import_suspends() -> None:
    """The glue wraps nothing itself: Emscripten's JSPI support is off."""
    glue = (DIST / "core.mjs").read_text(encoding="utf-8")
    for word in ("Suspending", "WebAssembly.promising", "Asyncify", "handleSleep"):
        assert word not in glue


def test_no_invoke_functions_stand_between() -> None:
    assert not [entry.name for entry in module("jspi").imports if entry.name.startswith("invoke_")]


def test_both_cores_have_the_same_imports_and_exports() -> None:
    def names(core: str) -> tuple[set[tuple[str, str]], set[str]]:
        loaded = module(core)
        exports = {entry.name for entry in loaded.exports}
        return (
            {(entry.module, str(entry.name)) for entry in loaded.imports},
            {name for name in exports if not name.startswith("asyncify_")},
        )

    assert names("jspi") == names("asyncify")


def test_only_the_twin_is_asyncified() -> None:
    def states(core: str) -> set[str]:
        return {e.name for e in module(core).exports if e.name.startswith("asyncify_")}

    assert states("jspi") == set()
    assert states("asyncify") >= {
        "asyncify_start_unwind", "asyncify_stop_unwind",
        "asyncify_start_rewind", "asyncify_stop_rewind",
    }  # fmt: skip


def test_no_path_of_the_build_machine_is_in_a_core() -> None:
    for core in CORES:
        data = (DIST / f"core.{core}.wasm").read_bytes()
        assert b"/root/" not in data
        assert b"/home/" not in data.replace(b"/home/pyodide", b"")


def test_build_info_has_versions_inputs_and_sizes() -> None:
    info = json.loads((DIST / "build-info.json").read_text())
    text = json.dumps(info)
    assert re.search(r"\b3\.13\.\d+\b", text)
    for name in ("core.jspi.wasm", "core.asyncify.wasm", "python_stdlib.zip"):
        assert name in text
