# Types of the builtin module _sospeso_ffi (ffi_module.c), for the Python that runs inside.
# The public classes and functions are described in runtime/stubs/pyodide/ffi/__init__.pyi, which
# the checker knows as `public_ffi` (tests/inside_types/__main__.py); the rest is below.
from asyncio import AbstractEventLoop
from typing import Any

from public_ffi import (
    ConversionError as ConversionError,
    InternalError as InternalError,
    JsArray as JsArray,
    JsAsyncGenerator as JsAsyncGenerator,
    JsAsyncIterable as JsAsyncIterable,
    JsAsyncIterator as JsAsyncIterator,
    JsBigInt as JsBigInt,
    JsBuffer as JsBuffer,
    JsCallable as JsCallable,
    JsCallableDoubleProxy as JsCallableDoubleProxy,
    JsDomElement as JsDomElement,
    JsDoubleProxy as JsDoubleProxy,
    JsException as JsException,
    JsFetchResponse as JsFetchResponse,
    JsGenerator as JsGenerator,
    JsIterable as JsIterable,
    JsIterator as JsIterator,
    JsMap as JsMap,
    JsMutableMap as JsMutableMap,
    JsNull as JsNull,
    JsOnceCallable as JsOnceCallable,
    JsPromise as JsPromise,
    JsProxy as JsProxy,
    JsTypedArray as JsTypedArray,
    JsWeakRef as JsWeakRef,
    can_run_sync as can_run_sync,
    create_once_callable as create_once_callable,
    destroy_proxies as destroy_proxies,
    ffi_stats as ffi_stats,
    jsnull as jsnull,
    run_sync as run_sync,
    to_js as to_js,
)

# Pyodide's names of the bits of JsProxy._js_type_flags.
js_flags: dict[str, int]

def apply_plainly(
    function: JsProxy, arguments: tuple[Any, ...], keywords: dict[str, Any], construct: bool, /
) -> Any: ...
def as_js_json(value: Any, /) -> Any: ...
def behave_as_314() -> None: ...
def create_proxy[T](
    obj: T,
    /,
    *,
    capture_this: bool = False,
    roundtrip: bool = True,
    promising: bool = False,
    _listener: bool = False,
) -> JsDoubleProxy[T]: ...
def js_module(name: str, /) -> Any: ...
def page_loop() -> AbstractEventLoop | None: ...
def cannot_switch() -> RuntimeError: ...
def unwrap_proxy(proxy: JsDoubleProxy[Any], /) -> Any: ...
