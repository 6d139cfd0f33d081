"""The methods of the `pyodide` object, as Pyodide's users know them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

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
        "ModuleNotFoundError: No module named 'no_such_module'",
        "ModuleNotFoundError: No module named 'math.no_such_name'; 'math' is not a package",
        "ValueError: Empty module name",
    ]


async def test_methods_work_without_the_object(runtime: Any) -> None:
    """`const { runPython } = pyodide` and `.then(pyodide.runPythonAsync)` were TypeErrors."""
    assert await runtime.js(SCRIPTS.methods_without_the_object) == [2, 3, "[1]", 42]


async def test_run_takes_the_options_of_eval_code(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.options_of_eval_code) == [
        5,
        6,
        6,
        "TypeError: eval_code() got an unexpected keyword argument 'foo'",
        "TypeError: eval_code_async() got an unexpected keyword argument 'foo'",
    ]


WRONG_RUNS = [
    ([5], "PythonError TypeError: expected string or bytes-like object, got 'int'"),
    (["1", 5], "TypeError kwargs argument is not an object"),
    (["1", {"globals": 5}], "PythonError TypeError: locals must be a mapping"),
    (["1", {"globals": {"a": 1}}], "PythonError TypeError: locals must be a mapping"),
    (["1", {"locals": True}], "PythonError TypeError: locals must be a mapping"),
    (
        ["1", {"filename": 5}],
        "PythonError TypeError: expected str, bytes or os.PathLike object, not int",
    ),
    (["1", {"globals": None}], "1"),
]


@pytest.mark.parametrize(("arguments", "seen"), WRONG_RUNS, ids=[str(a) for a, _ in WRONG_RUNS])
async def test_wrong_arguments_of_a_run_are_named_by_python(
    runtime: Any, arguments: list[Any], seen: str
) -> None:
    assert await runtime.js(SCRIPTS.wrong_runs, arguments) == [seen, seen]
    await runtime.run("import sys; del sys.last_exc, sys.last_value, sys.last_traceback")


async def test_a_namespace_as_the_second_argument_is_refused(runtime: Any) -> None:
    """It was taken for an object of options without any, and the code ran in the globals."""
    assert await runtime.js(SCRIPTS.namespace_for_options) == (
        "TypeError: kwargs argument is not an object"
    )


async def test_memory_snapshots_are_refused_with_the_words_of_pyodide(runtime: Any) -> None:
    message = await runtime.js(SCRIPTS.memory_snapshot)
    assert message.startswith(
        "Can only use pyodide.makeMemorySnapshot if the _makeSnapshot option is passed to loadPyodide"
    )


@pytest.mark.parametrize("option", ["_makeSnapshot", "_loadSnapshot"])
async def test_options_of_memory_snapshots_are_refused(hosts: dict[str, Any], option: str) -> None:
    host = hosts["node"]
    with pytest.raises(Exception, match=f"option {option} is not supported"):
        await host.ask("load", dist=host.dist, core="jspi", options={option: True})


COMMAND_LINES = [
    ([], "[''] 0 []"),
    (["a.py", "-x", "y"], "['a.py', '-x', 'y'] 0 []"),
    (["-O", "b.py", "-v"], "['b.py', '-v'] 1 []"),
    (["-OO"], "[''] 2 []"),
    (["-c", "print(5)"], "['-c'] 0 []"),
    (["-W", "error", "x"], "['x'] 0 ['error']"),
]


@pytest.mark.parametrize(("args", "seen"), COMMAND_LINES, ids=[str(a) for a, _ in COMMAND_LINES])
async def test_option_args_is_a_command_line_of_python(
    hosts: dict[str, Any], args: list[str], seen: str
) -> None:
    """`-O` went into sys.argv and changed nothing."""
    async with loaded_with(hosts, {"args": args}) as runtime:
        assert await runtime.value(PROGRAMS.command_line) == seen


@pytest.mark.parametrize(("option", "status"), [("-V", 0), ("--nonsense", 2)])
async def test_an_option_that_ends_python_rejects_the_load(
    hosts: dict[str, Any], option: str, status: int
) -> None:
    host = hosts["node"]
    with pytest.raises(Exception, match=rf"Program terminated with exit\({status}\)"):
        await host.ask("load", dist=host.dist, core="jspi", options={"args": [option]})


async def test_pythonpath_comes_before_the_archive(hosts: dict[str, Any]) -> None:
    async with loaded_with(hosts, {"env": {"PYTHONPATH": "/pp:/qq"}}) as runtime:
        path = await runtime.value("import sys; str(sys.path)")
    assert path.split("', '") == [
        "['",
        "/pp",
        "/qq",
        "/lib/python313.zip",
        "/lib/python3.13",
        "/lib/python3.13/lib-dynload",
        "/lib/python3.13/site-packages']",
    ]


async def test_addresses_of_files_are_paths_in_node(hosts: dict[str, Any]) -> None:
    host = hosts["node"]
    async with loaded_with(hosts, {}) as runtime:
        shown = await runtime.js(SCRIPTS.shown_addresses)
    assert len(set(shown)) == 1
    assert shown[0].startswith("/")
    assert shown[0].endswith("/")
    assert str(host.dist).removeprefix("file://").rstrip("/") in shown[0]


async def test_a_registered_object_is_a_module(runtime: Any) -> None:
    assert (
        await runtime.js(SCRIPTS.registered_object, PROGRAMS.imports_registered_object)
        == '[9, 2, "deep", 1, true, "my_js_module", true]|2|ModuleNotFoundError|ValueError|f,c,sub'
    )


# A string, because `import *` is for modules only.
IMPORTS_BY_STAR = """
names = {}
exec("from MODULE import *", names)
found = sorted(set(names) - {"__builtins__"})
del names
str(found)
"""


async def test_star_imports_of_a_registered_object_take_what_all_says(runtime: Any) -> None:
    """Without `__all__` names that begin with an underscore are taken, too, as with Pyodide."""
    got = await runtime.js(SCRIPTS.what_is_taken_by_star, IMPORTS_BY_STAR)
    assert got == ["['_b', 'a', 'f']", "['a']", "['b']"]


async def test_a_member_that_is_no_object_is_no_submodule(runtime: Any) -> None:
    message = await runtime.js(SCRIPTS.a_member_that_is_no_object)
    assert message == (
        "ModuleNotFoundError: No module named 'flat.number': "
        "the JavaScript module 'flat' has no object 'number'"
    )
    await runtime.run("import sys; del sys.last_exc, sys.last_value, sys.last_traceback")


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
        await runtime.js(SCRIPTS.es_module, IMPORTS_ES_MODULE)
        == "[7, 1, 1, True, ['_private', 'f', 'sub']]"
    )


async def test_wrong_modules_are_refused(runtime: Any) -> None:
    words = "Argument 'jsproxy' must be a JsProxy, not "
    assert await runtime.js(SCRIPTS.wrong_modules) == [
        f"TypeError: {words}'int'",
        f"TypeError: {words}'JsNull'",
        f"TypeError: {words}'NoneType'",
        "TypeError: Argument 'name' must be a str, not 'int'",
        "ValueError: Cannot unregister 'nonesuch': "
        "no Javascript module with that name is registered",
    ]


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


async def test_the_modules_by_which_libraries_know_pyodide_are_there_and_nothing_is_read(
    runtime: Any,
) -> None:
    """micropip, panel and shiny ask sys.modules; reading the modules would slow every start."""
    got = await runtime.js(SCRIPTS.values, PROGRAMS.modules_of_the_start)
    assert got == [True, [], ["UnreadModule"]]


async def test_an_unread_module_is_read_when_somebody_looks_into_it(runtime: Any) -> None:
    program = PROGRAMS.unread_modules_are_read_when_somebody_looks
    assert await runtime.js(SCRIPTS.values, program) == [
        [False, "pyodide.code", True, False],
        [False, False],
        [True, True, False],
        [True, 2, True],
        ["JsProxy", True, True],
        [True, True, True],
        [True, "pyodide.code", True],
    ]


async def test_what_is_set_on_an_unread_module_stays(runtime: Any) -> None:
    got = await runtime.js(SCRIPTS.values, PROGRAMS.unread_modules_take_attributes)
    assert got == [5, True]


async def test_modules_of_the_current_folder_are_found(runtime: Any) -> None:
    """PyScript unpacks its own library into the current folder; tutorials write modules there."""
    got = await runtime.js(SCRIPTS.values, PROGRAMS.modules_in_the_current_folder)
    assert got == ["", "/home/pyodide", "one", "two"]


async def test_a_folder_named_as_on_windows_is_found(runtime: Any) -> None:
    got = await runtime.js(SCRIPTS.values, PROGRAMS.modules_at_a_path_of_windows)
    assert got == [1, "/data/wp/of_windows.py"]


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
    await runtime.run("import sys; del sys.last_exc, sys.last_value, sys.last_traceback")


async def test_javascript_that_takes_long_can_check_for_interrupts(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.check_interrupt) == "KeyboardInterrupt,0"
    await runtime.run("import sys; del sys.last_exc, sys.last_value, sys.last_traceback")


async def test_an_output_handler_can_check_for_interrupts(runtime: Any) -> None:
    """No exception can pass a system call: the call fails, and Python raises.

    The line of the failed call is written once more at the end of the run.
    """
    assert (
        await runtime.js(SCRIPTS.check_interrupt_in_a_handler)
        == "KeyboardInterrupt,4,0,KeyboardInterrupt,4,0"
    )
    await runtime.run("import sys; del sys.last_exc, sys.last_value, sys.last_traceback")


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
    assert seen == "true,1,1,2,4,3,5,9,true,true,false,a+inner+size,LiteralMap,true,1,r"


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
        == "0,0,No known package with name 'numpy',No known package with name 'numpy'"
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


async def test_what_cannot_be_mounted_is_told(runtime: Any, tmp_path: Any) -> None:
    """A file of the host was mounted as if it were a folder."""
    if runtime.engine != "node":
        pytest.skip("a page has no host whose folders could be mounted")
    (tmp_path / "file").write_text("x")
    pairs = {
        ("/mnt/one", f"{tmp_path}/file"): f"hostPath '{tmp_path}/file' is not a directory",
        ("/mnt/two", f"{tmp_path}/none"): f"hostPath '{tmp_path}/none' does not exist",
        ("/mnt/three", f"{tmp_path}"): "file",
        ("/mnt/three", f"{tmp_path}/."): "path '/mnt/three' is already a file system mount point",
        ("/mnt/full", f"{tmp_path}"): "directory '/mnt/full' is not empty",
        ("/mnt/file", f"{tmp_path}"): "path '/mnt/file' points to a file not a directory",
    }
    assert await runtime.js(SCRIPTS.node_folders, list(pairs)) == list(pairs.values())


async def test_what_a_program_puts_in_the_place_of_eval_code_is_used(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.replaced_functions, PROGRAMS.replaces_eval_code) == [
        ["plain", "1 + 1", False, None],
        ["plain", "a", True, "mine.py"],
        ["async", "2 + 2", False, None],
        ["async", "a", True, "mine.py"],
        6,
        8,
    ]


async def test_what_happens_to_files_is_told(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.tracked_files, PROGRAMS.works_with_files) == [
        "onOpenFile /tmp/tracked.txt",
        "onWriteToFile /tmp/tracked.txt",
        "onCloseFile /tmp/tracked.txt",
        "onMovePath /tmp/tracked.txt /tmp/tracked2.txt",
        "onDeletePath /tmp/tracked2.txt",
    ]


async def test_a_native_folder_is_kept_equal(runtime: Any) -> None:
    """Node has no such folders: a small stand-in of the browser's interface is used everywhere."""
    assert (
        await runtime.js(SCRIPTS.native_folder, PROGRAMS.changes_native_folder)
        == "onetwo|changed|new.txt|three|false|"
        "path '/mnt/native' is already a file system mount point"
    )


async def test_stats_name_what_is_alive(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.stats) == "2,1,0,0"


async def test_nothing_works_after_destroy(hosts: Any) -> None:
    async with loaded_with(hosts, {}) as runtime:
        assert await runtime.js(SCRIPTS.after_destroy) == "this runtime was destroyed"
