"""JavaScript objects in Python and the way back: the public module `pyodide.ffi`.

The classes and functions are those of the builtin module _sospeso_ffi (ffi/ffi_module.c); this
module gives them their public names. The name of a class can be used with isinstance().
"""

from _sospeso.js_modules import register_js_module, unregister_js_module
from _sospeso_ffi import (
    ConversionError,
    InternalError,
    JsArray,
    JsAsyncGenerator,
    JsAsyncIterable,
    JsAsyncIterator,
    JsBigInt,
    JsBuffer,
    JsCallable,
    JsCallableDoubleProxy,
    JsDomElement,
    JsDoubleProxy,
    JsException,
    JsFetchResponse,
    JsGenerator,
    JsIterable,
    JsIterator,
    JsMap,
    JsMutableMap,
    JsNull,
    JsOnceCallable,
    JsPromise,
    JsProxy,
    JsTypedArray,
    JsWeakRef,
    can_run_sync,
    create_once_callable,
    create_proxy,
    destroy_proxies,
    ffi_stats,
    jsnull,
    run_sync,
    to_js,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

IN_PYODIDE = True
IN_BROWSER = True  # its older name: true in every JavaScript engine

type ToJsConverter = Callable[[Any, Callable[[Any], Any], Callable[[Any, Any], None]], Any]

__all__ = [
    "IN_BROWSER",
    "IN_PYODIDE",
    "ConversionError",
    "InternalError",
    "JsArray",
    "JsAsyncGenerator",
    "JsAsyncIterable",
    "JsAsyncIterator",
    "JsBigInt",
    "JsBuffer",
    "JsCallable",
    "JsCallableDoubleProxy",
    "JsDomElement",
    "JsDoubleProxy",
    "JsException",
    "JsFetchResponse",
    "JsGenerator",
    "JsIterable",
    "JsIterator",
    "JsMap",
    "JsMutableMap",
    "JsNull",
    "JsOnceCallable",
    "JsPromise",
    "JsProxy",
    "JsTypedArray",
    "JsWeakRef",
    "ToJsConverter",
    "can_run_sync",
    "create_once_callable",
    "create_proxy",
    "destroy_proxies",
    "ffi_stats",
    "jsnull",
    "register_js_module",
    "run_sync",
    "to_js",
    "unregister_js_module",
]
