"""The bundles: every name of dist/, each in the form its name promises, and typed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from cpython.build.bundle import javascript as js
from cpython.build.engine.errors import BuildError
from sospeso.engines import find_node


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("js")
    js.bundle(folder, "release")
    return folder


def test_every_output_is_there_and_nothing_else(bundles: Path) -> None:
    names = {path.name for path in bundles.iterdir()}
    assert names == {*js.SOURCES, *js.COPIES.values(), js.EMPTY_WASM}


def test_the_drop_in_names_are_the_same_files(bundles: Path) -> None:
    for name, copy in js.COPIES.items():
        assert (bundles / copy).read_bytes() == (bundles / name).read_bytes()


def test_the_module_exports_the_interface(bundles: Path) -> None:
    script = (
        f'import("{bundles / "sospeso.mjs"}").then((m) => '
        "console.log(typeof m.loadPyodide, typeof m.version))"
    )
    command = find_node().command("-e", script)
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "function string\n"


def test_the_classic_script_defines_the_global(bundles: Path) -> None:
    text = (bundles / "sospeso.js").read_text()
    assert "import.meta" not in text  # a syntax error in a script
    assert not re.search(r"^(import|export)\b", text, re.MULTILINE)
    program = Path(__file__).with_name("programs") / "classic_script.mjs"
    command = find_node().command(str(program), str(bundles / "sospeso.js"))
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "function\n"


@pytest.mark.parametrize("name", ["sospeso.mjs", "sospeso.js", "console.mjs", "cli.mjs"])
def test_bundlers_leave_the_imports_of_the_runtime_alone(bundles: Path, name: str) -> None:
    """The minifier drops the comments; a page made by webpack died of `Cannot find module`."""
    text = (bundles / name).read_text()
    imports = re.findall(r"(?<![\w$.])import\([^)]+", text)
    assert imports and all(one.startswith(f"import({js.IMPORT_COMMENTS}") for one in imports)


def test_bundlers_see_the_files_that_the_runtime_needs(bundles: Path) -> None:
    """This very form is what they look for, after minifying as well."""
    text = (bundles / "sospeso.mjs").read_text()
    assert set(re.findall(r'new URL\("\./([\w.-]+)",import\.meta\.url\)', text)) == {
        "core.mjs",
        "core.jspi.wasm",
        "core.asyncify.wasm",
        "python_stdlib.zip",
        "pyodide-lock.json",
        "core.symbols.json",
        "linker.mjs",
        "libcxx.so",
        "network-host.mjs",
        "network-relay.mjs",
        "serve.mjs",
    }


def test_the_glue_and_the_runtime_stay_files_of_their_own(bundles: Path) -> None:
    # Were core.mjs or sospeso.mjs bundled in, the entry would be as large as they are.
    assert (bundles / "cli.mjs").stat().st_size < 40_000


def test_types_are_emitted_and_say_what_the_interface_is(tmp_path: Path) -> None:
    js.emit_types(tmp_path)
    (tmp_path / "sospeso.mjs").write_text("")
    user = tmp_path / "user.mts"
    text = (Path(__file__).with_name("types") / "core.mts").read_text()
    user.write_text(text)
    check = ["--noEmit", "--ignoreConfig", "--strict", "--skipLibCheck", "--module", "nodenext"]
    check += ["--target", "es2022", "--types", "", str(user)]
    js._tool("typescript/bin/tsc", *check)
    user.write_text(text.replace('"jspi"', '"none"'))
    with pytest.raises(BuildError, match="'\"none\"' is not assignable"):
        js._tool("typescript/bin/tsc", *check)


def test_an_error_in_the_source_is_shown(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ts"
    broken.write_text("const x = = 1")
    with pytest.raises(BuildError, match=r"esbuild failed(?s:.)*broken\.ts"):
        js._esbuild(str(broken), tmp_path / "out.mjs", "--format=esm")
