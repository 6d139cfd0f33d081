"""Python objects as JavaScript sees them: attributes, items, classes, and the language's own rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

# py(code) is a value that is destroyed at the end; same(a, b) notes a difference; raises(f, text).
PRELUDE = """
    const kept = [];
    const wrong = [];
    const keep = (value) => (value instanceof pyodide.ffi.PyProxy && kept.push(value), value);
    const py = (code) => keep(pyodide.runPython(code));
    const show = (value) => typeof value === "bigint" ? `${value}n` : value === undefined ? "undefined"
      : value instanceof pyodide.ffi.PyProxy ? `<${value}>` : JSON.stringify(value);
    const same = (a, b, what = "") => { if (!Object.is(a, b) && show(a) !== show(b)) wrong.push(`${what} ${show(a)} is not ${show(b)}`); };
    const raises = (f, text) => {
      try { f(); wrong.push(`nothing raised: ${text}`); }
      catch (error) { if (!String(error).includes(text)) wrong.push(`${error} has no ${text}`); }
    };
    try {
"""
END = """
    } finally {
      for (const value of kept.reverse()) value.destroy();
    }
    return wrong.join("\\n");
"""


async def check(runtime: Any, body: str) -> None:
    assert await runtime.js(PRELUDE + body + END) == ""


async def test_attributes_are_read_set_and_deleted(runtime: Any) -> None:
    await check(
        runtime,
        """
        const x = py("class X:\\n  v = 1\\n  def m(self, n): return n + 1\\nX()");
        same(x.v, 1);
        same(x.m(4), 5);
        same(x.m === x.m, true, "one proxy for a method");
        x.w = "text"; same(x.w, "text");
        same("w" in x, true); same("nope" in x, false); same(x.nope, undefined);
        same(delete x.w, true); same("w" in x, false);
        raises(() => delete x.w, "AttributeError");
        x.later = 5; same(x.later, 5);
        const names = Reflect.ownKeys(x);
        same(names.includes("v") && names.includes("m") && names.includes("later"), true);
        same(Object.keys(x), []);
        """,
    )


async def test_a_dollar_gives_the_attribute_behind_a_javascript_name(runtime: Any) -> None:
    await check(
        runtime,
        """
        const d = py("d = {'get': 5}; d");
        same(d.get("get"), 5);
        same(typeof d.get, "function");
        same(d.$get("get"), 5);
        const x = py("class Y: pass\\ny = Y(); y.copy = 3; y.type = 'hm'; y");
        same(x.$copy, 3); same(x.$type, "hm"); same(x.type, "Y");
        x.$destroy = 9; same(x.$destroy, 9); same(typeof x.destroy, "function");
        """,
    )


async def test_a_property_that_raises_raises_its_python_error(runtime: Any) -> None:
    await check(
        runtime,
        """
        const x = py("class B:\\n  @property\\n  def bad(self): raise ValueError('no good')\\nB()");
        raises(() => x.bad, "ValueError: no good");
        same("bad" in x, true);
        raises(() => { x.bad = 3; }, "AttributeError");
        """,
    )


async def test_the_rules_of_javascript_hold(runtime: Any) -> None:
    await check(
        runtime,
        """
        const x = py("class X: pass\\nX()");
        const mark = Symbol("mark");
        x[mark] = 4; same(x[mark], 4); same(mark in x, true); same(delete x[mark], true); same(x[mark], undefined);
        x.copy = 7; same(x.copy, 7); same(delete x.copy, true); same(typeof x.copy, "function");
        raises(() => { "use strict"; x.type = 4; }, "TypeError");
        raises(() => Object.freeze(x), "TypeError");
        raises(() => Object.setPrototypeOf(x, {}), "TypeError");
        raises(() => Object.defineProperty(x, "p", { get() { return 1; } }), "TypeError");
        Object.defineProperty(x, "p", { value: 3, configurable: true }); same(x.p, 3);
        same(Object.isExtensible(x), true);
        const child = Object.create(x);
        child.own = 1; same(Object.hasOwn(child, "own"), true); same(x.own, undefined);
        x.shared = 2; same(child.shared, 2);
        same(Object.prototype.toString.call(x), "[object PyProxy]");
        same(Object.getPrototypeOf(x).constructor.name, "PyProxy");
        raises(() => new pyodide.ffi.PyProxy(), "TypeError");
        raises(() => x.toString.call({}), "TypeError");
        """,
    )


async def test_dicts_are_maps_and_objects(runtime: Any) -> None:
    await check(
        runtime,
        """
        const d = py("d = {'a': 1, 3: 4}; d");
        same(d.a, 1); same(d.get("a"), 1); same(d.get("zz"), undefined); same(d.get(3), 4); same(d[3], 4);
        same("a" in d, true); same("3" in d, true); same("b" in d, false); same(d.length, 2);
        d.b = 1; same(d.get("b"), 1); same(delete d.b, true); same(d.has("b"), false);
        same(delete d.b, true, "deleting what is not there");
        raises(() => d.delete("zz"), "KeyError");
        d.set("c", "x"); same(d.has("c"), true); d.delete("c"); same(d.has("c"), false);
        same(Object.keys(d), ["a", "3"]);
        same(JSON.stringify(d), '{"a":1,"3":4}');
        same({ ...d }, { 3: 4, a: 1 });
        same([...d], ["a", 3]);
        same([...keep(d.items())].map((pair) => { const found = [...pair]; pair.destroy(); return found; }), [["a", 1], [3, 4]]);
        """,
    )


async def test_sequences_have_indices(runtime: Any) -> None:
    await check(
        runtime,
        """
        const l = py("l = [1, 2, 'x']; l");
        same(l[0], 1); same(l[9], undefined); same(l[-1], undefined); same(l.get(-1), "x"); same(l.get(9), undefined);
        same(0 in l, true); same(9 in l, false); same(l.length, 3);
        l[0] = 5; same(l[0], 5);
        raises(() => { "use strict"; l[9] = 5; }, "TypeError");
        delete l[0]; same([...l], [2, "x"]);
        raises(() => { "use strict"; l.length = 0; }, "TypeError");
        same(JSON.stringify(l), '[2,"x"]');
        same([1].concat(l), [1, 2, "x"]);
        const t = py("(1, 2)");
        raises(() => { t[0] = 2; }, "TypeError");
        same(t.push, undefined);
        same(py("range(3)").map((v) => v * 2), [0, 2, 4]);
        same(py("b'ab'").at(-1), 98);
        """,
    )


async def test_the_array_api_on_lists(runtime: Any) -> None:
    await check(
        runtime,
        """
        const list = (items) => { const made = pyodide.toPy(items); kept.push(made); return made; };
        const cases = [
          ["join"], ["join", "-"], ["slice", 1], ["slice", -2, -1], ["indexOf", 3], ["lastIndexOf", 1], ["includes", 3],
          ["includes", 9], ["at", -1], ["concat", [7], 8], ["map", (v) => v * 2], ["filter", (v) => v > 1],
          ["some", (v) => v > 2], ["every", (v) => v > 2], ["reduce", (a, b) => a - b], ["reduceRight", (a, b) => a - b],
          ["reduce", (a, b) => a - b, 100], ["find", (v) => v > 1], ["findIndex", (v) => v > 1], ["flatMap", (v) => [v, v]],
          ["push", 7, 8], ["push"], ["pop"], ["shift"], ["unshift", 7, 8], ["splice", 1, 1], ["splice", 1], ["splice", -1, 1, 5, 6],
          ["splice"], ["splice", 0, 0, 9], ["sort"], ["sort", (a, b) => b - a], ["reverse"], ["fill", 0, 1], ["copyWithin", 0, 2], ["toJSON"],
        ];
        for (const [name, ...args] of cases) {
          for (const items of [[1, 3, 2, 10, 1], []]) {
            if (name.startsWith("reduce") && items.length === 0 && args.length < 2) continue;
            const array = [...items];
            const proxy = list(items);
            const expected = name === "toJSON" ? array : array[name](...args);
            const actual = proxy[name](...args);
            const label = `${name}(${args}) of [${items}]`;
            if (expected === array && name !== "toJSON") same(actual === proxy, true, label);
            else same(actual, expected, label);
            same([...proxy], array, `${label} leaves`);
          }
        }
        const seen = [];
        list([4, 5]).forEach((v, i) => seen.push([i, v]));
        same(seen, [[0, 4], [1, 5]]);
        same([...list([4, 5]).entries()], [[0, 4], [1, 5]]);
        same([...list([4, 5]).keys()], [0, 1]);
        same([...list([4, 5]).values()], [4, 5]);
        raises(() => list([]).reduce((a, b) => a), "TypeError");
        raises(() => list([2, 1]).sort(5), "TypeError");
        const d = py("import collections; collections.deque([1, 2])");
        d.push(3); same(d.shift(), 1); d.unshift(0); same([...d], [0, 2, 3]);
        const b = py("bytearray(b'abc')"); b.push(1, 2); same(b.splice(0, 2), [97, 98]); same([...b], [99, 1, 2]);
        raises(() => b.push("text"), "TypeError");
        """,
    )


CLASSES = {
    "object()": "",
    "len": "PyCallable",
    "[]": "PyProxyWithLength PyProxyWithGet PyProxyWithSet PyProxyWithHas PyIterable PySequence PyMutableSequence",
    "()": "PyProxyWithLength PyProxyWithGet PyProxyWithHas PyIterable PySequence",
    "{}": "PyProxyWithLength PyProxyWithGet PyProxyWithSet PyProxyWithHas PyIterable PyDict",
    "{1}": "PyProxyWithLength PyProxyWithHas PyIterable",
    "iter([])": "PyIterable PyIterator",
    "(x for x in ())": "PyIterable PyIterator PyGenerator",
    "range(3)": "PyProxyWithLength PyProxyWithGet PyProxyWithHas PyIterable PySequence",
    "b'x'": "PyProxyWithLength PyProxyWithGet PyProxyWithHas PyIterable PySequence PyBuffer",
    "bytearray(1)": "PyProxyWithLength PyProxyWithGet PyProxyWithSet PyProxyWithHas PyIterable PySequence "
    "PyMutableSequence PyBuffer",
    "list": "PyCallable PyProxyWithGet",
    "__import__('asyncio').Future()": "PyAwaitable PyIterable",
}


async def test_proxies_are_instances_of_what_they_can_do(runtime: Any) -> None:
    found = await runtime.js(
        """
        const { ffi } = pyodide;
        const names = Object.keys(ffi).filter((name) => /^Py/.test(name) && !["PyProxy", "PyBufferView", "PythonError"].includes(name));
        const found = {};
        for (const code of CODES) {
          const proxy = pyodide.runPython(code);
          found[code] = names.filter((name) => proxy instanceof ffi[name]).join(" ");
          if (!(proxy instanceof ffi.PyProxy)) found[code] += " (no PyProxy)";
          if ((typeof proxy === "function") !== (proxy instanceof Function)) found[code] += " (half a function)";
          proxy.destroy();
        }
        return JSON.stringify(found);
        """.replace("CODES", json.dumps(list(CLASSES)))
    )

    for code, names in json.loads(found).items():
        assert set(names.split()) == set(CLASSES[code].split()), code


async def test_other_values_are_no_proxies(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        const { PyProxy, PyCallable } = pyodide.ffi;
        const gone = Proxy.revocable({}, {}); gone.revoke();
        const hostile = new Proxy({}, { get() { throw new Error("touched"); }, getPrototypeOf() { throw new Error("touched"); } });
        return [1, null, undefined, "x", {}, [], () => 1, gone.proxy, hostile].some((v) => v instanceof PyProxy || v instanceof PyCallable);
        """
        )
        is False
    )


