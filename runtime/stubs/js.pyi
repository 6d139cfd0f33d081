# The global object of JavaScript (or loadPyodide's option jsglobals) as a module.
from typing import Any

from pyodide.ffi import JsFetchResponse, JsPromise, JsProxy

globalThis: Any
document: Any
window: Any
self: Any
console: Any
Object: Any
Array: Any
JSON: Any

def fetch(input: str | JsProxy, init: Any = None, /) -> JsPromise[JsFetchResponse]: ...
def setTimeout(callback: Any, timeout: float = 0, /, *args: Any) -> int | JsProxy: ...
def clearTimeout(timer: int | JsProxy, /) -> None: ...
def setInterval(callback: Any, interval: float, /, *args: Any) -> int | JsProxy: ...
def clearInterval(timer: int | JsProxy, /) -> None: ...
def __getattr__(name: str) -> Any: ...
