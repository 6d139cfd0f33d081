"""Programs of test_py_proxy.py: what its JavaScript gets to hold."""

import asyncio
import threading
import time

from pyodide.ffi import create_proxy


def an_object():
    class X:
        v = 1

        def m(self, n):
            return n + 1

    return X()


def an_object_with_names_of_proxies():
    class Y:
        pass

    y = Y()
    y.copy = 3
    y.type = "hm"
    return y


def an_object_with_a_bad_property():
    class B:
        @property
        def bad(self):
            raise ValueError("no good")

    return B()


def an_object_with_texts():
    class T:
        def __str__(self):
            return "as text"

        def __repr__(self):
            return "as repr"

    return T()


def an_object_with_a_bad_text():
    class S:
        def __str__(self):
            return 3

    return S()


def a_generator():
    def g():
        x = yield 1
        try:
            y = yield x
        except ValueError:
            y = "caught"
        return y

    return g()


def a_generator_that_cleans_up():
    log = []

    def h():
        try:
            yield 1
        finally:
            log.append("closed")

    return h()


def an_old_sequence():
    class Old:
        def __getitem__(self, i):
            if i > 2:
                raise IndexError
            return i

    return Old()


def an_asynchronous_generator():
    async def g():
        try:
            for i in range(3):
                await asyncio.sleep(0)
                x = yield i
                if x:
                    yield x
        except ValueError:
            yield "caught"

    return g


def a_coroutine_function():
    async def f(x):
        await asyncio.sleep(0)
        return x + 1

    return f


def a_class():
    class C:
        def __init__(self, v):
            self.v = v

    return C


def a_function_that_waits():
    def f(n):
        time.sleep(0.02)
        return n * 2

    return f


def a_function_that_waits_and_raises():
    def bad():
        time.sleep(0)
        raise OSError("gone")

    return bad


def a_lock_that_is_held():
    held = threading.Lock()
    held.acquire()
    return held.acquire


def a_function_that_tells_before_and_after_it_waits():
    def g(note):
        note("began")
        time.sleep(0.01)
        note("ended")

    return g


def a_promising_proxy():
    def f(n):
        time.sleep(0.01)
        return n + 1

    return create_proxy(f, promising=True)


def a_function_that_tells_that_it_runs():
    def f(note):
        note("task")
        time.sleep(0.01)
        return 7

    return f


def a_function_that_waits_for_a_while():
    def f(n):
        time.sleep(0.001 * (n % 7))
        return n

    return f
