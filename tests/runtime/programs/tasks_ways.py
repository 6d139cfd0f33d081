"""Programs of test_tasks.py that call block(), each in another way; 1 if it was called and waited.

The test puts the definition of block() before each.
"""

import atexit
import functools
import gc
import itertools
import json
import logging
import re
import sqlite3
import sys
import threading
import weakref

from __main__ import block


def directly():
    return block()


def in_a_function():
    def f():
        return block()

    return f()


def in_map():
    return sum(map(lambda _: block(), [0]))  # noqa: C417 - the way


def as_a_sort_key():
    sorted([0], key=lambda _: block())
    return 1 if sorted([0], key=lambda _: block()) else 0


def as_a_key_of_min():
    return min([1], key=lambda _: block())


def in_getattr():
    class A:
        def __getattr__(self, name):
            return block()

    return A().x


def in_a_descriptor():
    class A:
        @property
        def x(self):
            return block()

    return A().x


def in_del():
    seen = []

    class A:
        def __del__(self):
            seen.append(block())

    del_me = A()
    del del_me
    return seen[0]


def in_a_generator():
    def g():
        yield block()

    return next(g())


def in_a_partial():
    return functools.partial(lambda a: block(), 0)()


def in_with():
    class A:
        def __enter__(self):
            return block()

        def __exit__(self, *_):
            block()

    with A() as v:
        pass
    return int(v)


def in_a_comprehension():
    return [block() for _ in range(1)][0]


def in_an_iterator_of_c():
    return next(itertools.starmap(lambda: block(), [()]))


def in_reduce():
    return functools.reduce(lambda a, b: block(), [0, 0])


def in_eval():
    return eval("block()")


def in_exec():
    names = {"block": block}
    exec("v = block()", names)
    return names["v"]


def in_a_class_body():
    class A:
        v = block()

    return A.v


def in_a_metaclass():
    class M(type):
        def __new__(m, name, bases, names):
            names["v"] = block()
            return type.__new__(m, name, bases, names)

    class A(metaclass=M):
        pass

    return A.v


def in_init_subclass():
    class A:
        def __init_subclass__(c):
            c.v = block()

    class B(A):
        pass

    return B.v


def in_print():
    class W:
        def write(self, s):
            self.v = block()

        def flush(self):
            pass

    w = W()
    print("x", file=w)
    return w.v


def in_a_logging_handler():
    class H(logging.Handler):
        def emit(self, r):
            self.v = block()

    h = H()
    logger = logging.Logger("m")
    logger.addHandler(h)
    logger.error("x")
    return h.v


def in_eq():
    class A:
        def __eq__(self, o):
            return bool(block())

    return int([A()] == [A()])


def in_hash():
    class A:
        def __hash__(self):
            return block()

    return len({A(): 1})


def in_repr():
    class A:
        def __repr__(self):
            return str(block())

    return int(repr([A()])[1])


def in_format():
    class A:
        def __format__(self, s):
            return str(block())

    return int(f"{A()}")


def in_str_join():
    def g():
        yield str(block())

    return int("".join(g()))


def in_int():
    class A:
        def __int__(self):
            return block()

    return int(A())


def in_bool():
    class A:
        def __bool__(self):
            return bool(block())

    return int(not not A())  # noqa: SIM208 - the way


def in_index():
    class A:
        def __index__(self):
            return block()

    return [0, 1][A()]


def in_iter():
    class A:
        def __iter__(self):
            yield block()

    return list(A())[0]


def in_contains():
    class A:
        def __contains__(self, x):
            return bool(block())

    return int(0 in A())


def as_a_default_of_json():
    return int(json.dumps(object(), default=lambda o: block()))


def in_re_sub():
    return int(re.sub("x", lambda m: str(block()), "x"))


def in_a_function_of_sqlite():
    connection = sqlite3.connect(":memory:")
    connection.create_function("f", 0, lambda: block())
    v = connection.execute("select f()").fetchone()[0]
    connection.close()
    return int(v)


def in_an_import():
    with open("/tmp/waiting_module.py", "w") as file:
        file.write("import __main__\nv = __main__.block()")
    sys.path.insert(0, "/tmp")
    sys.modules.pop("waiting_module", None)
    import waiting_module

    sys.path.remove("/tmp")
    return waiting_module.v


def in_a_callback_of_weakref():
    class A:
        pass

    a = A()
    seen = []
    r = weakref.ref(a, lambda _: seen.append(block()))
    del a
    return seen[0]


def in_gc():
    seen = []

    class A:
        def __del__(self):
            seen.append(block())

    a = A()
    a.a = a
    del a
    gc.collect()
    return seen[0]


def in_atexit():
    seen = []
    atexit.register(lambda: seen.append(block()))
    atexit._run_exitfuncs()
    return seen[0]


async def in_a_coroutine():
    async def f():
        return block()

    return await f()


async def in_an_async_comprehension():
    async def g():
        yield block()

    return [v async for v in g()][0]


def in_a_thread():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(block()))
    thread.start()
    thread.join()
    return seen[0]


def in_except():
    try:
        1 / 0
    except ZeroDivisionError:
        v = block()
    return int(v)


def in_finally():
    try:
        pass
    finally:
        v = block()
    return int(v)


def in_the_str_of_an_exception():
    class E(Exception):
        def __str__(self):
            return str(block())

    return int(str(E()))
