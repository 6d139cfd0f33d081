"""Errors cross between Python and JavaScript with type, message, traceback and cause."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def test_a_javascript_error_is_an_exception_with_its_fields(runtime: Any) -> None:
    await runtime.call(PROGRAMS.fields_of_an_error)


@pytest.mark.parametrize(
    "thrown",
    ["42", "'text'", "null", "undefined", "Symbol('s')", "({a: 1})", "[1]", "10n", "() => 1"],
)
async def test_a_thrown_value_that_is_no_error_survives(runtime: Any, thrown: str) -> None:
    await runtime.call(PROGRAMS.any_value_survives, thrown)


@pytest.mark.parametrize(
    ("thrown", "fields"),
    [
        ("'text'", ["Error", "text"]),
        ("5", ["Error", 'The thrown value\'s toString method returns """5""".']),
        ("null", ["Error", "The thrown value's toString method fails."]),
        ("undefined", ["Error", "The thrown value's toString method fails."]),
        (
            "({toString: () => 's'})",
            ["Error", 'The thrown value\'s toString method returns """s""".'],
        ),
        ("Object.create(null)", ["Error", "The thrown value's toString method fails."]),
        ("({name: 'Mine', message: 'm', stack: 's'})", ["Mine", "m"]),
    ],
)
async def test_whatever_was_thrown_has_name_message_and_stack(
    runtime: Any, thrown: str, fields: list[str]
) -> None:
    """A handler that reads error.message failed when a library threw a string, and with null worse."""
    await runtime.call(PROGRAMS.fields_of_any_value, thrown, fields)


async def test_an_error_can_be_raised_caught_and_raised_again(runtime: Any) -> None:
    await runtime.call(PROGRAMS.raised_again)


async def test_an_error_is_made_copied_and_pickled_by_its_parts(runtime: Any) -> None:
    await runtime.call(PROGRAMS.errors_by_their_parts)


async def test_causes_of_javascript_errors_are_causes_in_python(runtime: Any) -> None:
    await runtime.call(PROGRAMS.causes)


async def test_the_same_exception_comes_back_through_javascript(runtime: Any) -> None:
    await runtime.call(PROGRAMS.through_javascript_and_back)


async def test_a_python_error_reaches_javascript_with_type_message_and_cause(runtime: Any) -> None:
    seen = await runtime.js(SCRIPTS.python_errors_in_javascript)
    assert seen[0] == [
        "PythonError",
        "PythonError",
        "ZeroDivisionError",
        "ZeroDivisionError: division by zero",
        None,
    ]
    assert seen[1][2] == "KeyboardInterrupt"
    assert seen[2][2:] == ["SystemExit", "SystemExit: 3", 3]
    assert seen[3] == ["JsException", True]


async def test_rejected_promises_raise_where_they_are_awaited(runtime: Any) -> None:
    await runtime.call(PROGRAMS.rejected_promises)
