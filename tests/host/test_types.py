"""The types that users' programs are checked with: `.d.mts` for JavaScript, stubs for Python.

Programs that must check, and programs that must not: an interface that accepts everything would
pass the first test. The names in the stubs are held to the runtime's by a runtime test
(test_names.py).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cpython.build import javascript as js
from cpython.build.errors import BuildError
from sospeso.paths import ROOT
from tests.typescript import each_line_is_refused

STUBS = ROOT / "runtime" / "stubs"

GOOD_TS = """\
import { loadPyodide, PythonError, type PyodideInterface } from "./sospeso.mjs";
import type { PyProxy, PyDict, PyCallable, PyBufferView } from "./sospeso.mjs";
const pyodide: PyodideInterface = await loadPyodide({
  core: "jspi", env: { HOME: "/home/me" }, args: ["-x"], jsglobals: globalThis, packages: [],
  stdin: () => null, stdout: (line: string) => console.log(line), checkAPIVersion: true,
});
const any: number = pyodide.runPython("1 + 1");
const options = { filename: "x.py", globals: pyodide.globals };
const later: string = await pyodide.runPythonAsync("'a'", options);
const globals: PyDict = pyodide.globals;
globals.set("x", [1, 2]);
const has: boolean = globals.has("x");
const object: unknown = globals.toJs({ depth: 1 });
const proxy: PyProxy = pyodide.toPy({ a: 1 }, { depth: 2 });
const kind: string = proxy.type;
proxy.destroy();
const f = pyodide.pyimport("math.sqrt") as PyCallable;
const four: unknown = f(16);
const promised: Promise<unknown> = f.callPromising(16);
pyodide.registerJsModule("m", { f });
pyodide.unregisterJsModule("m");
pyodide.setInterruptBuffer(new Uint8Array(1));
pyodide.setInterruptBuffer();
const before: boolean = pyodide.setDebug(true);
if (proxy instanceof pyodide.ffi.PyProxy) proxy.destroy();
if (proxy instanceof pyodide.ffi.PyBuffer) {
  const view: PyBufferView = proxy.getBuffer("u8");
  const shape: number[] = view.shape;
  view.release();
  void shape;
}
try { pyodide.runPython("1/0"); } catch (error) {
  if (error instanceof PythonError) { const type: string = error.type; void type; }
}
const { proxies, handles } = pyodide.stats();
const version: string = pyodide.version;
const loaded: Promise<unknown[]> = pyodide.loadPackage([]);
const origins = pyodide.ffiStats().origins?.map((origin) => origin.type.length);
const native = await pyodide.mountNativeFS("/mnt", null as unknown as FileSystemDirectoryHandle);
const synced: Promise<void> = native.syncfs();
const drawn: HTMLCanvasElement | undefined = pyodide.canvas.getCanvas2D();
if (drawn !== undefined) pyodide.canvas.setCanvas3D(drawn);
pyodide.registerComlink({ createEndpoint: Symbol("endpoint") });
const chosen: Promise<void> = pyodide.useNodeSockFS();
void [loaded, origins, synced, drawn, chosen];
void [any, later, has, object, kind, four, promised, before, proxies, handles, version];
"""

# One wrong line each, and what tsc says about it.
BAD_TS = [
    ("await loadPyodide({ core: 'none' });", "'\"none\"' is not assignable"),
    ("await loadPyodide({ jsglobals: 5 });", "'number' is not assignable to type 'object'"),
    ("pyodide.runPython(5);", "'number' is not assignable to parameter of type 'string'"),
    ("pyodide.runPython('1', { globals: {} });", "missing the following properties"),
    ("pyodide.runPython('1', { file: 'a' });", "'file' does not exist"),
    (
        "pyodide.registerJsModule('a', 5);",
        "'number' is not assignable to parameter of type 'object'",
    ),
    ("pyodide.setInterruptBuffer([1]);", "is not assignable to parameter of type 'TypedArray"),
    ("pyodide.noSuchMethod();", "'noSuchMethod' does not exist"),
    ("pyodide.globals.toJs({ deep: 1 });", "'deep' does not exist"),
    ("pyodide.canvas.setCanvas2D('canvas');", "'string' is not assignable"),
    ("pyodide.registerComlink({});", "'createEndpoint' is missing"),
    ("pyodide.globals = pyodide.toPy({});", "'globals' because it is a read-only property"),
]

GOOD_PY = """\
import asyncio
from typing import Annotated, Protocol

