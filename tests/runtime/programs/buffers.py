"""Programs of test_buffers.py."""


def structures_and_shifted_doubles():
    import ctypes

    class Point(ctypes.Structure):
        _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_double)]

    class Big(ctypes.BigEndianStructure):
        _fields_ = [("x", ctypes.c_int)]

    points = (Point * 2)()
    shifted = memoryview(bytearray(9))[1:].cast("d")


def copies():
    import array

    from js import ArrayBuffer, DataView, Float64Array, Uint8Array

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
    d.assign(memoryview(bytes(16)).cast("d"))
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
    assert error(lambda: d.assign(bytes(16))) == "ValueError"  # elements of another size
    assert error(lambda: a.assign_to(b"abcd")) == "BufferError"
    assert error(lambda: a.assign("text")) == "TypeError"
    assert error(lambda: d.assign(array.array("h", [1] * 8))) == "ValueError"
    assert error(lambda: a.assign(memoryview(b"abcdefgh")[::2])) == "BufferError"


def text():
    from pyodide.ffi import to_js

    encoded = to_js("caf\xe9 \u20ac".encode())
    assert (
        encoded.to_string()
        == "caf\xe9 \u20ac"
        == encoded.to_string("utf-8")
        == encoded.to_string(encoding=None)
    )
    assert to_js("h\xe9".encode("utf-16le")).to_string("utf-16le") == "h\xe9"
    assert to_js(b"\xe9").to_string("latin1") == "\xe9"

    def error(call):
        try:
            call()
        except Exception as error:
            return error

    assert repr(error(lambda: to_js(b"\xff").to_string())) == (
        "ValueError('Failed to decode Javascript TypedArray as utf8')"
    )
    assert type(error(lambda: to_js(b"x").to_string("no-such-encoding"))) is ValueError
    assert type(error(lambda: to_js(b"x").to_string(5))) is TypeError


def files():
    import io

    from js import Float64Array, Uint8Array
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
        assert file.read() == b"x\0\0"
    short = Uint8Array.new(5)
    short.fill(7)
    short.from_file(io.BytesIO(b"ab"))
    assert short.to_bytes() == b"ab\x07\x07\x07"
    numbers = Float64Array.new(1)
    import struct

    numbers.from_file(io.BytesIO(struct.pack("d", 2.5)))
    assert numbers[0] == 2.5


def detached():
    from pyodide.code import run_js
    from pyodide.ffi import JsException

    array = run_js(
        "const a = new Uint8Array(4); structuredClone(a.buffer, {transfer: [a.buffer]}); a"
    )

    def error(call):
        try:
            call()
        except (JsException, ValueError) as error:
            return True

    assert error(array.to_bytes) and error(array.to_memoryview) and error(array.to_string)
    assert error(lambda: array.assign(b"abcd")) and error(lambda: array.assign_to(bytearray(4)))
