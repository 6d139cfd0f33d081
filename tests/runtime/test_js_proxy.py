"""JavaScript objects as Python sees them: every kind of JsProxy, its items, calls and names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs

PROGRAMS = programs(__file__)


async def test_attributes_are_read_set_and_deleted(runtime: Any) -> None:
    await runtime.call(PROGRAMS.attributes)


async def test_a_trailing_underscore_frees_a_reserved_word(runtime: Any) -> None:
    await runtime.call(PROGRAMS.reserved_words)


async def test_names_of_any_text_and_number_reach_javascript(runtime: Any) -> None:
    await runtime.call(PROGRAMS.names_of_any_text)


async def test_dunder_names_are_the_objects_but_for_those_of_modules(runtime: Any) -> None:
    """All of them stayed in Python: PyScript's workers read what Python had set as js.__x__, and
    found nothing."""
    await runtime.call(PROGRAMS.dunder_names)


async def test_functions_are_called_with_their_receiver_and_keywords(runtime: Any) -> None:
    await runtime.call(PROGRAMS.calls)


async def test_classes_are_constructed_with_new(runtime: Any) -> None:
    await runtime.call(PROGRAMS.construction)


async def test_arrays_are_mutable_sequences(runtime: Any) -> None:
    await runtime.call(PROGRAMS.arrays)


async def test_maps_and_sets_are_mappings_and_containers(runtime: Any) -> None:
    await runtime.call(PROGRAMS.maps_and_sets)


async def test_objects_are_mappings_through_views(runtime: Any) -> None:
    await runtime.call(PROGRAMS.views_of_objects)


async def test_iterators_and_generators_of_javascript(runtime: Any) -> None:
    await runtime.call(PROGRAMS.iterators_and_generators)


async def test_asynchronous_iteration_and_generators(runtime: Any) -> None:
    await runtime.call(PROGRAMS.asynchronous_iteration)


async def test_equality_hash_and_identity_follow_javascript(runtime: Any) -> None:
    await runtime.call(PROGRAMS.equality_hash_and_identity)


async def test_truth_length_text_and_type(runtime: Any) -> None:
    await runtime.call(PROGRAMS.truth_length_text_and_type)


async def test_classes_tell_the_kinds_apart(runtime: Any) -> None:
    await runtime.call(PROGRAMS.classes)


async def test_arrays_and_maps_are_those_of_collections_abc(runtime: Any) -> None:
    """isinstance(array, Sequence) was false, so that libraries took arrays for scalars."""
    await runtime.call(PROGRAMS.abstract_base_classes)


async def test_dir_names_reserved_words_as_they_are_read(runtime: Any) -> None:
    await runtime.call(PROGRAMS.reserved_words_in_dir)


async def test_nodes_of_the_page_are_objects_like_any_other(runtime: Any) -> None:
    if runtime.engine == "node":
        pytest.skip("Node has no page")
    await runtime.call(PROGRAMS.nodes_of_the_page)


async def test_disposable_objects_are_context_managers(runtime: Any) -> None:
    await runtime.call(PROGRAMS.disposable_objects)


async def test_arguments_of_a_call_die_with_it(runtime: Any) -> None:
    await runtime.call(PROGRAMS.arguments_die_with_their_call)


async def test_arguments_live_as_long_as_the_promise_or_generator(runtime: Any) -> None:
    await runtime.call(PROGRAMS.arguments_live_as_long_as_the_result)


async def test_proxies_that_python_makes_have_their_classes(runtime: Any) -> None:
    await runtime.call(PROGRAMS.proxies_that_python_makes)


async def test_hostile_objects_give_errors_and_nothing_worse(runtime: Any) -> None:
    await runtime.call(PROGRAMS.hostile_objects)


async def test_recursion_through_both_worlds_raises_and_the_runtime_lives(runtime: Any) -> None:
    await runtime.call(PROGRAMS.recursion_through_both_worlds)
