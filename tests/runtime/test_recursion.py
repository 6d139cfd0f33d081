"""Running out of stack is an exception of Python's, never the end of the runtime.

In the prototype each of the programs with "kill" in its comment ended in an engine's trap:
"Maximum call stack size exceeded", "unreachable", a table or memory index out of bounds.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

RAISED_LIMIT = "import sys\nsys.setrecursionlimit(10**6)\n"
DEEP_LIST = "x = []\nfor _ in range(100_000): x = [x]\n"

PROGRAMS = {
    "plain": "def f(): return f()\nf()",
    "sorted key (kill)": RAISED_LIMIT
    + "def f(n): return sorted([1, 2], key=lambda v: f(n + 1))\nf(0)",
    "repr of a deep list (kill)": DEEP_LIST + "repr(x)",
    "recursive getattr (kill)": RAISED_LIMIT
    + "class A:\n  def __getattr__(self, n): return self.foo\nA().y",
    "getattr by name": RAISED_LIMIT
    + "class A:\n  def __getattr__(self, n): return getattr(self, n + 'x')\nA().y",
    "json loads (kill)": "import json\njson.loads('[' * 100_000)",
    "json dumps": "import json\n" + DEEP_LIST + "json.dumps(x)",
    "comparison": "a = []; b = []\nfor _ in range(100_000): a = [a]; b = [b]\na == b",
    "parentheses": "eval('(' * 5000 + ')' * 5000)",
    "unary operators": "eval('-' * 100_000 + '1')",
    "long sum": "eval('+'.join(['1'] * 50_000))",
    "str": RAISED_LIMIT + "class A:\n  def __str__(self): return str(self)\nstr(A())",
    "call": RAISED_LIMIT + "class A:\n  def __call__(self): return self()\nA()()",
    "init": RAISED_LIMIT + "class A:\n  def __init__(self): A()\nA()",
    "eq": RAISED_LIMIT + "class A:\n  def __eq__(self, o): return self == o\nA() == A()",
    "add": RAISED_LIMIT + "class A:\n  def __add__(self, o): return self + o\nA() + A()",
    "iter": RAISED_LIMIT + "class A:\n  def __iter__(self): return iter(self)\niter(A())",
    "map": RAISED_LIMIT + "def f(x): return list(map(f, [x]))\nf(1)",
    "exec": RAISED_LIMIT + "s = 'exec(s)'\nexec(s)",
    "property": RAISED_LIMIT + "class A:\n  @property\n  def x(self): return self.x\nA().x",
    "format": RAISED_LIMIT + "class A:\n  def __format__(self, s): return f'{self}'\nf'{A()}'",
    "isinstance": "t = int\nfor _ in range(100_000): t = (t,)\nisinstance('', t)",
    "hash of a deep tuple": "x = ()\nfor _ in range(100_000): x = (x,)\nhash(x)",
    "pickle": "import pickle\n" + DEEP_LIST + "pickle.dumps(x)",
    "regular expression": "import re\nre.compile('(' * 5000 + ')' * 5000)",
    "handler overflows too": (
        RAISED_LIMIT + "def f():\n"
        "  try: return sorted([1], key=lambda v: f())\n"
        "  except RecursionError: return sorted([1], key=lambda v: g())\n"
        "def g(): return sorted([1], key=lambda v: g())\nf()"
    ),
}
RAISES = ("RecursionError", "MemoryError", "SyntaxError")


@pytest.mark.parametrize("name", PROGRAMS)
async def test_running_out_of_stack_raises(runtime: Any, name: str) -> None:
    for run in (runtime.run_async, runtime.run, runtime.run_async):
        result = await run(PROGRAMS[name])
        assert result.error_type in RAISES, f"{result.error_type}: {(result.error or '')[-300:]}"
        assert (await runtime.run("1 + 1")).value == 2
    await runtime.run(
        "x = a = b = t = None; import sys; sys.last_exc = None; sys.setrecursionlimit(1000)"
    )


async def test_a_million_nested_tuples_are_freed(runtime: Any) -> None:
    assert await runtime.value("x = None\nfor _ in range(1_000_000): x = (x,)\ndel x\n1") == 1


async def test_threads_run_out_of_stack_too(runtime: Any) -> None:
    assert (
        await runtime.value(
            RAISED_LIMIT
            + """
import threading
seen = []
def f(): return sorted([1], key=lambda v: f())
def run():
    try: f()
    except RecursionError as error: seen.append(type(error).__name__)
t = threading.Thread(target=run); t.start(); t.join()
sys.setrecursionlimit(1000)
seen[0]"""
        )
        == "RecursionError"
    )


async def test_a_deep_stack_can_wait(runtime: Any) -> None:
    """Asyncify needs some 420 bytes of buffer a level; a fixed buffer ended in `unreachable`."""
    assert (
        await runtime.value("""
import time
def f(n):
    if n == 0:
        time.sleep(0.001)
        return 1
    return sorted([1], key=lambda v: f(n - 1))[0]
