"""The methods of the `pyodide` object, as Pyodide's users know them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.programs import programs, scripts
from tests.runtime.conftest import Runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

# What 1a to 1d of Pyodide's documented surface name, and what this project adds.
MEMBERS = [
    "ERRNO_CODES",
    "FS",
    "PATH",
    "checkInterrupt",
    "core",
    "destroy",
    "ffi",
    "ffiStats",
    "globals",
    "interrupt",
    "mountNativeFS",
    "mountNodeFS",
    "pyimport",
    "pyodide_py",
    "registerJsModule",
    "runPython",
    "runPythonAsync",
    "setDebug",
    "setInterruptBuffer",
    "setStderr",
    "setStdin",
    "setStdout",
    "stats",
    "toPy",
    "unpackArchive",
    "unregisterJsModule",
    "version",
]
CLASSES = [
    "PyAsyncGenerator",
    "PyAsyncIterable",
    "PyAsyncIterator",
    "PyAwaitable",
    "PyBuffer",
    "PyBufferView",
    "PyCallable",
    "PyDict",
    "PyGenerator",
    "PyIterable",
    "PyIterator",
    "PyMutableSequence",
    "PyProxy",
    "PyProxyWithGet",
    "PyProxyWithHas",
    "PyProxyWithLength",
    "PyProxyWithSet",
    "PySequence",
    "PythonError",
]


@asynccontextmanager
async def loaded_with(hosts: dict[str, Any], options: dict[str, Any]) -> AsyncIterator[Runtime]:
    """A runtime in Node with these options of loadPyodide."""
    host = hosts["node"]
    loaded = await host.ask("load", dist=host.dist, core="jspi", options=options)
    yield Runtime(host, "node", loaded)
    await host.ask("destroy", id=loaded["id"])


async def test_every_documented_member_is_there(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.missing_members, MEMBERS, CLASSES) == []


async def test_results_of_every_kind_come_back(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.results) == [True, 3, "a", 3, 6]


async def test_a_javascript_object_comes_back_as_itself(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.a_javascript_object)


async def test_globals_find_builtins_and_names(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.globals) == [42, True, True, 3, False, True, False, True]


async def test_globals_are_accepted_as_a_namespace(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.globals_as_a_namespace) == 21


async def test_pyimport_gives_modules_and_attributes(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.pyimport) == [
        "a/b",
        "d",
        4,
        False,
        "ModuleNotFoundError",
        "AttributeError",
    ]


async def test_a_registered_object_is_a_module(runtime: Any) -> None:
    assert (
        await runtime.js(SCRIPTS.registered_object, PROGRAMS.imports_registered_object)
        == '[9, 2, "deep", 1, true, "my_js_module", true]|ModuleNotFoundError|ValueError|f,c,sub'
    )


async def test_a_member_that_is_no_object_is_no_submodule(runtime: Any) -> None:
    message = await runtime.js(SCRIPTS.a_member_that_is_no_object)
    assert message == (
        "ModuleNotFoundError: No module named 'flat.number': "
        "the JavaScript module 'flat' has no object 'number'"
    )
    await runtime.run("import sys; del sys.last_exc")


# A string, because `import *` is for modules only.
IMPORTS_ES_MODULE = """
from es import *
from es.sub import n
import es.sub
found = [f(), n, es.sub.n, "_private" in globals(), es.__all__]
del es
str(found)
"""


async def test_an_es_module_is_a_module(runtime: Any) -> None:
    """Nothing can be assigned to its namespace, which is what importing a submodule tries to do."""
    assert (
        await runtime.js(SCRIPTS.es_module, IMPORTS_ES_MODULE) == "[7, 1, 1, False, ['f', 'sub']]"
    )


async def test_wrong_modules_are_refused(runtime: Any) -> None:
    assert (
        await runtime.js(SCRIPTS.wrong_modules)
        == "TypeError,TypeError,TypeError,TypeError,TypeError"
    )


async def test_js_is_the_global_object(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.js_is_the_global_object) == "[7, '{}', True, 'js']"
    assert (
        await runtime.js("return Object.keys(globalThis).some((key) => key.startsWith('__path'))")
        is False
    )


async def test_pyodide_js_is_the_public_object(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.pyodide_js)


async def test_pyodide_py_is_the_package(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.pyodide_py) == "pyodide,true,pyodide"


async def test_starting_imports_nothing_of_the_package(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.modules_of_the_package) == "set()"


async def test_to_py_converts_deeply(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.to_py) == "{'a': [1, {'b': jsnull}], 'm': {1: 2}}|5|s"


async def test_set_debug_gives_what_was_set_before(runtime: Any) -> None:
    assert (
        await runtime.js(
            "return [pyodide.setDebug(true), pyodide.setDebug(false), pyodide.setDebug(false)].join()"
        )
        == "false,true,false"
    )


async def test_an_archive_is_unpacked(runtime: Any) -> None:
    """Each format by the name shutil has for it, by a file name's ending, and "wheel"."""
    found = await runtime.js(SCRIPTS.archives, PROGRAMS.makes_archives)
    assert found == ",".join(["content"] * 7 + ["ReadError", "TypeError"])


