"""Programs of test_py_proxy_rules.py."""


async def all_kinds_of_calls():
    import sys

    import js

    js.plain([1])
    await js.later([1])
    list(js.generator([1]))
    [item async for item in js.asyncGenerator([1])]
    given = js.gives()
    return sys.getrefcount(given)


def callables_that_give_coroutines():
    import functools

    ran = []

    async def f(name):
        ran.append(name)

    def g(name):
        return f(name)

    class Has:
        async def method(self, name):
            ran.append(name)

    method = Has().method
    partial = functools.partial(f)
    returns_one = lambda name: f(name)  # noqa: E731


def asynchronous_generators():
    async def swallows():
        try:
            yield 1
        finally:
            return  # noqa: B012

    async def plain():
        yield 1

    class Counts:
        async def __anext__(self):
            return 1

    async def raises_stop():
        raise StopAsyncIteration

    def stops():
        return raises_stop()


def two_once_callables():
    import js
    from pyodide.ffi import create_once_callable

    js.called = create_once_callable(lambda: 5)
    js.unused = create_once_callable(lambda: 6)


def objects_with_memory():
    import array
    import ctypes

    shorts = (ctypes.c_short * 3)(1, 2, 3)
    empty = array.array("Q")
    big = (ctypes.c_int.__ctype_be__ * 3)(1, 2, 3)
    steps = memoryview(bytearray(8))
