"""The lock file that lies beside the runtime: what `loadPackage("micropip")` means with no option.

Programs written for Pyodide name packages and say nothing of a lock file; without one of our own
each of them got "No known package".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cpython.build.inputs import wheels
from tests.programs import Script

from .conftest import CORES, DIST


def program(name: str) -> Script:
    return Script("own_lock.mjs", name)


async def test_names_load_with_no_option(runtime: Any) -> None:
    """What a package needs comes with it."""
    names = ["micropip", "python-dateutil"]
    expected = ["micropip", "python-dateutil", "tzdata"]
    assert await runtime.js(program("load_by_names"), names) == expected
    summer = "datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Rome')).utcoffset()"
    assert await runtime.value(f"import datetime, zoneinfo\nstr({summer})") == "2:00:00"


@pytest.mark.parametrize("core", CORES)
async def test_all_that_is_named_loads_and_imports(hosts: Any, core: str) -> None:
    """In Node alone: what may fail here are the wheels, and twenty take their time."""
    host = hosts["node"]
    made = await host.ask("load", dist=host.dist, core=core)
    asked = {"file": "own_lock.mjs", "name": "load_all", "arguments": []}
    got = await host.ask("call", id=made["id"], **asked)
    await host.ask("destroy", id=made["id"])
    assert got["error"] is None, got["error"]["message"]
    count = len(wheels.load()) + 6  # what Pyodide has as packages and comes along here
    assert got["value"]["value"] == [count, count]


async def test_its_info_is_what_clients_of_pyodide_compare(runtime: Any) -> None:
    """micropip and JupyterLite look at the ABI and the platform."""
    info = await runtime.js(program("info"))
    python = await runtime.value("import platform\nplatform.python_version()")
    assert info == {
        "abi_version": "2025_0",
        "arch": "wasm32",
        "platform": "emscripten_4_0_9",
        "python": python,
        "version": "0.29.5",
    }


@pytest.mark.parametrize("core", CORES)
async def test_a_folder_without_a_lock_file_is_no_error(
    hosts: Any, core: str, tmp_path: Path
) -> None:
    """Whoever serves the four files that run Python has no names, and is told why when one is asked."""
    for file in ("core.mjs", f"core.{core}.wasm", "python_stdlib.zip", "sospeso.mjs"):
        (tmp_path / file).symlink_to(DIST / file)
    host = hosts["node"]
    options = {"indexURL": str(tmp_path)}
    made = await host.ask("load", dist=host.dist, core=core, options=options)
    asked = {"file": "own_lock.mjs", "name": "why_not", "arguments": ["six"]}
    got = await host.ask("call", id=made["id"], **asked)
    message, loaded, packages = got["value"]["value"]
    await host.ask("destroy", id=made["id"])
    assert message.startswith("No known package with name 'six': there is no lock file: cannot")
    assert "pyodide-lock.json" in message and "Check indexURL" in message
    assert (loaded, packages) == (0, {})