async def test_text_and_type(runtime: Any) -> None:
    await check(
        runtime,
        """
        const x = py("class T:\\n  def __str__(self): return 'as text'\\n  def __repr__(self): return 'as repr'\\nT()");
        same(String(x), "as text"); same(`${x}`, "as text"); same(x + "", "as text"); same(x.type, "T");
        same(py("[1, 'a']").toString(), "[1, 'a']");
        same(py("__import__('collections').OrderedDict()").type, "collections.OrderedDict");
        const bad = py("class S:\\n  def __str__(self): return 3\\nS()");
        raises(() => String(bad), "TypeError");
        """,
    )


async def test_iteration(runtime: Any) -> None:
    await check(
        runtime,
        """
        same([...py("iter([1, 2])")], [1, 2]);
        const g = py("def g():\\n  x = yield 1\\n  try:\\n    y = yield x\\n  except ValueError: y = 'caught'\\n  return y\\ng()");
        same(g.next(), { done: false, value: 1 });
        same(g.next(5), { done: false, value: 5 });
        const error = py("ValueError('v')");
        same(g.throw(error), { done: true, value: "caught" });
        same(g.next(), { done: true });
        const h = py("log = []\\ndef h():\\n  try:\\n    yield 1\\n  finally: log.append('closed')\\nh()");
        h.next(); same(h.return(3), { done: true, value: 3 }); same(py("log")[0], "closed");
        const i = py("(x for x in [1])");
        raises(() => i.throw(new Error("boo")), "boo");
        for (const v of py("[1, 2, 3]")) { same(v, 1); break; }
        raises(() => [...py("(1 // x for x in [1, 0])")], "ZeroDivisionError");
        same([...py("class Old:\\n  def __getitem__(self, i):\\n    if i > 2: raise IndexError\\n    return i\\nOld()")], [0, 1, 2]);
        """,
    )


