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


def modules_of_the_package():
    import sys

    roots = {name.split(".")[0] for name in sys.modules}
    return str(roots & {"pyodide", "js", "pyodide_js", "asyncio"})


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
