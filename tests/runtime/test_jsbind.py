"""bind_sig() and bind_class(): annotations that say how JavaScript objects are converted."""

from __future__ import annotations

from typing import Any

import pytest

HEAD = """
from asyncio import Future
from collections.abc import Awaitable
from typing import Annotated, Any, Protocol
from _pyodide.jsbind import BindClass, Deep, Default, Js2PyConverterMeta, Json, Py2JsConverterMeta
from pyodide.code import run_js
from pyodide.ffi import JsArray, JsProxy
"""


async def check(runtime: Any, code: str) -> Any:
    """Run in a function, so that nothing stays behind."""
    lines = "\n".join(f"    {line}" for line in code.strip().split("\n"))
    return await runtime.value(f"{HEAD}\nasync def check():\n{lines}\nawait check()")


async def test_attributes_are_converted_as_a_class_says(runtime: Any) -> None:
    assert (
        await check(
            runtime,
            """
class Inner(BindClass):
    c: Annotated[list[int], Deep]
class A(BindClass):
    x: int
    y: Annotated[list[int], Deep]
    z: Annotated[dict[str, Any], Json]
    inner: Inner
    maybe: Inner | None
a = run_js("({x: 7, y: [1, [2]], z: {k: [5]}, inner: {c: [3]}, maybe: undefined, other: [1]})").bind_sig(A)
return str([a.x, a.y, a.z["k"][0], type(a.z["k"]).__name__, a.inner.c, a.maybe, isinstance(a.other, JsArray)])
""",
        )
        == "[7, [1, [2]], 5, 'JsArray', [3], None, True]"
    )


async def test_arguments_and_results_are_converted_as_a_function_says(runtime: Any) -> None:
    assert (
        await check(
            runtime,
            """
def template(
    a: dict[str, int], b: Annotated[dict[str, int], Json], c: Annotated[dict[str, int], Deep], /
) -> Annotated[list[int], Deep]:
    raise NotImplementedError
f = run_js("(x, y, z) => [x.get('a'), y.b, z.c, x.constructor === Object, z.constructor === Object]")
got = f.bind_sig(template)({"a": 2}, {"b": 4}, {"c": 6})
return str(got)
""",
        )
        == "[2, 4, 6, False, True]"
    )


async def test_a_method_keeps_its_receiver(runtime: Any) -> None:
    assert (
        await check(
            runtime,
            """
class B(BindClass):
    @staticmethod
    def g(x: Annotated[dict[str, int], Json], /) -> int: ...
    def h(self, x: Annotated[list[int], Deep], /) -> Annotated[list[int], Deep]: ...
    @classmethod
    def k(cls) -> Annotated[list[int], Deep]: ...
    @property
    def p(self) -> Annotated[list[int], Deep]: ...
o = run_js("({n: 1, g(x) { return x.a + this.n; }, h(x) { return [...x, this.n]; }, k() { return [this.n]; }, p: [9]})")
b = o.bind_sig(B)
h = b.h
return str([b.g({"a": 7}), h([5]), o.h.bind_sig(b.h and (lambda x: x))([5]).to_py(), b.k(), b.p])
""",
        )
        == "[8, [5, 1], [5, 1], [1], [9]]"
    )


async def test_a_class_makes_objects_that_follow_it(runtime: Any) -> None:
    assert (
        await check(
            runtime,
            """
class Shape(BindClass):
    x: Annotated[list[int], Deep]
    def __init__(self, x: Annotated[list[int], Deep], /): ...
    def f(self, /) -> Annotated[list[int], Deep]: ...
class Plain:
    x: Annotated[list[int], Deep]
cls = run_js("(class A { static n = 3; constructor(x) { this.x = x; } f() { return [this.x.length]; } })")
Made = cls.bind_class(Shape)
one = Made([1, 2])
two = cls.bind_class(Plain)(run_js("[4]"))
def factory() -> type[Shape]: ...
three = run_js("c => () => c")(cls).bind_sig(factory)()([5])
try:
    Made()
except TypeError as error:
    said = str(error)
return str([one.x, one.f(), Made.n, isinstance(two.x, list), three.x, said.endswith("missing 1 required positional argument: 'x'")])
""",
        )
        == "[[1, 2], [2], 3, True, [5], True]"
    )


