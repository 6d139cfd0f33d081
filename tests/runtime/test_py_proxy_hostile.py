"""What must not harm the runtime: hostile objects, odd names, recursion through both worlds, and
proxies that end in the middle of their own use."""

from __future__ import annotations

import json
from typing import Any

import pytest

# Each gives the text of its value or of its error; "py" makes values that are destroyed at the end.
PRELUDE = """
    const kept = [];
    const py = (code) => { const value = pyodide.runPython(code); if (value instanceof pyodide.ffi.PyProxy) kept.push(value); return value; };
    const outcome = (f) => { try { return String(f()); } catch (error) { return `${error?.name}: ${String(error?.message).trim().split("\\n").at(-1)}`; } };
    const id = py("lambda *a: len(a)");
    const names = [];
    const give = (name, value) => { names.push(name); globalThis[name] = value; };
    py("import js");
    try {
"""
END = """
    } finally {
      for (const value of kept.reverse()) value.destroy();
      for (const name of names) delete globalThis[name];
      // The last exception is kept for a debugger, with what its frames hold.
      pyodide.runPython("import sys\\nfor name in ('last_exc', 'last_value', 'last_traceback'): sys.__dict__.pop(name, None)");
    }
"""

CASES = {
    "a getter of a keyword argument throws": (
        "return outcome(() => id.callKwargs({ get a() { throw new Error('nope'); } }));",
        "Error: nope",
    ),
    "every trap of an argument throws": (
        """const no = () => { throw new Error("touched"); };
        return outcome(() => id(new Proxy({}, { get: no, has: no, getPrototypeOf: no, ownKeys: no }), 1));""",
        "2",
    ),
    "an argument is a revoked proxy": (
        "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return outcome(() => id(proxy));",
        "1",
    ),
    "an argument has no prototype": ("return outcome(() => id(Object.create(null)));", "1"),
    "a symbol is an argument": ("return outcome(() => id(Symbol('x')));", "1"),
    "an argument was destroyed": (
        "const d = py('[]'); d.destroy(); return outcome(() => id(1, {}, d, 'x')).includes('destroyed') || outcome(() => id(d));",
        "Error: Call pyodide.setDebug(true) first and the message tells what it was and where it ended",
    ),
    "60,000 arguments": ("return outcome(() => id(...new Array(60000).fill('x')));", "60000"),
    "a function destroys its own proxy": (
        "const f = py('def f(d):\\\\n  d()\\\\n  return 5\\\\nf'); return outcome(() => f(() => f.destroy()));",
        "5",
    ),
    "an attribute destroys its own proxy": (
        """const q = py("class Q:\\\\n  def __getattr__(self, name): js.kill(); return 7\\\\nQ()");
        give("kill", () => q.destroy());
        return outcome(() => q.anything);""",
        "7",
    ),
    "an iterator destroys its own proxy": (
        """const g = py("def g():\\\\n  yield 1\\\\n  js.kill()\\\\n  yield 2\\\\ng()");
        give("kill", () => g.destroy());
        return outcome(() => [g.next().value, g.next().value]);""",
        "1,2",
    ),
    "a key that cannot be hashed": (
        "const d = py('{}'); return outcome(() => d.get(py('[]')));",
        "PythonError: TypeError: unhashable type: 'list'",
    ),
    "a lone surrogate names an attribute": (
        r"const n = py('import types; types.SimpleNamespace()'); n['\\ud800'] = 3; return outcome(() => n['\\ud800']);",
        "3",
    ),
    "NUL and nothing name attributes": (
        r"const n = py('import types; types.SimpleNamespace()'); n['a\\0b'] = 4; return outcome(() => [n['a\\0b'], n['']]);",
        "4,",
    ),
    "a huge int is a key": ("return outcome(() => py('{10**20: 5}').get(10n ** 20n));", "5"),
    "a length is negative": (
        "return outcome(() => py('class L:\\\\n  def __len__(self): return -1\\\\nL()').length);",
        "PythonError: ValueError: __len__() should return >= 0",
    ),
    "null is thrown through Python": (
        "const f = py('def f(g):\\\\n  g()\\\\nf'); try { f(() => { throw 5; }); return 'nothing'; } catch (error) { return error.type; }",
        "JsException",
    ),
    "KeyboardInterrupt crosses as itself": (
        "const f = py('def f(): raise KeyboardInterrupt\\\\nf'); try { f(); return 'nothing'; } catch (error) { return error.type; }",
        "KeyboardInterrupt",
    ),
    "SystemExit crosses as itself": (
        "const f = py('def f(): raise SystemExit(3)\\\\nf'); try { f(); return 'nothing'; } catch (error) { return error.type; }",
        "SystemExit",
    ),
    "StopIteration from a call is an error": (
        "const f = py('def f(): raise StopIteration(3)\\\\nf'); try { f(); return 'nothing'; } catch (error) { return error.type; }",
        "StopIteration",
    ),
    "recursion through calls": (
        """const g = py("def g(n): return js.back(n + 1)\\\\ng"); give("back", (n) => g(n));
        return outcome(() => g(0)).split(":")[1].trim();""",
        "RecursionError",
    ),
    "recursion through sorted()": (
        """const s = py("def s(n): return sorted([1, 2], key=lambda v: js.back(n + 1))\\\\ns"); give("back", (n) => s(n));
        return outcome(() => s(0)).split(":")[1].trim();""",
        "RecursionError",
    ),
    "recursion through attributes": (
        """const a = py("class A:\\\\n  def __getattr__(self, name): return js.back()\\\\nA()"); give("back", () => a.name);
        return outcome(() => a.name).split(":")[1].trim();""",
        "RecursionError",
    ),
    "a sort that throws": (
        "const l = py('[3, 1, 2]'); return outcome(() => l.sort(() => { throw new Error('no order'); })) + [...l];",
        "Error: no order3,1,2",
    ),
    "methods on something else": (
        "return outcome(() => id.callKwargs.call({}, {}));",
        "TypeError: this method is called on something that is no PyProxy",
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_the_runtime_survives(runtime: Any, case: str) -> None:
    body, expected = CASES[case]
    assert await runtime.js(PRELUDE + body.replace("\\\\", "\\") + END) == expected


async def test_a_proxy_of_another_runtime_is_a_javascript_object(runtime: Any) -> None:
    """Two runtimes in one page: each sees the other's proxies as JavaScript values."""
    other = await runtime.host.load_beside(runtime.core)
    try:
        await runtime.host.ask("script", id=other["id"], code="globalThis.foreign = pyodide.runPython('[1, 2]')")
        found = await runtime.js(
            """
            const f = pyodide.runPython("lambda v: [type(v).__name__, v.length, v.at(-1)]");
            const seen = f(globalThis.foreign);
            const found = [...seen].join();
            seen.destroy(); f.destroy(); globalThis.foreign.destroy(); delete globalThis.foreign;
            return found;
            """
        )
        assert found == "JsMutableMap,2,2"
    finally:
        await runtime.host.ask("destroy", id=other["id"])


async def test_the_console_of_node_shows_the_python_object(runtime: Any) -> None:
    if runtime.engine != "node":
        return
    found = json.loads(
        await runtime.js(
            """
            const { inspect } = await import("node:util");
            const list = pyodide.runPython("[1, 2]");
            const shown = [inspect(list), inspect({ list })];
            list.destroy();
            return JSON.stringify([...shown, inspect(list)]);
            """
        )
    )
    assert found == ["PyProxy [1, 2]", "{ list: PyProxy [1, 2] }", "PyProxy (destroyed)"]
