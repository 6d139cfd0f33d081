"""Libraries loaded at run time: what dlopen() does, extensions, C++, and what cannot be loaded.

The libraries are compiled here, with the flags of wheels for Pyodide. What wheels of others do is in
test_wheels.py.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.programs import Program, programs, scripts
from tests.runtime.conftest import Runtime
from tests.runtime.libraries import Compiler, in_base64

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)
# The first test waits for the compiler, eleven times.
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All libraries of sources/, by their names, in base64."""
    compiler = Compiler(tmp_path_factory.mktemp("libraries"))
    made = [
        compiler.library("adding.c", "libadding.so"),
        compiler.library("user.c", "libuser.so", "libadding.so"),
        compiler.library("throwing.cpp", "libthrowing.so"),
        compiler.library("catching.cpp", "libcatching.so", "libthrowing.so"),
        compiler.library("extension.c", "extension.so", exports="_PyInit_extension"),
        compiler.library("others.c", "others.so", exports="_PyInit_others"),
        compiler.library("script.c", "libscript.so"),
        *(compiler.library(f"{name}.c", f"lib{name}.so") for name in ("weak", "strong")),
        compiler.library("weak.c", "libweak2.so"),
    ]
    return in_base64(*made)


async def told(runtime: Runtime, program: Program) -> Any:
    """What a program says, in JSON."""
    return json.loads(await runtime.value(program))


async def put(
    runtime: Runtime, libraries: dict[str, str], *names: str, folder: str = "/libs"
) -> None:
    await runtime.js(SCRIPTS.put, folder, {name: libraries[name] for name in names})


async def test_a_library_brings_in_what_it_needs(
    runtime: Runtime, libraries: dict[str, str]
) -> None:
    """Each has its own functions and variables first, and one of a name that both have."""
    await put(runtime, libraries, "libadding.so", "libuser.so")
    got = await told(runtime, PROGRAMS.open_a_library_that_needs_another)
    missing = "AttributeError: /libs/libuser.so: undefined symbol: not_there"
    assert got == [1, 1, 42, 3, 0, 2, 1, True, 2, 1, missing]


async def test_javascript_loads_a_library(runtime: Runtime, libraries: dict[str, str]) -> None:
    """By a private name of Pyodide's; what is loaded is found by its base name from then on."""
    await put(runtime, libraries, "libadding.so")
    missing = await runtime.js(SCRIPTS.load_dynlib)
    assert missing.startswith("OSError: /libs/libmissing.so: cannot open shared object file")
    await put(runtime, libraries, "libuser.so", folder="/alone")
    assert await told(runtime, PROGRAMS.open_one_whose_need_is_missing) == "opened"


async def test_what_is_no_library_is_refused(runtime: Runtime, libraries: dict[str, str]) -> None:
    got = await told(runtime, PROGRAMS.open_what_is_no_library)
    missing = "cannot open shared object file: No such file or directory"
    assert got == [
        f"OSError: /tmp/missing.so: {missing}",
        f"OSError: libmissing.so: {missing}",
        "OSError: /tmp/text.so: not a WebAssembly file",
        "OSError: /tmp/empty.wasm.so: a WebAssembly file, but no shared library "
        "(it has no section dylink.0)",
        f"OSError: /tmp: {missing}",
    ]
    await put(runtime, libraries, "libuser.so", folder="/alone")
    got = await told(runtime, PROGRAMS.open_one_whose_need_is_missing)
    assert got == (
        "OSError: libadding.so: cannot open shared object file: No such file or directory "
        "(/alone/libuser.so needs it)"
    )


async def test_an_extension_calls_python_which_waits(
    runtime: Runtime, libraries: dict[str, str]
) -> None:
    """Its functions take fewer parameters than they are called with: that trapped, and ended all."""
    await put(runtime, libraries, "extension.so")
    got = await told(runtime, PROGRAMS.import_an_extension)
    assert got == [40, 41, "waited", True]
    locked = await told(runtime, PROGRAMS.wait_above_a_library)
    if runtime.core == "jspi":
        assert locked is True
    else:
        assert locked.startswith("RuntimeError: cannot wait here: a function of /libs/extension.so")


async def test_functions_with_other_parameters_are_called(
    runtime: Runtime, libraries: dict[str, str]
) -> None:
    """Each of them trapped, and ended the runtime."""
    await put(runtime, libraries, "others.so")
    got = await told(runtime, PROGRAMS.call_with_others)
    assert got == [0, 1, [1, 2, 2, 1, 1, 3, 1, 1, 1], 0, 5, "SystemError"]


async def test_exceptions_of_cplusplus_pass_from_library_to_library(
    runtime: Runtime, libraries: dict[str, str]
) -> None:
    await put(runtime, libraries, "libthrowing.so", "libcatching.so")
    assert await told(runtime, PROGRAMS.use_cplusplus) == ["caught number 3", 7]


async def test_threads_of_cplusplus_are_tasks(runtime: Runtime, libraries: dict[str, str]) -> None:
    """std::thread, a mutex that is held during a wait, a condition, call_once."""
    if runtime.core == "asyncify":
        pytest.skip("a stack with a library's function on it cannot wait on this core")
    await put(runtime, libraries, "libthrowing.so", "libcatching.so", "extension.so")
    assert await told(runtime, PROGRAMS.make_threads) == 21


async def test_scopes_of_symbols(runtime: Runtime, libraries: dict[str, str]) -> None:
    """A weak function gives way to a global library's, but not to one that is loaded for itself."""
    await put(runtime, libraries, "libweak.so", "libweak2.so", "libstrong.so")
    got = await told(runtime, PROGRAMS.use_scopes)
    assert got == [1, "undefined symbol: hook", 2, 2]


async def test_javascript_in_a_library(runtime: Runtime, libraries: dict[str, str]) -> None:
    """It is refused by its name when it is called, unless the page allows it."""
    files = {"libscript.so": libraries["libscript.so"]}
    given = (runtime.host.dist, runtime.core, files)
    assert await runtime.js(SCRIPTS.alone, *given, {}, PROGRAMS.use_no_script) == "1"
    refused = await runtime.js(SCRIPTS.alone, *given, {}, PROGRAMS.use_scripts)
    assert "/libs/libscript.so called triple, which is JavaScript that it carries" in refused
    assert "evalInLibraries" in refused
    allowed = {"evalInLibraries": True}
    assert await runtime.js(SCRIPTS.alone, *given, allowed, PROGRAMS.use_scripts) == "[19, 7]"


async def test_every_symbol_of_the_core_is_there(runtime: Runtime) -> None:
    """In a plain call as well: what it takes is fetched without waiting."""
    expected = [
        [],
        *(True, True, True, True, True),
        "AttributeError: undefined symbol: Py_NoSuchThing",
        4,
    ]
    result = await runtime.run(PROGRAMS.look_symbols_up)
    assert result.error is None, result.error
    assert json.loads(result.value) == expected
    assert await told(runtime, PROGRAMS.look_symbols_up) == expected


async def test_who_loads_no_library_fetches_nothing_for_it(hosts: Any) -> None:
    host = hosts["chromium"]
    await host.open()
    loaded = await host.ask("load", dist=host.dist, core="jspi")
    runtime = Runtime(host, "chromium", loaded)
    assert (await runtime.run("1 + 1")).value == 2
    assert await runtime.js(SCRIPTS.fetched) == []
    await host.ask("destroy", id=loaded["id"])
