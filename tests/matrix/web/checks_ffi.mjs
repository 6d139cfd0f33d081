// checks_ffi.mjs - the bridge: conversions, proxies, buffers, promises, errors that cross.
//
// Engines differ in BigInt, WeakRef, FinalizationRegistry, typed arrays over wasm memory that grows, and in
// the classes of their errors. Listed by checks.mjs.

export const FFI = [
  ["ffi", "toPy and toJs go round", async (t) => {
    const data = { list: [1, 2.5, "three", null, true, [4n ** 40n]], deep: { a: { b: ["🐍", ""] } } };
    const py = t.pyodide.toPy(data);
    const back = py.toJs({ dict_converter: Object.fromEntries });
    py.destroy();
    t.same(back, { ...data, list: data.list.map((v) => (v === null ? undefined : v)) });
  }],
  ["ffi", "run_sync waits for promises, nested", async (t) => {
    t.same(await t.py(`
from js import eval as js
from pyodide.ffi import run_sync
def nested(depth):
    value = run_sync(js("new Promise(r => setTimeout(() => r(1), 1))"))
    return value + (sorted([0], key=lambda _: 0) and nested(depth - 1) if depth else 0)
[nested(10), run_sync(js("Promise.resolve(5)")), sum(run_sync(js("Promise.resolve(1)")) for _ in range(100))] == [11, 5, 100]`), true);
  }],
  ["ffi", "await a promise, and JavaScript awaits a coroutine", async (t) => {
    const f = t.plain("async def f(p):\n    return (await p) + 1\nf");
    const coroutine = f(Promise.resolve(41));
    t.same(await coroutine, 42);
    coroutine.destroy();
    f.destroy();
  }],
  ["ffi", "callPromising lets Python wait below JavaScript", async (t) => {
    const f = t.plain("import time\ndef f(n):\n    time.sleep(0.002)\n    return n * 2\nf");
    const all = await Promise.all([1, 2, 3].map((n) => f.callPromising(n)));
    f.destroy();
    t.same(all, [2, 4, 6]);
  }],
  ["ffi", "JavaScript calls Python, which calls JavaScript", async (t) => {
    t.same(await t.py(`
from js import eval as js
double = js("(f, n) => [1, 2, 3].map((v) => f(v) * n)")
double(lambda v: js("(v) => v + 1")(v), 10).to_py() == [20, 30, 40]`), true);
  }],
  ["ffi", "modules, attributes, methods, iteration", async (t) => {
    t.pyodide.registerJsModule("thing", { name: "thing", list: [1, 2], twice: (x) => x + x, m: new Map([["k", 1]]) });
    t.same(await t.py(`
import thing
[thing.name, list(thing.list), thing.twice("ab"), dict(thing.m.object_entries() or {}), thing.m["k"], len(thing.m)] == ["thing", [1, 2], "abab", {}, 1, 1]`), true);
    t.pyodide.unregisterJsModule("thing");
    t.pyodide.runPython("import sys; sys.modules.pop('thing', None); del sys");
  }],
  ["ffi", "a PyProxy is used like an object", async (t) => {
    const proxy = t.plain("class A:\n    x = [1, 2, {'k': 3}]\n    def __len__(self): return 7\n    def f(self, a, *, b=1): return a + b\nA()");
    const list = proxy.x;
    const dict = list.get(2);
    const { f } = proxy;
    const seen = [proxy.length, list.length, dict.toJs({ dict_converter: Object.fromEntries }), f.callKwargs(1, { b: 5 })];
    for (const each of [f, dict, list, proxy]) each.destroy();
    t.same(seen, [7, 3, { k: 3 }, 6]);
  }],
  ["ffi", "buffers are shared, also after memory grows", async (t) => {
    const proxy = t.plain("import array\narray.array('d', range(1000))");
    const view = proxy.getBuffer("f64");
    const sum = view.data.reduce((a, b) => a + b);
    view.release();
    await t.py("x = bytearray(48 << 20)\ndel x;");
    const again = proxy.getBuffer("f64");
    again.data[0] = 0.5;
    const first = again.data[999];
    again.release();
    const changed = proxy.toJs()[0];
    proxy.destroy();
    t.same([sum, first, changed], [499500, 999, 0.5]);
  }],
  ["ffi", "bytes, typed arrays and large integers cross", async (t) => {
    t.same(await t.py(`
from js import Uint8Array, eval as js
data = Uint8Array.new(4); data.assign(b"abcd")
[bytes(data), data.to_py().tobytes(), js("2n ** 70n"), js("(n) => n + 1n")(2**80)] == [b"abcd", b"abcd", 2**70, 2**80 + 1]`), true);
  }],
  ["ffi", "an error keeps its identity through Python", async (t) => {
    const mine = new TypeError("mine");
    t.pyodide.registerJsModule("thrower", { go() { throw mine; } });
    t.same(await t.py(`
import thrower
from pyodide.ffi import JsException
try: thrower.go()
except JsException as error: seen = f"{error.name}: {error.message}"
seen`), "TypeError: mine");
    const error = await t.failure(t.py("import thrower\nthrower.go()"));
    t.pyodide.unregisterJsModule("thrower");
    t.pyodide.runPython("import sys; sys.modules.pop('thrower', None); del sys");
    t.has(`${error.name} ${error.message}`, "mine");
  }],
  ["ffi", "a Python exception is a PythonError with its type and traceback", async (t) => {
    const error = await t.failure(t.py("def inner(): raise LookupError('nothing there')\ninner()"));
    t.same([error.name, error.type], ["PythonError", "LookupError"]);
    t.has(error.message, "in inner", "LookupError: nothing there");
  }],
];