async def test_a_buffer_interrupts_what_computes_and_what_waits(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.interrupt_buffer) == [
        "KeyboardInterrupt",
        0,
        *["KeyboardInterrupt"] * 2,
        4999950000,
        2,
    ]
    await runtime.run("import sys; del sys.last_exc")


async def test_javascript_that_takes_long_can_check_for_interrupts(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.check_interrupt) == "KeyboardInterrupt,0"
    await runtime.run("import sys; del sys.last_exc")


async def test_an_output_handler_can_check_for_interrupts(runtime: Any) -> None:
    """No exception can pass a system call: the call fails, and Python raises."""
    assert (
        await runtime.js(SCRIPTS.check_interrupt_in_a_handler)
        == "KeyboardInterrupt,3,0,KeyboardInterrupt,3,0"
    )
    await runtime.run("import sys; del sys.last_exc")


async def test_python_below_javascript_below_python_runs(runtime: Any) -> None:
    """runPython() from a function that Python has called; what it raises comes through both."""
    assert await runtime.js(
        SCRIPTS.python_below_javascript, PROGRAMS.calls_of_every_outcome
    ) == str([2, "ZeroDivisionError"] * 2)


async def test_a_wrong_interrupt_buffer_is_refused(runtime: Any) -> None:
    assert (
        await runtime.js(
            "try { pyodide.setInterruptBuffer([2]); } catch (error) { return error.name; }"
        )
        == "TypeError"
    )


async def test_options_that_cannot_be_met_are_told(hosts: Any) -> None:
    host = hosts["node"]
    for options, words in (
        ({"packages": ["numpy"]}, "No known package with name"),
        ({"lockFileURL": "a", "lockFileContents": "{}"}, "Can't pass both"),
        ({"jsglobals": 5}, "jsglobals is an object"),
    ):
        try:
            await host.ask("load", dist=host.dist, core="jspi", options=options)
        except RuntimeError as error:
            assert words in str(error)
        else:
            raise AssertionError(f"{options} was accepted")


async def test_options_of_older_versions_do_what_they_say(hosts: Any) -> None:
    options = {
        "convertNullToNone": True,
        "fullStdLib": False,
        "packages": [],
        "enableRunUntilComplete": False,
    }
    async with loaded_with(hosts, options) as runtime:
        seen = await runtime.js(SCRIPTS.old_options, PROGRAMS.run_until_complete)
    assert seen == "true,PyodideTask"


async def test_options_of_older_versions_change_conversions(hosts: Any) -> None:
    options = {"toJsLiteralMap": True, "pyproxyToStringRepr": True}
    async with loaded_with(hosts, options) as runtime:
        seen = await runtime.js(SCRIPTS.old_conversions)
    assert seen == "true,1,1,2,4,3,5,9,true,true,false,a+inner+size,true,1,r"


async def test_a_canvas_is_kept_for_libraries_that_draw(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.canvas) == ",true,true,true"


async def test_remote_objects_of_comlink_are_callable_and_awaitable_only(runtime: Any) -> None:
    """They answer to every name: without registerComlink() they looked like arrays, maps and errors."""
    assert (
        await runtime.js(SCRIPTS.comlink, PROGRAMS.kinds_of_remote_objects)
        == "['JsCallable', True, True, 'far.x.y', 'far.add(1,2)', False]"
    )


async def test_node_sockets_are_asked_for_in_node_only(runtime: Any) -> None:
    told = await runtime.js("return (await failure(pyodide.useNodeSockFS())).message ?? 'done';")
    assert told == ("done" if runtime.engine == "node" else "useNodeSockFS works in Node only")


async def test_jsglobals_is_the_module_js(hosts: Any) -> None:
    options = {"jsglobals": {"answer": 42, "sub": {"n": 1}}}
    async with loaded_with(hosts, options) as runtime:
        assert await runtime.js(SCRIPTS.jsglobals_is_the_module_js)


async def test_without_a_lock_file_no_package_has_a_name(runtime: Any) -> None:
    assert (
        await runtime.js(SCRIPTS.packages_without_a_lock_file)
        == "0,0,No known package with name 'numpy': i,No known package with name 'numpy': i"
    )


async def test_a_host_folder_is_mounted_in_node_and_refused_in_pages(
    runtime: Any, tmp_path: Any
) -> None:
    (tmp_path / "hello.txt").write_text("from the host")
    text = await runtime.js(SCRIPTS.node_folder, str(tmp_path))
    if runtime.engine == "node":
        assert text == "from the host"
    else:
        assert "works in Node only" in text


async def test_a_native_folder_is_kept_equal(runtime: Any) -> None:
    """Node has no such folders: a small stand-in of the browser's interface is used everywhere."""
    assert (
        await runtime.js(SCRIPTS.native_folder, PROGRAMS.changes_native_folder)
        == "onetwo|changed|new.txt|three|false|cannot mount at /mnt/native: the folder is not empty"
    )


async def test_stats_name_what_is_alive(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.stats) == "2,1,0,0"


async def test_nothing_works_after_destroy(hosts: Any) -> None:
    async with loaded_with(hosts, {}) as runtime:
        assert await runtime.js(SCRIPTS.after_destroy) == "this runtime was destroyed"
