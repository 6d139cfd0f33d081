"""Who lives how long on the bridge: destroy, copies, arguments of calls, the collector, and its statistics."""

from __future__ import annotations

import json
from typing import Any


async def test_a_proxy_keeps_its_object_until_it_is_destroyed(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        pyodide.runPython("import weakref\\nclass X: pass\\nx = X(); alive = weakref.ref(x)");
        const x = pyodide.runPython("x");
        pyodide.runPython("del x");
        const seen = [pyodide.runPython("alive() is not None")];
        const copy = x.copy();
        x.destroy();
        seen.push(pyodide.runPython("alive() is not None"));
        copy.destroy();
        seen.push(pyodide.runPython("alive() is not None"));
        return seen.join();
        """
        )
        == "true,true,false"
    )


async def test_attributes_end_with_the_proxy_they_were_got_from(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        const x = pyodide.runPython("class X: pass\\nx = X(); x.inner = [1]; x.inner.append(x.inner); x");
        const before = pyodide.ffiStats().proxies;
        for (let i = 0; i < 100; i++) x.inner.append;
        const made = pyodide.ffiStats().proxies - before;
        const { inner } = x;
        const own = inner.copy();
        x.destroy();
        let text = "";
        try { inner.length; } catch (error) { text = error.message; }
        const length = own.length;
        own.destroy();
        pyodide.runPython("del x");
        return [made, text.includes("attribute of a proxy that has been destroyed"), length].join();
        """
        )
        == "2,true,2"
    )


async def test_views_end_together(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        const f = pyodide.runPython("lambda *a: len(a)");
        const before = pyodide.ffiStats().proxies;
        const bound = f.bind(null, 1).captureThis();
        const same = pyodide.ffiStats().proxies === before;
        const seen = [same, bound()];
        bound.destroy();
        try { f(); } catch (error) { seen.push(error.message.split("\\n")[0]); }
        return seen.join();
        """
        )
        == "true,2,Object has already been destroyed"
    )


async def test_arguments_end_with_their_call(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        let held;
        globalThis.take = (value) => { held = value; return value.length; };
        const length = pyodide.runPython("import js; js.take([1, 2])");
        delete globalThis.take;
        try { held.length; return "alive"; } catch (error) { return `${length} ${error.message.includes("call that is over")}`; }
        """
        )
        == "2 true"
    )


async def test_arguments_live_as_long_as_the_promise_that_is_returned(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        globalThis.takeLater = async (value) => { await later(10); return value.length; };
        const length = await pyodide.runPythonAsync("import js; await js.takeLater([1, 2])");
        delete globalThis.takeLater;
        await later(1);
        return `${length} ${pyodide.ffiStats().proxies}`;
        """
        )
        == "2 1"
    )  # pyodide.globals


async def test_an_argument_that_is_given_back_is_the_python_object(runtime: Any) -> None:
    """As the key of a map whose get() returns it, it came back destroyed: its call was over."""
    assert (
        await runtime.value("""
from pyodide.code import run_js
class Thing: pass
thing = Thing()
echo = run_js("({get: (key) => key, has: () => true, size: 1, [Symbol.iterator]: () => [][Symbol.iterator]()})")
later = run_js("async (x) => x")
promise = later(thing)
seen = [echo[thing] is thing, run_js("(x) => x")(thing) is thing, (await later(thing)) is thing]
import asyncio
await asyncio.sleep(0)
seen.append((await promise) is thing)
try:
    run_js("(x) => { throw x; }")(ValueError("mine"))
except ValueError as error:
    seen.append(str(error))
del echo, later, promise
str(seen)
""")
        == "[True, True, True, True, 'mine']"
    )
    # Whoever awaited a promise may come late: what it gives is left to the collector.
    await runtime.host.collect()
    for _ in range(20):
        if (await runtime.stats())["proxies"] == 1:
            break
        await runtime.host.collect()


async def test_an_array_finds_the_python_object_that_it_holds(runtime: Any) -> None:
    assert (
        await runtime.value("""
from pyodide.code import run_js
class Thing: pass
thing = Thing()
array = run_js("[]")
array.append(thing)
seen = [array[0] is thing, thing in array, Thing() in array, array.index(thing), array.count(thing)]
run_js("(a) => a.pop().destroy()")(array)
del array
str(seen)
""")
        == "[True, True, False, 0, 1]"
    )


async def test_a_proxy_made_by_create_proxy_lives_until_destroy(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        globalThis.hold = (value) => { globalThis.held = value; };
        pyodide.runPython(`
import js
from pyodide.ffi import create_proxy
proxy = create_proxy(lambda n: n + 1)
js.hold(proxy)
`);
        const seen = [globalThis.held(1), globalThis.held(2)];
        pyodide.runPython("proxy.destroy()");
        try { globalThis.held(3); } catch (error) { seen.push(error.message.split("\\n")[0]); }
        pyodide.runPython("del proxy");
        delete globalThis.hold; delete globalThis.held;
        return seen.join();
        """
        )
        == "2,3,Object has already been destroyed"
    )


