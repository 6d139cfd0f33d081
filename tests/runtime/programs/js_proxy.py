"""Programs of test_js_proxy.py."""

from js import eval as js


def attributes():
    o = js("({a: 1, s: 'text', n: null, u: undefined, inner: {b: [1, 2]}, f: 1.5, big: 2n ** 70n})")
    assert o.a == 1 and o.s == "text" and o.f == 1.5 and o.inner.b[1] == 2
    assert o.big == 2**70
    assert o.u is None
    from pyodide.ffi import jsnull

    assert o.n is jsnull and not jsnull and repr(jsnull) == "jsnull"
    o.a = 5
    o.new_one = "x"
    assert o.a == 5 and o.new_one == "x"
    del o.a
    assert not hasattr(o, "a")
    try:
        o.a
    except AttributeError as error:
        assert "'a'" in str(error)
    else:
        raise AssertionError("no AttributeError")
    try:
        del o.a
    except AttributeError:
        pass
    else:
        raise AssertionError("no AttributeError")
    assert hasattr(o, "u")


def reserved_words():
    o = js("({from: 1, from_: 2, class: 3, x_: 4, _: 5})")
    assert o.from_ == 1
    assert o.from__ == 2
    assert o.class_ == 3
    assert o.x_ == 4
    assert o._ == 5
    o.import_ = 7
    assert js("o => o['import']")(o) == 7


def names_of_any_text():
    o = js("({'\\u00e9': 1, '\\u20ac': 2, '\\u{1f600}': 3, 'a\\0b': 4, '\\ud800': 5, '': 6})")
    for name, value in (
        ("\u00e9", 1),
        ("\u20ac", 2),
        ("\U0001f600", 3),
        ("a\0b", 4),
        ("\ud800", 5),
        ("", 6),
    ):
        assert getattr(o, name) == value, name
    many = js("({})")
    import sys

    for n in range(5000):
        setattr(many, sys.intern(f"name{n}"), n)
    for n in range(5000):
        assert getattr(many, sys.intern(f"name{n}")) == n


def dunder_names():
    o = js("({})")
    o.__mine__ = 3
    assert o.__mine__ == 3
    assert js("o => o.__mine__")(o) == 3
    del o.__mine__
    assert not hasattr(o, "__mine__")
    o.__path__ = o.__name__ = "of a module"
    assert o.__path__ == o.__name__ == "of a module"
    assert js("o => Object.keys(o).length")(o) == 0
    del o.__path__
    assert not hasattr(o, "__path__")


def calls():
    o = js(
        "({x: 7, get() { return this.x }, add(a, b) { return a + b }, all(...a) { return a.length }})"
    )
    assert o.get() == 7
    method = o.get
    assert method() == 7
    assert o.add(1, 2) == 3 and o.add("a", "b") == "ab"
    assert o.all(*range(40)) == 40
    from pyodide.ffi import jsnull

    plain = js("(function () { 'use strict'; return this })")
    assert plain() is jsnull  # as Pyodide calls them
    options = js("(o, ...rest) => JSON.stringify([o, rest])")
    assert options(1, b=2, c="x") == '[1,[{"b":2,"c":"x"}]]'
    assert options(b=2) == '[{"b":2},[]]'
    try:
        js("({})")()
    except TypeError as error:
        assert "not callable" in str(error)
    else:
        raise AssertionError("a plain object was called")
    assert js("x => typeof x")(10**30) == "bigint"
    assert js("x => x + 1n")(10**30) == 10**30 + 1
    from pyodide.ffi import JsBigInt

    small = js("5n")
    assert type(small) is JsBigInt and small == 5 and js("x => typeof x")(small) == "bigint"
    assert type(small + 1) is int and js("x => x")(JsBigInt(2**80)) == 2**80
    assert js("() => 5").__call__() == 5


def construction():
    Point = js("(class Point { constructor(x, o) { this.x = x; this.o = o?.y } })")
    p = Point.new(3, y=4)
    assert p.x == 3 and p.o == 4
    assert str(js("Map").new([])) == "[object Map]"
    try:
        js("() => 1").new()
    except Exception as error:
        assert "constructor" in str(error)
    else:
        raise AssertionError("an arrow function was constructed")


