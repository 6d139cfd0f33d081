"""`pyodide._api`, the additions to `pyodide._module`, and modules that only clients know.

Private in name only: JupyterLite, PyScript, micropip, pytest-pyodide and others read them. Without them
JupyterLite's kernel did not start and pytest-pyodide passed 2 of its 20 checks.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.programs import programs, scripts
from tests.runtime.archives import wheel
from tests.runtime.conftest import CORES, Runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def test_it_is_one_object_that_takes_assignments(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.the_same_object) == [True, True, False, 5]


FUNCTIONS = [
    "_api.install",
    "_api.loadBinaryFile",
    "_api.saveState",
    "_api.restoreState",
    "_module._PyErr_Occurred",
    "_module._pythonexc2js",
    "_module._Py_IncRef",
    "_module._Py_DecRef",
    "_module._PyDict_SetItem",
    "_module.hiwire.num_keys",
    "_module.enable_pyproxy_allocation_tracing",
    "_module.disable_pyproxy_allocation_tracing",
    "_module.PATH_FS.resolve",
    "_module.PATH_FS.relative",
    "_module._PyEval_SaveThread",
    "_module._PyEval_RestoreThread",
    "_module._run_main",
    "_api.fatal_error",
    "_api.NoGilError",
]
MODULES = {
    "_api.importlib": "importlib",
    "_api.package_loader": "pyodide._package_loader",
    "_api.pyodide_base": "_pyodide._base",
    "_api.pyodide_code": "pyodide.code",
    "_api.pyodide_ffi": "pyodide.ffi",
}
OTHERS = {
    "_api.on_fatal": "undefined",
    "_api.fail_test": "boolean",
    "_api.inTestHoist": "boolean",
    "_api.lockfile_info": "object",
    "_api.lockfile_packages": "object",
    "_api.packageManager": "object",
    "_module.pyproxy_alloc_map": "object",
    "FS.filesystems.NATIVEFS_ASYNC": "object",
    "FS.trackingDelegate": "object",
}


async def test_every_name_is_there(runtime: Any) -> None:
    expected = dict.fromkeys(FUNCTIONS, "function") | OTHERS
    expected |= {name: f"proxy <module {module}" for name, module in MODULES.items()}
    assert await runtime.js(SCRIPTS.kinds, list(expected)) == expected


async def test_facts_are_the_runtimes(runtime: Any) -> None:
    python = await runtime.value("import platform; platform.python_version()")
    assert await runtime.js(SCRIPTS.facts) == {
        "version": True,
        "abi": ["2025_0"] * 3,
        "tuple": python,
        "config": [True, False, "/home/pyodide", runtime.core],
        "base": True,
    }


async def test_heap_views_are_the_memory_also_when_it_has_grown(runtime: Any) -> None:
    before, after = await runtime.js(SCRIPTS.heap_views)
    sizes = ",".join(f"{size} true" for size in (1, 1, 2, 2, 4, 4, 4, 8, 8, 8))
    assert before == after == f"{2**32 - 7},-7,{sizes}"


async def test_path_functions_of_emscripten(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.paths) == ["/home/pyodide/b/c", "/y", "../c/d"]


async def test_the_count_of_javascript_values_is_true(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.handles) == [1, 3, 0]


async def test_the_map_of_proxies_has_what_was_not_destroyed(runtime: Any) -> None:
    counts, told = await runtime.js(SCRIPTS.proxies)
    assert counts == [0, 3, 2, 2, 2, 0]
    assert told == ["[1]", True, "string"]


async def test_the_error_flag(runtime: Any) -> None:
    got = await runtime.js(SCRIPTS.error_flag)
    assert got == [0, -1, True, 0, "KeyboardInterrupt", 0, 0, 0]


async def test_an_object_by_its_address(runtime: Any) -> None:
    got = await runtime.js(SCRIPTS.object_by_address, PROGRAMS.keep, PROGRAMS.fetch)
    assert got == ["{0: ['an object']}", -1, 1]


async def test_without_the_gil_nothing_enters_python(runtime: Any) -> None:
    """And a signal in the interrupt buffer stays there, for whoever has the GIL again."""
    assert await runtime.js(SCRIPTS.without_the_gil) == {
        "refused": ["NoGilError"] * 7,
        "kind": True,
        "quiet": "nothing",
        "interrupted": ["EINTR", 2],
        "again": "NoGilError",
        "wrong": "TypeError",
        "after": [1, "nothing"],
    }


async def test_a_function_in_the_place_of_fatal_error_is_asked(runtime: Any) -> None:
    """Pyodide's tests look so which entries are guarded; the runtime goes on."""
    told = "Error: intentionally triggered fatal error!"
    assert await runtime.js(SCRIPTS.asked_of_fatal_errors) == [[told] * 3, 3]


