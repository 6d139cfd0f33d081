"""Option loadPackagesOnImport: an import statement loads the package of the lock file, and waits.

The wheels are made here. `shelf` serves them, counts who asked for what, and keeps the file
`slow.whl` back until it is told to give it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from sospeso.server import serving
from tests.programs import Script, programs, scripts
from tests.runtime.archives import tag, wheel

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

HEADERS = {"Access-Control-Allow-Origin": "*"}
WHEELS = {
    tag(name, "1.0"): wheel(name, "1.0", files)
    for name, files in {
        "snail": {"snail.py": "import shell\nname = 'snail in ' + shell.name"},
        "shell": {"shell/__init__.py": "name = 'shell'", "shell/inner.py": "deep = True"},
        "slug": {"slug.py": "name = 'slug'"},
        "newt": {"newt.py": "name = 'newt'"},
        "toad": {"toad.py": "name = 'toad'"},
        "frog": {"frog.py": "name = 'frog'"},
        "slow": {"slow.py": "name = 'slow'"},
        "pond-a": {"pond/a.py": "name = 'a'"},
        "pond-b": {"pond/b.py": "name = 'b'"},
        "liar": {"another.py": ""},
        "faulty": {"faulty.py": "raise RuntimeError('its own fault')"},
    }.items()
}


def entry(name: str, *imports: str, depends: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    file_name = tag(name, "1.0")
    return {
        "name": name,
        "version": "1.0",
        "file_name": file_name,
        "sha256": hashlib.sha256(WHEELS.get(file_name, b"")).hexdigest(),
        "package_type": "package",
        "install_dir": "site",
        "imports": list(imports or (name,)),
        "depends": list(depends),
        **more,
    }


LOCK = {
    "info": {"python": "3.13.0", "abi_version": "any"},
    "packages": {
        "snail": entry("snail", depends=("shell",)),
        **{name: entry(name) for name in ("shell", "slug", "newt", "toad", "frog", "slow", "liar")},
        "faulty": entry("faulty"),
        "pond-a": entry("pond-a", "pond.a"),
        "pond-b": entry("pond-b", "pond.b"),
        "forged": {**entry("slug"), "name": "forged", "imports": ["forged"], "sha256": "0" * 64},
        "absent": entry("absent"),
        "needy": {**entry("newt", "needy", depends=("absent",)), "name": "needy"},
    },
}


@dataclass
class Shelf:
    """The server of the wheels."""

    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    slow_was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    give_slow: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name == "asked":
            return web.json_response(self.asked, headers=HEADERS)
        if name == "slow-was-asked":
            await self.slow_was_asked.wait()
            self.slow_was_asked.clear()
            return web.Response(headers=HEADERS)
        if name == "give-slow":
            self.give_slow.set()
            return web.Response(headers=HEADERS)
        self.asked[name] += 1
        if name.startswith("slow"):
            self.slow_was_asked.set()
            await self.give_slow.wait()
        body = WHEELS.get(name)
        return web.Response(status=404 if body is None else 200, body=body, headers=HEADERS)


@pytest_asyncio.fixture
async def shelf() -> AsyncIterator[str]:
    """The address of the wheels' folder."""
    made = Shelf()
    app = web.Application()
    app.router.add_get("/{name}", made.serve)
    async with serving(app) as url:
        yield url
        made.give_slow.set()


CELLS = [f"{engine}-{core}" for engine in ("node", "chromium") for core in ("jspi", "asyncify")]


async def told(hosts: Any, cell: str, shelf: str, script: Script, *arguments: Any) -> Any:
    """What a script returns that gets a runtime with the option on."""
    engine, core = cell.split("-")
    host = hosts[engine]
    await host.open()
    options = {"core": core, "lockFileContents": LOCK, "packageBaseUrl": f"{shelf}/"}
    given = [host.dist, options, shelf, *(str(argument) for argument in arguments)]
    got = await host.ask("call", file=script.file, name=script.name, arguments=given)
    assert got["error"] is None, got["error"]
    return got["value"].get("value")


@pytest.mark.parametrize("cell", CELLS)
async def test_every_kind_of_import_waits_for_its_package(
    hosts: Any, shelf: str, cell: str
) -> None:
    assert await told(hosts, cell, shelf, SCRIPTS.run, PROGRAMS.every_kind) == [
        "snail in shell",
        "function: slug",
        "import_module: shell.inner True",
        "thread: newt",
        "coroutine: toad",
        "loop of its own: frog",
    ]


