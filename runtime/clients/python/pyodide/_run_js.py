"""The module `pyodide._run_js`: run_js() under the name that older code imports it by."""

from pyodide.code import run_js

__all__ = ["run_js"]