def arrays():
    from pyodide.ffi import JsArray, JsIterable, JsProxy

    a = js("[1, 2, 3, 4, 5]")
    assert isinstance(a, JsArray) and isinstance(a, JsIterable) and isinstance(a, JsProxy)
    assert len(a) == 5 and a[0] == 1 and a[-1] == 5 and 3 in a and 9 not in a
    assert list(a) == [1, 2, 3, 4, 5] and list(reversed(a)) == [5, 4, 3, 2, 1]
    assert list(a[1:3]) == [2, 3] and list(a[::-2]) == [5, 3, 1] and list(a[:0]) == []
    for bad in (5, -6):
        try:
            a[bad]
        except IndexError:
            continue
        raise AssertionError(bad)
    a[0] = 10
    a[1:3] = [20, 30, 35]
    assert list(a) == [10, 20, 30, 35, 4, 5]
    del a[0]
    del a[-1]
    assert list(a) == [20, 30, 35, 4]
    del a[::2]
    assert list(a) == [30, 4]
    a.append(6)
    a.extend([7, 8])
    a.insert(0, 1)
    assert list(a) == [1, 30, 4, 6, 7, 8]
    assert a.pop() == 8 and a.pop(0) == 1 and a.index(6) == 2 and a.count(6) == 1
    a.remove(6)
    a.reverse()
    assert list(a) == [7, 4, 30]
    a[::2] = [0, 1]
    assert list(a) == [0, 4, 1]
    assert list(a + [2]) == [0, 4, 1, 2] and list(a * 2) == [0, 4, 1, 0, 4, 1]
    a += [9]
    assert list(a) == [0, 4, 1, 9]
    match a:
        case [first, *_, last]:
            assert (first, last) == (0, 9)
    a.clear()
    assert len(a) == 0 and not a
    assert dict(js("Object.entries({x: 1, y: 2})")) == {"x": 1, "y": 2}
    for wrong in ("x", None, 1.5):
        try:
            a[wrong]
        except TypeError:
            continue
        raise AssertionError(wrong)


def maps_and_sets():
    from pyodide.ffi import JsMap, JsMutableMap

    m = js("new Map([['a', 1], ['b', undefined]])")
    assert isinstance(m, JsMap) and isinstance(m, JsMutableMap)
    assert m["a"] == 1 and m["b"] is None and len(m) == 2 and "a" in m and "z" not in m
    assert list(m) == ["a", "b"] and list(m.keys()) == ["a", "b"]
    assert list(m.values()) == [1, None] and dict(m.items()) == {"a": 1, "b": None}
    assert m.get("z") is None and m.get("z", 4) == 4
    m["c"] = 3
    del m["a"]
    assert list(m) == ["b", "c"] and m.pop("c") == 3 and m.pop("c", 8) == 8
    m.update({"d": 4}, e=5)
    assert m.setdefault("d", 0) == 4 and sorted(m) == ["b", "d", "e"]
    for action in (lambda: m["gone"], lambda: m.__delitem__("gone")):
        try:
            action()
        except KeyError as error:
            assert error.args == ("gone",)
        else:
            raise AssertionError("no KeyError")
    m.clear()
    assert len(m) == 0 and not m
    s = js("new Set([1, 2])")
    assert 1 in s and 3 not in s and sorted(s) == [1, 2] and len(s) == 2


def views_of_objects():
    o = js("({a: 1, b: {c: 2}})")
    assert list(o.object_keys()) == ["a", "b"]
    assert o.object_values()[0] == 1
    assert [list(pair)[0] for pair in o.object_entries()] == ["a", "b"]
    m = o.as_object_map()
    assert (
        m["a"] == 1 and "a" in m and "toString" not in m and len(m) == 2 and list(m) == ["a", "b"]
    )
    m["z"] = 3
    del m["a"]
    assert list(o.object_keys()) == ["b", "z"]
    assert o.as_object_map(hereditary=True)["b"]["c"] == 2


def iterators_and_generators():
    from pyodide.ffi import JsGenerator, JsIterator

    g = js(
        "(function* () { const got = yield 1; try { yield got } finally { globalThis.__ended = 1 } return 9 })()"
    )
    assert isinstance(g, JsGenerator) and isinstance(g, JsIterator)
    assert next(g) == 1 and g.send("hello") == "hello"
    try:
        next(g)
    except StopIteration as stop:
        assert stop.value == 9
    else:
        raise AssertionError("no StopIteration")
    closing = js("(function* () { try { yield 1; yield 2 } finally { globalThis.__ended = 2 } })()")
    next(closing)
    closing.close()
    assert js("globalThis.__ended") == 2
    js("delete globalThis.__ended")
    throwing = js("(function* () { try { yield 1 } catch (e) { yield 'caught' } })()")
    next(throwing)
    assert throwing.throw(ValueError("v")) == "caught"

    def outer():
        return (yield from js("(function* () { yield 1; return 5 })()"))

    assert list(outer()) == [1]
    assert list(js("'abc'[Symbol.iterator]()")) == ["a", "b", "c"]
    assert list(js("({*[Symbol.iterator]() { yield 4 }})")) == [4]


