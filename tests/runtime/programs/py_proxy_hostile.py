"""Programs of test_py_proxy_hostile.py: what its JavaScript gets to hold."""

import js


def a_function_that_calls():
    def f(destroy):
        destroy()
        return 5

    return f


def an_attribute_that_calls():
    class Q:
        def __getattr__(self, name):
            js.kill()
            return 7

    return Q()


def a_generator_that_calls():
    def g():
        yield 1
        js.kill()
        yield 2

    return g()


def a_negative_length():
    class L:
        def __len__(self):
            return -1

    return L()


def an_attribute_that_calls_back():
    class A:
        def __getattr__(self, name):
            return js.back()

    return A()
