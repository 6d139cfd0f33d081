"""The module `pyodide._core`, from which older code has whether it runs in a browser."""

IN_BROWSER = True  # true in every JavaScript engine, as in Pyodide
IN_PYODIDE = True  # its name in Pyodide 314

__all__ = ["IN_BROWSER", "IN_PYODIDE"]
