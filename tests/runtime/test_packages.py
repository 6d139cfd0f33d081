"""Packages: wheels by a lock file's names and by their addresses, with what they depend on.

The wheels are made here and served from memory; nothing is fetched from anywhere else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sospeso.paths import need_dist
from tests.programs import Script, programs, scripts
from tests.runtime.archives import tag
from tests.runtime.conftest import Runtime
from tests.runtime.shelf import FOREIGN, LOCK, OLDER_ABI, OTHER_PYTHON

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


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
        [
            "Loading shell, snail",
            "Loaded shell, snail",
            "shell already loaded from default channel",
            "snail already loaded from default channel",
            "No new packages to load",
        ],
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
    bad = [tag("escaping", "1.0"), FOREIGN, OLDER_ABI, OTHER_PYTHON, "old-1.0-py2-none-any.whl"]
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
        "loading forged:\n! slug-0.1-py3-none-any.whl is not what the lock file names",
        "unsafe name '../../escaped.py'",
        f"{FOREIGN} has code compiled for manylinux_2_28_x86_64, this is pyemscripten_2025_0_wasm32 =",
        f"{OLDER_ABI} has code compiled for pyodide_2024_0_wasm32, this is",
        f"{OTHER_PYTHON} is for cp312, this is Python 3.13",
        "is for py2",
        "is not a zip file",
        "HTTP 404",
        "\nFailed to load absent, compiled, damaged, escaping, forged, old, older, other\n! The",
    ):
        assert text in told, told
    assert unknown == "No known package with name 'missing'"
    assert versioned == "No known package with name 'snail>=1'"
    assert kept == "[]"


@pytest.mark.parametrize("cell", CELLS)
async def test_built_in_modules_are_packages_by_name(hosts: Any, shelf: str, cell: str) -> None:
    """Programs for Pyodide load them; they have no files here, whatever a lock file says."""
    options = {"lockFileURL": f"{shelf}/lock.json"}
    names = [["sqlite3", "ssl"], ["sqlite3"]]
    assert await loaded(hosts, cell, options, SCRIPTS.load_in_turn, names) == [
        ["Loading sqlite3, ssl", "Loaded sqlite3, ssl"],
        ["sqlite3 already loaded from default channel", "No new packages to load"],
    ]


@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
async def test_archives_are_unpacked(hosts: Any, shelf: str, ending: str) -> None:
    script, url = SCRIPTS.load_an_archive, f"{shelf}/plain.{ending}"
    got = await loaded(hosts, "node-jspi", {}, script, url, f"from_{ending[:3]}")
    assert got == ["plain", 3, ["Loading plain", "Loaded plain"]]


@pytest.mark.parametrize("cell", CELLS)
async def test_what_names_no_package_rejects(hosts: Any, shelf: str, cell: str) -> None:
    """In Pyodide's words, which pages match on; "ftp://h/thing" resolved to nothing."""
    names = ["no such!", "ftp://h/thing", "http://h/x.txt", "", f"{shelf}/plain.rar", "snail>=1"]
    options = {"lockFileURL": f"{shelf}/lock.json"}
    got = await loaded(hosts, cell, options, SCRIPTS.load_each, names)
    assert got == [f"No known package with name '{name}'" for name in names]


async def test_messages_are_those_of_pyodide(hosts: Any, shelf: str) -> None:
    url = f"{shelf}/{tag('snail', '1.0')}"
    other = f"{shelf}/other/{tag('snail', '1.0')}"
    options = {"lockFileURL": f"{shelf}/lock.json"}
    names = [[url], [url], ["snail"], [other], ["big_name"], ["Big.Name"], [], ["absent"]]
    got = await loaded(hosts, "node-jspi", options, SCRIPTS.load_in_turn, names)
    assert got == [
        ["Loading snail", "Loaded snail"],
        [f"snail already loaded from {url}", "No new packages to load"],
        # What it depends on is not asked for again, as it came with the address.
        [f"snail already loaded from {url}", "Loading shell", "Loaded shell"],
        [
            f"! URI mismatch, attempting to load package snail from {other} while it is already "
            f"loaded from {url}. To override a dependency, load the custom package first.",
            "No new packages to load",
        ],
        ["Loading Big_Name", "Loaded Big_Name"],
        ["Big_Name already loaded from default channel", "No new packages to load"],
        ["No new packages to load"],
        [
            "Loading absent",
            "Failed to load absent",
            "! The following error occurred while loading absent:",
            f"! cannot fetch {shelf}/absent.whl: HTTP 404 Not Found. "
            "Check the lock file, packageBaseUrl",
        ],
    ]


