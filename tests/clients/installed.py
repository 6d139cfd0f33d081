"""Installing clients, each from its registry and pinned, into the cache.

Why: a check is worth something when the client is the very file that people get. npm's packages are
named by a package-lock.json with hashes, those of pip by a requirements file with hashes; a folder
in the cache has the digest of that file in its name, so that nothing is installed twice. Used by
the fixtures of conftest.py and by the clients' tests.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sospeso.npm import npm_command
from sospeso.paths import cache_dir

HERE = Path(__file__).parent
PYTHON = HERE / "python"
NPM = HERE / "npm"

# What npm and pip say when it was the network.
OFFLINE = ("NewConnectionError", "NameResolutionError", "ENOTFOUND", "EAI_AGAIN")


def skip_if_offline(told: str) -> None:
    """Skip when it was the network that made pip or npm fail; what else fails is a failure."""
    if any(word in told for word in OFFLINE):
        pytest.skip("the registry of this machine cannot be reached")


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in a folder; its own words are in the failure."""
    command = [*npm_command(), *arguments, "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        skip_if_offline(done.stderr)
    assert done.returncode == 0, done.stderr


def npm_packages(name: str) -> Path:
    """node_modules of npm/NAME, by `npm ci` of its lock file."""

    def install(folder: Path) -> None:
        for file in ("package.json", "package-lock.json"):
            shutil.copy(NPM / name / file, folder)
        # A peer dependency `pyodide` is not installed: it is what we take the place of.
        npm(folder, "ci", "--legacy-peer-deps")

    return _once(name, NPM / name / "package-lock.json", install) / "node_modules"


def npm_version(name: str, package: str) -> str:
    """The version that the lock file of npm/NAME has of a package."""
    lock = json.loads((NPM / name / "package-lock.json").read_text())
    return str(lock["packages"][f"node_modules/{package}"]["version"])


def pip_packages(name: str, python: str | None = None) -> Path:
    """A folder with what python/NAME.txt lists, for PYTHONPATH.

    Args:
        name: the requirements file, without `.txt`.
        python: the version of Python, such as "3.13", that will use it; by default this one.
    """

    def install(folder: Path) -> None:
        other = ["--python-version", python, "--only-binary", ":all:"] if python else []
        _pip("install", "--target", str(folder), *other, name=name)

    return _once(name, PYTHON / f"{name}.txt", install)


def pip_wheels(name: str) -> Path:
    """A folder with the wheels that python/NAME.txt lists, for Python 3.13 inside the runtime."""

    def download(folder: Path) -> None:
        pure = ["--python-version", "3.13", "--only-binary", ":all:"]
        _pip("download", "--dest", str(folder), *pure, name=name)

    return _once(name, PYTHON / f"{name}.txt", download)


def pip_version(name: str, package: str) -> str:
    """The version that python/NAME.txt has of a package."""
    found = re.search(rf"^{package}==(\S+)", (PYTHON / f"{name}.txt").read_text(), re.MULTILINE)
    assert found is not None, f"{package} is not in {name}.txt"
    return found[1]


def _pip(command: str, *arguments: str, name: str) -> None:
    full = [sys.executable, "-m", "pip", command, "--quiet", "--no-deps", "--require-hashes"]
    full += ["--requirement", str(PYTHON / f"{name}.txt"), *arguments]
    done = subprocess.run(full, capture_output=True, text=True)
    if done.returncode:
        skip_if_offline(done.stderr)
    assert done.returncode == 0, done.stderr


def _once(name: str, lock: Path, make: Callable[[Path], None]) -> Path:
    """A folder of the cache, made when there is none for this lock file yet."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    folder = cache_dir() / "clients" / f"{name}-{digest}"
    if not folder.exists():
        half = folder.with_suffix(".part")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        make(half)
        half.rename(folder)
    return folder