async def asynchronous_iteration():
    source = "(async function* () { const got = yield 1; yield got; })()"
    seen = []
    async for value in js(source):
        seen.append(value)
    assert seen == [1, None]
    g = js(source)
    assert await g.asend(None) == 1
    assert await g.asend("x") == "x"
    try:
        await g.asend(None)
    except StopAsyncIteration:
        pass
    else:
        raise AssertionError("no StopAsyncIteration")
    h = js(source)
    await h.__anext__()
    await h.aclose()
    rejecting = js("(async function* () { throw new Error('no') })()")
    try:
        await rejecting.__anext__()
    except Exception as error:
        assert error.message == "no"
    else:
        raise AssertionError("no error")


def equality_hash_and_identity():
    o = js("globalThis.__same = {f() {}}")
    p = js("globalThis.__same")
    assert o == p and hash(o) == hash(p) and o.js_id == p.js_id
    assert o.f == p.f and o != js("({})") and o != 1 and not (o == None)
    assert {o: 1}[p] == 1
    js("delete globalThis.__same")
    assert js("Symbol.iterator") == js("Symbol.iterator")


def truth_length_text_and_type():
    for text, truth in (
        ("[]", False),
        ("[0]", True),
        ("new Map()", False),
        ("({})", True),
        ("() => 0", True),
        ("new Set([1])", True),
        ("new Uint8Array()", False),
        ("new ArrayBuffer(1)", True),
    ):
        assert bool(js(text)) is truth, text
    assert str(js("({})")) == "[object Object]" and repr(js("[1, 2]")) == "1,2"
    assert str(js("Object.create(null)")) == "[object Object]"
    assert str(js("Symbol('s')")) == "Symbol(s)"
    assert js("() => 1").typeof == "function" and js("({})").typeof == "object"
    names = dir(js("({abc: 1, 0: 1})"))
    assert "abc" in names and "toString" in names and "to_py" in names and "0" not in names
    try:
        len(js("({})"))
    except TypeError:
        pass
    else:
        raise AssertionError("a plain object has a length")


def classes():
    from pyodide import ffi

    kinds = {
        "JsPromise": "Promise.resolve(1)",
        "JsBuffer": "new ArrayBuffer(2)",
        "JsTypedArray": "new Uint8Array(2)",
        "JsCallable": "(() => 1)",
        "JsAsyncGenerator": "(async function* () {})()",
        "JsWeakRef": "new WeakRef({})",
        "JsException": "new Error('e')",
        "JsMutableMap": "new Map()",
    }
    for name, text in kinds.items():
        [value] = js(f"[{text}]")  # a promise that a call gives is a future
        assert isinstance(value, getattr(ffi, name)), name
        shown = "JsException" if name == "JsException" else "JsProxy"
        assert type(value).__name__ == shown, (name, type(value))
        assert type(value).__module__ == "pyodide.ffi"
    assert isinstance(js("new Uint8Array(1)"), ffi.JsArray) and isinstance(
        js("new Uint8Array(1)"), ffi.JsBuffer
    )
    assert not isinstance(js("({})"), ffi.JsArray)
    ref = js("globalThis.__kept = {a: 1}").to_weakref()
    assert ref.deref().a == 1
    js("delete globalThis.__kept")
    assert type(js("({})")) is type(js("({a: 1})"))
    for abstract in (ffi.JsProxy, ffi.JsArray):
        try:
            abstract()
        except TypeError:
            continue
        raise AssertionError(abstract)

    class Fake(ffi.JsArray, list):
        pass

    for wrong in (lambda: ffi.JsArray.append(Fake(), 1), lambda: ffi.JsProxy.to_py(Fake())):
        try:
            wrong()
        except TypeError:
            continue
        raise AssertionError("a Python object passed for a JavaScript one")


def abstract_base_classes():
    import collections.abc as abc

    cases = [
        ("[1]", abc.MutableSequence, True),
        ("[1]", abc.Sequence, True),
        ("[1]", abc.Mapping, False),
        ("new Uint8Array(1)", abc.Sequence, True),
        ("new Map()", abc.MutableMapping, True),
        ("new Map()", abc.Sequence, False),
        ("new Set()", abc.Sequence, False),
        ("({})", abc.Mapping, False),
    ]
    for source, kind, expected in cases:
        assert isinstance(js(source), kind) is expected, (source, kind)
    assert isinstance(js("({a: 1})").as_py_json(), abc.Mapping)


def reserved_words_in_dir():
    o = js("({class: 1, from_: 2, plain: 3, plain_: 4})")
    names = [name for name in dir(o) if name.startswith(("class", "from", "plain"))]
    assert names == ["class_", "from__", "plain", "plain_"], names
    assert [getattr(o, name) for name in names] == [1, 2, 3, 4]