async def test_a_roundtrip_proxy_stays_a_proxy_in_python(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        globalThis.echo = (value) => value;
        const seen = pyodide.runPython(`
import js
from pyodide.ffi import create_proxy, JsDoubleProxy
thing = []
stays, becomes = create_proxy(thing, roundtrip=True), create_proxy(thing, roundtrip=False)
seen = [isinstance(js.echo(stays), JsDoubleProxy), js.echo(becomes) is thing, stays.unwrap() is thing]
stays.destroy(); becomes.destroy()
del stays, becomes
str(seen)
`);
        delete globalThis.echo;
        return seen;
        """
        )
        == "[True, True, True]"
    )


async def test_a_once_callable_is_called_once(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        globalThis.fs = [];
        globalThis.hold = (f) => { fs.push(f); };
        pyodide.runPython(`
import js
from pyodide.ffi import create_once_callable
first = create_once_callable(lambda n: n + 1)
second = create_once_callable(lambda n: 1 / 0)
third = create_once_callable(lambda n: n)
for f in (first, second, third): js.hold(f)
third.destroy()
del first, second, third, f
`);
        const seen = [fs[0](1)];
        for (const f of fs) try { seen.push(f(1)); } catch (error) { seen.push(/called once|ZeroDivision/.exec(error.message)?.[0]); }
        try { fs[1](1); } catch (error) { seen.push(/called once|ZeroDivision/.exec(error.message)?.[0]); }
        delete globalThis.fs; delete globalThis.hold;
        return seen.join();
        """
        )
        == "2,called once,ZeroDivision,called once,called once"
    )


async def test_destroy_proxies_ends_what_a_conversion_made(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        globalThis.array = [];
        globalThis.hold = (...args) => { array.push(...args.map((a) => a.copy())); };
        pyodide.runPython(`
import js
from pyodide.ffi import destroy_proxies, create_proxy
js.hold([1], [2])
destroy_proxies(js.array)
destroy_proxies([create_proxy(len), create_proxy([])])
`);
        const seen = array.map((p) => { try { return p.length; } catch { return "gone"; } });
        delete globalThis.array; delete globalThis.hold;
        return seen.join();
        """
        )
        == "gone,gone"
    )


async def test_a_cycle_across_both_heaps_is_broken_by_destroy(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        const x = pyodide.runPython("import weakref\\nclass X: pass\\nx = X(); alive = weakref.ref(x); x");
        x.other = { back: x };
        pyodide.runPython("del x");
        const before = pyodide.ffiStats();
        x.destroy();
        const after = pyodide.ffiStats();
        return [before.handles - after.handles, pyodide.runPython("alive() is None")].join();
        """
        )
        == "1,true"
    )


async def test_use_after_destroy_tells_more_in_debug_mode(runtime: Any) -> None:
    found = json.loads(
        await runtime.js(
            """
            const was = pyodide.setDebug(true);
            const x = (function maker() { return pyodide.runPython("['the object']"); })();
            (function ender() { x.destroy({ message: "as I said" }); })();
            let text = "";
            try { x.length; } catch (error) { text = error.message; }
            pyodide.setDebug(was);
            return JSON.stringify(text);
            """
        )
    )
    for part in ("already been destroyed", "as I said", '"list"', "the object", "maker", "ender"):
        assert part in found


async def test_statistics_name_origins_in_debug_mode(runtime: Any) -> None:
    found = json.loads(
        await runtime.js(
            """
            const was = pyodide.setDebug(true);
            const x = (function maker() { return pyodide.runPython("[]"); })();
            const stats = pyodide.ffiStats();
            const python = JSON.parse(pyodide.runPython("import json\\nfrom pyodide.ffi import ffi_stats\\njson.dumps(ffi_stats())"));
            x.destroy();
            pyodide.setDebug(was);
            return JSON.stringify([stats, python, "origins" in pyodide.ffiStats()]);
            """
        )
    )
    stats, python, listed = found
    assert any("maker" in one["origin"] and one["type"] == "list" for one in stats["origins"])
    assert python["proxies"] == stats["proxies"]
    assert listed is False


async def test_proxies_that_are_dropped_are_collected(runtime: Any) -> None:
    if runtime.engine != "node":
        return  # no page can ask its collector to run
    assert (
        await runtime.js(
            """
        const { setFlagsFromString } = await import("node:v8");
        const { runInNewContext } = await import("node:vm");
        setFlagsFromString("--expose-gc");
        const collect = runInNewContext("gc");
        const before = pyodide.ffiStats().proxies;
        (() => { for (let i = 0; i < 500; i++) pyodide.runPython("[]"); })();
        const made = pyodide.ffiStats().proxies - before;
        for (let i = 0; i < 50 && pyodide.ffiStats().proxies > before; i++) { await later(10); collect(); }
        return [made, pyodide.ffiStats().proxies - before].join();
        """
        )
        == "500,0"
    )


async def test_make_and_destroy_in_a_loop_leaves_nothing(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        const list = pyodide.runPython("[[1]]");
        const before = pyodide.ffiStats().proxies;
        for (let i = 0; i < 50000; i++) list.get(0).destroy();
        const after = pyodide.ffiStats().proxies;
        list.destroy();
        return after - before;
        """
        )
        == 0
    )


async def test_many_attribute_names_do_not_grow_memory(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        const ns = pyodide.runPython("import types; types.SimpleNamespace()");
        let wrong = 0;
        for (let i = 0; i < 20000; i++) {
          const name = `name_${i % 9000}`;
          ns[name] = i;
          if (ns[name] !== i) wrong++;
        }
        ns.destroy();
        return wrong;
        """
        )
        == 0
    )


async def test_getters_that_use_python_meanwhile_disturb_nothing(runtime: Any) -> None:
    assert (
        await runtime.js(
            """
        const f = pyodide.runPython("lambda *a: [type(v).__name__ for v in a] + [a[0], a[-1]]");
        const nosy = { get then() { f("from within", 1.5, "x").destroy(); return undefined; } };
        const result = f("outer text", nosy, nosy, "last text");
        const found = [...result].join();
        result.destroy();
        f.destroy();
        return found;
        """
        )
        == "str,JsProxy,JsProxy,str,outer text,last text"
    )
