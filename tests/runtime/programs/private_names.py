"""Programs of test_private_names.py."""


def keep():
    kept = ["an object"]
    return id(kept)


def fetch():
    import pyodide_js

    found = {}
    pyodide_js._module._PyDict_SetItem(id(found), id(0), ADDRESS)  # noqa: F821 - its number
    return str(found)


def make_before():
    import string  # noqa: F401 - stays in sys.modules

    from before import field  # noqa: F401 - a global of the state

    x = 7


def make():
    import colorsys  # noqa: F401 - stays in sys.modules
    import sys

    x = 8
    y = 77
    del field  # noqa: F821 - of make_before
    sys.modules["string"] = None
    sys.last_exc = ValueError()


def look():
    def looks():
        import sys

        names = globals()
        there = [name in sys.modules for name in ("before", "unused", "later", "colorsys")]
        found = [names.get("x"), names.get("y"), names.get("field"), there]
        found.append(type(sys.modules.get("string")).__name__)
        found.append(hasattr(sys, "last_exc"))
        try:
            import later  # noqa: F401
        except ModuleNotFoundError:
            found.append("no later")
        import unused

        found.append(unused.other)
        del sys.modules["unused"]
        return found

    return str(looks())


def list_dist_info():
    import json
    import os
    from pathlib import Path

    folders = ["/one", "/two", "/three", "/lib/python3.13/site-packages"]
    info = "thing-1.0.dist-info"
    found = []
    for folder in folders:
        names = sorted(os.listdir(f"{folder}/{info}"))
        found.append([names, Path(folder, info, "INSTALLER").read_text()])
    found.append(os.path.exists("/four") and os.listdir("/four"))
    return json.dumps(found)


def importable_names():
    import importlib

    names = {
        "pyodide._state": "save_state restore_state",
        "pyodide.common": "install_files",
        "pyodide._core": "IN_BROWSER",
        "pyodide._run_js": "run_js",
        "pyodide.http.pyxhr": "get post put delete head patch options XHRError XHRNetworkError",
        "_pyodide._base": "CodeRunner eval_code eval_code_async find_imports should_quiet",
        "_pyodide._importhook": "jsfinder JsFinder register_js_module unregister_js_module",
        "_pyodide._core_docs": "JsProxy JsException run_sync can_run_sync jsnull to_js",
        "_pyodide.docstring": "dedent_docstring get_cmeth_docstring",
        "_pyodide_core": "JsProxy JsException create_proxy run_sync to_js trigger_fatal_error",
    }
    missing = []
    for module, members in names.items():
        made = importlib.import_module(module)
        missing += [f"{module}.{name}" for name in members.split() if not hasattr(made, name)]
    return str(missing)


def bytecode():
    import sys
    from pathlib import Path

    Path("without_cache").mkdir()
    Path("without_cache/__init__.py").write_text("x = 1")
    import without_cache

    del sys.modules["without_cache"]
    return repr([without_cache.x, [path.name for path in Path("without_cache").iterdir()]])