async def test_asynchronous_iteration(runtime: Any) -> None:
    await check(
        runtime,
        """
        const g = py("import asyncio\\nasync def g():\\n  try:\\n    for i in range(3):\\n      await asyncio.sleep(0)\\n      x = yield i\\n      if x: yield x\\n  except ValueError: yield 'caught'\\ng");
        const seen = [];
        const first = keep(g());
        for await (const v of first) seen.push(v);
        same(seen, [0, 1, 2]);
        const second = keep(g());
        same(await second.next(), { done: false, value: 0 });
        same(await second.next("sent"), { done: false, value: "sent" });
        same(await second.throw(py("ValueError()")), { done: false, value: "caught" });
        same(await second.next(), { done: true });
        const third = keep(g());
        await third.next();
        same(await third.return(8), { done: true, value: 8 });
        """,
    )


async def test_awaitables_are_promises(runtime: Any) -> None:
    await check(
        runtime,
        """
        const f = py("import asyncio\\nasync def f(x):\\n  await asyncio.sleep(0)\\n  return x + 1\\nf");
        same(await f(1), 2);
        const running = f(5);
        same(await running, 6); same(await running, 6, "again");
        same(await f(1).then((v) => v * 10), 20);
        let ended = 0;
        same(await f(1).finally(() => ended++), 2); same(ended, 1);
        const bad = py("async def bad(): raise KeyError('k')\\nbad");
        same(await bad().catch((error) => error.type), "KeyError");
        const future = py("future = asyncio.get_event_loop().create_future(); future");
        setTimeout(() => future.set_result(3));
        same(await future, 3);
        const co = py("f(40)");
        same(await co, 41);
        """,
    )


