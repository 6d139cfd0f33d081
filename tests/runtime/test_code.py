"""The Python module pyodide.code."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("source", "options", "expected"),
    [
        ("1 + 1", "", "2"),
        ("1 + 1;", "", "None"),
        ("1 + 1;", "quiet_trailing_semicolon=False", "2"),
        ("1 + 1", "return_mode='none'", "None"),
        ("x = 5", "", "None"),
        ("x = 5", "return_mode='last_expr_or_assign'", "5"),
        ("x = 5\nx += 1", "return_mode='last_expr_or_assign'", "6"),
        ("x: int = 7", "return_mode='last_expr_or_assign'", "7"),
        ("a, x = 1, 2", "return_mode='last_expr_or_assign'", "None"),
        ("y = x = 3", "return_mode='last_expr_or_assign'", "3"),
        ("x = 5;", "return_mode='last_expr_or_assign'", "None"),
        ("'''a;'''", "", "'a;'"),
        ("", "", "None"),
    ],
)
async def test_the_value_is_as_return_mode_says(
    runtime: Any, source: str, options: str, expected: str
) -> None:
    assert (
        await runtime.value(f"""
from pyodide.code import eval_code, eval_code_async
plain = eval_code({source!r}, {{}}, {options})
waited = await eval_code_async({source!r}, {{}}, {options})
assert plain == waited
repr(plain)
""")
        == expected
    )


async def test_a_runner_is_changed_between_its_steps(runtime: Any) -> None:
    assert (
        await runtime.value("""
import ast
from pyodide.code import CodeRunner
runner = CodeRunner("x = 2\\nx * 21")
runner.ast.body[0].value = ast.copy_location(ast.Constant(3), runner.ast.body[0].value)
runner.compile()
names = {}
parts = [runner.run(names), names["x"], runner.run({}), runner.code.co_name]
try:
    CodeRunner("1").run()
except RuntimeError as error:
    parts.append(str(error))
try:
    CodeRunner("1", return_mode="nonsense")
except ValueError as error:
    parts.append("ValueError")
str(parts)
""")
        == "[63, 3, 63, '<module>', 'Not yet compiled: call compile() before run() or run_async()', 'ValueError']"
    )


async def test_a_runner_has_one_code_object_whose_value_is_the_result(runtime: Any) -> None:
    """With one for the statements and one for the last expression, a program that took `.code` lost the value."""
    assert (
        await runtime.value("""
import ast
from pyodide.code import CodeRunner
many = "\\n".join(f"v{i} = {i}" for i in range(300))
sources = ["x = 2\\nx * 21", "1 if 0 else 2", "0 or (3 and 4)", "'text'", "x = 1", f"{many}\\nv299 if v0 else v298"]
seen = [eval(CodeRunner(source).compile().code, {}) for source in sources]
names = {}
runner = CodeRunner("x = 1\\nx + 1").compile()
runner.code = runner.code.replace(co_filename="other.py")
seen += [runner.run(names), sorted(set(names) - {"__builtins__"})]
waiting = CodeRunner("import asyncio\\nawait asyncio.sleep(0, 5)", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
seen += [await waiting.compile().run_async({}), CodeRunner("1 + 1", mode="eval").compile().run({})]
str(seen)
""")
        == "[42, 2, 4, 'text', None, 298, 2, ['x'], 5, 2]"
    )


async def test_top_level_await_runs_in_eval_code_async(runtime: Any) -> None:
    assert (
        await runtime.value("""
import asyncio
from pyodide.code import eval_code_async
names = {"asyncio": asyncio}
value = await eval_code_async("await asyncio.sleep(0)\\nx = await asyncio.sleep(0, 5)\\nx + 1", names)
[value, names["x"]] == [6, 5]
""")
        is True
    )


async def test_globals_and_locals_are_the_namespaces_given(runtime: Any) -> None:
    assert await runtime.value("""
from pyodide.code import eval_code
g, l = {"a": 1}, {}
eval_code("b = a + 1", g, l)
(l, "b" in g) == ({"b": 2}, False)
""")


async def test_a_traceback_shows_the_source_of_a_named_file(runtime: Any) -> None:
    result = await runtime.run_async("""
from pyodide.code import eval_code
eval_code("def f():\\n    return 1 / 0\\nf()", {}, filename="lesson.py")
""")
    assert 'File "lesson.py", line 2, in f\n    return 1 / 0' in result.error
    await runtime.run("import sys; del sys.last_exc")


async def test_imports_are_found(runtime: Any) -> None:
    source = (
        "import numpy as np, os.path\nfrom scipy import stats\nfrom . import mine\n"
        "def f():\n    import json.decoder\n"
    )
    assert await runtime.value(f"""
from pyodide.code import find_imports
[find_imports({source!r}), find_imports("not python"), find_imports("")] == [
    ["json", "json.decoder", "numpy", "os", "os.path", "scipy"], [], []]
""")


async def test_trailing_semicolons_are_seen(runtime: Any) -> None:
    cases = {
        "1 + 1": False,
        "1 + 1 ;": True,
        "1 + 1 # comment ;": False,
        "1 + 1; # comment": True,
        "'''\n;'''": False,
        "f(\n1);\n\n": True,
        "x = (": False,
    }
    assert await runtime.value(f"""
from pyodide.code import should_quiet
cases = {cases!r}
{{source: should_quiet(source) for source in cases}} == cases
""")


async def test_javascript_is_evaluated(runtime: Any) -> None:
    assert (
        await runtime.value("""
from pyodide.code import run_js
from pyodide.ffi import JsException
parts = [run_js("1 + 1"), run_js("(x) => x * 2")(21)]
for wrong in (5, "throw new RangeError('bad')"):
    try:
        run_js(wrong)
    except (TypeError, JsException) as error:
        parts.append(type(error).__name__)
str(parts)
""")
        == "[2, 42, 'TypeError', 'JsException']"
    )


async def test_relaxed_calls_drop_what_is_not_taken(runtime: Any) -> None:
    assert (
        await runtime.value("""
from pyodide.code import relaxed_call, relaxed_wrap
def f(a, b=2, *, c=3): return (a, b, c)
def g(*args, **kw): return (args, kw)
@relaxed_wrap
def h(a): return a
parts = [relaxed_call(f, 1, 5, 6, c=7, d=8), relaxed_call(g, 1, 2, x=3), h(1, 2, y=3), h.__name__]
try:
    relaxed_call(f)
except TypeError:
    parts.append("TypeError")
str(parts)
""")
        == "[(1, 5, 7), ((1, 2), {'x': 3}), 1, 'h', 'TypeError']"
    )
