"""Programs of test_js_kinds.py."""

from typing import Any

from js import eval as js
from pyodide import ffi


def _raised(call: Any, *args: Any) -> tuple[str, str]:
    """Type and first line of what a call raises."""
    try:
        call(*args)
    except Exception as error:
        return type(error).__name__, str(error).split("\n")[0]
    return "", ""


def _names(value: Any, *candidates: str) -> list[str]:
    return [name for name in candidates if hasattr(value, name)]


def _statement(text: str, value: Any) -> tuple[str, str]:
    return _raised(exec, text, {"o": value})


def other_realm() -> None:
    numbers, buffer, array = js(
        """
        const code = "[new Uint8Array([1, 2, 3]), new ArrayBuffer(0), [1, 2]]";
        typeof process === "object"
          ? process.getBuiltinModule("node:vm").runInNewContext(code)
          : document.body.appendChild(document.createElement("iframe")).contentWindow.eval(code)
        """
    )
    assert isinstance(numbers, ffi.JsTypedArray) and isinstance(numbers, ffi.JsArray)
    assert (numbers[0], len(numbers), list(reversed(numbers))) == (1, 3, [3, 2, 1])
    match numbers:
        case [first, *rest]:
            assert (first, rest) == (1, [2, 3])
        case _:
            raise AssertionError("a typed array is a sequence")
    assert isinstance(buffer, ffi.JsBuffer) and not buffer
    assert isinstance(array, ffi.JsArray) and array[-1] == 2


def lists_of_the_page() -> None:
    for tag in ("NodeList", "HTMLCollection"):
        nodes = js(f"({{[Symbol.toStringTag]: '{tag}', length: 2, 0: 'a', 1: 'b'}})")
        assert isinstance(nodes, ffi.JsArray)
        assert (nodes[1], nodes[-1], list(nodes), list(reversed(nodes))) == (
            "b",
            "b",
            ["a", "b"],
            ["b", "a"],
        )
        assert (nodes + [1]).to_py() == ["a", "b", 1]
        assert _raised(lambda nodes=nodes: nodes[1:]) == (
            "NotImplementedError",
            "Slice subscripting isn't implemented for HTMLCollection or NodeList",
        )
        assert "does not support item assignment" in _statement("o[0] = 1", nodes)[1]
        assert "doesn't support item deletion" in _statement("del o[0]", nodes)[1]
        assert _names(nodes, "append", "index", "__setitem__", "as_object_map", "as_py_json") == [
            "as_py_json"
        ]
    assert not js("({[Symbol.toStringTag]: 'NodeList', length: 0})")


def array_likes() -> None:
    given = js("(function () { return arguments })('a', 'b', 'c')")
    assert isinstance(given, ffi.JsArray)
    assert (given[0], given[-1], given[1:].to_py(), given[::-1].to_py()) == (
        "a",
        "c",
        ["b", "c"],
        ["c", "b", "a"],
    )
    assert list(reversed(given)) == ["c", "b", "a"] and (given + [1]).to_py() == ["a", "b", "c", 1]
    assert "does not support item assignment" in _statement("o[0] = 1", given)[1]
    assert _raised(lambda: given[3])[0] == "IndexError"
    sparse = js("({length: 2, 1: 'b', [Symbol.iterator]: Array.prototype[Symbol.iterator]})")
    assert sparse[1] == "b" and list(sparse) == [None, "b"]
    assert _raised(lambda: sparse[0])[0] == "IndexError"
    assert _names(js("({length: 'long', [Symbol.iterator]() {}})"), "__getitem__") == []
    match given:
        case ["a", *rest]:
            assert rest == ["b", "c"]


def lengths() -> None:
    def length(text: str) -> Any:
        try:
            return len(js(f"({text})"))
        except Exception as error:
            return f"{type(error).__name__}: {error}".split("\n")[0]

    assert length("{size: 3, length: 9}") == 3
    assert length("{size: 'x', length: 2}") == 2
    assert length("{length: NaN}") == 0 and length("{length: 2.5}") == 2
    assert length("{length: -4}") == "ValueError: length -4 of object is negative"
    assert length("{size: -Infinity}") == "ValueError: length -Infinity of object is negative"
    assert length("{length: 2 ** 40}") == (
        "OverflowError: length 1099511627776 of object is larger than INT_MAX (2147483647)"
    )
    assert length("{size: 2 ** 31 - 1}") == 2**31 - 1
    for text in ("{length: 'x'}", "{length: 3n}", "{size: null}", "{length() {}}"):
        assert length(text) == "TypeError: object does not have a valid length", text
    assert length("{get length() { throw new Error('own') }}") == "JsException: Error: own"
    assert (
        length("Object.assign(() => 1, {size: 3})") == 3
        and length("(a, b) => 1")[:9] == "TypeError"
    )
    for n, error in ((-1, "ValueError"), (2**33, "OverflowError")):
        assert (
            _raised(lambda n=n: js(f"({{[Symbol.toStringTag]: 'NodeList', length: {n}}})")[-1])[0]
            == error
        )