async def test_calls_with_options(runtime: Any) -> None:
    await check(
        runtime,
        """
        const f = py("def f(a, b=2, *, c=3): return [a, b, c]\\nf");
        const call = (value) => { const items = [...value]; value.destroy(); return items; };
        same(call(f(1)), [1, 2, 3]);
        same(call(f.call(null, 1, 5)), [1, 5, 3]);
        same(call(f.apply(null, [7, 8])), [7, 8, 3]);
        same(call(f.callKwargs(1, { c: 9 })), [1, 2, 9]);
        same(call(f.callKwargs({ a: 4, b: 5 })), [4, 5, 3]);
        same(call(f.callRelaxed(1, 2, 3, 4)), [1, 2, 3]);
        same(call(f.callKwargsRelaxed(1, 2, 3, { c: 5, d: 6 })), [1, 2, 5]);
        same(call(f.callWithOptions({ kwargs: true }, 1, { b: 6 })), [1, 6, 3]);
        raises(() => f.callKwargs(), "TypeError");
        raises(() => f.callKwargs(1, "x"), "kwargs argument is not an object");
        raises(() => f(), "missing 1 required positional argument");
        raises(() => f.callKwargs(1, { zz: 1 }), "unexpected keyword argument");
        same(f.name, undefined); same(f.__name__, "f"); same(f.length, undefined);
        const many = py("lambda *a: len(a)");
        same(many(...Array.from({ length: 1000 }, (_, i) => `argument ${i}`)), 1000);
        const C = py("class C:\\n  def __init__(self, v): self.v = v\\nC");
        const made = new C(4); same(made.v, 4); made.destroy();
        """,
    )


