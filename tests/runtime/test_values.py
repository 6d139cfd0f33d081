"""Values that cross by value, namespaces, and Python exceptions as JavaScript sees them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

VALUES = {
    "None": None,
    "True": True,
    "False": False,
    "0": 0,
    "-7": -7,
    "2**53 - 1": 2**53 - 1,
    "2**53": 2**53,
    "-(2**53)": -(2**53),
    "10**400": 10**400,
    "-(10**400)": -(10**400),
    "1.5": 1.5,
    "-0.0": -0.0,
    "1e308": 1e308,
    "float('inf')": float("inf"),
    "''": "",
    "'a\\0b'": "a\0b",
    "'caf\\xe9 \\x80\\x9f'": "caf\xe9 \x80\x9f",
    "'\\u20ac'": "\u20ac",
    "'\\U0001f600' * 3": "\U0001f600" * 3,
    "'x' * 100_000": "x" * 100_000,
    "'\\u20ac' * 100_000": "\u20ac" * 100_000,
}


async def test_values_cross_to_javascript_unchanged(runtime: Any) -> None:
    for source, expected in VALUES.items():
        for run in (runtime.run, runtime.run_async):
            result = await run(source)
            assert result.error is None, result.error
            assert result.value == expected, source
            assert type(result.value) is type(expected) or isinstance(expected, (int, float))


async def test_values_cross_to_python_and_back(runtime: Any) -> None:
    """Through a namespace: JavaScript sets, Python looks, JavaScript gets."""
    assert await runtime.js(SCRIPTS.values_that_change_on_the_way) == [[], "JsNull"]


async def test_integers_are_ints_and_fractions_floats(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.types_of_numbers) == "int,float,float,JsBigInt,float"


async def test_other_objects_come_as_handles(runtime: Any) -> None:
    assert (await runtime.run("[1, 'a']")).value == {"proxy": "list", "text": "[1, 'a']"}


async def test_a_handle_says_when_it_was_destroyed(runtime: Any) -> None:
    message = await runtime.js(SCRIPTS.use_a_destroyed_handle)
    assert message.startswith("Object has already been destroyed\n")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 1", 2),
        ("1 + 1;", None),
        ("x = 5", None),
        ("x = 5\nx", 5),
        ("x = 5; x", 5),
        ("5 # ; comment", 5),
        ("5; # comment", None),
        ("'a;'", "a;"),
        ("", None),
        ("# only a comment", None),
        ("def f():\n  return 3\n\nf()", 3),
    ],
)
async def test_the_value_is_that_of_the_last_expression(
    runtime: Any, source: str, expected: Any
) -> None:
    assert (await runtime.run(source)).value == expected
    assert (await runtime.run_async(source)).value == expected


async def test_globals_and_locals_options(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.run_in_namespaces) == [6, [False, True, False], True]


async def test_an_exception_has_type_and_traceback(runtime: Any) -> None:
    for run in (runtime.run, runtime.run_async):
        result = await run("def f():\n    return 1 / 0\nf()", filename="lesson.py")
        assert result.error_type == "ZeroDivisionError"
        assert result.error == (
            "Traceback (most recent call last):\n"
            '  File "lesson.py", line 3, in <module>\n'
            "    f()\n"
            "    ~^^\n"
            '  File "lesson.py", line 2, in f\n'
            "    return 1 / 0\n"
            "           ~~^~~\n"
            "ZeroDivisionError: division by zero\n"
        )


async def test_a_syntax_error_shows_the_place(runtime: Any) -> None:
    result = await runtime.run("a = (\n", filename="bad.py")
    assert result.error_type == "SyntaxError"
    assert 'File "bad.py", line 1' in result.error
    assert "was never closed" in result.error


async def test_system_exit_carries_its_status(runtime: Any) -> None:
    result = await runtime.run_async("raise SystemExit(7)")
    assert (result.error_type, result.exit_code) == ("SystemExit", 7)
    result = await runtime.run_async("import sys\nsys.exit('bad luck')")
    assert (result.exit_code, result.stderr) == (1, "bad luck\n")


async def test_the_last_exception_is_kept_as_in_the_repl(runtime: Any) -> None:
    await runtime.run("{}['missing']")
    assert await runtime.value("import sys\nrepr(sys.last_exc)") == "KeyError('missing')"
    await runtime.run("del sys.last_exc, sys.last_value, sys.last_traceback")


async def test_an_exception_whose_str_raises_still_arrives(runtime: Any) -> None:
    result = await runtime.run(PROGRAMS.raise_what_has_no_text)
    assert result.error_type == "Bad"
    assert "<exception str() failed>" in result.error
