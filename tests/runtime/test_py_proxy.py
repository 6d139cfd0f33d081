"""Python objects as JavaScript sees them: attributes, items, classes, and the language's own rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import Script, programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def check(runtime: Any, script: Script) -> None:
    """Run a program that asserts, with the Python programs at hand."""
    await runtime.js(script, {program.name: str(program) for program in PROGRAMS})


async def test_attributes_are_read_set_and_deleted(runtime: Any) -> None:
    await check(runtime, SCRIPTS.attributes_are_read_set_and_deleted)


async def test_a_dollar_gives_the_attribute_behind_a_javascript_name(runtime: Any) -> None:
    await check(runtime, SCRIPTS.a_dollar_gives_the_attribute_behind_a_javascript_name)


async def test_a_property_that_raises_raises_its_python_error(runtime: Any) -> None:
    await check(runtime, SCRIPTS.a_property_that_raises_raises_its_python_error)


async def test_the_rules_of_javascript_hold(runtime: Any) -> None:
    await check(runtime, SCRIPTS.the_rules_of_javascript_hold)


async def test_dicts_are_maps_and_objects(runtime: Any) -> None:
    await check(runtime, SCRIPTS.dicts_are_maps_and_objects)


async def test_sequences_have_indices(runtime: Any) -> None:
    await check(runtime, SCRIPTS.sequences_have_indices)


async def test_the_array_api_on_lists(runtime: Any) -> None:
    await check(runtime, SCRIPTS.the_array_api_on_lists)


CLASSES = {
    "object()": "",
    "len": "PyCallable",
    "[]": "PyProxyWithLength PyProxyWithGet PyProxyWithSet PyProxyWithHas PyIterable PySequence PyMutableSequence",
    "()": "PyProxyWithLength PyProxyWithGet PyProxyWithHas PyIterable PySequence",
    "{}": "PyProxyWithLength PyProxyWithGet PyProxyWithSet PyProxyWithHas PyIterable PyDict",
    "{1}": "PyProxyWithLength PyProxyWithHas PyIterable",
    "iter([])": "PyIterable PyIterator",
    "(x for x in ())": "PyIterable PyIterator PyGenerator",
    "range(3)": "PyProxyWithLength PyProxyWithGet PyProxyWithHas PyIterable PySequence",
    "b'x'": "PyProxyWithLength PyProxyWithGet PyProxyWithHas PyIterable PySequence PyBuffer",
    "bytearray(1)": "PyProxyWithLength PyProxyWithGet PyProxyWithSet PyProxyWithHas PyIterable PySequence "
    "PyMutableSequence PyBuffer",
    "list": "PyCallable PyProxyWithGet",
    "__import__('asyncio').Future()": "PyAwaitable PyIterable",
}


async def test_proxies_are_instances_of_what_they_can_do(runtime: Any) -> None:
    found = await runtime.js(SCRIPTS.classes_of_proxies, list(CLASSES))
    assert found.keys() == CLASSES.keys()
    for code, names in found.items():
        assert set(names) == set(CLASSES[code].split()), code


async def test_other_values_are_no_proxies(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.values_that_are_taken_for_proxies) == 0


async def test_text_and_type(runtime: Any) -> None:
    await check(runtime, SCRIPTS.text_and_type)


async def test_iteration(runtime: Any) -> None:
    await check(runtime, SCRIPTS.iteration)


async def test_asynchronous_iteration(runtime: Any) -> None:
    await check(runtime, SCRIPTS.asynchronous_iteration)


async def test_awaitables_are_promises(runtime: Any) -> None:
    await check(runtime, SCRIPTS.awaitables_are_promises)


async def test_calls_with_options(runtime: Any) -> None:
    await check(runtime, SCRIPTS.calls_with_options)


async def test_this_and_bind(runtime: Any) -> None:
    await check(runtime, SCRIPTS.this_and_bind)


async def test_promising_calls_may_wait(runtime: Any) -> None:
    await check(runtime, SCRIPTS.promising_calls_may_wait)


async def test_a_promising_proxy_is_called_as_a_promise(runtime: Any) -> None:
    await check(runtime, SCRIPTS.a_promising_proxy_is_called_as_a_promise)


async def test_json_view(runtime: Any) -> None:
    await check(runtime, SCRIPTS.json_view)


@pytest.mark.parametrize("code", ["{'a': 1}", "[1, 2]", "len", "object()"])
async def test_a_destroyed_proxy_says_so(runtime: Any, code: str) -> None:
    found = await runtime.js(SCRIPTS.use_a_destroyed_proxy, code)
    assert found == ["Object has already been destroyed"]


async def test_a_promising_call_from_within_python_starts_when_python_has_returned(
    runtime: Any,
) -> None:
    await check(
        runtime, SCRIPTS.a_promising_call_from_within_python_starts_when_python_has_returned
    )


async def test_an_interrupt_ends_a_promising_call(runtime: Any) -> None:
    await check(runtime, SCRIPTS.an_interrupt_ends_a_promising_call)


async def test_many_promising_calls_at_once(runtime: Any) -> None:
    await check(runtime, SCRIPTS.many_promising_calls_at_once)


async def test_all_keys_of_a_dict_are_listed(runtime: Any) -> None:
    """Those that methods of the proxy have for names, too, were missing from Object.keys()."""
    assert await runtime.js(SCRIPTS.keys_of_a_dict) == "a+get+keys+x y,2,function,1"
