"""Programs of test_numpy.py."""


def grow_memory():
    import numpy

    numpy.ones(40_000_000)  # 320 MB, which is more than there was


def take_typed_arrays():
    import numpy as np
    from js import given

    for name in ("Int8", "Uint16", "Int32", "Float32", "Float64", "BigInt64"):
        array = np.asarray(getattr(given, name).to_py())
        assert array.tolist() == [1, 2, 3], name
        assert array.dtype.itemsize == getattr(given, name).BYTES_PER_ELEMENT, name
        assert array.flags.writeable
    numbers = np.arange(3.0) * 2
    given.Float64.assign(numbers)
    given.Float64.assign_to(numbers[:])
    assert numbers.tolist() == [0.0, 2.0, 4.0]
    # One copy is made, and everything in Python shares it.
    memory = given.Float64.to_py()
    one, other = np.asarray(memory), np.frombuffer(memory)
    one[1] = 9
    assert (other[1], memory[1]) == (9, 9)
    del given  # the program runs as a module, whose names stay