@pytest.mark.parametrize("cell", CELLS)
async def test_the_hook_is_told_of_each_package(hosts: Any, shelf: str, cell: str) -> None:
    """What the hook throws changes nothing."""
    size = {name: len(WHEELS[tag(name, "1.0")]) for name in ("shell", "snail")}
    assert await told(hosts, cell, shelf, SCRIPTS.progress) == [
        f"snail: shell fetched {size['shell']} of {size['shell']}",
        f"snail: snail fetched {size['snail']} of {size['snail']}",
        "snail: shell unpacking",
        "snail: shell loaded",
        "snail: snail unpacking",
        "snail: snail loaded",
        "absent: absent failed HTTP 404",
    ]


@pytest.mark.parametrize("cell", CELLS)
async def test_a_plain_call_names_the_cure(hosts: Any, shelf: str, cell: str) -> None:
    message, caught, asked = await told(hosts, cell, shelf, SCRIPTS.plain_call, PROGRAMS.optional)
    assert "No module named 'slug': it is in package 'slug', which is not loaded" in message
    assert "Run the program by runPythonAsync()" in message
    assert "await pyodide.loadPackage('slug') before" in message
    assert "micropip" not in message
    assert caught == "there, and yet not"
    assert asked == {}


@pytest.mark.parametrize("cell", CELLS)
async def test_to_ask_for_a_module_loads_nothing(hosts: Any, shelf: str, cell: str) -> None:
    """Programs ask find_spec() whether they could import something; of the spec, they read on."""
    assert await told(hosts, cell, shelf, SCRIPTS.run, PROGRAMS.specs) == [
        "True False False",
        "[]",
        "['shell']",
        "/lib/python3.13/site-packages/shell/__init__.py",
        "ModuleSpec",
    ]


@pytest.mark.parametrize("cell", CELLS)
async def test_names_that_nobody_knows_fetch_nothing(hosts: Any, shelf: str, cell: str) -> None:
    told_of, asked = await told(hosts, cell, shelf, SCRIPTS.and_asked, PROGRAMS.unknown)
    assert told_of == ["No module named 'nosuch'", "No module named 'json.nosuch'", "None"]
    assert asked == {}


@pytest.mark.parametrize("cell", CELLS)
async def test_what_cannot_be_loaded_is_an_import_error(hosts: Any, shelf: str, cell: str) -> None:
    errors = await told(hosts, cell, shelf, SCRIPTS.run, PROGRAMS.failures)
    assert [error[:2] for error in errors] == [
        ["ImportError", "absent"],
        ["ImportError", "forged"],
        ["ImportError", "needy"],
        ["ModuleNotFoundError", "liar"],
        ["RuntimeError", None],
    ]
    texts = [error[2] for error in errors]
    assert "cannot load package 'absent', which has the module 'absent': " in texts[0]
    assert "HTTP 404" in texts[0] and errors[0][3] == "JsException"
    assert "its sha256 is another one" in texts[1]
    assert "absent-1.0" in texts[2]
    assert "package 'liar' was loaded for it, and does not have it" in texts[3]
    assert texts[4] == "its own fault"


@pytest.mark.parametrize("cell", CELLS)
async def test_a_name_that_several_import_at_once_is_loaded_once(
    hosts: Any, shelf: str, cell: str
) -> None:
    names, asked = await told(hosts, cell, shelf, SCRIPTS.at_once)
    assert names == ["slow", "slow", "slow", "snail in shell"]
    assert asked == {tag(name, "1.0"): 1 for name in ("slow", "shell", "snail")}


@pytest.mark.parametrize("cell", CELLS)
async def test_an_interrupt_ends_the_wait_and_the_next_import_tries_again(
    hosts: Any, shelf: str, cell: str
) -> None:
    """Meanwhile other stacks import: the import system's lock is not held."""
    assert await told(hosts, cell, shelf, SCRIPTS.interrupted) == {
        "meanwhile": "colorsys",
        "type": "KeyboardInterrupt",
        "loaded": [],
        "other": "newt",
        "again": "slow",
    }


@pytest.mark.parametrize("cell", CELLS)
async def test_modules_of_a_namespace_are_in_several_packages(
    hosts: Any, shelf: str, cell: str
) -> None:
    told_of, asked = await told(hosts, cell, shelf, SCRIPTS.and_asked, PROGRAMS.namespace)
    assert told_of == ["a", "['pond-a']", "b", "cannot import name 'c' from 'pond'"]
    assert asked == {tag("pond-a", "1.0"): 1, tag("pond-b", "1.0"): 1}


@pytest.mark.parametrize("cell", CELLS)
async def test_without_the_option_nothing_is_loaded(hosts: Any, shelf: str, cell: str) -> None:
    message, asked = await told(hosts, cell, shelf, SCRIPTS.without_the_option)
    assert "ModuleNotFoundError: No module named 'slug'\n" in message
    assert 'await pyodide.loadPackage("slug") in JavaScript' in message
    assert asked == {}
