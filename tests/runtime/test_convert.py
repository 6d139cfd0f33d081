"""Deep conversions both ways: toJs/to_js and toPy/to_py, every option, identity, bad input."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


# --- to JavaScript --------------------------------------------------------------------------------


async def test_json_like_data_becomes_plain_objects_and_arrays(runtime: Any) -> None:
    await runtime.js(SCRIPTS.json_like_data)


async def test_integers_beyond_doubles_become_bigints(runtime: Any) -> None:
    await runtime.js(SCRIPTS.large_integers)


async def test_text_of_every_width_and_length_arrives_unchanged(runtime: Any) -> None:
    await runtime.js(SCRIPTS.text_of_every_width)


async def test_sets_and_frozensets_become_sets(runtime: Any) -> None:
    await runtime.js(SCRIPTS.sets)


async def test_subclasses_convert_as_what_they_are(runtime: Any) -> None:
    await runtime.js(SCRIPTS.subclasses, PROGRAMS.instances_of_subclasses)


async def test_keys_that_are_no_strings(runtime: Any) -> None:
    await runtime.js(SCRIPTS.keys_that_are_no_strings)


async def test_a_key_named_proto_is_an_ordinary_key(runtime: Any) -> None:
    await runtime.js(SCRIPTS.key_named_proto)


async def test_cycles_and_shared_objects_keep_identity(runtime: Any) -> None:
    await runtime.js(SCRIPTS.cycles, PROGRAMS.cycle_with_shared_parts)


async def test_cycles_through_a_dict_converter(runtime: Any) -> None:
    await runtime.js(SCRIPTS.cycles_through_a_dict_converter)


async def test_dict_converters_get_an_iterable_of_pairs(runtime: Any) -> None:
    await runtime.js(SCRIPTS.dict_converters)


async def test_depth_ends_in_proxies(runtime: Any) -> None:
    await runtime.js(SCRIPTS.depth)


async def test_objects_without_a_conversion(runtime: Any) -> None:
    await runtime.js(SCRIPTS.objects_without_a_conversion)


async def test_default_converters(runtime: Any) -> None:
    await runtime.js(SCRIPTS.default_converters, PROGRAMS.pairs)


async def test_eager_converters_come_first(runtime: Any) -> None:
    await runtime.js(SCRIPTS.eager_converters)


async def test_buffers_become_typed_arrays_with_a_copy(runtime: Any) -> None:
    await runtime.js(SCRIPTS.buffers, PROGRAMS.buffers_of_every_kind)


async def test_javascript_values_inside_python_data_come_back(runtime: Any) -> None:
    await runtime.js(SCRIPTS.javascript_inside_python)


async def test_to_js_from_python(runtime: Any) -> None:
    await runtime.call(PROGRAMS.to_js_in_python)


async def test_deep_nesting_is_an_error_and_the_runtime_lives_on(runtime: Any) -> None:
    await runtime.js(SCRIPTS.deep_nesting)


async def test_python_converters_leave_no_proxies(runtime: Any) -> None:
    """Arguments and results of converters written in Python are proxies that nobody sees."""
    await runtime.call(PROGRAMS.converters_written_in_python)


# --- to Python ------------------------------------------------------------------------------------


async def test_plain_values_become_builtins(runtime: Any) -> None:
    await runtime.js(SCRIPTS.plain_values, PROGRAMS.check_plain_values)


async def test_texts_of_all_kinds_keep_their_places(runtime: Any) -> None:
    """Short strings are encoded together: one that is not ASCII must not move its neighbours."""
    await runtime.js(SCRIPTS.texts_of_all_kinds)


async def test_primitives_and_proxies_are_returned_as_they_are(runtime: Any) -> None:
    await runtime.js(SCRIPTS.returned_as_they_are)


async def test_cycles_and_shared_values_keep_identity_in_python(runtime: Any) -> None:
    await runtime.js(SCRIPTS.cycles_to_python)


async def test_depth_leaves_javascript_objects(runtime: Any) -> None:
    await runtime.js(SCRIPTS.depth_to_python)


async def test_default_converters_to_python(runtime: Any) -> None:
    await runtime.js(SCRIPTS.default_converters_to_python, PROGRAMS.check_pairs)


async def test_to_py_from_python(runtime: Any) -> None:
    await runtime.call(PROGRAMS.to_py_in_python)


async def test_typed_arrays_become_memoryviews_of_a_copy(runtime: Any) -> None:
    await runtime.js(SCRIPTS.typed_arrays, PROGRAMS.check_memoryviews)


async def test_hostile_objects_give_their_own_errors(runtime: Any) -> None:
    await runtime.js(SCRIPTS.hostile_objects)


async def test_getters_may_convert_and_run_python_meanwhile(runtime: Any) -> None:
    await runtime.js(SCRIPTS.getters_that_use_python)


@pytest.mark.parametrize(
    "options", [{"depth": "x"}, {"dict_converter": 1}, {"pyproxies": 1}, {"default_converter": {}}]
)
async def test_wrong_options_are_type_errors(runtime: Any, options: dict[str, Any]) -> None:
    await runtime.js(SCRIPTS.wrong_options, options)


# --- without a conversion ---------------------------------------------------------------------------


async def test_as_py_json_shows_javascript_data_as_pythons(runtime: Any) -> None:
    await runtime.call(PROGRAMS.as_py_json)


async def test_as_js_json_shows_python_data_as_javascripts(runtime: Any) -> None:
    await runtime.js(SCRIPTS.as_js_json)


async def test_json_writes_null_for_jsnull(runtime: Any) -> None:
    """It raised TypeError, so that what as_py_json() had shown could not be written."""
    assert (
        await runtime.value(PROGRAMS.jsnull_in_json)
        == 'null|[null]|[\nnull\n]|{"a": [null, {"b": null}]}|{"n": null}'
    )


async def test_keys_that_python_cannot_have_are_named(runtime: Any) -> None:
    await runtime.call(PROGRAMS.keys_that_python_cannot_have)


async def test_what_depth_leaves_is_the_javascript_object(runtime: Any) -> None:
    """At the limit an object that was converted higher up came as that dict, which closed circles."""
    await runtime.call(PROGRAMS.what_depth_leaves)


async def test_json_writes_null_for_keys_too(runtime: Any) -> None:
    await runtime.call(PROGRAMS.json_of_null_keys)


async def test_what_has_a_tag_of_its_own_is_no_plain_object(runtime: Any) -> None:
    """`arguments` became a dict with the keys "0", "1", and Math an empty one; in Pyodide they stay what they are."""
    assert await runtime.value(PROGRAMS.objects_with_a_tag) == (
        "[object Arguments], [object Math], [object Own], [object Module], {'0': 'a', 'length': 1}"
    )


async def test_what_a_converter_has_cached_lasts_as_long_as_the_conversion(runtime: Any) -> None:
    """It was an argument of a call, and ended with that: a converter written in Python could not convert cycles."""
    assert await runtime.value(PROGRAMS.what_a_converter_has_cached) == "[[1], [...], [...]]"


async def test_a_converter_may_destroy_what_convert_gave_it(runtime: Any) -> None:
    """The result that was cached was gone then. What the converter returns ends with the conversion, as in Pyodide."""
    assert await runtime.js(SCRIPTS.converter_that_destroys_what_it_got) == (
        "[[1], [...], [...]] Object has already been destroyed"
    )
