# dist/ as a package: the package.json that makes a folder of files one for npm, and the two
# archives that `make package` leaves in build/packages: one for npm (usable under the name
# `pyodide` as well), and a wheel with the command line and all that it runs. Called by plan.py
# (package.json) and driver.py (archives).
#
# Nothing is built here: an archive holds the very files of dist/ that tests and pages use.
"""Packages for npm and pip."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..engine.errors import BuildError
from ..engine.step import Context, Step
from . import javascript
from .dist import INFO

FOLDER = "build/packages"
ABOUT = "package.json"  # of the project: name, version, license
README = "runtime/README.md"
LICENSE = "LICENSE"

# Of dist/: no one who installs a package runs CPython's own tests with it.
LEAVE_OUT = ("python_test.zip",)
# What is in npm's archive; whatever else lies in dist/ stays out.
FILES = (
    *("*.mjs", "*.js", "*.wasm", "*.so", "*.whl", "*.html", "*.d.ts", "*.d.mts", "types", "stubs"),
    *("python_stdlib.zip", "pyodide-lock.json", "core.symbols.json", INFO),
)
# The oldest of wheel times: an archive's bytes depend on nothing but its files.
EPOCH = "315532800"


def package_json(about: dict[str, Any]) -> dict[str, Any]:
    """The package.json of dist/, from the project's own.

    `.` is the runtime in each form, `./ffi` has types alone, and each file has its own name. Module
    and script have a .d.ts each: TypeScript wants to know which of the two it is about.
    """
    return {
        "name": about["name"],
        "version": about["version"],
        "description": about["description"],
        "keywords": ["python", "webassembly", "pyodide", "jspi"],
        "license": about["license"],
        "engines": {"node": ">=22"},
        "main": "./sospeso.js",
        "types": "./sospeso.d.ts",
        "exports": {
            ".": {
                "import": {"types": "./sospeso.d.mts", "default": "./sospeso.mjs"},
                "require": {"types": "./sospeso.d.ts", "default": "./sospeso.js"},
            },
            "./ffi": {"types": "./ffi.d.ts"},
            "./*": "./*",
        },
        "files": [*FILES],
    }


def package_step(project: Path) -> Step:
    """Output: package.json, and the two texts that a package has to have."""
    inputs = [project / name for name in (ABOUT, README, LICENSE)]

    def run(context: Context) -> None:
        about = json.loads((context.project / ABOUT).read_text(encoding="utf-8"))
        text = json.dumps(package_json(about), indent=2)
        (context.out / "package.json").write_text(text + "\n", encoding="utf-8")
        shutil.copyfile(context.project / README, context.out / "README.md")
        shutil.copyfile(context.project / LICENSE, context.out / "LICENSE")

    return Step("package", run, files=tuple(inputs))


def pack(project: Path, dist: Path, out: Path) -> list[Path]:
    """Make both packages of a finished dist/ in the folder `out`; older ones there go.

    Raises:
        BuildError: dist/ is not complete, or npm or pip failed.
    """
    out.mkdir(parents=True, exist_ok=True)
    for old in [*out.glob("sospeso-*.tgz"), *out.glob("sospeso-*.whl")]:
        old.unlink()
    return [npm_archive(dist, out), wheel(project, dist, out)]


def npm_archive(dist: Path, out: Path) -> Path:
    """The archive for npm, by `npm pack`."""
    if not (dist / "package.json").is_file():
        raise BuildError(f"{dist} has no package.json", "build first: make build")
    command = [*javascript.npm(), "pack", str(dist), "--ignore-scripts", "--loglevel=error"]
    _run([*command, f"--pack-destination={out}"], dist)
    return next(out.glob("sospeso-*.tgz"))


def wheel(project: Path, dist: Path, out: Path) -> Path:
    """The wheel: the package `sospeso` with dist/ in it, by `pip wheel`."""
    with tempfile.TemporaryDirectory(prefix="sospeso-wheel-") as scratch:
        stage = Path(scratch)
        for name in ("pyproject.toml", "README.md", LICENSE):
            shutil.copyfile(project / name, stage / name)
        shutil.copytree(
            project / "sospeso", stage / "sospeso", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copytree(dist, stage / "sospeso" / "dist", ignore=shutil.ignore_patterns(*LEAVE_OUT))
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel"]
        _run([*command, "--no-deps", f"--wheel-dir={out}", str(stage)], stage)
    return next(out.glob("sospeso-*.whl"))


def _run(command: list[str], cwd: Path) -> None:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BuildError(
            f"`{' '.join(command[:4])} ...` failed (exit status {done.returncode}):\n"
            f"{(done.stderr or done.stdout).strip()[-1500:]}",
            "check the network, and the settings of npm and pip (npm config list, pip config list)",
        )
