"""The event loop of the page, by its public names: the module `pyodide.webloop`.

The loop itself is _sospeso.webloop (asyncio_bridge/webloop.py), which asyncio installs by
itself; this module exists for code that names its classes.
"""

import asyncio  # noqa: F401 - first: it imports _sospeso.webloop, which imports it

from _sospeso.futures import PyodideFuture, PyodideTask
from _sospeso.webloop import WebLoop, WebLoopPolicy

__all__ = ["PyodideFuture", "PyodideTask", "WebLoop", "WebLoopPolicy"]
