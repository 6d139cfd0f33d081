"""Wheels that others have built, served for the tests of compiled packages (test_wheels.py).

They are fetched once, by the pins of foreign_wheels.toml, and kept in the cache: 60 MB.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
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
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / PINS["wheels"][name]["file"]
    wanted = PINS["wheels"][name]["sha256"]
    if not file.exists() or file_sha256(file) != wanted:
        version, python, abi, platform = file.stem.split("-")[1:]
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download"]
        command += [f"{name}=={version}", "--no-deps", "--only-binary=:all:", f"--dest={folder}"]
        command += [f"--platform={platform}", f"--abi={abi}", f"--implementation={python[:2]}"]
        command += ["--python-version=3.13"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert file_sha256(file) == wanted, f"{file.name} is not the pinned one"
    return file


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The folder with the lock file and the wheels of the npm package."""
    pin = Pin(**PINS["npm"])
    folder = cache_dir() / "clients" / f"{pin.name.rpartition('/')[2]}-{pin.version}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        fetch(pin, folder)
    return folder / "assets"


@pytest_asyncio.fixture
async def foreign_shelf(bundle: Path) -> AsyncIterator[str]:
    """The address of all of these files."""
    files = {file.name: file for file in bundle.iterdir()}
    files |= {file.name: file for file in map(wheel, PINS["wheels"])}

    async def serve(request: web.Request) -> web.StreamResponse:
        headers = {"Access-Control-Allow-Origin": "*"}
        file = files.get(request.match_info["name"])
        return web.FileResponse(file, headers=headers) if file else web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{name}", serve)
    async with serving(app) as base:
        yield base
