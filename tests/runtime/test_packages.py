"""Packages: wheels by a lock file's names and by their addresses, with what they depend on.

The wheels are made here and served from memory; nothing is fetched from anywhere else.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from sospeso.server import serving
from tests.programs import Script, programs, scripts
from tests.runtime.conftest import Runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


def wheel(name: str, version: str, files: dict[str, str]) -> bytes:
    """A wheel with these files and its dist-info."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        archive.writestr(
            f"{name}-{version}.dist-info/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        )
    return packed.getvalue()


def archive(ending: str) -> bytes:
    """A zip or tar.gz with one module, which is named after the ending."""
    name, text = f"from_{ending[:3]}.py", b"speed = 3"
    packed = io.BytesIO()
    if ending == "zip":
        with zipfile.ZipFile(packed, "w") as zipped:
            zipped.writestr(name, text)
    else:
        with tarfile.open(fileobj=packed, mode="w:gz") as tarred:
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tarred.addfile(info, io.BytesIO(text))
    return packed.getvalue()


def tag(name: str, version: str) -> str:
    return f"{name}-{version}-py3-none-any.whl"


WHEELS = {
    tag("snail", "1.0"): wheel("snail", "1.0", {"snail.py": "from shell import hard\nspeed = 1"}),
    tag("shell", "2.1"): wheel("shell", "2.1", {"shell/__init__.py": "hard = True"}),
    tag("slug", "0.1"): wheel("slug", "0.1", {"slug-0.1.data/purelib/slug.py": "speed = 2"}),
    tag("escaping", "1.0"): wheel("escaping", "1.0", {"../../escaped.py": "x = 1"}),
    tag("compiled", "1.0"): wheel("compiled", "1.0", {"a.py": "", "compiled.so": "no"}),
    "old-1.0-py2-none-any.whl": wheel("old", "1.0", {"old.py": ""}),
    tag("damaged", "1.0"): b"no zip at all",
    "plain.zip": archive("zip"),
    "plain.tar.gz": archive("tar.gz"),
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


CELLS = [f"{engine}-{core}" for engine in ("node", "chromium") for core in ("jspi", "asyncify")]


async def loaded(
    hosts: Any, cell: str, options: dict[str, Any], code: str | Script, *arguments: Any
) -> Any:
    """Load a runtime with options, run JavaScript in it, destroy it."""
    engine, core = cell.split("-")
    host = hosts[engine]
    made = await host.ask("load", dist=host.dist, core=core, options=options)
    assert made["core"] == core
    runtime = Runtime(host, engine, made)
    before = await runtime.stats()
    value = await runtime.js(code, *arguments)
    after = await runtime.stats()
    assert [after[name] for name in ("tasks", "waiting", "handles", "proxies")] == [
        before[name] for name in ("tasks", "waiting", "handles", "proxies")
    ]
    await host.ask("destroy", id=made["id"])
    return value


@pytest.mark.parametrize("cell", CELLS)
async def test_a_name_brings_what_it_depends_on(hosts: Any, shelf: str, cell: str) -> None:
    options = {"lockFileURL": f"{shelf}/lock.json"}
    assert await loaded(hosts, cell, options, SCRIPTS.load_by_name_twice) == [
        ["shell 2.1 package", "snail 1.0 package"],
        0,
        "True 2.1",
        {"shell": "default channel", "snail": "default channel"},
        ["Loading shell, snail", "Loaded shell, snail", "No new packages to load"],
        "3.13.0",
        f"{shelf}/",
    ]


@pytest.mark.parametrize("cell", CELLS)
async def test_packages_of_loadpyodide_are_there_at_once(hosts: Any, shelf: str, cell: str) -> None:
    options = {
        "lockFileContents": json.dumps(LOCK),
        "packageBaseUrl": shelf,
        "packages": ["snail"],
    }
    code = "return pyodide.runPython('import snail; snail.speed')"
    assert await loaded(hosts, cell, options, code) == 1


@pytest.mark.parametrize("cell", CELLS)
async def test_imports_of_code_are_loaded(hosts: Any, shelf: str, cell: str) -> None:
    options = {"lockFileURL": f"{shelf}/lock.json"}
    got = await loaded(hosts, cell, options, SCRIPTS.load_what_code_imports)
    assert got == [["shell", "snail"], 0]


@pytest.mark.parametrize("cell", CELLS)
async def test_an_address_is_enough(hosts: Any, shelf: str, cell: str) -> None:
    url = f"{shelf}/{tag('slug', '0.1')}"
    got = await loaded(hosts, cell, {}, SCRIPTS.load_by_address, url)
    assert got == ["slug", "0.1", 2, url, ["Loading slug", "Loaded slug"]]


@pytest.mark.parametrize("cell", CELLS)
async def test_what_cannot_be_loaded_is_told_and_nothing_is_written(
    hosts: Any, shelf: str, cell: str
) -> None:
    """One bad package among good ones must not keep these from being loaded."""
    bad = [tag("escaping", "1.0"), tag("compiled", "1.0"), "old-1.0-py2-none-any.whl"]
    bad += [tag("damaged", "1.0"), tag("absent", "1.0")]
    names = ["forged", "shell", *(f"{shelf}/{name}" for name in bad)]
    options = {"lockFileURL": f"{shelf}/lock.json"}
    script, modules = SCRIPTS.load_good_and_bad_ones, PROGRAMS.list_installed_modules
    done, said, unknown, versioned, kept, there = await loaded(
        hosts, cell, options, script, names, modules
    )
    assert done == ["shell"] and there == {"shell": "default channel"}
    told = "\n".join(said)
    for text in (
        "loading forged: slug-0.1-py3-none-any.whl is not what the lock file names",
        "unsafe name '../../escaped.py'",
        "has compiled code (compiled.so)",
        "is for py2",
        "is damaged: File is not a zip file",
        "HTTP 404",
        "Failed to load absent, compiled, damaged, escaping, forged, old",
    ):
        assert text in told, told
    assert unknown.startswith("No known package with name 'missing' (needed by broken)")
    assert "names without versions" in versioned
    assert kept == "[]"


@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
async def test_archives_are_unpacked(hosts: Any, shelf: str, ending: str) -> None:
    script, url = SCRIPTS.load_an_archive, f"{shelf}/plain.{ending}"
    got = await loaded(hosts, "node-jspi", {}, script, url, f"from_{ending[:3]}")
    assert got == ["plain", 3, ["Loading plain", "Loaded plain"]]


async def test_what_is_no_archive_is_told(hosts: Any, shelf: str) -> None:
    url = f"{shelf}/plain.rar"
    _, said = await loaded(hosts, "node-jspi", {}, SCRIPTS.load_and_tell, url)
    assert "plain.rar cannot be unpacked: Unknown archive format" in said


async def test_node_keeps_what_it_fetched(hosts: Any, shelf: str, tmp_path: Path) -> None:
    options = {
        "lockFileContents": LOCK,
        "packageBaseUrl": shelf,
        "packageCacheDir": str(tmp_path / "kept"),
    }

    async def load(options: dict[str, Any]) -> int:
        count, _ = await loaded(hosts, "node-jspi", options, SCRIPTS.load_and_tell, "shell")
        return int(count)

    assert await load(options) == 1
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [tag("shell", "2.1")]
    gone = {**options, "packageBaseUrl": "http://127.0.0.1:1/"}
    assert await load(gone) == 1
    (tmp_path / "kept" / tag("shell", "2.1")).write_bytes(b"another")
    assert await load(gone) == 0


async def test_a_package_that_loadpyodide_cannot_name_rejects(hosts: Any) -> None:
    host = hosts["node"]
    with pytest.raises(RuntimeError, match="No known package with name 'nothing'"):
        await host.ask("load", dist=host.dist, core="jspi", options={"packages": ["nothing"]})