async def test_this_and_bind(runtime: Any) -> None:
    await check(
        runtime,
        """
        const t = py("lambda *a: str(a)");
        same(t.call(7, 8), "(8,)");
        const c = t.captureThis();
        same(c.call(7, 8), "(7, 8)");
        same(c.bind(7).call(9, 8), "(7, 8)");
        same(c.bind(7, 1).bind(9, 2).call(9, 8), "(7, 1, 2, 8)");
        same(t.bind(null, 5)(6), "(5, 6)");
        const holder = { c, name: "me" };
        const name = py("lambda this: this.name").captureThis();
        holder.name_of = name;
        same(holder.name_of(), "me");
        const copied = c.copy(); same(copied.call(1), "(1,)"); copied.destroy();
        """,
    )


async def test_promising_calls_may_wait(runtime: Any) -> None:
    await check(
        runtime,
        """
        const f = py("import time\\ndef f(n):\\n  time.sleep(0.02)\\n  return n * 2\\nf");
        const both = await Promise.all([f.callPromising(2), f.callPromising(3)]);
        same(both, [4, 6]);
        same(await f.callPromisingKwargs({ n: 5 }), 10);
        same(await f.callWithOptions({ promising: true, relaxed: true }, 5, 6, 7), 10);
        const bad = py("def bad():\\n  time.sleep(0)\\n  raise OSError('gone')\\nbad");
        same(await bad.callPromising().catch((error) => error.type), "OSError");
        const lock = py("import threading\\nheld = threading.Lock(); held.acquire()\\nheld.acquire");
        raises(() => lock(), "callPromising()");
        const co = py("async def co(x): return x\\nco");
        same(await co.callPromising(3), 3);
        const order = [];
        const g = py("def g(note):\\n  note('began')\\n  time.sleep(0.01)\\n  note('ended')\\ng");
        const done = g.callPromising((what) => { order.push(what); });
        order.push("called");
        await done;
        same(order, ["began", "called", "ended"]);
        """,
    )


async def test_a_promising_proxy_is_called_as_a_promise(runtime: Any) -> None:
    await check(
        runtime,
        """
        const f = py("from pyodide.ffi import create_proxy\\nimport time\\ndef f(n):\\n  time.sleep(0.01)\\n  return n + 1\\ncreate_proxy(f, promising=True)");
        same(f(4) instanceof Promise, true);
        same(await f(5), 6);
        """,
    )


