"""Must check: the interface as programs use it, and that its names can be imported.

Used by test_types.py.
"""

# ruff: noqa: F401

from typing import Annotated

import js
import pyodide_js
from _pyodide.jsbind import BindClass, Deep, Json, Py2JsConverterMeta
from js import document, fetch
from pyodide.code import CodeRunner, eval_code, find_imports, run_js
from pyodide.console import Console, repr_shorten
from pyodide.ffi import (
    IN_PYODIDE,
    JsArray,
    JsBuffer,
    JsException,
    JsNull,
    JsPromise,
    JsProxy,
    can_run_sync,
    create_once_callable,
    create_proxy,
    destroy_proxies,
    jsnull,
    run_sync,
    to_js,
)
from pyodide.ffi.wrappers import add_event_listener, clear_timeout, set_timeout
from pyodide.http import FetchResponse, HttpStatusError, open_url, pyfetch
from pyodide.webloop import PyodideFuture, WebLoop


async def main() -> str:
    response: FetchResponse = await pyfetch("https://a", method="POST")
    response.raise_for_status()
    data: bytes = await response.bytes()
    buffer: JsBuffer = await response.buffer()
    view: memoryview = buffer.to_memoryview()
    return await response.string() + str(len(data) + len(view))


def handler(event: JsProxy) -> None:
    print(event.type)


add_event_listener(document, "click", handler)
timer = set_timeout(lambda: None, 10)
clear_timeout(timer)
text: str = run_sync(main())
double = create_proxy(handler, capture_this=True, roundtrip=False, promising=True)
double.destroy()
array: JsArray[int] = to_js([1, 2])
first: int = array[0]
rest: JsArray[int] = array[1:]
names: list[str] = find_imports("import a")
value: object = eval_code("1", {}, return_mode="none")
is_null: bool = jsnull is js.document
flag: bool = IN_PYODIDE and can_run_sync()
short: str = repr_shorten(value, limit=5)
lines = open_url("https://a").read().splitlines()
future: PyodideFuture[int] = PyodideFuture()
then: PyodideFuture[str] = future.then(lambda number: str(number))
console = Console(stdout_callback=print)
complete: bool = console.push("1").syntax_check == "complete"
try:
    run_js("throw 1")
except JsException as error:
    print(error.name, error.message, error.stack)
pyodide_js.runPython("1")


class ToHeaders(metaclass=Py2JsConverterMeta):
    @staticmethod
    def pre_convert(value: dict[str, str]) -> JsProxy:
        headers: JsProxy = js.Headers.new(value.items())
        return headers


def template(a: dict[str, int], /, *, b: Annotated[list[int], Deep]) -> Annotated[list[str], Json]:
    raise NotImplementedError


class Point(BindClass):
    x: int

    def __init__(self, x: int, /) -> None: ...
    def moved(self, by: Annotated[dict[str, str], ToHeaders], /) -> str:
        raise NotImplementedError


bound: list[str] = run_js("f").bind_sig(template)({"a": 1}, b=[1])
point: Point = js.origin.bind_sig(Point)
made: Point = js.Point.bind_class(Point)(5)
number: int = point.x + made.x
