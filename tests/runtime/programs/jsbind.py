"""Programs of test_jsbind.py."""

from asyncio import Future
from collections.abc import Awaitable
from typing import Annotated, Any, Protocol

from _pyodide.jsbind import BindClass, Deep, Default, Js2PyConverterMeta, Json, Py2JsConverterMeta
from pyodide.code import run_js
from pyodide.ffi import JsArray


def attributes():
    class Inner(BindClass):
        c: Annotated[list[int], Deep]

    class A(BindClass):
        x: int
        y: Annotated[list[int], Deep]
        z: Annotated[dict[str, Any], Json]
        inner: Inner
        maybe: Inner | None

    a = run_js(
        "({x: 7, y: [1, [2]], z: {k: [5]}, inner: {c: [3]}, maybe: undefined, other: [1]})"
    ).bind_sig(A)
    return str(
        [
            a.x,
            a.y,
            a.z["k"][0],
            type(a.z["k"]).__name__,
            a.inner.c,
            a.maybe,
            isinstance(a.other, JsArray),
        ]
    )


def arguments_and_results():
    def template(
        a: dict[str, int], b: Annotated[dict[str, int], Json], c: Annotated[dict[str, int], Deep], /
    ) -> Annotated[list[int], Deep]:
        raise NotImplementedError

    f = run_js(
        "(x, y, z) => [x.get('a'), y.b, z.c, x.constructor === Object, z.constructor === Object]"
    )
    got = f.bind_sig(template)({"a": 2}, {"b": 4}, {"c": 6})
    return str(got)


def methods():
    class B(BindClass):
        @staticmethod
        def g(x: Annotated[dict[str, int], Json], /) -> int: ...
        def h(self, x: Annotated[list[int], Deep], /) -> Annotated[list[int], Deep]: ...
        @classmethod
        def k(cls) -> Annotated[list[int], Deep]: ...
        @property
        def p(self) -> Annotated[list[int], Deep]: ...

    o = run_js(
        "({n: 1, g(x) { return x.a + this.n; }, h(x) { return [...x, this.n]; }, k() { return [this.n]; }, p: [9]})"
    )
    b = o.bind_sig(B)
    h = b.h
    return str(
        [b.g({"a": 7}), h([5]), o.h.bind_sig(b.h and (lambda x: x))([5]).to_py(), b.k(), b.p]
    )


def a_class():
    class Shape(BindClass):
        x: Annotated[list[int], Deep]

        def __init__(self, x: Annotated[list[int], Deep], /): ...
        def f(self, /) -> Annotated[list[int], Deep]: ...

    class Plain:
        x: Annotated[list[int], Deep]

    cls = run_js(
        "(class A { static n = 3; constructor(x) { this.x = x; } f() { return [this.x.length]; } })"
    )
    Made = cls.bind_class(Shape)
    one = Made([1, 2])
    two = cls.bind_class(Plain)(run_js("[4]"))

    def factory() -> type[Shape]: ...

    three = run_js("c => () => c")(cls).bind_sig(factory)()([5])
    try:
        Made()
    except TypeError as error:
        said = str(error)
    return str(
        [
            one.x,
            one.f(),
            Made.n,
            isinstance(two.x, list),
            three.x,
            said.endswith("missing 1 required positional argument: 'x'"),
        ]
    )


async def promises():
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


def keywords():
    import json

    def template(
        url: str,
        times: int = 2,
        *rest: Annotated[list[int], Deep],
        body: Annotated[dict[str, Any], Deep],
        mode: str = "a",
        none: str | None = None,
        **more: Annotated[list[int], Deep],
    ) -> Annotated[list[Any], Deep]: ...

    f = run_js("(...args) => args").bind_sig(template)
    got = [
        f("u", body={"k": [1]}),
        f("u", 3, [4], body={}, mode="b", extra=[5]),
        f(url="u", times=1, body={}),
    ]

    def bare(a, b=None, /, *, c=None) -> Annotated[list[Any], Deep]: ...

    got.append(run_js("(...args) => args").bind_sig(bare)(1))
    return json.dumps(got)


def wrong_arguments(call):
    def template(a, /, *, c):
        raise NotImplementedError

    f = run_js("() => 1").bind_sig(template)
    try:
        return eval(call, {"f": f})
    except TypeError as error:
        return str(error)


def own_converters():
    class Pairs(metaclass=Py2JsConverterMeta):
        converter = Deep

        @staticmethod
        def pre_convert(value):
            return [[k, v] for k, v in value.items()]

    class Total(metaclass=Js2PyConverterMeta):
        converter = Deep

        def post_convert(value):
            return sum(value)

    class Twice(metaclass=Js2PyConverterMeta):
        converter = Total

        def post_convert(value):
            return 2 * value

    def template(x: Annotated[dict[str, int] | None, Pairs], /) -> Annotated[int, Twice]: ...
    def bare(x: Pairs, /) -> Total: ...

    f = run_js("(pairs) => pairs.map((pair) => pair[1])")
    return str([f.bind_sig(template)({"a": 1, "b": 2}), f.bind_sig(bare)({"a": 5})])


def json_views():
    def template(x: Annotated[Any, Default], /) -> Annotated[dict[str, Any], Json]: ...

    o = run_js("({x: 7, a: [{b: 1, c: 'xyz'}, {b: 2}]})")
    view = run_js("x => x").bind_sig(template)(o)
    view["x"] = 9
    view["a"][1]["c"] = "s"

    def change(x: Annotated[dict[str, Any], Json], n: Annotated[int, Json], /) -> int: ...

    d = {"k": [1]}
    n = run_js("(x, n) => { x.k.push(2); x.m = n; return x.k.length; }").bind_sig(change)(d, 5)
    return str([o.x, o.a[1].c, "c" in view["a"][0], view["a"][0]["b"], d, n])


def call_getattr_and_protocols():
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


async def what_deep_makes_ends_with_the_call():
    import asyncio
    import gc
    import weakref

    from pyodide.ffi import ffi_stats

    class Thing:
        pass

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
    await run_js(
        "async (x) => { await new Promise((go) => setTimeout(go, 5)); return String(x[0]); }"
    ).bind_sig(later)([thing])
    for _ in range(1000):  # what the promise let go of goes in a turn of the event loop
        if ffi_stats()["proxies"] == before:
            break
        await asyncio.sleep(0.001)
    after = ffi_stats()["proxies"] - before
    del thing
    gc.collect()
    return str([between, after, alive() is None])


def what_cannot_bind():
    told = []
    for bind in (lambda f: f.bind_sig(5), lambda f: f.bind_class(len), lambda f: f.bind_sig("A")):
        try:
            bind(run_js("() => 1"))
        except TypeError as error:
            told.append(str(error))

    def wrong(x: "NoSuchName") -> None: ...  # noqa: F821

    try:
        run_js("() => 1").bind_sig(wrong)
    except NameError as error:
        told.append("NameError")
    return " ".join(told)


async def subscripted_classes():
    import typing

    from pyodide.ffi import JsMap, JsPromise

    def f(a: JsArray[int], b: JsMap[str, int], /) -> JsPromise[Annotated[list[int], Deep]]: ...

    hints = typing.get_type_hints(f)
    got = await run_js("async (a) => a").bind_sig(f)(run_js("[1]"), None)
    return str([hints["a"] == JsArray[int], typing.get_args(hints["b"]) == (str, int), got])
