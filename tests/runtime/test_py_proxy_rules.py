"""What pages rely on in a PyProxy: JavaScript's own properties, JSON views, the words of errors, what
ends when, and which coroutines run by themselves. All of it is as in Pyodide 0.29."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

HINT = "\nFor more information about the cause of this error, use `pyodide.setDebug(true)`"
ENDED = f"Object has already been destroyed{HINT}"
BORROWED = (
    "This borrowed attribute proxy was automatically destroyed in the process of destroying the "
    f"proxy it was borrowed from. Try using the 'copy' method.{HINT}"
)
KEEP = "Try using create_proxy or create_once_callable."


def refused(trap: str, name: str) -> str:
    return f"TypeError: '{trap}' on proxy: trap returned falsish for property '{name}'"


@pytest.mark.parametrize("source", ["{}", "[]", "object()", "len", "type('T', (), {})"])
async def test_what_javascript_defines_is_on_the_proxy_alone(runtime: Any, source: str) -> None:
    """It was refused, or went to Python, as all proxies of a runtime shared their targets."""
    assert await runtime.js(SCRIPTS.own_properties, source) == [
        *(2, refused("deleteProperty", "fixed"), True, False),
        *(refused("set", "constant"), True, False),
        *(11, refused("deleteProperty", "both")),
        *(9, refused("set", "read")),
        *(False, False),
        *(None, True),
    ]


async def test_a_callable_has_a_prototype_and_no_other_property_of_functions(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.functions) == [
        [True, False, False, False, False],
        True,
        [7, 8, 9, True],
        refused("deleteProperty", "prototype"),
        True,
        False,
    ]


async def test_digits_are_ints_in_a_dict(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.dict_keys) == [
        "{5: 'p', 6: 'q', 'name': 1, '$dollar': 2}",
        refused("deleteProperty", "nothing"),
        True,
        True,
        "{6: 'q', 'name': 1}",
    ]


async def test_a_view_of_json_is_a_proxy_whose_items_come_first(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.json_of_mappings) == [
        *("x", "y", True, 4, 1),
        *(True, True, '{"list":[{"a":1}]}'),
        *("x", "undefined", "y"),
        *(BORROWED, ENDED),
    ]


async def test_apply_and_the_calls_with_keywords_refuse_as_javascript_does(runtime: Any) -> None:
    needs = "requires at least one argument (the key word argument object)"
    got = await runtime.js(SCRIPTS.arguments_of_apply)
    assert got[:7] == [0, 0, 0, 0, 2, 3, 2]
    assert all(error.startswith("TypeError: ") for error in got[7:10])
    assert got[10:] == [
        f"TypeError: callKwargs {needs}",
        "TypeError: kwargs argument is not an object",
        f"TypeError: callWithOptions with 'kwargs: true' {needs}",
    ]


async def test_a_later_use_tells_how_the_proxy_ended(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.ends) == [
        ENDED,
        f"mine{HINT}",
        *(True, 1, BORROWED),
        *(False, 1, BORROWED),
        f"This borrowed proxy was automatically destroyed when an iterator was exhausted.{HINT}",
        1,
        'Object has already been destroyed\nThe object was of type "list" and had repr "[1]"',
        'Object has already been destroyed\nThe object was of type "Bad" and '
        "an error was raised when trying to generate its repr",
    ]


async def test_what_a_call_got_and_what_it_gave_end_with_it(runtime: Any) -> None:
    """What a call gave back to Python lived until the collector of JavaScript came."""
    ended = "This borrowed proxy was automatically destroyed"
    refcount, *reasons = await runtime.js(
        SCRIPTS.arguments_of_kinds_of_calls, PROGRAMS.all_kinds_of_calls
    )
    assert refcount == 2
    assert reasons == [
        f"{ended} at the end of a function call. {KEEP}",
        f"{ended} at the end of an asynchronous function call. {KEEP}",
        f"{ended} when a generator completed execution. {KEEP}",
        f"{ended} when an asynchronous generator completed execution. {KEEP}",
        f"{ended} at the end of a function call. {KEEP}",
    ]


async def test_only_the_coroutines_of_async_functions_run_by_themselves(runtime: Any) -> None:
    """Each coroutine that a call gave was begun, also one that a plain function only passed on."""
    assert await runtime.js(SCRIPTS.coroutines, PROGRAMS.callables_that_give_coroutines) == [
        ["f", "method", "partial"],
        None,
        ENDED,
    ]


async def test_a_generator_decides_what_return_and_throw_give(runtime: Any) -> None:
    """return() gave its value also where the generator had swallowed it."""
    wrong = "PythonError: TypeError: exceptions must be classes or instances deriving from BaseException, not"
    assert await runtime.js(SCRIPTS.generators, PROGRAMS.asynchronous_generators) == [
        *(True, True),
        "v",
        True,
        1,
        *(f"{wrong} str", f"{wrong} int", f"{wrong} NoneType"),
        "StopAsyncIteration",
    ]


async def test_a_once_callable_says_that_it_was_used(runtime: Any) -> None:
    used = "OnceProxy can only be called once"
    assert await runtime.js(SCRIPTS.once_callables, PROGRAMS.two_once_callables) == [
        *(5, used, "OnceProxy has already been destroyed"),
        *(True, used),
    ]


async def test_memory_without_strides_empty_memory_and_the_other_byte_order(runtime: Any) -> None:
    """Arrays of ctypes have no strides and came out empty; an empty array may lie at any address."""
    assert await runtime.js(SCRIPTS.buffers, PROGRAMS.objects_with_memory) == [
        *(["Int16Array", 6, [1], [3], False], None, True),
        *(["BigUint64Array", 0, [1], [0], False], None, True),
        *(["DataView", 12, [4], [3], False], None, True),
        *(["Int16Array", 8, [0.5], [8], False], None, True),
        "JavaScript has no native support for big endian buffers",
        "Buffer does not have valid alignment for a Int32Array",
        "Unknown type x",
        "PyBufferView is not a constructor",
    ]
