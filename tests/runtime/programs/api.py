"""Programs of test_api.py."""


def imports_registered_object():
    # The order of the imports is what is tested.
    # isort: off
    import my_js_module
    from my_js_module import f, c
    from my_js_module.sub import g
    import my_js_module.sub.inner as inner

    # isort: on
    import json
    import sys

    from pyodide.ffi import JsProxy

    result = [
        f(3),
        c,
        g(),
        inner.n,
        isinstance(my_js_module, JsProxy),
        my_js_module.__name__,
        "my_js_module.sub" in sys.modules,
    ]
    del my_js_module, f, c, g, inner, JsProxy
    return json.dumps(result)


def js_is_the_global_object():
    import js
    from js import JSON, Object

    parts = [js.Math.max(1, 7), JSON.stringify(Object.new()), js.globalThis == js, js.__name__]
    del js, Object, JSON
    return str(parts)


def works_with_files():
    import os

    with open("/tmp/tracked.txt", "w") as file:
        file.write("text")
    os.rename("/tmp/tracked.txt", "/tmp/tracked2.txt")
    os.remove("/tmp/tracked2.txt")


def replaces_eval_code():
    import pyodide.code

    def eval_code(source, names, **options):
        return ["plain", source, "a" in names, options.get("filename")]

    async def eval_code_async(source, names, **options):
        return ["async", source, "a" in names, options.get("filename")]

    pyodide.code.eval_code = eval_code
    pyodide.code.eval_code_async = eval_code_async


def modules_of_the_start():
    import sys

    names = ["_pyodide", "_pyodide_core", "pyodide", "pyodide.code", "pyodide.ffi", "pyodide_js"]
    there = [name in sys.modules for name in names]
    read = [name for name in ("ast", "asyncio", "js", "zipfile") if name in sys.modules]
    kinds = {type(sys.modules[name]).__name__ for name in names[:5]}
    return [all(there), read, sorted(kinds)]


def unread_modules_are_read_when_somebody_looks():
    """Each step says whether the module was read, which changes its class."""
    import sys

    def is_read(name):
        return type(sys.modules[name]).__name__ == "module"

    steps = []
    code, package = sys.modules["pyodide.code"], sys.modules["pyodide"]
    steps.append(
        [
            is_read("pyodide.code"),
            code.__name__,
            isinstance(code, type(sys)),
            is_read("pyodide.code"),
        ]
    )
    import inspect

    inspect.getmodule(inspect.getmodule)  # it walks over sys.modules and asks for files
    steps.append([is_read("pyodide.code"), is_read("pyodide.ffi")])
    import pyodide

    steps.append([pyodide is package, is_read("pyodide"), is_read("pyodide.code")])
    steps.append([pyodide.code is code, code.eval_code("1 + 1"), is_read("pyodide.code")])
    from pyodide.ffi import JsProxy

    steps.append(
        [JsProxy.__name__, is_read("pyodide.ffi"), pyodide.ffi is sys.modules["pyodide.ffi"]]
    )
    import _pyodide_core

    steps.append(
        [_pyodide_core.JsProxy is JsProxy, "eval_code" in dir(code), "CodeRunner" in vars(code)]
    )
    import importlib

    steps.append([importlib.reload(code) is code, code.__spec__.name, package.__path__ != []])
    return steps


def unread_modules_take_attributes():
    """A value that somebody sets before the module is read stays."""
    import sys

    sys.modules["pyodide.code"].mine = 5
    import pyodide.code

    return [pyodide.code.mine, callable(pyodide.code.run_js)]


def modules_in_the_current_folder():
    """sys.path begins with the current folder, wherever that is by the time of the import."""
    import os
    import sys

    found = [sys.path[0], os.getcwd()]
    for name in ("one", "two"):
        os.makedirs(f"/tmp/folders/{name}", exist_ok=True)
        with open(f"/tmp/folders/{name}/mod_{name}.py", "w") as file:
            file.write(f"where = {name!r}")
        os.chdir(f"/tmp/folders/{name}")
        found.append(__import__(f"mod_{name}").where)
    os.chdir("/home/pyodide")
    return found


def modules_at_a_path_of_windows():
    import os
    import sys

    os.makedirs("/data/wp", exist_ok=True)
    with open("/data/wp/of_windows.py", "w") as file:
        file.write("x = 1")
    sys.path.append("C:\\data\\wp")
    try:
        import of_windows
    finally:
        sys.path.pop()
    return [of_windows.x, of_windows.__file__]


def makes_archives():
    import os
    import shutil
    from pathlib import Path

    os.makedirs("/tmp/made/inner")
    Path("/tmp/made/inner/file.txt").write_text("content")
    for kind in ("zip", "gztar", "tar"):
        shutil.make_archive("/tmp/made-" + kind, kind, "/tmp/made")


def calls_of_every_outcome(call, found):
    # These are names of its namespace.
    found.append(call("1 + 1"))
    try:
        call("1 / 0")
    except ZeroDivisionError as error:
        found.append(type(error).__name__)
    try:
        call("import time; time.sleep(0.001); 5")
    except RuntimeError as error:
        found.append(str(error).split(":")[0])


def run_until_complete():
    import asyncio

    task = asyncio.get_event_loop().run_until_complete(asyncio.sleep(0))
    return type(task).__name__


async def kinds_of_remote_objects():
    import js
    from pyodide.ffi import JsCallable, JsPromise

    kinds = [
        type(js.far).__mro__[1].__name__,
        isinstance(js.far.x, JsPromise),
        isinstance(js.far.x, JsCallable),
    ]
    return str([*kinds, await js.far.x.y, await js.far.add(1, 2), hasattr(type(js.far), "__len__")])


def changes_native_folder():
    import os
    from pathlib import Path

    folder = Path("/mnt/native")
    before = (folder / "there.txt").read_text() + (folder / "sub/deep.txt").read_text()
    (folder / "sub/new.txt").write_text("three")
    (folder / "there.txt").write_text("changed")
    os.unlink(folder / "sub/deep.txt")
    return before


def command_line():
    import sys

    return f"{sys.argv} {sys.flags.optimize} {sys.warnoptions}"
