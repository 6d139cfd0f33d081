"""Programs of test_behave_as.py."""

from typing import Any


def _js(text: str) -> Any:
    from pyodide.code import run_js

    return run_js(text)


def results_of_operators() -> str:
    big = _js("7n")
    results = [
        big + 1,
        big - 1,
        big * 2,
        big // 2,
        big % 4,
        big << 1,
        big >> 1,
        big & 3,
        big | 8,
        big ^ big,
        big**2,
        pow(big, 2, 5),
        -big,
        ~big,
        abs(big),
        1 + big,  # the left operand decides
    ]
    assert results == [8, 6, 14, 3, 3, 14, 3, 3, 15, 0, 49, 4, -7, -8, 7, 8]
    kinds = [type(one).__name__ for one in results]
    return " ".join([*kinds, _js("x => typeof x")(big + 1)])


def operators_of_other_types() -> str:
    big = _js("3n")
    try:
        big + "a"
    except TypeError:
        return f"[{big * 'ab'}] {_js('2n') * [0]} {type(big / 2).__name__} {big}"
    return "a text was added"


def slices_of_a_node_list() -> str:
    nodes = _js("({[Symbol.toStringTag]: 'NodeList', length: 3, 0: 'a', 1: 'b', 2: 'c'})")
    try:
        return str(nodes[1:].to_py())
    except NotImplementedError as error:
        return str(error)