def nodes_of_the_page():
    from js import document
    from pyodide.ffi import JsArray, JsDomElement

    div = document.createElement("div")
    assert isinstance(div, JsDomElement) and bool(div)
    div.innerHTML = "<b class='x'>1</b><i>2</i>"
    children = div.childNodes
    assert isinstance(children, JsArray) and len(children) == 2
    assert [node.tagName for node in children] == ["B", "I"] and children[-1].textContent == "2"
    div.style.color = "red"
    assert div.firstChild.className == "x" and div.style.color == "red"
    assert div.querySelector("b") == div.firstChild and div.firstChild in children


async def disposable_objects():
    if js("typeof Symbol.dispose === 'symbol'"):
        o = js("({open: true, [Symbol.dispose]() { this.open = false }})")
        with o as same:
            assert same == o and o.open
        assert o.open is False
    if js("typeof Symbol.asyncDispose === 'symbol'"):
        a = js("({open: true, async [Symbol.asyncDispose]() { this.open = false }})")
        async with a as same:
            assert same == a
        assert a.open is False


def arguments_die_with_their_call():
    from pyodide.ffi import JsException

    keep = js("(x) => { globalThis.__kept = x; return x.type }")
    assert keep({"a": 1}) == "dict"
    try:
        js("globalThis.__kept.type")
    except JsException as error:
        assert "destroyed" in str(error)
    else:
        raise AssertionError("the argument lived on")
    js("delete globalThis.__kept")
    same = {"b": 2}
    assert js("x => x")(same) is same

    class Holder:
        inner = {"c": 3}

    assert js("x => x.inner")(Holder()) is Holder.inner


async def arguments_live_as_long_as_the_result():
    later = js("async (f) => { await null; return f(20) }")
    assert await later(lambda n: n + 1) == 21
    gen = js("(function* (f) { yield f(1); yield f(2) })")(lambda n: n * 10)
    assert list(gen) == [10, 20]
    agen = js("(async function* (f) { yield f(1) })")(lambda n: n * 10)
    assert [n async for n in agen] == [10]


def proxies_that_python_makes():
    import weakref

    from pyodide.ffi import (
        JsDoubleProxy,
        JsException,
        JsOnceCallable,
        create_once_callable,
        create_proxy,
    )

    data = {"a": 1}
    double = create_proxy(data)
    assert isinstance(double, JsDoubleProxy) and double.unwrap() is data
    assert js("x => x.get('a')")(double) == 1
    double.destroy()
    try:
        double.unwrap()
    except ValueError:
        pass
    else:
        raise AssertionError("unwrapped after destroy()")
    once = create_once_callable(lambda n: n + 1)
    assert isinstance(once, JsOnceCallable)
    assert js("f => f(1)")(once) == 2
    try:
        js("f => f(1)")(once)
    except JsException:
        pass
    else:
        raise AssertionError("called twice")
    unused = create_once_callable(len)
    unused.destroy()
    o = js("({})")
    ref = weakref.ref(o)
    assert ref() is o
    del o
    assert ref() is None
    assert repr(weakref.ref(js("new Error('e')"))) != ""


def hostile_objects():
    from pyodide.ffi import JsException

    all_traps = js(
        """new Proxy({}, new Proxy({}, {get() { return () => { throw new Error("trap") } }}))"""
    )
    revoked = js("(() => { const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy })()")
    getter = js("({get a() { throw new Error('getter') }, toString() { throw new Error('text') }})")
    actions = [
        lambda: all_traps.x,
        lambda: setattr(all_traps, "x", 1),
        lambda: str(all_traps),
        lambda: dir(all_traps),
        lambda: revoked.x,
        lambda: str(revoked),
        lambda: setattr(revoked, "x", 1),
        lambda: getter.a,
        lambda: str(getter),
        lambda: js("Object.freeze({a: 1})").__setattr__("a", 2),
    ]
    for number, action in enumerate(actions):
        try:
            action()
        except JsException:
            continue
        raise AssertionError(number)
    assert js("({length: 'no', size: -1})") is not None
    try:
        len(js("({length: -1, [Symbol.iterator]() {}})"))
    except ValueError:
        pass
    else:
        raise AssertionError("a negative length")


def recursion_through_both_worlds():
    call = js("f => f()")

    def deep():
        return call(deep)

    try:
        deep()
    except RecursionError:
        pass
    else:
        raise AssertionError("no RecursionError")
    loop = js("(function f() { return f() })")
    try:
        loop()
    except RecursionError:
        pass
    else:
        raise AssertionError("no RecursionError")
    assert call(lambda: 5) == 5