async def test_the_state_is_restored(runtime: Any) -> None:
    """Names, registered modules, what sys.modules had; Python modules that came later stay."""
    first, second = await runtime.js(
        SCRIPTS.restore, PROGRAMS.make_before, PROGRAMS.make, PROGRAMS.look
    )
    assert first == second
    assert first == "[7, None, 82, [True, False, False, True], 'module', False, 'no later', 3]"


async def test_the_symbol_tells_what_the_end_of_a_call_destroys(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.symbol_of_proxies) == [1, True, [False, True], False, 0]


async def test_packages_by_import_names(runtime: Any) -> None:
    got = await runtime.js(SCRIPTS.packages_of_imports)
    assert got == [True, "python-dateutil", True, True, True]


async def test_a_lock_file_that_is_edited_in_place_is_what_loads(runtime: Any) -> None:
    address = await runtime.js(
        "return pyodide.lockfileBaseUrl + pyodide.lockfile.packages.six.file_name"
    )
    assert await runtime.js(SCRIPTS.a_lock_that_is_edited, address) == "my-six"


async def test_install_unpacks_a_wheel_with_its_metadata(runtime: Any) -> None:
    name = "thing-1.0-py3-none-any.whl"
    packed = base64.b64encode(wheel("thing", "1.0", {"thing.py": "x = 1"})).decode()
    found, refused = await runtime.js(SCRIPTS.install, packed, name, PROGRAMS.list_dist_info)
    assert json.loads(found) == [
        [["INSTALLER", "METADATA"], "a map"],
        [["INSTALLER", "METADATA", "MORE"], "an object"],
        [["INSTALLER", "METADATA"], "a dict"],
        [["INSTALLER", "METADATA"], "pyodide.loadPackage"],
        False,
    ]
    assert refused == f'"../{name}" is no name of a package\'s file'


async def test_modules_that_only_clients_know(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.importable_names) == "[]"


@pytest.mark.parametrize(
    ("variable", "value"), [("PYTHONINSPECT", "1"), ("LD_LIBRARY_PATH", "/usr/lib:")]
)
async def test_variables_that_pyodide_sets(runtime: Any, variable: str, value: str) -> None:
    told = await runtime.value(f"import os\nos.environ[{variable!r}]")
    assert told.startswith(value)


async def test_no_bytecode_is_written(runtime: Any) -> None:
    """A `__pycache__` was left in people's drives, and of packages that micropip had uninstalled:
    they could still be imported, empty."""
    assert await runtime.value(PROGRAMS.bytecode) == "[1, ['__init__.py']]"


ENDS = {
    "trigger_fatal_error()": "Error: intentionally triggered fatal error!",
    "raw_call(throw_text)": "Error: some text",
    "raw_call(throw_null)": "Error: A value of type object with tag [object Null] was thrown",
}


@pytest.mark.parametrize("call", ENDS)
@pytest.mark.parametrize("core", CORES)
async def test_the_runtime_ends_when_a_test_asks_for_it(hosts: Any, core: str, call: str) -> None:
    host = hosts["node"]
    loaded = await host.ask("load", dist=host.dist, core=core)
    thrown, told, look = await Runtime(host, "node", loaded).js(SCRIPTS.ends_by_hand, call)
    assert thrown.startswith(ENDS[call])
    assert told == [thrown]
    assert look.startswith("Pyodide already fatally failed and can no longer be used.")
    await host.ask("destroy", id=loaded["id"])


MAINS = {
    "code": (["-B", "-c", "import sys; print(sys.argv, __name__)", "x"], "['-c', 'x'] __main__", 0),
    "bundled": (["-Bcprint(1 + 1)"], "2", 0),
    "module": (["-W", "ignore", "-m", "json.tool", "--help"], "usage: python -m json.tool", 0),
    "exit": (["-X", "utf8", "-c", "import sys; print(1); sys.exit(7)"], "1", 7),
    "error": (["-c", "print(2); 1 / 0"], "2", 1),
    "nothing": (["-B"], "", 0),
}


@pytest.mark.parametrize("name", MAINS)
@pytest.mark.parametrize("core", CORES)
async def test_the_program_of_the_arguments_runs(hosts: Any, core: str, name: str) -> None:
    host = hosts["node"]
    script = SCRIPTS.main_program
    args, printed, status = MAINS[name]
    given = [host.dist, core, args]
    got = await host.ask("call", file=script.file, name=script.name, arguments=given)
    assert got["error"] is None, got["error"]
    lines, errors, ended = got["value"]["value"]
    assert "\n".join(lines).startswith(printed)
    assert ended == status
    assert ("ZeroDivisionError" in errors) is (name == "error")
