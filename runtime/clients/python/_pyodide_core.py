"""The module `_pyodide_core`: what Pyodide's C code offers Python, for those who ask for it.

Libraries look for the name in sys.modules to find out that they run in Pyodide (micropip). Its
functions are those of `pyodide.ffi`.
"""

from collections.abc import Callable

from _sospeso_ffi import js_flags as js_flags
from pyodide.ffi import *  # noqa: F403
from pyodide.ffi import JsException
from pyodide.ffi import jsnull as jsnull
from pyodide.ffi import run_sync as run_sync


def trigger_fatal_error() -> None:
    """End the runtime by a fault, as Pyodide's own tests do to see what a page is told."""
    _end(JsException("Error", "intentionally triggered fatal error!"))


def raw_call(function: Callable[[], object], /) -> object:
    """Call a function without arguments; what it raises or throws ends the runtime."""
    try:
        return function()
    except BaseException as error:
        _end(error)
        raise


def _end(error: BaseException) -> None:
    import pyodide_js

    pyodide_js._api.fatal_error(error)
