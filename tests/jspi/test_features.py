"""dist/detect.mjs, the detector that is published alone, and the modules by which it detects.

Each module must be valid where its feature is on and invalid where that alone is off: Wasmtime and
Binaryen, which have a switch for each feature, are the judges (wasmtime knows no legacy exceptions,
Binaryen no difference between typed function references and GC). The bundle is asked in the Nodes
at hand, as they are and with names of theirs taken away or replaced.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from cpython.build.bundle import javascript as js
from polyfills.jspi.tests.conftest import NODE_MODULES, ROOT, Node, _tool, bundle
from sospeso.engines import find_node

ASK = Path(__file__).with_name("ask.mjs")
FEATURES = ["legacyExceptions", "exnref", "gc", "tailCall", "typedFunctionReferences"]
EVERYTHING = dict.fromkeys([*FEATURES, "sharedMemory"], True)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """detect.mjs as `make build` publishes it."""
    if not NODE_MODULES.exists():
        pytest.skip("no esbuild; run `make setup`")
    folder = tmp_path_factory.mktemp("detect")
    js.bundle_one("detect.mjs", folder, "release")
    return folder / "detect.mjs"


@pytest.fixture(scope="module")
def modules(node: Node, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The detector's modules, as files."""
    folder = tmp_path_factory.mktemp("features")
    bundle(ROOT / "jspi/features.ts", folder / "features.mjs")
    program = f"""
        const {{ MODULES }} = await import({json.dumps((folder / "features.mjs").as_uri())});
        console.log(JSON.stringify(MODULES));
    """
    files = {}
    for name, numbers in json.loads(node.run("--input-type=module", "-e", program)).items():
        files[name] = folder / f"{name}.wasm"
        files[name].write_bytes(bytes(numbers))
    return files


# The modules.


def test_every_feature_has_its_module(modules: dict[str, Path]) -> None:
    assert list(modules) == FEATURES


WASMTIME = ("exceptions", "function_references", "gc", "tail_call")


def valid_in_wasmtime(module: Path, on: set[str]) -> bool:
    config = wasmtime.Config()
    for name in WASMTIME:
        setattr(config, f"wasm_{name}", name in on)
    try:
        wasmtime.Module.validate(wasmtime.Engine(config), module.read_bytes())
    except wasmtime.WasmtimeError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "needs", "off"),
    [
        ("exnref", {"exceptions"}, {"exceptions"}),
        ("gc", {"gc", "function_references"}, {"gc"}),
        ("tailCall", {"tail_call"}, {"tail_call"}),
        # GC is built upon it, so there is no engine with GC and without it.
        ("typedFunctionReferences", {"function_references"}, {"function_references", "gc"}),
    ],
)
def test_wasmtime_accepts_it_with_the_feature_only(
    modules: dict[str, Path], name: str, needs: set[str], off: set[str]
) -> None:
    assert valid_in_wasmtime(modules[name], needs)
    assert valid_in_wasmtime(modules[name], set(WASMTIME))
    assert not valid_in_wasmtime(modules[name], set(WASMTIME) - off)


def test_an_engine_with_the_new_exceptions_only_has_no_legacy_ones(
    modules: dict[str, Path],
) -> None:
    assert not valid_in_wasmtime(modules["legacyExceptions"], set(WASMTIME))


def valid_in_binaryen(node: Node, module: Path, *features: str) -> bool:
    """Whether the npm package's wasm-opt takes it with MVP and these features."""
    flags = [f"--enable-{feature}" for feature in features]
    program = _tool("binaryen/bin/wasm-opt", "binaryen")
    command = [node._engine.path, str(program), "--mvp-features", *flags, str(module)]
    done = subprocess.run(
        [*command, "-o", str(module.with_suffix(".out"))], capture_output=True, text=True
    )
    assert done.returncode == 0 or "error validating" in done.stderr, done.stderr
    return done.returncode == 0


@pytest.mark.parametrize(
    ("name", "feature", "base"),
    [
        ("legacyExceptions", "exception-handling", []),
        # What Binaryen calls reference types is what tells the new exceptions from the old ones.
        ("exnref", "reference-types", ["exception-handling"]),
        ("exnref", "exception-handling", ["reference-types"]),
        ("gc", "gc", ["reference-types"]),
        ("tailCall", "tail-call", []),
        ("typedFunctionReferences", "gc", ["reference-types"]),
    ],
)
def test_binaryen_accepts_it_with_the_feature_only(
    node: Node, modules: dict[str, Path], name: str, feature: str, base: list[str]
) -> None:
    assert not valid_in_binaryen(node, modules[name], *base)
    assert valid_in_binaryen(node, modules[name], *base, feature)


# The bundle.


def test_it_is_tiny_and_stands_alone(published: Path) -> None:
    text = published.read_text(encoding="utf-8")
    assert len(text.encode()) < 2000
    assert "import" not in text
    assert "require" not in text


def ask(command: list[str], published: Path, before: str = "") -> dict[str, Any]:
    """What the published functions say after the JavaScript `before`; a throw fails the test."""
    command = [*command, str(ASK), published.as_uri(), before]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def known(version: tuple[int, ...], flag: bool) -> dict[str, Any]:
    """What a Node of this version has, 20 or newer."""
    jspi = version >= (24, 20) or (version >= (24,) and flag)
    return {
        "api": "final" if jspi else "none",
        "usable": jspi,
        "wasm": True,
        "error": "",
        **EVERYTHING,
        # V8 11.3, Node 20's, is the one without.
        **dict.fromkeys(["exnref", "gc", "typedFunctionReferences"], version >= (22,)),
    }


