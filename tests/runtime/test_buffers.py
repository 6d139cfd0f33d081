"""Blocks of memory: getBuffer() on Python's, and the methods of JsBuffer on JavaScript's."""

from __future__ import annotations

from typing import Any

from tests.runtime.test_convert import js, python

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
        await js(
            runtime,
            f"""
            const array = py("import array; array.array('{format}', [1, 2, 3])");
            const view = array.getBuffer();
            check(view.data.constructor.name === "{name}", view.data.constructor.name);
            check(Number(view.data[0]) === 1 && view.data.length === 3 && view.offset === 0);
            check(view.format === "{format}" && view.ndim === 1 && view.itemsize === view.data.BYTES_PER_ELEMENT);
            same(view.shape, [3]); same(view.strides, [1]);
            check(view.nbytes === view.data.byteLength && !view.readonly && view.c_contiguous && view.f_contiguous);
            view.data[2] = view.data.constructor.name.startsWith("Big") ? 9n : 9;
            view.release();
            check(view.data.length === 0);
            view.release();
            check(Number(array.get(2)) === 9);
            array.destroy();
        """,
        )


async def test_get_buffer_as_another_type(runtime: Any) -> None:
    await js(
        runtime,
        """
        const bytes = py("b'\\\\x01\\\\x00\\\\x02\\\\x00'");
        for (const [type, name, length] of [["u8", "Uint8Array", 4], ["u8clamped", "Uint8ClampedArray", 4], ["i16", "Int16Array", 2],
                                            ["f32", "Float32Array", 1], ["dataview", "DataView", undefined]]) {
          const view = bytes.getBuffer(type);
          check(view.data.constructor.name === name && view.data.length === length && view.readonly, type);
          view.release();
        }
        const wrong = caught(() => bytes.getBuffer("u7"));
        check(/Unknown type u7/.test(wrong.message));
        bytes.destroy();
        const none = py("object()");
        check(none.getBuffer === undefined);
        none.destroy();
    """,
    )


async def test_strides_and_offsets_reach_every_element(runtime: Any) -> None:
    await js(
        runtime,
        """
        const memory = py("memoryview(bytearray(range(12)))[::-2]");
        const view = memory.getBuffer();
        const got = [];
        for (let i = 0; i < view.shape[0]; i++) got.push(view.data[view.offset + i * view.strides[0]]);
        same(got, [11, 9, 7, 5, 3, 1]);
        check(!view.c_contiguous);
        view.release(); memory.destroy();
        const grid = py("memoryview(bytearray(range(24))).cast('B', (2, 3, 4))");
        const cube = grid.getBuffer();
        same(cube.shape, [2, 3, 4]); same(cube.strides, [12, 4, 1]);
        check(cube.data[cube.offset + 12 + 2 * 4 + 3] === 23);
        cube.release(); grid.destroy();
        const empty = py("bytearray()");
        const nothing = empty.getBuffer();
        check(nothing.data.length === 0 && nothing.nbytes === 0);
        nothing.release(); empty.destroy();
    """,
    )


async def test_a_view_keeps_the_object_exported_until_release(runtime: Any) -> None:
    await js(
        runtime,
        """
        const raw = py("raw = bytearray(b'abc'); raw");
        {
          const view = raw.getBuffer();
          check(/BufferError/.test(caught(() => py("raw.append(1)")).message));
          view[Symbol.dispose]();
        }
        py("raw.append(100)");
        const view = raw.getBuffer();
        raw.destroy();
        py("del raw");
        check(view.data[3] === 100);
        const before = view.data;
        py("grown = bytearray(100_000_000)");
        check(view.data[3] === 100 && (before.length === 0 || before === view.data));
        py("del grown");
        view.release();
    """,
    )


async def test_elements_that_no_typed_array_has(runtime: Any) -> None:
    await js(
        runtime,
        """
        py(`
import ctypes
class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_double)]
class Big(ctypes.BigEndianStructure):
    _fields_ = [("x", ctypes.c_int)]
points = (Point * 2)()
shifted = memoryview(bytearray(9))[1:].cast("d")
`);
        const points = py("points");
        check(/format/.test(caught(() => points.getBuffer()).message));
        const bytes = points.getBuffer("u8");
        check(bytes.nbytes === 32);
        bytes.release(); points.destroy();
        const shifted = py("shifted");
        const error = caught(() => shifted.getBuffer());
        check(/aligned/.test(error.message), error.message);
        shifted.destroy();
        py("del points, shifted");
    """,
    )


