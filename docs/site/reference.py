"""Makes the API reference from the sources: TypeDoc for JavaScript, the stubs for Python.

Why: a reference that somebody writes by hand is wrong after the next change. TypeDoc reads the
    types
that programs import (runtime/index.ts); mkdocstrings reads runtime/stubs together with the
docstrings of runtime/python. Called by stage.py with the folder that MkDocs will read.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from cpython.build.bundle import numbers
from sospeso.engines import find_node
from sospeso.npm import npm_command
from sospeso.paths import ROOT, UserError, cache_dir

HERE = Path(__file__).parent
TOOLS = ("package.json", "package-lock.json")
STUBS = ROOT / "runtime" / "stubs"
SOURCES = ROOT / "runtime" / "python"

# The Python modules that programs import, each with the sentence that opens its page.
MODULES = {
    "pyodide.ffi": "JavaScript values in Python, conversions, and errors that cross.",
    "pyodide.ffi.wrappers": "Event listeners and timers of the page that call Python.",
    "pyodide.code": "Running Python source, and JavaScript source.",
    "pyodide.http": "Requests by the browser's `fetch`.",
    "pyodide.http.pyxhr": "Requests that block, by `XMLHttpRequest`.",
    "pyodide.display": "Pictures and HTML that a program shows in the page.",
    "pyodide.console": "A prompt: code goes in line by line.",
    "pyodide.webloop": "The event loop of the page.",
    "pyodide_js": "The `pyodide` object of JavaScript, seen from Python.",
}


def typedoc_folder() -> Path:
    """node_modules with TypeDoc and a compiler that it understands, installed once into the cache.

    Raises:
        UserError: npm cannot install them.
    """
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = cache_dir() / "docs" / digest
    if (folder / "ready").exists():
        return folder / "node_modules"
    folder.mkdir(parents=True, exist_ok=True)
    for name in TOOLS:
        shutil.copy(HERE / name, folder)
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise UserError(
            f"npm cannot install TypeDoc: {done.stderr.strip()[-500:]}\n"
            "Check the network connection and npm's settings (npm config list)."
        )
    (folder / "ready").touch()
    return folder / "node_modules"


def javascript(target: Path, scratch: Path) -> None:
    """Write the pages of the JavaScript side.

    Args:
        target: the folder for the pages.
        scratch: a folder for the settings of TypeDoc and of its compiler.

    Raises:
        UserError: TypeDoc found a fault, such as a link in a comment that leads nowhere.
    """
    modules = typedoc_folder()
    numbers.generate()  # the sources import what is made of the tables of numbers
    compiler = scratch / "tsconfig.json"
    compiler.write_text(
        json.dumps(
            {
                "extends": str(ROOT / "tsconfig.json"),
                "compilerOptions": {
                    "noEmit": True,
                    "skipLibCheck": True,
                    "typeRoots": [str(ROOT / "node_modules" / "@types")],
                },
                "files": [str(ROOT / "runtime" / "index.ts")],
                "include": [str(ROOT / "build" / "generated" / "**" / "*.ts")],
            }
        )
    )
    settings = scratch / "typedoc.json"
    settings.write_text(
        json.dumps(
            {
                "tsconfig": str(compiler),
                "entryPoints": [str(ROOT / "runtime" / "index.ts")],
                "plugin": [str(modules / "typedoc-plugin-markdown" / "dist" / "index.js")],
                "out": str(target),
                "name": "JavaScript",
                "readme": "none",
                "entryFileName": "index",
                "mergeReadme": False,
                "hidePageHeader": True,
                "hideBreadcrumbs": True,
                "excludeInternal": True,
                "excludePrivate": True,
                "excludeExternals": True,
                "disableSources": True,
                "treatWarningsAsErrors": True,
                # The project's own compiler checks the sources; this one is older.
                "skipErrorChecking": True,
                "validation": {"notExported": False, "invalidLink": True, "notDocumented": False},
                "sanitizeComments": True,
                "parametersFormat": "table",
                "propertiesFormat": "table",
                "interfacePropertiesFormat": "table",
                "typeAliasPropertiesFormat": "table",
            }
        )
    )
    tool = modules / "typedoc" / "bin" / "typedoc"
    done = subprocess.run(
        [find_node().path, str(tool), "--options", str(settings), "--pretty", "false"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise UserError(f"TypeDoc failed:\n{(done.stdout + done.stderr).strip()[-2000:]}")


def python(target: Path, merged: Path) -> None:
    """Write a page for each Python module, which mkdocstrings fills.

    Args:
        target: the folder for the pages.
        merged: a folder for the modules with their stubs beside them, where mkdocstrings looks.
    """
    shutil.copytree(SOURCES / "pyodide", merged / "pyodide")
    shutil.copytree(STUBS, merged, dirs_exist_ok=True)
    for stub in merged.rglob("*.pyi"):
        if not stub.with_suffix(".py").exists():  # a module that C or JavaScript makes
            stub.rename(stub.with_suffix(".py"))
    target.mkdir(parents=True)
    lines = ["# Python", "", "The modules that a Python program imports.", ""]
    for module, sentence in MODULES.items():
        page = target / f"{module}.md"
        page.write_text(f"# {module}\n\n{sentence}\n\n::: {module}\n", encoding="utf-8")
        lines.append(f"- [`{module}`]({page.name}): {sentence}")
    (target / "index.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