async def test_what_a_promise_gives_is_converted(runtime: Any) -> None:
    assert (
        await check(
            runtime,
            """
class A(BindClass):
    x: Annotated[list[int], Deep]
    later: Future[Annotated[list[int], Deep]]
f = run_js("async () => ({x: [1], later: Promise.resolve([2])})")
def one() -> Future[A]: ...
async def two() -> A: ...
def three() -> Awaitable[Annotated[dict[str, Any], Deep]]: ...
async def four(): ...
a = await f.bind_sig(one)()
b = await f.bind_sig(two)()
c = await run_js("async () => ({k: [3]})").bind_sig(three)()
d = await f.bind_sig(four)()
async def fails() -> Annotated[Any, Deep]: ...
try:
    await run_js("async () => { throw new RangeError('far') }").bind_sig(fails)()
except Exception as error:
    told = error.name
return str([a.x, b.x, await b.later, c, isinstance(d.x, JsArray), told])
""",
        )
        == "[[1], [1], [2], {'k': [3]}, True, 'RangeError']"
    )


async def test_keywords_are_the_last_object(runtime: Any) -> None:
    assert await check(
        runtime,
        """
import json
def template(
    url: str, times: int = 2, *rest: Annotated[list[int], Deep],
    body: Annotated[dict[str, Any], Deep], mode: str = "a", none: str | None = None,
    **more: Annotated[list[int], Deep],
) -> Annotated[list[Any], Deep]: ...
f = run_js("(...args) => args").bind_sig(template)
got = [f("u", body={"k": [1]}), f("u", 3, [4], body={}, mode="b", extra=[5]), f(url="u", times=1, body={})]
def bare(a, b=None, /, *, c=None) -> Annotated[list[Any], Deep]: ...
got.append(run_js("(...args) => args").bind_sig(bare)(1))
return json.dumps(got)
""",
    ) == (
        '[["u", 2, {"body": {"k": [1]}, "mode": "a"}], '
        '["u", 3, [4], {"body": {}, "mode": "b", "extra": [5]}], '
        '["u", 1, {"body": {}, "mode": "a"}], [1, null, {}]]'
    )


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("f()", "missing 1 required positional argument: 'a'"),
        ("f(1, 2)", "takes 1 positional argument but 2 positional arguments"),
        ("f(1, c=3, d=4)", "got an unexpected keyword argument 'd'"),
        ("f(1)", "missing 1 required keyword-only argument: 'c'"),
    ],
)
async def test_wrong_arguments_raise_what_python_raises(runtime: Any, call: str, told: str) -> None:
    text = await check(
        runtime,
        f"""
def template(a, /, *, c): raise NotImplementedError
f = run_js("() => 1").bind_sig(template)
try:
    return {call}
except TypeError as error:
    return str(error)
""",
    )
    if "takes 1" in told:  # Python counts what is keyword-only here, too
        assert "takes 1 positional argument but 2" in text
    else:
        assert text == f"check.<locals>.template() {told}"


async def test_converters_of_ones_own(runtime: Any) -> None:
    assert (
        await check(
            runtime,
            """
class Pairs(metaclass=Py2JsConverterMeta):
    converter = Deep
    @staticmethod
    def pre_convert(value): return [[k, v] for k, v in value.items()]
class Total(metaclass=Js2PyConverterMeta):
    converter = Deep
    def post_convert(value): return sum(value)
class Twice(metaclass=Js2PyConverterMeta):
    converter = Total
    def post_convert(value): return 2 * value
def template(x: Annotated[dict[str, int] | None, Pairs], /) -> Annotated[int, Twice]: ...
def bare(x: Pairs, /) -> Total: ...
f = run_js("(pairs) => pairs.map((pair) => pair[1])")
return str([f.bind_sig(template)({"a": 1, "b": 2}), f.bind_sig(bare)({"a": 5})])
""",
        )
        == "[6, 5]"
    )


