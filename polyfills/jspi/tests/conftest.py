"""What the JSPI tests need: Node, the bundled TypeScript, and the tiny modules, asyncified.

The tests take esbuild and Binaryen (npm `binaryen`, which carries wasm-as and wasm-opt as
JavaScript) from the checkout's node_modules, where `make setup` puts them. Used by every test of
this folder, each of which asks for the fixtures by name, and by tests/jspi, which imports them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cpython.build.bundle import numbers
from cpython.build.wasm import fast_copies, wasm
from sospeso.engines import find_node

ROOT = Path(__file__).resolve().parent.parent.parent.parent
HERE = Path(__file__).resolve().parent
NODE_MODULES = Path(os.environ.get("SOSPESO_NODE_MODULES", ROOT / "node_modules"))
WAITING_IMPORTS = "env.wait,env.wait64,env.wait_float,env.wait32,env.wait_nothing"


class Node:
    """The Node under test: one whose own JSPI can be compared with."""

    def __init__(self) -> None:
        self._engine = find_node(need_jspi=True)

    def run(self, *arguments: str | Path, jspi: bool = False) -> str:
        """Run it to its end; its stdout. Fails the test with its stderr when it fails.

        Args:
            arguments: what follows Node's own flags.
            jspi: with the flags that switch the engine's JSPI on.
        """
        words = [str(argument) for argument in arguments]
        command = self._engine.command(*words) if jspi else [self._engine.path, *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=50)
        if done.returncode:
            pytest.fail(f"{' '.join(command)} failed:\n{done.stderr}{done.stdout}")
        return done.stdout


@pytest.fixture(scope="session")
def node() -> Node:
    return Node()


def _tool(name: str, package: str) -> Path:
    path = NODE_MODULES / name
    if not path.exists():
        pytest.skip(f"npm package {package} is not in {NODE_MODULES}; run `make setup`")
    return path


def bundle(source: Path, output: Path) -> None:
    """Bundle one TypeScript file of the project into an ES module."""
    esbuild = _tool(".bin/esbuild", "esbuild")
    numbers.generate()
    options = ["--bundle", "--format=esm", "--target=es2022", "--log-level=warning"]
    subprocess.run([str(esbuild), str(source), *options, f"--outfile={output}"], check=True)


@pytest.fixture(scope="session")
def built(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the modules (`*.wasm`, `*.asyncify.wasm`), `polyfill.mjs` and `detect.mjs`."""
    folder = tmp_path_factory.mktemp("jspi")
    wasm_as = _tool("binaryen/bin/wasm-as", "binaryen")
    wasm_opt = _tool("binaryen/bin/wasm-opt", "binaryen")
    features = ["--enable-exception-handling", "--enable-reference-types"]
    asyncify = [*features, "-g", "-O1", "--asyncify"]
    asyncify.append(f"--pass-arg=asyncify-imports@{WAITING_IMPORTS}")
    for name in ("stacks", "catching"):
        plain = folder / f"{name}.wasm"
        node.run(wasm_as, HERE / f"{name}.wat", *features, "-g", "-o", plain)
        node.run(wasm_opt, plain, *asyncify, "-o", folder / f"{name}.asyncify.wasm")
    # The mistake everybody makes with Asyncify: a function that waits is not instrumented.
    holes = "--pass-arg=asyncify-removelist@once,total,maybe"
    node.run(
        wasm_opt, folder / "stacks.wasm", *asyncify, holes, "-o", folder / "holes.asyncify.wasm"
    )
    bundle(ROOT / "polyfills/jspi/index.ts", folder / "polyfill.mjs")
    bundle(ROOT / "jspi/detect.ts", folder / "detect.mjs")
    return folder


@pytest.fixture(scope="session")
def fast(node: Node, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same folder, but the asyncified modules have fast copies of all they can have one of."""
    folder = tmp_path_factory.mktemp("fast")
    wasm_opt = _tool("binaryen/bin/wasm-opt", "binaryen")
    features = ["--enable-exception-handling", "--enable-reference-types"]
    for file in built.iterdir():
        shutil.copy(file, folder)
    for name in ("stacks", "catching"):
        asyncified = (built / f"{name}.asyncify.wasm").read_bytes()
        copied, _ = fast_copies.make(asyncified, wasm.Module(asyncified).names.values())
        (folder / "copied.wasm").write_bytes(copied)
        optimise = [*features, "-g", fast_copies.OPTIMISE, "-O2"]
        output = folder / f"{name}.asyncify.wasm"
        node.run(wasm_opt, folder / "copied.wasm", *optimise, "-o", output)
    return folder


@pytest.fixture(scope="session")
def by_engine(node: Node, built: Path) -> dict[str, Any]:
    """What every shared scenario gave on the engine's own JSPI."""
    return dict(json.loads(node.run(HERE / "run.mjs", "engine", built, jspi=True)))


@pytest.fixture(scope="session")
def by_polyfill(node: Node, built: Path) -> dict[str, Any]:
    """What every scenario gave on the polyfill, in an engine made to lack JSPI."""
    return dict(json.loads(node.run(HERE / "run.mjs", "polyfill", built)))


@pytest.fixture(scope="session")
def by_fast_copies(node: Node, fast: Path) -> dict[str, Any]:
    """The same on modules with fast copies."""
    return dict(json.loads(node.run(HERE / "run.mjs", "polyfill", fast)))
