"""The packages that people install, made from the dist/ under test, and a project that has ours.

Why: a package is right when a stranger's `npm install` or `pip install` of the archive works, and
nothing less shows it. Nothing here knows the checkout once the archives are made.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from cpython.build.bundle import package
from cpython.build.engine.errors import BuildError
from sospeso.engines import find_node
from sospeso.npm import npm_command
from sospeso.paths import ROOT, cache_dir, dist_dir, need_dist

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
TOOLS = HERE / "tools"


def cores() -> list[str]:
    """The cores of the dist/ under test; a dev build may have the first alone."""
    return [core for core in ("jspi", "asyncify") if (dist_dir() / f"core.{core}.wasm").exists()]


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in a folder; its own words are in the failure."""
    command = [*npm_command(), *arguments, "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        skip_if_offline(done.stderr)
    assert done.returncode == 0, done.stderr


def node(folder: Path, *arguments: str | Path, flags: Sequence[str] = ()) -> str:
    """What a program prints in our Node, with JSPI on, run in a folder."""
    command = find_node().command(*flags, *map(str, arguments))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


def skip_if_offline(told: str) -> None:
    """Skip when it was the network that made pip or npm fail; what else fails is a failure."""
    if any(word in told for word in ("NewConnectionError", "NameResolutionError", "ENOTFOUND")):
        pytest.skip("the registry of this machine cannot be reached")


@pytest.fixture(scope="session")
def npm_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive for npm."""
    dist = need_dist("package.json", "pyodide-lock.json")
    return package.npm_archive(dist, tmp_path_factory.mktemp("npm"))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    dist = need_dist("cli.mjs", "sospeso.mjs", "package.json")
    try:
        return package.wheel(ROOT, dist, tmp_path_factory.mktemp("wheel"))
    except BuildError as error:  # pip fetches what it builds with
        skip_if_offline(str(error))
        raise


@pytest.fixture(scope="session")
def project(npm_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of npm with our package, under its own name and under `pyodide`."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "package.json").write_text(json.dumps({"name": "a-project", "private": True}))
    names = (f"{name}@file:{npm_archive}" for name in ("sospeso", "pyodide"))
    npm(folder, "install", "--offline", *names)
    for program in PROGRAMS.iterdir():
        if program.is_file():
            shutil.copy(program, folder)
    return folder


@pytest.fixture(scope="session")
def tools() -> Path:
    """node_modules with other people's tools, by `npm ci` of tools/package-lock.json.

    Kept in the cache under the lock's digest: installing them takes half a minute.
    """
    digest = hashlib.sha256((TOOLS / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = cache_dir() / "clients" / digest
    if not folder.exists():
        half = folder.with_suffix(".part")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(TOOLS / name, half)
        npm(half, "ci")
        half.rename(folder)
    return folder / "node_modules"