async def test_js_buffers_copy_in_and_out(runtime: Any) -> None:
    await python(
        runtime,
        """
import array
from js import Uint8Array, Float64Array, ArrayBuffer, DataView
from pyodide.ffi import to_js

a = Uint8Array.new(4)
a.assign(b"abcd")
assert a.to_bytes() == b"abcd" and a[1] == ord("b")
target = bytearray(4)
a.assign_to(target)
assert target == b"abcd"
view = a.to_memoryview()
assert view.format == "B" and not view.readonly and view.tobytes() == b"abcd"
view[0] = 0
assert a[0] == ord("a")
assert a.to_string() == "abcd"

d = Float64Array.new(2)
d.assign(array.array("d", [1.5, 2.5]))
assert d.to_memoryview().tolist() == [1.5, 2.5] and d.to_memoryview().format == "d"
assert len(d.to_bytes()) == 16
d.assign(bytes(16))
assert d[0] == 0

buffer = ArrayBuffer.new(3)
buffer.assign(b"xyz")
assert buffer.to_bytes() == b"xyz"
assert DataView.new(buffer, 1).to_bytes() == b"yz"

def error(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return None
assert error(lambda: a.assign(b"abc")) == "ValueError"
assert error(lambda: a.assign_to(bytearray(9))) == "ValueError"
assert error(lambda: a.assign_to(b"abcd")) == "BufferError"
assert error(lambda: a.assign("text")) == "TypeError"
assert error(lambda: d.assign(array.array("q", [1, 2]))) == "ValueError"
assert error(lambda: a.assign(memoryview(b"abcdefgh")[::2])) == "BufferError"
""",
    )


async def test_js_buffers_as_text(runtime: Any) -> None:
    await python(
        runtime,
        """
from pyodide.ffi import to_js
encoded = to_js("caf\\xe9 \\u20ac".encode())
assert encoded.to_string() == "caf\\xe9 \\u20ac" == encoded.to_string("utf-8") == encoded.to_string(encoding=None)
assert to_js("h\\xe9".encode("utf-16le")).to_string("utf-16le") == "h\\xe9"
assert to_js(b"\\xe9").to_string("latin1") == "\\xe9"
def error(call):
    try:
        call()
    except Exception as error:
        return error
assert error(lambda: to_js(b"\\xff").to_string()) is not None
assert error(lambda: to_js(b"x").to_string("no-such-encoding")) is not None
assert type(error(lambda: to_js(b"x").to_string(5))) is TypeError
""",
    )


async def test_js_buffers_and_files(runtime: Any) -> None:
    await python(
        runtime,
        """
import io
from js import Uint8Array, Float64Array
from pyodide.ffi import to_js
a = to_js(bytes(range(256)) * 300)
with open("/tmp/b.bin", "wb") as file:
    file.write(b"head")
    a.to_file(file)
with open("/tmp/b.bin", "rb") as file:
    assert file.read() == b"head" + bytes(range(256)) * 300
for buffering in (-1, 0):
    b = Uint8Array.new(a.length)
    with open("/tmp/b.bin", "rb", buffering=buffering) as file:
        file.seek(4)
        b.from_file(file)
    assert b.to_bytes() == a.to_bytes()
with open("/tmp/b.bin", "w") as file:
    file.write("x")
    Uint8Array.new(2)._into_file(file)
with open("/tmp/b.bin", "rb") as file:
    assert file.read() == b"x\\0\\0"
short = Uint8Array.new(5)
short.fill(7)
short.from_file(io.BytesIO(b"ab"))
assert short.to_bytes() == b"ab\\x07\\x07\\x07"
numbers = Float64Array.new(1)
import struct
numbers.from_file(io.BytesIO(struct.pack("d", 2.5)))
assert numbers[0] == 2.5
""",
    )


async def test_detached_buffers_are_errors(runtime: Any) -> None:
    await python(
        runtime,
        """
from pyodide.code import run_js
from pyodide.ffi import JsException
array = run_js("const a = new Uint8Array(4); structuredClone(a.buffer, {transfer: [a.buffer]}); a")
def error(call):
    try:
        call()
    except (JsException, ValueError) as error:
        return True
assert error(array.to_bytes) and error(array.to_memoryview) and error(array.to_string)
assert error(lambda: array.assign(b"abcd")) and error(lambda: array.assign_to(bytearray(4)))
""",
    )
