"""The Python module pyodide.code."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs

PROGRAMS = programs(__file__)


@pytest.mark.parametrize(
    ("source", "options", "expected"),
    [
        ("1 + 1", {}, "2"),
        ("1 + 1;", {}, "None"),
        ("1 + 1;", {"quiet_trailing_semicolon": False}, "2"),
        ("1 + 1", {"return_mode": "none"}, "None"),
        ("x = 5", {}, "None"),
        ("x = 5", {"return_mode": "last_expr_or_assign"}, "5"),
        ("x = 5\nx += 1", {"return_mode": "last_expr_or_assign"}, "6"),
        ("x: int = 7", {"return_mode": "last_expr_or_assign"}, "7"),
        ("x = 8\nx: int", {"return_mode": "last_expr_or_assign"}, "8"),
        ("a, x = 1, 2", {"return_mode": "last_expr_or_assign"}, "None"),
        ("y = x = 3", {"return_mode": "last_expr_or_assign"}, "3"),
        ("x = 5;", {"return_mode": "last_expr_or_assign"}, "None"),
        ("'''a;'''", {}, "'a;'"),
        ("", {}, "None"),
    ],
)
async def test_the_value_is_as_return_mode_says(
    runtime: Any, source: str, options: dict[str, Any], expected: str
) -> None:
    assert await runtime.call(PROGRAMS.value_by_return_mode, source, options) == expected


async def test_a_runner_is_changed_between_its_steps(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.a_changed_runner)
        == "[63, 3, 63, '<module>', 'Not yet compiled', 'Already compiled', 'ValueError']"
    )


async def test_a_runner_has_one_code_object_whose_value_is_the_result(runtime: Any) -> None:
    """With one for the statements and one for the last expression, a program that took `.code` lost the value."""
    assert (
        await runtime.value(PROGRAMS.one_code_object)
        == "[42, 2, 4, 'text', None, 298, 2, ['x'], 5, 2]"
    )


async def test_the_constants_of_a_runner_can_be_replaced(runtime: Any) -> None:
    """Programs for Pyodide do this; there a constant 0 comes before those of the source."""
    assert await runtime.value(PROGRAMS.replaced_constants) == "[(0, 2, 7), 17]"


async def test_single_mode_shows_values_that_are_not_returned(runtime: Any) -> None:
    """It was compiled as a module: `for x in a: x` showed nothing."""
    assert await runtime.value(PROGRAMS.single_mode) == "[None, [0, 1], 5, [], None, [6]]"


async def test_code_with_await_is_for_run_async(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.await_in_run) == (
        "Used eval_code with TOP_LEVEL_AWAIT. Use run_async for this instead."
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([5], "TypeError: expected string or bytes-like object, got 'int'"),
        (["1", 5], "TypeError: locals must be a mapping"),
        (["1", [1]], "TypeError: globals must be a real dict; try eval(expr, {}, mapping)"),
        (["1", {}, 5], "TypeError: locals must be a mapping"),
    ],
)
async def test_wrong_arguments_of_eval_code_are_named_by_python(
    runtime: Any, arguments: list[Any], error: str
) -> None:
    assert await runtime.call(PROGRAMS.wrong_arguments, arguments) == f"{error}|{error}"


async def test_top_level_await_runs_in_eval_code_async(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.top_level_await) is True


async def test_globals_and_locals_are_the_namespaces_given(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.globals_and_locals)


async def test_a_traceback_shows_the_source_of_a_named_file(runtime: Any) -> None:
    result = await runtime.run_async("""
from pyodide.code import eval_code
eval_code("def f():\\n    return 1 / 0\\nf()", {}, filename="lesson.py")
""")
    assert 'File "lesson.py", line 2, in f\n    return 1 / 0' in result.error
    await runtime.run("import sys; del sys.last_exc, sys.last_value, sys.last_traceback")


async def test_imports_are_found(runtime: Any) -> None:
    source = (  # data, and of modules that are not there
        "import numpy as np, os.path\nfrom scipy import stats\nfrom . import mine\n"
        "from .own import thing\n"
        "def f():\n    import json.decoder\n"
    )
    assert await runtime.call(PROGRAMS.imports, source)


async def test_an_indent_of_all_lines_is_dropped_unless_told_otherwise(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.indents) == str([2, 2, *["unexpected indent"] * 3])


async def test_trailing_semicolons_are_seen(runtime: Any) -> None:
    cases = {
        "1 + 1": False,
        "1 + 1 ;": True,
        "1 + 1 # comment ;": False,
        "1 + 1; # comment": True,
        "'''\n;'''": False,
        "f(\n1);\n\n": True,
        "if 1:\n  2;": False,
    }
    assert await runtime.call(PROGRAMS.trailing_semicolons, cases)


async def test_javascript_is_evaluated(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.javascript) == "[2, 42, 'TypeError', 'JsException']"


async def test_relaxed_calls_drop_what_is_not_taken(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.relaxed_calls)
        == "[(1, 5, 7), ((1, 2), {'x': 3}), 1, 'h', 7, 3, "
        "\"missing a required argument: 'a'\", 'Cannot wrap function']"
    )