async def test_json_view(runtime: Any) -> None:
    await check(
        runtime,
        """
        const d = py("{'a': {'b': [1, {'c': 2}]}, 'get': 5, 7: 8}");
        const view = d.asJsJson();
        same(view.a.b[1].c, 2); same(view.get, 5); same(view[7], 8); same(view.nope, undefined);
        same(Object.keys(view), ["a", "get", "7"]); same("a" in view, true); same("toJs" in view, false);
        same(Array.isArray(view.a.b), true); same(view.a.b.map((v) => typeof v), ["number", "object"]);
        same(JSON.stringify(view), '{"a":{"b":[1,{"c":2}]},"get":5,"7":8}');
        view.new = 1; same(d.get("new"), 1); delete view.new; same(d.has("new"), false);
        view.a.b.push(3); same(view.a.b.length, 3); same(view.a === view.a, true);
        """,
    )


@pytest.mark.parametrize("code", ["{'a': 1}", "[1, 2]", "len", "object()"])
async def test_a_destroyed_proxy_says_so(runtime: Any, code: str) -> None:
    found = await runtime.js(
        """
        const len = pyodide.runPython("len");
        const p = pyodide.runPython(CODE);
        p.destroy();
        p.destroy();
        const texts = [];
        for (const use of [() => p.attr, () => { p.attr = 1; }, () => "attr" in p, () => delete p.attr, () => Reflect.ownKeys(p),
                           () => p.type, () => String(p), () => p.copy(), () => p.toJs(), () => len(p)]) {
          try { use(); texts.push("nothing"); } catch (error) { texts.push(error.message.split("\\n")[0]); }
        }
        len.destroy();
        return JSON.stringify([...new Set(texts)]);
        """.replace("CODE", repr(code))
    )
    assert found == '["Object has already been destroyed"]'


async def test_a_promising_call_from_within_python_starts_when_python_has_returned(
    runtime: Any,
) -> None:
    await check(
        runtime,
        """
        const order = [];
        const f = py("import time\\ndef f(note):\\n  note('task')\\n  time.sleep(0.01)\\n  return 7\\nf");
        const outer = py("def outer(js): js(); return 'outer'\\nouter");
        let done;
        const note = (what) => { order.push(what); };
        same(outer(() => { done = f.callPromising(note); order.push("queued"); }), "outer");
        order.push("returned");
        same(await done, 7);
        same(order, ["queued", "returned", "task"]);
        """,
    )


async def test_an_interrupt_ends_a_promising_call(runtime: Any) -> None:
    await check(
        runtime,
        """
        const f = py("import time\\ndef f(): time.sleep(60)\\nf");
        const done = f.callPromising().then(() => "nothing", (error) => error.type);
        await later(10);
        pyodide.interrupt();
        same(await done, "KeyboardInterrupt");
        """,
    )


async def test_many_promising_calls_at_once(runtime: Any) -> None:
    await check(
        runtime,
        """
        const f = py("import time\\ndef f(n):\\n  time.sleep(0.001 * (n % 7))\\n  return n\\nf");
        const all = await Promise.all(Array.from({ length: 100 }, (_, n) => f.callPromising(n)));
        same(all.every((value, index) => value === index), true);
        """,
    )


async def test_all_keys_of_a_dict_are_listed(runtime: Any) -> None:
    """Those that methods of the proxy have for names, too, were missing from Object.keys()."""
    assert (
        await runtime.js("""
        const d = pyodide.runPython("{'a': 1, 'get': 2, 'keys': 3, 'x y': 4}");
        const seen = [Object.keys(d).sort().join("+"), d.get("get"), typeof d.get, { ...d }.a];
        d.destroy();
        return seen.join();
        """)
        == "a+get+keys+x y,2,function,1"
    )
