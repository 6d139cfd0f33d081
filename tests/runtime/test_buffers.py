"""Blocks of memory: getBuffer() on Python's, and the methods of JsBuffer on JavaScript's."""

from __future__ import annotations

from typing import Any

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

TYPES = {
    "b": "Int8Array",
    "B": "Uint8Array",
    "h": "Int16Array",
    "H": "Uint16Array",
    "i": "Int32Array",
    "I": "Uint32Array",
    "l": "Int32Array",
    "L": "Uint32Array",
    "q": "BigInt64Array",
    "Q": "BigUint64Array",
    "f": "Float32Array",
    "d": "Float64Array",
}


async def test_get_buffer_chooses_by_format(runtime: Any) -> None:
    for format, name in TYPES.items():
        await runtime.js(SCRIPTS.chosen_by_format, format, name)


async def test_get_buffer_as_another_type(runtime: Any) -> None:
    await runtime.js(SCRIPTS.as_another_type)


async def test_strides_and_offsets_reach_every_element(runtime: Any) -> None:
    await runtime.js(SCRIPTS.strides_and_offsets)


async def test_a_view_keeps_the_object_exported_until_release(runtime: Any) -> None:
    await runtime.js(SCRIPTS.exported_until_release)


async def test_elements_that_no_typed_array_has(runtime: Any) -> None:
    await runtime.js(
        SCRIPTS.elements_that_no_typed_array_has, PROGRAMS.structures_and_shifted_doubles
    )


async def test_js_buffers_copy_in_and_out(runtime: Any) -> None:
    await runtime.call(PROGRAMS.copies)


async def test_js_buffers_as_text(runtime: Any) -> None:
    await runtime.call(PROGRAMS.text)


async def test_js_buffers_and_files(runtime: Any) -> None:
    await runtime.call(PROGRAMS.files)


async def test_detached_buffers_are_errors(runtime: Any) -> None:
    await runtime.call(PROGRAMS.detached)
