"""How a PyProxy is known again. The newest few are known by identity and get their mark only when
they outlive that or the turn of the event loop: none of it may show, whoever asks, and whenever."""

from __future__ import annotations

import json
from typing import Any


async def test_a_proxy_is_the_same_object_in_python_in_its_turn_and_after_it(runtime: Any) -> None:
    seen = await runtime.js(
        """
        const same = pyodide.runPython("lambda a, b: a is b");
        const list = pyodide.runPython("kept = [1]; kept");
        const again = pyodide.globals.get("kept");
        const seen = [same(list, again)];
        await Promise.resolve();
        seen.push(same(list, again));
        await later(20);
        seen.push(same(list, again));
        list.destroy(); again.destroy(); same.destroy();
        pyodide.runPython("del kept");
        return JSON.stringify(seen);
        """
    )
    assert json.loads(seen) == [True, True, True]


async def test_many_live_at_once_are_all_known(runtime: Any) -> None:
    seen = await runtime.js(
        """
        const number = pyodide.runPython("lambda x: x[0] if type(x) is list else str(type(x))");
        const make = pyodide.runPython("lambda i: [i]");
        const made = [];
        const wrong = [];
        for (let i = 0; i < 40; i++) {
          made.push(make(i));
          // Ends in the middle of the others, so that the order of the newest changes.
          if (i % 5 === 4) made.splice(i >> 1, 1)[0].destroy();
          for (const proxy of made) if (number(proxy) !== proxy.get(0)) wrong.push([i, number(proxy)]);
        }
        const instances = made.every((proxy) => proxy instanceof pyodide.ffi.PyProxy);
        const count = made.length;
        await later(20);
        for (const proxy of made) if (number(proxy) !== proxy.get(0)) wrong.push(["later", number(proxy)]);
        for (const proxy of made) proxy.destroy();
        number.destroy(); make.destroy();
        return JSON.stringify([wrong, instances, count]);
        """
    )
    assert json.loads(seen) == [[], True, 32]


# Each way to meet an ended proxy, alone: the first may be what makes it known.
ENDED_WAYS = """
    const first = (error) => error.message.split("\\n")[0];
    const outcome = (f) => { try { return String(f()); } catch (error) { return first(error); } };
    const { PyProxy } = pyodide.ffi;
    const { destroy, copy, toString } = PyProxy.prototype;
    const callee = pyodide.runPython("lambda *a: len(a)");
    const ways = {
      passed: (p) => outcome(() => callee(p)),
      "passed after another": (p) => outcome(() => callee({}, p, "text")),
      "passed in a record": (p) => outcome(() => callee.callKwargs({ p })),
      attribute: (p) => outcome(() => p.append),
      "own method": (p) => outcome(() => p.copy()),
      "destroyed again": (p) => outcome(() => p.destroy()),
      "method got before": (p) => outcome(() => destroy.call(p)),
      "copy got before": (p) => outcome(() => copy.call(p)),
      "text got before": (p) => outcome(() => toString.call(p)),
      instanceof: (p) => outcome(() => p instanceof PyProxy),
      toPy: (p) => outcome(() => pyodide.toPy(p) === p),
      globals: (p) => outcome(() => pyodide.runPython("1", { globals: p })),
      set: (p) => outcome(() => { p.x = 1; }),
      "from an heir": (p) => outcome(() => { const heir = Object.create(p); return PyProxy.prototype.copy.call(heir); }),
      "behind a Proxy": (p) => outcome(() => callee(new Proxy(p, {}))),
    };
    const report = (make) => {
      const seen = {};
      for (const [name, way] of Object.entries(ways)) seen[name] = way(make());
      return seen;
    };
"""
ENDED = "Object has already been destroyed"
EXPECTED = {
    "passed": ENDED,
    "passed after another": ENDED,
    "passed in a record": ENDED,
    "attribute": ENDED,
    "own method": ENDED,
    "destroyed again": "undefined",
    "method got before": "undefined",
    "copy got before": ENDED,
    "text got before": ENDED,
    "instanceof": "true",
    "toPy": "true",
    "globals": ENDED,
    "set": ENDED,
    "from an heir": "this method is called on something that is no PyProxy",
    # What is no PyProxy is described by what it answers: an ended one answers nothing.
    "behind a Proxy": "1",
}


async def test_a_proxy_that_ended_at_once_is_known_in_every_way(runtime: Any) -> None:
    seen = await runtime.js(
        ENDED_WAYS
        + """
        const ended = (code) => { const p = pyodide.runPython(code); p.destroy(); return p; };
        const result = [report(() => ended("[1]"))];
        // In a later turn, and when others were made and destroyed meanwhile.
        const pool = Object.keys(ways).map(() => ended("[1]"));
        for (let i = 0; i < 20; i++) ended("{}");
        await later(20);
        result.push(report(() => pool.pop()));
        callee.destroy();
        return JSON.stringify(result);
        """
    )
    at_once, afterwards = json.loads(seen)
    assert at_once == EXPECTED
    assert afterwards == EXPECTED