def maps_of_parts() -> None:
    log = js("globalThis.log = []")
    setter = js("({set(k, v) { log.push(k, v) }, delete(k) { log.push(k) }})")
    assert _names(setter, "__setitem__", "__delitem__", "__getitem__") == [
        "__setitem__",
        "__delitem__",
    ]
    setter["q"] = 4
    del setter["q"]
    assert log.to_py() == ["q", 4, "q"]
    for text in ("new Set([1])", "new WeakSet()"):
        value = js(text)
        assert "does not support item assignment" in _statement("o[3] = 4", value)[1]
        assert "doesn't support item deletion" in _statement("del o[1]", value)[1]
    assert js("({includes(k) { return k === 'a' }})").__contains__("a")
    assert js("({get(k) { return undefined }})")["none"] is None
    assert _statement("del o[0]", js("({set() {}})"))[0] == "JsException"
    js("delete globalThis.log")
    m = js("new Map([['a', 1]])")
    m.update({"b": 2}, c=3)
    m.update([("d", 4)])
    assert dict(m) == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert m.pop("none", default=8) == 8 and m.pop("a") == 1 and m.setdefault("e", 5) == 5


def class_relations() -> None:
    def kind(text: str) -> type:
        return type(js("[" + text + "]")[0])

    plain = kind("{}")
    assert issubclass(ffi.JsProxy, plain) and issubclass(kind("[]"), plain)
    assert issubclass(ffi.JsPromise, kind("Promise.resolve()")) and issubclass(
        kind("Promise.resolve()"), ffi.JsPromise
    )
    assert issubclass(kind("[]"), ffi.JsArray) and not issubclass(ffi.JsArray, kind("[]"))
    assert issubclass(ffi.JsTypedArray, ffi.JsArray) and not issubclass(
        ffi.JsArray, ffi.JsTypedArray
    )
    assert (
        not issubclass(int, ffi.JsProxy)
        and not issubclass(ffi.JsProxy, int)
        and not isinstance(1, ffi.JsProxy)
    )
    assert kind("[]").__name__ == kind("()=>1").__name__ == kind("new Map()").__name__ == "JsProxy"
    assert _raised(ffi.JsProxy) == ("TypeError", "JsProxy cannot be instantiated.")
    assert _raised(ffi.JsArray) == ("TypeError", "JsArray cannot be instantiated.")
    assert _raised(lambda: issubclass("x", ffi.JsArray))[0] == "TypeError"  # type: ignore[arg-type]

    class Mine(ffi.JsProxy):
        pass

    assert issubclass(Mine, ffi.JsProxy) and not issubclass(plain, Mine)


def list_words() -> None:
    array = js("[1, 2, 3]")
    assert _raised(array.index, 4) == ("ValueError", "4 is not in list")
    assert _raised(array.remove, 4) == ("ValueError", "4 is not in list")
    assert _raised(array.pop, 9) == ("IndexError", "pop index out of range")
    assert _raised(js("[]").pop) == ("IndexError", "pop from empty list")
    assert _statement("o[:] = 1", array) == ("TypeError", "must assign iterable to extended slice")
    assert _statement("o[0:4:2] = 4", array) == (
        "TypeError",
        "must assign iterable to extended slice",
    )
    assert _statement("o['x']", array) == (
        "TypeError",
        "list indices must be integers or slices, not str",
    )
    assert _statement("o + 3", array)[0] == "TypeError"
    assert (array + {"k": 1}).to_py() == [1, 2, 3, "k"]
    array[3] = 4  # as in JavaScript
    assert array.to_py() == [1, 2, 3, 4]
    holes = js("[1,,2]")
    assert _raised(lambda: holes[1])[0] == "IndexError" and len(holes) == 3
    del holes[1]
    assert holes.to_py() == [1, 2]


def python_objects_in_arrays() -> None:
    keep = [ffi.create_proxy(value, roundtrip=False) for value in ([1], {"a"})]
    array = js("(...items) => ['x', ...items, 'y']")(*keep)
    assert (array.index([1]), array.count([1]), array.index({"a"})) == (1, 1, 2)
    assert _raised(array.index, [2]) == ("ValueError", "[2] is not in list")
    array.remove([1])
    assert len(array) == 3
    for proxy in keep:
        proxy.destroy()
    assert _raised(array.remove, {"a"})[0] == "ValueError"  # a destroyed one equals nothing


