"""What kind a JavaScript value is in Python: by its tag and its own methods, and what follows from it."""

from __future__ import annotations

from typing import Any

from tests.programs import programs

PROGRAMS = programs(__file__)


async def test_values_of_another_realm_have_their_kind(runtime: Any) -> None:
    """Arrays of a frame or of node:vm were plain buffers: they are no instances of this realm's classes."""
    await runtime.call(PROGRAMS.other_realm)


async def test_lists_of_the_page_are_known_by_their_tag_and_read_only(runtime: Any) -> None:
    await runtime.call(PROGRAMS.lists_of_the_page)


async def test_what_has_a_length_and_an_iterator_is_subscriptable(runtime: Any) -> None:
    await runtime.call(PROGRAMS.array_likes)


async def test_lengths_of_any_number(runtime: Any) -> None:
    await runtime.call(PROGRAMS.lengths)


async def test_each_method_of_a_map_counts_by_itself(runtime: Any) -> None:
    """del of a Set's proxy removed the element, and an object with set() alone could not be assigned to."""
    await runtime.call(PROGRAMS.maps_of_parts)


async def test_a_class_with_the_abilities_of_another_is_its_subclass(runtime: Any) -> None:
    await runtime.call(PROGRAMS.class_relations)


async def test_arrays_fail_in_the_words_of_lists(runtime: Any) -> None:
    await runtime.call(PROGRAMS.list_words)


async def test_searches_compare_python_objects_by_equality(runtime: Any) -> None:
    await runtime.call(PROGRAMS.python_objects_in_arrays)


async def test_typed_arrays_keep_their_length(runtime: Any) -> None:
    await runtime.call(PROGRAMS.typed_arrays)


async def test_what_an_iterator_gives_is_checked(runtime: Any) -> None:
    """A promise or {} from next() was an item None."""
    await runtime.call(PROGRAMS.iterators)


async def test_views_are_there_for_objects_and_arrays_only(runtime: Any) -> None:
    await runtime.call(PROGRAMS.views)


async def test_text_without_a_callable_to_string(runtime: Any) -> None:
    await runtime.call(PROGRAMS.texts)


async def test_functions_in_python_classes_are_methods(runtime: Any) -> None:
    await runtime.call(PROGRAMS.methods_of_python_classes)


async def test_what_is_no_promise_any_more_cannot_be_awaited(runtime: Any) -> None:
    await runtime.call(PROGRAMS.no_promise_any_more)