async def test_arguments_that_ended_with_their_call_are_known(runtime: Any) -> None:
    seen = await runtime.js(
        ENDED_WAYS
        + """
        const kept = [];
        globalThis.keepArgument = (...args) => { kept.push(...args); };
        pyodide.runPython("import js\\ndef give(): js.keepArgument([1])\\ngive()");
        const give = pyodide.globals.get("give");
        const result = report(() => { give(); return kept.pop(); });
        pyodide.runPython("js.keepArgument([1], {}, lambda: 1, set(), *[[i] for i in range(12)])");
        const texts = new Set(kept.map((proxy) => outcome(() => callee(proxy))));
        const instances = kept.every((proxy) => proxy instanceof PyProxy);
        give.destroy(); callee.destroy();
        delete globalThis.keepArgument;
        pyodide.runPython("del give, js");
        return JSON.stringify([result, [...texts], instances]);
        """
    )
    result, texts, instances = json.loads(seen)
    assert result == EXPECTED
    assert texts == [ENDED]
    assert instances is True


async def test_an_argument_goes_back_to_python_while_its_call_runs(runtime: Any) -> None:
    assert await runtime.value(
        """
from pyodide.code import run_js
back = run_js("(x, check) => check(x, [x, [x]], x)")
many = run_js("(check, ...all) => check(...all.reverse())")
thing = {}
def check(x, inner, again):
    return x is thing and inner[0] is thing and inner[1][0] is thing and again is thing
things = [[i] for i in range(30)]
seen = [back(thing, check), many(lambda *all: [x[0] for x in all] == list(range(29, -1, -1)), *things)]
del back, many
seen == [True, True]
"""
    )


async def test_nobody_else_is_taken_for_a_proxy_or_sees_how_it_is_known(runtime: Any) -> None:
    seen = await runtime.js(
        """
        const kind = pyodide.runPython("lambda x: type(x).__name__");
        const list = pyodide.runPython("[1]");
        const gone = pyodide.runPython("[2]");
        gone.destroy();
        const asked = [];
        // Passes every question on to a proxy, live or ended, and writes down what it was asked.
        const spy = (target) => new Proxy(target, new Proxy({}, {
          get: (_, trap) => (...args) => {
            asked.push(trap, ...args.slice(1).filter((arg) => typeof arg === "symbol" || typeof arg === "string"));
            return Reflect[trap](...args);
          },
        }));
        const heir = Object.create(list);
        const forged = Object.create(Object.getPrototypeOf(list));
        const seen = [kind(spy(list)), kind(heir), kind(forged), kind(list)];
        seen.push(spy(gone) instanceof pyodide.ffi.PyProxy, forged instanceof pyodide.ffi.PyProxy);
        seen.push(kind(spy(gone)));
        const known = new Set(Object.getOwnPropertyNames(Symbol).map((name) => Symbol[name]));
        const secrets = asked.filter((item) => typeof item === "symbol" && !known.has(item));
        heir.x = 1; // a property of its own
        seen.push(Object.keys(heir).join());
        list.destroy(); kind.destroy();
        return JSON.stringify([seen, secrets.map(String)]);
        """
    )
    kinds, secrets = json.loads(seen)
    assert kinds[3] == "list"
    assert all(name.startswith("Js") for name in [*kinds[:3], kinds[6]]), kinds
    assert kinds[4:6] == [False, False]
    assert kinds[7] == "x"
    assert secrets == []


async def test_two_runtimes_in_one_page_mix_their_proxies(runtime: Any) -> None:
    seen = await runtime.js(
        f"""
        const {{ loadPyodide }} = await import("{runtime.host.dist}/sospeso.mjs");
        const other = await loadPyodide({{ core: "{runtime.core}" }});
        const kinds = [pyodide, other].map((one) => one.runPython("lambda x: type(x).__name__"));
        const wrong = [];
        const made = [];
        for (let i = 0; i < 30; i++) {{
          const own = pyodide.runPython("[1]"), foreign = other.runPython("[1]");
          if (kinds[0](own) !== "list" || kinds[1](foreign) !== "list") wrong.push(i);
          if (kinds[0](foreign) === "list" || kinds[1](own) === "list") wrong.push(-i);
          if (i % 3 === 0) made.push(own, foreign); else {{ own.destroy(); foreign.destroy(); }}
        }}
        const gone = other.runPython("[1]");
        other.destroy();
        // A proxy of a runtime that has ended is nothing of ours, and known as a proxy all the same.
        const after = [gone instanceof pyodide.ffi.PyProxy, kinds[0](gone) === "list"];
        await later(20);
        for (let i = 0; i < made.length; i += 2) if (kinds[0](made[i]) !== "list") wrong.push(i);
        for (let i = 0; i < made.length; i += 2) made[i].destroy();
        kinds[0].destroy();
        return JSON.stringify([wrong, after]);
        """
    )
    assert json.loads(seen) == [[], [True, False]]


async def test_short_and_long_text_of_every_width_arrives(runtime: Any) -> None:
    """Around the lengths where one way to decode gives way to another; C1 controls are no windows-1252."""
    code = """
import json
from pyodide.code import run_js
same = run_js('''(text, unit, odd) => text.length >= 1 && text === unit.repeat((text.length - odd.length) / unit.length) + odd''')
wrong = []
for unit in ("a", "\\x80", "\\x9f", "\\xff", "\\u20ac", "\\U0001f600", "\\ud800"):
    for odd in ("", "\\xe9", "\\u20ac", "\\U0001f600", "\\udc00x"):
        for n in (1, 2, 15, 16, 17, 31, 32, 33, 95, 96, 97, 4095, 4096, 4097, 8191, 8192, 8193):
            if unit == "\\ud800" and odd.startswith("\\udc00"):
                continue # JavaScript cannot tell the two from one character
            if not same(unit * n + odd, unit, odd):
                wrong.append([ascii(unit), ascii(odd), n])
del same
json.dumps(wrong)
"""
    assert json.loads(await runtime.value(code)) == []
