# The `pyodide` object of JavaScript as a module; see runtime/api/api.ts.
from typing import Any

from pyodide.ffi import JsPromise, JsProxy

version: str
FS: Any
PATH: Any
ERRNO_CODES: Any
globals: Any
ffi: Any
canvas: Any

def runPython(code: str, options: Any = None, /) -> Any:
    """Run source on this stack. It cannot wait.

    Args:
        code: Python source.
        options: an object with the options of JavaScript's `runPython()`.

    Returns:
        The value of the last expression.
    """

def runPythonAsync(code: str, options: Any = None, /) -> JsPromise[Any]:
    """Run source on a task of its own. It may wait.

    Args:
        code: Python source.
        options: an object with the options of JavaScript's `runPythonAsync()`.

    Returns:
        A promise of the value of the last expression.
    """

def registerJsModule(name: str, module: Any, /) -> None:
    """See `pyodide.ffi.register_js_module()`."""

def unregisterJsModule(name: str, /) -> None:
    """See `pyodide.ffi.unregister_js_module()`."""

def registerComlink(Comlink: Any, /) -> None:
    """Let comlink carry PyProxies.

    Args:
        Comlink: the module comlink.
    """

def useNodeSockFS() -> JsPromise[None]:
    """Have sockets use Node's, where the runtime runs in Node."""

def setDebug(on: bool, /) -> bool:
    """Whether handles and proxies remember where they were made.

    Returns:
        What it was before.
    """

def checkInterrupt() -> None:
    """Run what a signal has asked for.

    Raises:
        KeyboardInterrupt: an interrupt was pending and has the default handler.
    """

def unpackArchive(buffer: JsProxy, format: str, options: Any = None, /) -> None:
    """Unpack an archive into the file system.

    Args:
        buffer: the bytes, as an ArrayBuffer or a view of one.
        format: such as "zip", "tar", "gztar", "wheel".
        options: an object; `extractDir` is the folder, by default the current one.

    Raises:
        ValueError: the format is unknown.
        OSError: a name in the archive leads out of the folder.
    """

def __getattr__(name: str) -> Any: ...
