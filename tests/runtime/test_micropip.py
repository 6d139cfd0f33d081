"""micropip as it is published, in its Pyodide mode: it knows the lock file, files and loadedPackages.

Without the private names it took itself to be outside of Pyodide, and `emfs:` was an unknown scheme.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from sospeso.server import serving
from tests.programs import programs, scripts
from tests.runtime.archives import tag, wheel
from tests.runtime.conftest import DIST, Runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

CELLS = [f"{engine}-{core}" for engine in ("node", "chromium") for core in ("jspi", "asyncify")]


def thing(name: str, value: int, requires: str = "") -> bytes:
    """A wheel with one module and, it may be, a requirement."""
    info = f"{name}-1.0.dist-info"
    more = f"Requires-Dist: {requires}\n" if requires else ""
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{more}"
    record = f"{name}.py,,\n{info}/METADATA,,\n{info}/RECORD,,\n"
    files = {f"{name}.py": f"x = {value}", f"{info}/METADATA": text}
    return wheel(name, "1.0", files, record)


WHEELS = {
    tag("fromfile", "1.0"): thing("fromfile", 1),
    tag("fromurl", "1.0"): thing("fromurl", 2),
    tag("fromindex", "1.0"): thing("fromindex", 3, "fromlock"),
    tag("fromlock", "1.0"): thing("fromlock", 4),
}


@pytest_asyncio.fixture
async def index() -> AsyncIterator[str]:
    """The address of wheels and, below simple/, of a package index (PEP 691)."""
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}

    async def serve_wheel(request: web.Request) -> web.Response:
        return web.Response(body=WHEELS[request.match_info["name"]], headers=headers)

    async def serve_project(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        file = tag(name, "1.0")
        if file not in WHEELS or name == "fromlock":
            return web.Response(status=404, headers=headers)
        one = {
            "filename": file,
            "url": f"{url}/{file}",
            "hashes": {"sha256": hashlib.sha256(WHEELS[file]).hexdigest()},
        }
        answer = {"meta": {"api-version": "1.0"}, "name": name, "files": [one]}
        kind = "application/vnd.pypi.simple.v1+json"
        return web.Response(text=json.dumps(answer), content_type=kind, headers=headers)

    app = web.Application()
    app.router.add_get("/{name}", serve_wheel)
    app.router.add_get("/simple/{name}/", serve_project)
    async with serving(app) as url:
        yield url


def lock_with_one_more(base: str) -> dict[str, Any]:
    """The runtime's own lock file, and the package `fromlock` in it."""
    lock: dict[str, Any] = json.loads((DIST / "pyodide-lock.json").read_text())
    file = tag("fromlock", "1.0")
    lock["packages"]["fromlock"] = {
        "name": "fromlock",
        "version": "1.0",
        "file_name": f"{base}/{file}",
        "sha256": hashlib.sha256(WHEELS[file]).hexdigest(),
        "package_type": "package",
        "install_dir": "site",
        "imports": ["fromlock"],
        "depends": [],
    }
    return lock


@pytest.mark.parametrize("cell", CELLS)
async def test_micropip_installs_lists_freezes_and_uninstalls(
    hosts: Any, index: str, cell: str
) -> None:
    engine, core = cell.split("-")
    host = hosts[engine]
    lock = lock_with_one_more(index)
    options = {"lockFileContents": lock, "packageBaseUrl": host.dist}
    made = await host.ask("load", dist=host.dist, core=core, options=options)
    runtime = Runtime(host, engine, made)
    steps = [
        PROGRAMS.installs.called(index),
        PROGRAMS.freezes.called(),
        PROGRAMS.uninstalls.called(),
    ]
    installed, frozen, uninstalled = await runtime.js(SCRIPTS.with_micropip, steps)
    await host.ask("destroy", id=made["id"])

    values, listed, missing = installed
    assert (values, missing) == ([1, 2, 3, 7], True)
    urls = {name: f"{index}/{tag(name, '1.0')}" for name in ("fromurl", "fromindex", "fromlock")}
    files = {"fromfile": f"emfs:/tmp/{tag('fromfile', '1.0')}"} | urls
    sources = files | {"fromindex": "pypi", "fromlock": "pyodide"}
    assert {name: listed[name] for name in sources} == {
        name: ["1.0", source] for name, source in sources.items()
    }
    assert listed["micropip"][1] == "pyodide"

    entries, loaded, abi = frozen
    needs = {"fromindex": ["fromlock"]}
    assert entries == {name: [url, needs.get(name, [])] for name, url in files.items()}
    assert loaded == sources | {"fromlock": "default channel"}
    assert abi == "2025_0"

    assert uninstalled == [[], False]
