"""A folder of wheels with a lock file, made here and served from memory, for the tests of packages.

The fixture `shelf` is the address of it (conftest.py takes it in).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from aiohttp import web

from sospeso.server import serving
from tests.runtime.archives import tag, tarred, wheel, zipped

# Compiled for another system, for an older Pyodide, for another Python.
FOREIGN = "compiled-1.0-cp313-cp313-manylinux_2_28_x86_64.whl"
OLDER_ABI = "older-1.0-cp313-cp313-pyodide_2024_0_wasm32.whl"
OTHER_PYTHON = "other-1.0-cp312-cp312-pyodide_2025_0_wasm32.whl"
WHEELS = {
    tag("snail", "1.0"): wheel("snail", "1.0", {"snail.py": "from shell import hard\nspeed = 1"}),
    tag("shell", "2.1"): wheel("shell", "2.1", {"shell/__init__.py": "hard = True"}),
    tag("slug", "0.1"): wheel("slug", "0.1", {"slug-0.1.data/purelib/slug.py": "speed = 2"}),
    tag("escaping", "1.0"): wheel("escaping", "1.0", {"../../escaped.py": "x = 1"}),
    FOREIGN: wheel("compiled", "1.0", {"a.py": "", "compiled.so": "no"}),
    OLDER_ABI: wheel("older", "1.0", {"a.py": ""}),
    OTHER_PYTHON: wheel("other", "1.0", {"a.py": ""}),
    "old-1.0-py2-none-any.whl": wheel("old", "1.0", {"old.py": ""}),
    tag("damaged", "1.0"): b"no zip at all",
    tag("Big_Name", "1.0"): wheel("Big_Name", "1.0", {"big_name.py": "x = 1"}),
    "plain.zip": zipped({"from_zip.py": "speed = 3"}),
    "plain.tar.gz": tarred(("from_tar.py", "speed = 3")),
    "plain.rar": b"no archive",
}


def lock_entry(name: str, version: str, depends: list[str]) -> dict[str, Any]:
    file_name = tag(name, version)
    return {
        "name": name,
        "version": version,
        "file_name": file_name,
        "sha256": hashlib.sha256(WHEELS[file_name]).hexdigest(),
        "package_type": "package",
        "install_dir": "site",
        "imports": [name],
        "depends": depends,
    }


LOCK = {
    "info": {"python": "3.13.0", "abi_version": "any"},
    "packages": {
        "snail": lock_entry("snail", "1.0", ["Shell"]),
        "shell": lock_entry("shell", "2.1", []),
        "forged": {**lock_entry("slug", "0.1", []), "name": "forged", "sha256": "0" * 64},
        "broken": {**lock_entry("slug", "0.1", ["missing"]), "name": "broken"},
        "big-name": lock_entry("Big_Name", "1.0", []),
        "absent": {**lock_entry("slug", "0.1", []), "name": "absent", "file_name": "absent.whl"},
        "round": {**lock_entry("shell", "2.1", ["trip"]), "name": "round", "imports": []},
        "trip": {**lock_entry("slug", "0.1", ["round"]), "name": "trip", "imports": []},
    },
}


@pytest_asyncio.fixture
async def shelf() -> AsyncIterator[str]:
    """The address of a folder with the wheels and the lock file."""

    async def serve(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = json.dumps(LOCK).encode() if name == "lock.json" else WHEELS.get(name)
        headers = {"Access-Control-Allow-Origin": "*"}
        if body is None:
            return web.Response(status=404, headers=headers)
        return web.Response(body=body, headers=headers)

    app = web.Application()
    app.router.add_get("/{name}", serve)
    async with serving(app) as url:
        yield url