async def test_one_package_from_two_places_is_told(hosts: Any, shelf: str) -> None:
    options = {"lockFileURL": f"{shelf}/lock.json"}
    url = f"{shelf}/{tag('shell', '2.1')}"
    names = [["shell", url, url], ["round"]]
    assert await loaded(hosts, "node-jspi", options, SCRIPTS.load_in_turn, names) == [
        [
            f"! Loading same package shell from {url} and default channel",
            f"! Loading same package shell from {url} and default channel",
            "Loading shell",
            "Loaded shell",
        ],
        ["Loading round, trip", "Loaded round, trip"],  # each depends on the other
    ]


@pytest.mark.parametrize("cell", CELLS)
async def test_messages_go_to_the_streams_of_python(hosts: Any, shelf: str, cell: str) -> None:
    options = {"lockFileURL": f"{shelf}/lock.json"}
    assert await loaded(
        hosts, cell, options, SCRIPTS.load_without_callbacks, ["shell", "absent"]
    ) == [
        "Loading absent, shell",
        "Loaded shell",
        "Failed to load absent",
        "! The following error occurred while loading absent:",
        f"! cannot fetch {shelf}/absent.whl: HTTP 404 Not Found. Check the lock file, packageBaseUrl",
    ]


async def test_a_relative_file_name_without_a_base_is_told(hosts: Any) -> None:
    """It was looked for beside the runtime, where nobody had put it."""
    options = {"lockFileContents": LOCK}
    script = SCRIPTS.load_in_turn
    [said] = await loaded(hosts, "node-jspi", options, script, [["shell"]])
    assert said[-1] == (
        f'! Lock file file_name for package "shell" is relative path "{tag("shell", "2.1")}" '
        "but no packageBaseUrl provided to loadPyodide."
    )


@pytest.mark.parametrize("cell", CELLS)
async def test_dist_info_says_where_a_package_came_from(hosts: Any, shelf: str, cell: str) -> None:
    options = {"lockFileURL": f"{shelf}/lock.json"}
    url = f"{shelf}/{tag('slug', '0.1')}"
    got = await loaded(hosts, cell, options, SCRIPTS.load_and_run, ["shell", url], PROGRAMS.sources)
    assert got == [
        ["shell-2.1", "pyodide", "pyodide.loadPackage"],
        ["slug-0.1", url, "pyodide.loadPackage"],
        True,
    ]


@pytest.mark.parametrize("cell", CELLS)
async def test_a_module_that_is_not_there_has_a_note(hosts: Any, shelf: str, cell: str) -> None:
    options = {"lockFileURL": f"{shelf}/lock.json"}
    modules = ["shell", "shell.inner", "tkinter", "nosuch"]
    removed = (
        "The module 'tkinter' is removed from the Python standard library "
        "in the Pyodide distribution due to browser limitations."
    )
    offered = (
        "The module 'shell' is included in the Pyodide distribution, but it is not installed.\n"
        "You can install it by calling:\n"
        '  await micropip.install("shell") in Python, or\n'
        '  await pyodide.loadPackage("shell") in JavaScript'
    )
    assert await loaded(hosts, cell, options, SCRIPTS.import_each, modules) == [
        f"ModuleNotFoundError: No module named 'shell'\n{offered}",
        f"ModuleNotFoundError: No module named 'shell'\n{offered}",
        f"ModuleNotFoundError: No module named 'tkinter'\n{removed}",
        "ModuleNotFoundError: No module named 'nosuch'",
    ]


async def test_cpythons_tests_are_a_package_of_their_own(hosts: Any) -> None:
    """As in Pyodide; `import test` only failed, although the file with them lies in dist/."""
    need_dist("python_test.zip")
    note = (
        "The module 'test' is unvendored from the Python standard library in the Pyodide distribution.\n"
        "You can install it by calling:\n"
        '  await micropip.install("test") in Python, or\n'
        '  await pyodide.loadPackage("test") in JavaScript'
    )
    told, found = await loaded(
        hosts, "node-jspi", {}, SCRIPTS.load_the_tests, ["test"], PROGRAMS.use_the_tests
    )
    assert told == [f"ModuleNotFoundError: No module named 'test'\n{note}"]
    assert found == "['default channel', '/lib/python3.13/test/support/__init__.py', True]"


@pytest.mark.parametrize("cell", CELLS)
async def test_a_console_loads_before_the_next_line_runs(hosts: Any, shelf: str, cell: str) -> None:
    """The second line was run while the first one's package was on its way: a NameError."""
    options = {"lockFileURL": f"{shelf}/lock.json"}
    assert await loaded(hosts, cell, options, SCRIPTS.run, PROGRAMS.console) == "module"


async def test_a_lock_file_for_another_abi_rejects(hosts: Any) -> None:
    host = hosts["node"]
    lock = {"info": {**LOCK["info"], "abi_version": "2024_0"}, "packages": {}}
    words = "Lock file ABI version doesn't match Pyodide ABI version."
    with pytest.raises(RuntimeError, match=words):
        await host.ask("load", dist=host.dist, core="jspi", options={"lockFileContents": lock})


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