def version_of(node: str) -> tuple[int, ...]:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    return tuple(int(part) for part in done.stdout.strip("v\n").split(".")[:2])


def test_it_says_what_this_node_is_known_to_have(published: Path) -> None:
    engine = find_node()
    version = version_of(engine.path)
    assert ask([engine.path], published) == known(version, flag=False)
    assert ask(engine.command(), published) == known(version, flag=bool(engine.flags))


def test_it_says_what_the_system_s_node_is_known_to_have(published: Path) -> None:
    path = shutil.which("node")
    if path is None or version_of(path) < (20,):
        pytest.skip("no Node of version 20 or newer on $PATH")
    version = version_of(path)
    assert ask([path], published) == known(version, flag=False)
    if version < (24,):  # Chrome's first origin trial: Suspender objects, nothing usable
        first = ask([path, "--experimental-wasm-stack-switching"], published)
        assert (first["api"], first["usable"], first["error"]) == ("origin-trial", False, "")


@pytest.fixture(scope="module")
def with_jspi() -> list[str]:
    return find_node(need_jspi=True).command()


NO_WASM = {"api": "none", "usable": False, "wasm": False}
NO_MODULES = dict.fromkeys(FEATURES, False)
NO_SHARING = {"sharedMemory": False}


@pytest.mark.parametrize(
    ("before", "differs"),
    [
        pytest.param(
            "delete globalThis.WebAssembly",
            NO_WASM | NO_MODULES | NO_SHARING, id="no WebAssembly",
        ),
        pytest.param(
            "globalThis.WebAssembly = {}",
            NO_WASM | NO_MODULES | NO_SHARING, id="empty WebAssembly",
        ),
        pytest.param(
            "globalThis.WebAssembly = null",
            NO_WASM | NO_MODULES | NO_SHARING, id="null WebAssembly",
        ),
        pytest.param(
            "WebAssembly.validate = () => { throw new Error('blocked by CSP'); }",
            NO_MODULES, id="validate forbidden",
        ),
        pytest.param(
            "WebAssembly.Module = class { constructor() { throw new Error('blocked by CSP'); } }",
            NO_WASM | {"error": "blocked by CSP"}, id="Module forbidden",
        ),
        pytest.param(
            "delete globalThis.SharedArrayBuffer; globalThis.crossOriginIsolated = true",
            NO_SHARING, id="isolated without SharedArrayBuffer",
        ),
        pytest.param(
            "globalThis.crossOriginIsolated = false",
            {}, id="SharedArrayBuffer without isolation",
        ),
        pytest.param(
            "MessagePort.prototype.postMessage = () => { throw new Error('DataCloneError'); }",
            NO_SHARING, id="shared memory that may not be sent",
        ),
        pytest.param(
            "const { Memory } = WebAssembly;"
            "WebAssembly.Memory = class { buffer = new Memory({ initial: 1 }).buffer; }",
            NO_SHARING, id="shared is ignored",
        ),
        pytest.param(
            "WebAssembly.Memory = class { constructor() { throw new RangeError(); } }",
            NO_SHARING, id="no memory left",
        ),
        pytest.param("delete globalThis.Atomics", NO_SHARING, id="no Atomics"),
        pytest.param(
            "for (const n of ['Suspending', 'promising', 'SuspendError']) delete WebAssembly[n];"
            "WebAssembly.Suspender = WebAssembly.Function = class {}",
            {"api": "origin-trial", "usable": False}, id="first origin trial",
        ),
        pytest.param(
            "delete WebAssembly.SuspendError",
            {"api": "origin-trial"}, id="later origin trial",
        ),
        pytest.param(
            "WebAssembly.promising = () => () => 5",
            {"usable": False, "error": "promising() returned no promise"},
            id="promising that does not promise",
        ),
        pytest.param(
            "WebAssembly.promising = () => { throw 'no'; }",
            {"usable": False, "error": "no"}, id="something else is thrown",
        ),
        pytest.param(
            "WebAssembly.promising = () => { throw new TypeError(); }",
            {"usable": False, "error": "TypeError"}, id="an error without words",
        ),
    ],
)  # fmt: skip
def test_what_is_missing_or_broken_is_not_there(
    with_jspi: list[str], published: Path, before: str, differs: dict[str, Any]
) -> None:
    found = ask(with_jspi, published, before)
    expected = {"api": "final", "usable": True, "wasm": True, "error": "", **EVERYTHING, **differs}
    if "null" in before or "= {}" in before:  # the engine's own words about the missing Module
        assert found.pop("error")
        del expected["error"]
    assert found == expected


def test_its_types_describe_it(published: Path, tmp_path: Path) -> None:
    js.emit_types(tmp_path)
    shutil.copy(published, tmp_path)
    user = tmp_path / "user.mts"
    shutil.copy(Path(__file__).with_name("user.mts"), user)
    check = ["--noEmit", "--ignoreConfig", "--strict", "--skipLibCheck", "--module", "nodenext"]
    js._tool("typescript/bin/tsc", *check, "--target", "es2022", "--types", "", str(user))
