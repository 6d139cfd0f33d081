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


async def loaded(hosts: Any, cell: str, options: dict[str, Any], code: str) -> Any:
    """Load a runtime with options, run JavaScript in it with `said` and `load(names)`, destroy it."""
    engine, core = cell.split("-")
    host = hosts[engine]
    made = await host.ask("load", dist=host.dist, core=core, options=options)
    assert made["core"] == core
    before = await host.ask("stats", id=made["id"])
    prelude = """
        const said = [];
        const tell = { messageCallback: (m) => said.push(m), errorCallback: (m) => said.push(`! ${m}`) };
        const load = (names) => pyodide.loadPackage(names, tell);
    """
    got = await host.ask("script", id=made["id"], code=prelude + code)
    assert got["error"] is None, got["error"]["message"]
    after = await host.ask("stats", id=made["id"])
    assert [after[name] for name in ("tasks", "waiting", "handles", "proxies")] == [
        before[name] for name in ("tasks", "waiting", "handles", "proxies")
    ]
    await host.ask("destroy", id=made["id"])
    return got["value"]["value"]


@pytest.mark.parametrize("cell", CELLS)
async def test_a_name_brings_what_it_depends_on(hosts: Any, shelf: str, cell: str) -> None:
    got = await loaded(
        hosts,
        cell,
        {"lockFileURL": f"{shelf}/lock.json"},
        """
        const first = await load("snail");
        const again = await load(["snail", "shell"]);
        const ran = pyodide.runPython("import snail, importlib.metadata as m; f'{snail.hard} {m.version(\\"shell\\")}'");
        return JSON.stringify([first.map((p) => `${p.name} ${p.version} ${p.packageType}`).sort(), again.length, ran,
          pyodide.loadedPackages, said, pyodide.lockfile.info.python, pyodide.lockfileBaseUrl]);
        """,
    )
    assert json.loads(got) == [
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
    code = """
        const names = (await pyodide.loadPackagesFromImports("import json\\nfrom snail import speed", tell)).map((p) => p.name);
        const none = await pyodide.loadPackagesFromImports("import snail, ][");
        return `${names.sort()} ${none.length}`;
    """
    options = {"lockFileURL": f"{shelf}/lock.json"}
    assert await loaded(hosts, cell, options, code) == "shell,snail 0"


@pytest.mark.parametrize("cell", CELLS)
async def test_an_address_is_enough(hosts: Any, shelf: str, cell: str) -> None:
    url = f"{shelf}/{tag('slug', '0.1')}"
    code = f"""
        const [one] = await load("{url}");
        const speed = pyodide.runPython("import slug; slug.speed");
        return `${{one.name}} ${{one.version}} ${{speed}} ${{pyodide.loadedPackages.slug}} ${{said}}`;
    """
    assert await loaded(hosts, cell, {}, code) == f"slug 0.1 2 {url} Loading slug,Loaded slug"


@pytest.mark.parametrize("cell", CELLS)
async def test_what_cannot_be_loaded_is_told_and_nothing_is_written(
    hosts: Any, shelf: str, cell: str
) -> None:
    """One bad package among good ones must not keep these from being loaded."""
    bad = [tag("escaping", "1.0"), tag("compiled", "1.0"), "old-1.0-py2-none-any.whl"]
    bad += [tag("damaged", "1.0"), tag("absent", "1.0")]
    urls = json.dumps(["forged", "shell", *(f"{shelf}/{name}" for name in bad)])
    code = f"""
        const done = (await load({urls})).map((p) => p.name);
        const unknown = (await failure(load("broken"))).message;
        const versioned = (await failure(load("snail>=1"))).message;
        const kept = pyodide.runPython(`
import os
str(sorted(n for n in os.listdir("/lib/python3.13/site-packages") if n.endswith(".py")))`);
        return JSON.stringify([done, said, unknown, versioned, kept, pyodide.loadedPackages]);
    """
    options = {"lockFileURL": f"{shelf}/lock.json"}
    done, said, unknown, versioned, kept, there = json.loads(
        await loaded(hosts, cell, options, code)
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
    code = f"""
        const [one] = await load("{shelf}/plain.{ending}");
        return `${{one.name}} ${{pyodide.runPython("from from_{ending[:3]} import speed; speed")}} ${{said}}`;
    """
    assert await loaded(hosts, "node-jspi", {}, code) == "plain 3 Loading plain,Loaded plain"


async def test_what_is_no_archive_is_told(hosts: Any, shelf: str) -> None:
    code = f'await load("{shelf}/plain.rar"); return said.join("\\n");'
    assert "plain.rar cannot be unpacked: Unknown archive format" in await loaded(
        hosts, "node-jspi", {}, code
    )


async def test_node_keeps_what_it_fetched(hosts: Any, shelf: str, tmp_path: Path) -> None:
    options = {
        "lockFileContents": LOCK,
        "packageBaseUrl": shelf,
        "packageCacheDir": str(tmp_path / "kept"),
    }
    code = "return (await load('shell')).length"
    assert await loaded(hosts, "node-jspi", options, code) == 1
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [tag("shell", "2.1")]
    gone = {**options, "packageBaseUrl": "http://127.0.0.1:1/"}
    assert await loaded(hosts, "node-jspi", gone, code) == 1
    (tmp_path / "kept" / tag("shell", "2.1")).write_bytes(b"another")
    assert await loaded(hosts, "node-jspi", gone, code) == 0


async def test_a_package_that_loadpyodide_cannot_name_rejects(hosts: Any) -> None:
    host = hosts["node"]
    with pytest.raises(RuntimeError, match="No known package with name 'nothing'"):
        await host.ask("load", dist=host.dist, core="jspi", options={"packages": ["nothing"]})
