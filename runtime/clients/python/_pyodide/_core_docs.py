"""The module `_pyodide._core_docs`: the names of `pyodide.ffi`, where Pyodide documents them."""

from pyodide.ffi import *  # noqa: F403
from pyodide.ffi import jsnull as jsnull
from pyodide.ffi import run_sync as run_sync
