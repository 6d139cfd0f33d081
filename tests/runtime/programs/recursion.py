"""Programs of test_recursion.py."""

import sys
import threading
import time


def free_nested_tuples():
    x = None
    for _ in range(1_000_000):
        x = (x,)
    del x
    return 1


def overflow_in_a_thread():
    seen = []

    def f():
        return sorted([1], key=lambda v: f())

    def run():
        try:
            f()
        except RecursionError as error:
            seen.append(type(error).__name__)

    sys.setrecursionlimit(10**6)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    sys.setrecursionlimit(1000)
    return seen[0]


def wait_on_a_deep_stack():
    def f(n):
        if n == 0:
            time.sleep(0.001)
            return 1
        return sorted([1], key=lambda v: f(n - 1))[0]

    return f(120)


def define_compilations_of_nested_source():
    def blocks(head, n):
        return "".join(" " * i + f"{head}:\n" for i in range(n)) + " " * 98 + "pass"

    def around(left, inside, right, n):
        return left * n + inside + right * n

    shapes = {
        "operations": lambda n: "x" + "-x" * n,
        "signs": lambda n: "-" * n + "x",
        "not": lambda n: "not " * n + "x",
        "conditions": lambda n: "x if x else " * n + "x",
        "condition of a condition": lambda n: "x = 1 if " + "not " * n + "x else 2",
        "powers": lambda n: "x" + "**x" * n,
        "and in or": lambda n: around("(x and ", "x", ")", min(n, 190)),
        "calls": lambda n: "x" + "()" * n,
        "attributes": lambda n: "x" + ".x" * n,
        "items": lambda n: "x" + "[0]" * n,
        "lambdas": lambda n: "lambda: " * n + "x",
        "awaits": lambda n: "async def f():\n  " + "await " * n + "x",
        "elif": lambda n: "if x: pass\n" + "elif x: pass\n" * n,
        "blocks": lambda n: blocks("if x", min(n, 98)),
        "functions": lambda n: blocks("def f()", min(n, 98)),
        "classes": lambda n: blocks("class x", min(n, 98)),
        "loops": lambda n: blocks("while x", min(n, 19)),
        "comprehensions": lambda n: around("[", "x", " for x in x]", min(n, 90)),
        "patterns": lambda n: "match x:\n case " + around("[", "_", "]", min(n, 190)) + ": pass",
        "alternatives": lambda n: (
            "match x:\n case " + around("A(", "x", ")", min(n, 190)) + ": pass"
        ),
        "f-strings": lambda n: around("f'{", "x", "}'", min(n, 140)),
        "assignments": lambda n: "x = " * n + "x",
        "implicit strings": lambda n: "(" + '"x" ' * n + ")",
        "types": lambda n: "type x = " + around("x[", "x", "]", min(n, 190)),
    }

    def compile_all():
        told = []
        for name, shape in shapes.items():
            for n in (100, 500, 700, 900, 1_200, 2_500, 6_000, 20_000):
                try:
                    compile(shape(n), "<nested>", "exec")
                except (RecursionError, MemoryError, SyntaxError, OverflowError):
                    pass
                except BaseException as error:
                    told.append(f"{name} {n}: {error!r}")
        return told

    def in_thread():
        told = []
        thread = threading.Thread(target=lambda: told.append(compile_all()))
        thread.start()
        thread.join()
        return told[0]

    def under(n):
        return compile_all() if n == 0 else list(map(under, [n - 1]))[0]