f(120)""")
        == 1
    )


JS_RECURSION = {
    "a call": "const f = pyodide.runPython('lambda: 1'); kept.push(f); enter = () => f();",
    "an attribute": "const o = pyodide.runPython('class A: x = 1\\nA()'); kept.push(o); enter = () => o.x;",
    "run": "enter = () => pyodide.runPython('1 + 1');",
    "Python that goes deep": "const f = pyodide.runPython('def deep(n): return sorted([n], key=lambda v: deep(n - 1) if n else 0)"
    "[0]\\nlambda: deep(20)'); kept.push(f); enter = () => f();",
}


@pytest.mark.parametrize("kind", JS_RECURSION)
async def test_a_recursion_of_javascript_that_calls_python_ends_in_javascript(
    runtime: Any, kind: str
) -> None:
    """It ran out of stack in the middle of entering Python: a thread state stayed attached, and the next call was fatal."""
    told = await runtime.js(
        "const kept = []; let enter;"
        + JS_RECURSION[kind]
        + """
        const recurse = () => { enter(); recurse(); };
        const told = [];
        for (let i = 0; i < 3; i++) {
          try { recurse(); } catch (error) { told.push(error.name); }
          told.push(pyodide.runPython("1 + 1"));
        }
        for (const proxy of kept) proxy.destroy();
        pyodide.runPython("for name in ('A', 'deep'): globals().pop(name, None)");
        told.push(await pyodide.runPythonAsync("import time; time.sleep(0.001); 3"));
        return told.join();
        """
    )
    assert told == "RangeError,2,RangeError,2,RangeError,2,3"


# Source that is nested `n` deep.
SHAPES = {
    "operations": "'x' + '-x' * n",
    "signs": "'-' * n + 'x'",
    "not": "'not ' * n + 'x'",
    "conditions": "'x if x else ' * n + 'x'",
    "condition of a condition": "'x = 1 if ' + 'not ' * n + 'x else 2'",
    "powers": "'x' + '**x' * n",
    "and in or": "'(x and ' * min(n, 190) + 'x' + ')' * min(n, 190)",
    "calls": "'x' + '()' * n",
    "attributes": "'x' + '.x' * n",
    "items": "'x' + '[0]' * n",
    "lambdas": "'lambda: ' * n + 'x'",
    "awaits": "'async def f():\\n  ' + 'await ' * n + 'x'",
    "elif": "'if x: pass\\n' + 'elif x: pass\\n' * n",
    "blocks": "''.join(' ' * i + 'if x:\\n' for i in range(min(n, 98))) + ' ' * 98 + 'pass'",
    "functions": "''.join(' ' * i + 'def f():\\n' for i in range(min(n, 98))) + ' ' * 98 + 'pass'",
    "classes": "''.join(' ' * i + 'class x:\\n' for i in range(min(n, 98))) + ' ' * 98 + 'pass'",
    "loops": "''.join(' ' * i + 'while x:\\n' for i in range(min(n, 19))) + ' ' * 98 + 'pass'",
    "comprehensions": "'[' * min(n, 90) + 'x' + ' for x in x]' * min(n, 90)",
    "patterns": "'match x:\\n case ' + '[' * min(n, 190) + '_' + ']' * min(n, 190) + ': pass'",
    "alternatives": "'match x:\\n case ' + 'A(' * min(n, 190) + 'x' + ')' * min(n, 190) + ': pass'",
    "f-strings": "\"f'{\" * min(n, 140) + 'x' + \"}'\" * min(n, 140)",
    "assignments": "'x = ' * n + 'x'",
    "implicit strings": "'(' + '\"x\" ' * n + ')'",
    "types": "'type x = ' + 'x[' * min(n, 190) + 'x' + ']' * min(n, 190)",
}


@pytest.mark.timeout(120)
async def test_source_nested_at_any_depth_compiles_or_raises(runtime: Any) -> None:
    """The last pass of the compiler did not look at the stack (patch 0025): 770 operations in a row, `x-x-x...`, ran over
    it into what lies behind, and the runtime ended, or a later program failed without a reason.
    """
    told = await runtime.js(f"""
        pyodide.globals.set("shapes", {json.dumps(json.dumps(SHAPES))});
        pyodide.runPython(`
import json, threading
shapes = json.loads(shapes)
def compile_all():
    told = []
    for name, shape in shapes.items():
        for n in (100, 500, 700, 900, 1_200, 2_500, 6_000, 20_000):
            try:
                compile(eval(shape, {{"n": n}}), "<nested>", "exec")
            except (RecursionError, MemoryError, SyntaxError, OverflowError):
                pass
            except BaseException as error:
                told.append(f"{{name}} {{n}}: {{error!r}}")
    return told
def in_thread():
    told = []
    thread = threading.Thread(target=lambda: told.append(compile_all()))
    thread.start()
    thread.join()
    return told[0]
def under(n):
    return compile_all() if n == 0 else list(map(under, [n - 1]))[0]
`);
        const told = [];
        const take = (names) => {{ told.push(...names.toJs()); names.destroy(); }};
        take(pyodide.runPython("compile_all()"));
        take(await pyodide.runPythonAsync("compile_all()"));
        take(await pyodide.runPythonAsync("in_thread()"));
        take(await pyodide.runPythonAsync("under(20)"));
        const f = pyodide.globals.get("compile_all");
        take(await f.callPromising());
        f.destroy();
        pyodide.runPython("del compile_all, in_thread, under");
        return told.join("\\n");
    """)
    assert told == ""
