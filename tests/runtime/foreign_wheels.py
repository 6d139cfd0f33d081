"""Wheels that others have built, served for the tests of compiled packages (test_wheels.py).

They are fetched once, by the pins of foreign_wheels.toml, and kept in the cache: 130 MB.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from cpython.build.engine.digest import file_sha256
from sospeso.npm import Pin, fetch
from sospeso.paths import cache_dir
from sospeso.server import serving

PINS = tomllib.loads((Path(__file__).parent / "foreign_wheels.toml").read_text(encoding="utf-8"))


def wheel(name: str) -> Path:
    """A pinned wheel, fetched by pip if it is not in the cache."""
    folder = cache_dir() / "clients" / "wheels"
    return _from_index(name, PINS["wheels"][name], folder)


def _from_index(name: str, pin: dict[str, str], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / pin["file"]
    wanted = pin["sha256"]
    if not file.exists() or file_sha256(file) != wanted:
        distribution, version, python, abi, platform = file.stem.split("-")
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download"]
        command += [f"{distribution}=={version}", "--no-deps", "--only-binary=:all:"]
        command += [f"--dest={folder}", f"--platform={platform}", f"--abi={abi}"]
        command += [
            f"--implementation={python[:2]}",
            f"--python-version={pin.get('python', '3.13')}",
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, f"{name}: {done.stderr}"
        assert file_sha256(file) == wanted, f"{file.name} is not the pinned one"
    return file


def distribution_folder() -> Path:
    """The folder with a distribution of Pyodide's: a lock file, wheels and shared libraries."""
    pin = PINS["distribution"]
    folder = cache_dir() / "clients" / pin["file"].rpartition("-py3-")[0]
    if not folder.exists():
        with tempfile.TemporaryDirectory() as temporary:
            archive = _from_index(pin["name"], pin, Path(temporary))
            part = folder.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            with zipfile.ZipFile(archive) as zipped:
                for member in zipped.namelist():
                    if member.startswith(f"{pin['folder']}/"):
                        zipped.extract(member, part)
            (part / pin["folder"]).rename(folder)
            shutil.rmtree(part)
    return folder


def bundle_folder() -> Path:
    """The folder with the lock file and the wheels of the npm package."""
    pin = Pin(**PINS["npm"])
    folder = cache_dir() / "clients" / f"{pin.name.rpartition('/')[2]}-{pin.version}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        fetch(pin, folder)
    return folder / "assets"


@pytest.fixture(scope="session")
def bundle() -> Path:
    """bundle_folder()"""
    return bundle_folder()


@pytest.fixture(scope="session")
def distribution() -> Path:
    """distribution_folder()"""
    return distribution_folder()


@pytest_asyncio.fixture
async def foreign_shelf(bundle: Path) -> AsyncIterator[str]:
    """The address of the wheels, and of the lock file of the npm package."""
    files = {file.name: file for file in bundle.iterdir()}
    files |= {file.name: file for file in map(wheel, PINS["wheels"])}
    async with _serving_files(files) as base:
        yield base


@pytest_asyncio.fixture
async def distribution_shelf(distribution: Path) -> AsyncIterator[str]:
    """The address of the distribution's files."""
    async with _serving_files({file.name: file for file in distribution.iterdir()}) as base:
        yield base


@asynccontextmanager
async def _serving_files(files: dict[str, Path]) -> AsyncIterator[str]:
    async def serve(request: web.Request) -> web.StreamResponse:
        headers = {"Access-Control-Allow-Origin": "*"}
        file = files.get(request.match_info["name"])
        return web.FileResponse(file, headers=headers) if file else web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{name}", serve)
    async with serving(app) as base:
        yield base
