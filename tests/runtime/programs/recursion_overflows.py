"""Programs of test_recursion.py that run out of stack. Those marked "kill" ended the prototype.

The names x, a, b and t are emptied by the test.
"""

import json
import pickle
import re
import sys


def _raise_the_limit():
    sys.setrecursionlimit(10**6)


def _nested_lists():
    x = []
    for _ in range(100_000):
        x = [x]
    return x


def plain():
    def f():
        return f()

    f()


def sorted_key():  # kill
    def f(n):
        return sorted([1, 2], key=lambda v: f(n + 1))

    _raise_the_limit()
    f(0)


def repr_of_a_deep_list():  # kill
    x = _nested_lists()
    repr(x)


def recursive_getattr():  # kill
    class A:
        def __getattr__(self, n):
            return self.foo

    _raise_the_limit()
    A().y


def getattr_by_name():
    class A:
        def __getattr__(self, n):
            return getattr(self, n + "x")

    _raise_the_limit()
    A().y


def json_loads():  # kill
    json.loads("[" * 100_000)


def json_dumps():
    x = _nested_lists()
    json.dumps(x)


def comparison():
    a = _nested_lists()
    b = _nested_lists()
    return a == b


def parentheses():
    eval("(" * 5000 + ")" * 5000)


def unary_operators():
    eval("-" * 100_000 + "1")


def long_sum():
    eval("+".join(["1"] * 50_000))


def recursive_str():
    class A:
        def __str__(self):
            return str(self)

    _raise_the_limit()
    str(A())


def recursive_call():
    class A:
        def __call__(self):
            return self()

    _raise_the_limit()
    A()()


def recursive_init():
    class A:
        def __init__(self):
            A()

    _raise_the_limit()
    A()


def recursive_eq():
    class A:
        def __eq__(self, o):
            return self == o

    _raise_the_limit()
    return A() == A()


def recursive_add():
    class A:
        def __add__(self, o):
            return self + o

    _raise_the_limit()
    A() + A()


def recursive_iter():
    class A:
        def __iter__(self):
            return iter(self)

    _raise_the_limit()
    iter(A())


def recursive_map():
    def f(x):
        return list(map(f, [x]))

    _raise_the_limit()
    f(1)


def recursive_exec():
    global s
    s = "exec(s)"
    _raise_the_limit()
    exec(s)


def recursive_property():
    class A:
        @property
        def x(self):
            return self.x

    _raise_the_limit()
    A().x


def recursive_format():
    class A:
        def __format__(self, s):
            return f"{self}"

    _raise_the_limit()
    return f"{A()}"


def isinstance_of_nested_tuples():
    t = int
    for _ in range(100_000):
        t = (t,)
    isinstance("", t)


def hash_of_a_deep_tuple():
    x = ()
    for _ in range(100_000):
        x = (x,)
    hash(x)


def pickle_a_deep_list():
    x = _nested_lists()
    pickle.dumps(x)


def regular_expression():
    re.compile("(" * 5000 + ")" * 5000)


def handler_that_overflows_too():
    def f():
        try:
            return sorted([1], key=lambda v: f())
        except RecursionError:
            return sorted([1], key=lambda v: g())

    def g():
        return sorted([1], key=lambda v: g())

    _raise_the_limit()
    f()
