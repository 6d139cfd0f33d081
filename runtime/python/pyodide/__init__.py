"""The package `pyodide`: Python's side of the runtime's public API.

Its modules: `pyodide.code` runs source, `pyodide.ffi` is about JavaScript objects,
`pyodide.http` fetches, `pyodide.console` is a REPL, `pyodide.webloop` the page's event loop.
Importing the package imports none of them; they come when they are named.
"""

__all__ = ["__version__", "code", "console", "ffi", "http", "webloop"]

_MODULES = ("code", "console", "ffi", "http", "webloop")


def __getattr__(name: str) -> object:
    if name in _MODULES:
        import importlib

        return importlib.import_module(f"{__name__}.{name}")
    if name == "__version__":
        import pyodide_js

        version: str = pyodide_js.version
        globals()["__version__"] = version
        return version
    if name in ("eval_code", "eval_code_async", "find_imports"):
        from pyodide import code

        return getattr(code, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
