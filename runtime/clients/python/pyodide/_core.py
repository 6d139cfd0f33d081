"""The module `pyodide._core`, from which older code has whether it runs in a browser."""

IN_BROWSER = True  # true in every JavaScript engine, as in Pyodide

__all__ = ["IN_BROWSER"]