def typed_arrays() -> None:
    numbers = js("new Uint8Array([1, 2, 3])")
    assert _statement("del o[0]", numbers) == ("TypeError", "object doesn't support item deletion")
    assert _statement("del o[:]", numbers) == ("TypeError", "object doesn't support item deletion")
    assert _names(numbers, "append", "extend", "insert", "remove", "pop", "clear", "keys") == []
    assert (numbers.index(3), numbers.count(1), _raised(numbers.index, 9)[1]) == (
        2,
        1,
        "9 is not in list",
    )
    assert (
        _statement("o[0:1]", numbers)[0]
        == _statement("o[0:1] = [1]", numbers)[0]
        == "NotImplementedError"
    )
    numbers.reverse()
    numbers[-1] = 7
    assert list(numbers) == [3, 2, 7]


async def iterators() -> None:
    either = js(
        "({next(v) { return v === 'async' ? Promise.resolve({done: true, value: 5}) : {done: false, value: v} }})"
    )
    assert isinstance(either, ffi.JsIterator) and isinstance(either, ffi.JsAsyncIterator)
    assert not isinstance(either, ffi.JsGenerator) and either.send(3) == 3
    assert js("[1][Symbol.iterator]()").send(None) == 1
    try:
        await either.asend("async")
    except StopAsyncIteration as stop:
        assert stop.args == (5,)
    for step, words in (
        ("2", 'Result should have type "object" not "number"'),
        ("undefined", 'Result should have type "object" not "undefined"'),
        ("{}", 'Result has no "done" field.'),
        ("Promise.resolve(2)", "Result was a promise, use anext() / asend() / athrow() instead."),
    ):
        iterator = js(f"({{next() {{ return {step} }}}})")
        assert _raised(next, iterator) == ("TypeError", words)
        assert _raised(iterator.send, None) == ("TypeError", words)
    assert _raised(js("({next() { return {} }})").asend, 1) == (
        "TypeError",
        "Result of anext() was not a promise.",
    )
    assert (
        _raised(iter, js("({[Symbol.iterator]() { return 2 }})"))[1]
        == "iter() returned non-iterator of type 'int'"
    )
    stubborn = js("(function* () { try { yield 1 } finally { yield 2 } })()")
    next(stubborn)
    assert _raised(stubborn.close) == ("RuntimeError", "JavaScript generator ignored return")
    stubborn = js("(async function* () { try { yield 1 } finally { yield 2 } })()")
    await anext(stubborn)
    try:
        await stubborn.aclose()
    except RuntimeError as error:
        assert str(error) == "JavaScript generator ignored return"
    else:
        raise AssertionError("it was not closed")
    assert _raised(js("(function* () {})()").throw, 3)[0] == "TypeError"
    assert (
        _raised(js("(function* () {})()").throw, KeyError("a"), "b")[1]
        == "instance exception may not have a separate value"
    )


def views() -> None:
    assert _names(js("({})"), "as_object_map", "as_py_json") == ["as_object_map", "as_py_json"]
    assert _names(js("[]"), "as_object_map", "as_py_json") == ["as_py_json"]
    for text in (
        "({next() {}})",
        "new Uint8Array(1)",
        "new ArrayBuffer(1)",
        "new Error()",
        "(() => 1)",
    ):
        assert _names(js(text), "as_object_map", "as_py_json") == [], text
    view = js("({g: {get() {}, z: 5}, m: new Map([['a', 1]]), a: [{x: 1}]})").as_object_map(
        hereditary=True
    )
    assert view["g"]["z"] == 5 and "a" not in view["m"] and isinstance(view["m"], ffi.JsMutableMap)
    assert not isinstance(view["a"][0], ffi.JsMutableMap)
    assert _statement("o[1] = 2", view) == (
        "TypeError",
        "Can only assign keys of type string to JavaScript object map",
    )
    adaptor = js("({a: [{x: 1}]})").as_py_json()
    assert adaptor["a"][0]["x"] == 1 and [item["x"] for item in adaptor["a"]] == [1]


def texts() -> None:
    assert (
        str(js("({get toString() { throw new Error() }, [Symbol.toStringTag]: 'Tg'})"))
        == "[object Tg]"
    )
    assert str(js("({toString: null})")) == str(js("Object.create(null)")) == "[object Object]"
    assert _raised(str, js("({toString() { throw new Error('own') }})")) == (
        "JsException",
        "Error: own",
    )


def methods_of_python_classes() -> None:
    class Named:
        get = js("(function (name) { return this[name] })")
        same = js("(function () { return this })")

        def __init__(self) -> None:
            self.a = 7

    named = Named()
    assert named.get("a") == 7 and named.get("b") is None and named.same() is named


async def no_promise_any_more() -> None:
    [value] = js("globalThis.thenable = {then() {}}; [thenable]")  # what a call gives is a future
    js("delete thenable.then; delete globalThis.thenable")
    try:
        await value
    except TypeError as error:
        assert "can't be used in 'await' expression" in str(error)
    else:
        raise AssertionError("awaited")
