# The package `pyodide` inside the runtime; see runtime/python/pyodide/__init__.py.
from . import code as code
from . import console as console
from . import ffi as ffi
from . import http as http
from . import webloop as webloop

__all__ = ["__version__", "code", "console", "ffi", "http", "webloop"]
__version__: str