async def test_json_views_write_through(runtime: Any) -> None:
    assert (
        await check(
            runtime,
            """
def template(x: Annotated[Any, Default], /) -> Annotated[dict[str, Any], Json]: ...
o = run_js("({x: 7, a: [{b: 1, c: 'xyz'}, {b: 2}]})")
view = run_js("x => x").bind_sig(template)(o)
view["x"] = 9
view["a"][1]["c"] = "s"
def change(x: Annotated[dict[str, Any], Json], n: Annotated[int, Json], /) -> int: ...
d = {"k": [1]}
n = run_js("(x, n) => { x.k.push(2); x.m = n; return x.k.length; }").bind_sig(change)(d, 5)
return str([o.x, o.a[1].c, "c" in view["a"][0], view["a"][0]["b"], d, n])
""",
        )
        == "[9, 's', True, 1, {'k': [1, 2], 'm': 5}, 2]"
    )


async def test_call_and_getattr_of_a_class_and_protocols(runtime: Any) -> None:
    assert (
        await check(
            runtime,
            """
class Sum(BindClass):
    def __call__(self, a: Annotated[list[int], Deep], /) -> Annotated[list[int], Deep]: ...
class Any_:
    def __getattr__(self, name: str) -> Sum: ...
class Has(Protocol):
    x: Annotated[list[int], Deep]
def gives() -> Has: ...
f = run_js("(a) => [a.reduce((x, y) => x + y)]")
o = run_js("({f(a) { return [a.length]; }})").bind_sig(Any_)
h = run_js("() => ({x: [1]})").bind_sig(gives)()
return str([f.bind_sig(Sum)([1, 2]), o.f([5, 6]), h.x])
""",
        )
        == "[[3], [2], [1]]"
    )


async def test_what_deep_makes_for_a_call_ends_with_it(runtime: Any) -> None:
    """Arguments that to_js() turned into objects with PyProxies in them once outlived the call."""
    assert (
        await check(
            runtime,
            """
import gc, weakref
from pyodide.ffi import ffi_stats
class Thing: pass
def plain(x: Annotated[list[Any], Deep], /) -> None: ...
async def later(x: Annotated[list[Any], Deep], /) -> None: ...
before = ffi_stats()["proxies"]
thing = Thing()
alive = weakref.ref(thing)
run_js("() => {}").bind_sig(plain)([thing])
try:
    run_js("() => { throw 1; }").bind_sig(plain)([thing])
except Exception:
    pass
between = ffi_stats()["proxies"] - before
await run_js("async (x) => { await new Promise((go) => setTimeout(go, 5)); return String(x[0]); }").bind_sig(later)([thing])
import asyncio
await asyncio.sleep(0.01)
after = ffi_stats()["proxies"] - before
del thing
gc.collect()
return str([between, after, alive() is None])
""",
        )
        == "[0, 0, True]"
    )


async def test_what_cannot_bind_says_so(runtime: Any) -> None:
    assert await check(
        runtime,
        """
told = []
for bind in (lambda f: f.bind_sig(5), lambda f: f.bind_class(len), lambda f: f.bind_sig("A")):
    try:
        bind(run_js("() => 1"))
    except TypeError as error:
        told.append(str(error))
def wrong(x: "NoSuchName") -> None: ...
try:
    run_js("() => 1").bind_sig(wrong)
except NameError as error:
    told.append("NameError")
return " ".join(told)
""",
    ) == (
        "bind_sig() needs a function or a class with annotations, not 5 "
        "bind_class() needs a class with annotations, not <built-in function len> "
        "bind_sig() needs a function or a class with annotations, not 'A' NameError"
    )


async def test_the_classes_can_be_subscripted_in_annotations(runtime: Any) -> None:
    assert (
        await check(
            runtime,
            """
import typing
from pyodide.ffi import JsMap, JsPromise
def f(a: JsArray[int], b: JsMap[str, int], /) -> JsPromise[Annotated[list[int], Deep]]: ...
hints = typing.get_type_hints(f)
got = await run_js("async (a) => a").bind_sig(f)(run_js("[1]"), None)
return str([hints["a"] == JsArray[int], typing.get_args(hints["b"]) == (str, int), got])
""",
        )
        == "[True, True, [1]]"
    )
