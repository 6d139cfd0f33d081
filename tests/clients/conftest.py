"""The packages that people install, made from the dist/ under test, and a project that has ours.

Why: a package is right when a stranger's `npm install` or `pip install` of the archive works, and
nothing less shows it. Nothing here knows the checkout once the archives are made.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from cpython.build.bundle import package
from cpython.build.engine.errors import BuildError
from sospeso.engines import CHROMIUM_ARGS, ensure_chromium, find_node
from sospeso.paths import ROOT, dist_dir, need_dist

from .installed import npm, npm_packages, skip_if_offline
from .over import Over, chosen, get

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"


def cores() -> list[str]:
    """The cores of the dist/ under test; a dev build may have the first alone."""
    return [core for core in ("jspi", "asyncify") if (dist_dir() / f"core.{core}.wasm").exists()]


def node(folder: Path, *arguments: str | Path, flags: Sequence[str] = ()) -> str:
    """What a program prints in our Node, with JSPI on, run in a folder."""
    command = find_node().command(*flags, *map(str, arguments))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


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
    """node_modules with other people's bundlers, compilers and test runners."""
    return npm_packages("bundlers")


@pytest.fixture(scope="session", params=chosen())
def over(request: pytest.FixtureRequest) -> Over:
    """What a client runs over: our dist/, or Pyodide itself for comparison."""
    return get(str(request.param))


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, found or installed."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=ensure_chromium(print).path, args=list(CHROMIUM_ARGS)
        )
        yield started
        await started.close()
