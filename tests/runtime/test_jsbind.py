"""bind_sig() and bind_class(): annotations that say how JavaScript objects are converted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs

PROGRAMS = programs(__file__)


async def test_attributes_are_converted_as_a_class_says(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.attributes) == "[7, [1, [2]], 5, 'JsProxy', [3], None, True]"


async def test_arguments_and_results_are_converted_as_a_function_says(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.arguments_and_results) == "[2, 4, 6, False, True]"


async def test_a_method_keeps_its_receiver(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.methods) == "[8, [5, 1], [5, 1], [1], [9]]"


async def test_a_class_makes_objects_that_follow_it(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.a_class) == "[[1, 2], [2], 3, True, [5], True]"


async def test_what_a_promise_gives_is_converted(runtime: Any) -> None:
    assert (
        await runtime.call(PROGRAMS.promises) == "[[1], [1], [2], {'k': [3]}, True, 'RangeError']"
    )


async def test_keywords_are_the_last_object(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.keywords) == (
        '[["u", 2, {"body": {"k": [1]}, "mode": "a"}], '
        '["u", 3, [4], {"body": {}, "mode": "b", "extra": [5]}], '
        '["u", 1, {"body": {}, "mode": "a"}], [1, null, {}]]'
    )


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("f()", "missing 1 required positional argument: 'a'"),
        ("f(1, 2)", "takes 1 positional argument but 2 positional arguments"),
        ("f(1, c=3, d=4)", "got an unexpected keyword argument 'd'"),
        ("f(1)", "missing 1 required keyword-only argument: 'c'"),
    ],
)
async def test_wrong_arguments_raise_what_python_raises(runtime: Any, call: str, told: str) -> None:
    text = await runtime.call(PROGRAMS.wrong_arguments, call)
    if "takes 1" in told:  # Python counts what is keyword-only here, too
        assert "takes 1 positional argument but 2" in text
    else:
        assert text == f"wrong_arguments.<locals>.template() {told}"


async def test_converters_of_ones_own(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.own_converters) == "[6, 5]"


async def test_json_views_write_through(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.json_views) == "[9, 's', True, 1, {'k': [1, 2], 'm': 5}, 2]"


async def test_call_and_getattr_of_a_class_and_protocols(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.call_getattr_and_protocols) == "[[3], [2], [1]]"


async def test_what_deep_makes_for_a_call_ends_with_it(runtime: Any) -> None:
    """Arguments that to_js() turned into objects with PyProxies in them once outlived the call."""
    assert await runtime.call(PROGRAMS.what_deep_makes_ends_with_the_call) == "[0, 0, True]"


async def test_what_cannot_bind_says_so(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.what_cannot_bind) == (
        "bind_sig() needs a function or a class with annotations, not 5 "
        "bind_class() needs a class with annotations, not <built-in function len> "
        "bind_sig() needs a function or a class with annotations, not 'A' NameError"
    )


async def test_the_classes_can_be_subscripted_in_annotations(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.subscripted_classes) == "[True, True, [1]]"