import js
import pyodide_js
from _pyodide.jsbind import BindClass, Deep, Json, Py2JsConverterMeta
from js import document, fetch
from pyodide.code import CodeRunner, eval_code, find_imports, run_js
from pyodide.console import Console, repr_shorten
from pyodide.ffi import (
    IN_PYODIDE, JsArray, JsBuffer, JsException, JsNull, JsPromise, JsProxy, can_run_sync,
    create_once_callable, create_proxy, destroy_proxies, jsnull, run_sync, to_js,
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
console.push("1").syntax_check == "complete"
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
"""

BAD_PY = [
    ("import pyodide.nothing", "pyodide.nothing"),
    ("from pyodide.ffi import no_such_name", 'has no attribute "no_such_name"'),
    ("from pyodide.ffi import create_proxy\ncreate_proxy(print, capture=True)", '"capture"'),
    ("from pyodide.ffi import run_sync\nrun_sync(5)", '"run_sync" has incompatible type "int"'),
    ("from pyodide.ffi import to_js\nto_js([1], deep=1)", 'No overload variant of "to_js"'),
    ("from pyodide.code import eval_code\neval_code('1', return_mode='last')", "return_mode"),
    ("from pyodide.ffi.wrappers import set_timeout\nset_timeout(5, 1)", 'incompatible type "int"'),
    ("from pyodide.http import pyfetch\nn: int = pyfetch('a')", "Incompatible types in assignment"),
    (
        "from pyodide.ffi import JsProxy\ndef f(p: JsProxy) -> str:\n    return p.bind_sig(len)",
        "Incompatible return value type",
    ),
    (
        "from pyodide.ffi import JsProxy\ndef g(p: JsProxy) -> None:\n    p.bind_class(len)",
        '"bind_class" of "JsProxy" has incompatible type',
    ),
    ("from _pyodide.jsbind import Shallow", 'has no attribute "Shallow"'),
    ("from pyodide.console import Console\nConsole().push(5)", 'incompatible type "int"'),
]


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the emitted .d.mts files and the modules they describe."""
    folder = tmp_path_factory.mktemp("types")
    js.emit_types(folder)
    for name in ("sospeso.mjs",):
        (folder / name).write_text("")
    return folder


def check_ts(folder: Path, source: str) -> None:
    user = folder / "user.mts"
    user.write_text(source)
    check = ["--noEmit", "--ignoreConfig", "--strict", "--skipLibCheck", "--module", "nodenext"]
    check += ["--target", "es2022", "--lib", "es2024,dom,esnext.disposable", "--types", ""]
    js._tool("typescript/bin/tsc", *check, str(user))


def test_a_typescript_program_checks(declared: Path) -> None:
    check_ts(declared, GOOD_TS)


def test_wrong_typescript_does_not_check(declared: Path) -> None:
    """All wrong lines at once: each must have its own complaint."""
    head = 'import { loadPyodide } from "./sospeso.mjs";\nconst pyodide = await loadPyodide();\n'
    with pytest.raises(BuildError) as raised:
        check_ts(declared, head + "\n".join(line for line, _ in BAD_TS) + "\n")
    each_line_is_refused(str(raised.value), BAD_TS, start=3)


def check_py(tmp_path: Path, source: str) -> str:
    """What mypy has to say about a program, "" if nothing."""
    program = tmp_path / "program.py"
    program.write_text(source)
    done = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--no-incremental",
            "--python-version", "3.13", "--config-file", "", str(program),
        ],
        env={"MYPYPATH": str(STUBS), "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_a_python_program_checks(tmp_path: Path) -> None:
    told = check_py(tmp_path, GOOD_PY)
    assert told.strip() == ""


def test_wrong_python_does_not_check(tmp_path: Path) -> None:
    source = "\n".join(line for lines, _ in BAD_PY for line in lines.split("\n"))
    told = check_py(tmp_path, source + "\n")
    for lines, words in BAD_PY:
        assert words in told, f"accepted: {lines}\n{told}"


def test_the_stubs_say_that_they_are_complete() -> None:
    assert (STUBS / "pyodide" / "py.typed").exists()
    names = {str(file.relative_to(STUBS)) for file in STUBS.rglob("*.pyi")}
    assert names == {
        "_pyodide/__init__.pyi",
        "_pyodide/jsbind.pyi",
        "js.pyi",
        "pyodide_js.pyi",
        "pyodide/__init__.pyi",
        "pyodide/code.pyi",
        "pyodide/console.pyi",
        "pyodide/ffi/__init__.pyi",
        "pyodide/ffi/wrappers.pyi",
        "pyodide/http/__init__.pyi",
        "pyodide/webloop.pyi",
    }
