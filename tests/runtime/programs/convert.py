"""Programs of test_convert.py."""


def instances_of_subclasses():
    import collections
    import enum

    class Number(enum.IntEnum):
        ONE = 1

    class Text(str):
        pass

    class Real(float):
        pass

    Point = collections.namedtuple("Point", "x y")

    class Stubborn(dict):
        def items(self):
            return [("only", 1)]

    ordered = collections.OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    values = [
        Number.ONE,
        Text("t"),
        Real(1.5),
        Point(1, 2),
        ordered,
        collections.defaultdict(list, k=[1]),
        Stubborn(x=2),
    ]


def cycle_with_shared_parts():
    shared = {"s": 1}
    cycle = [shared, shared, {"again": shared}]
    cycle.append(cycle)
    cycle[2]["up"] = cycle


def pairs():
    class Pair:
        def __init__(self, first, second):
            self.first, self.second = first, second

    loop = Pair(1, [2, {"x": 3}])
    loop.third = None
    cyclic = Pair(1, 2)
    cyclic.second = cyclic


def buffers_of_every_kind():
    import array

    raw = bytearray(b"abc")
    values = [
        b"\x00\xff",
        raw,
        memoryview(raw)[::-1],
        array.array("d", [1.5, -2]),
        array.array("i", [-1]),
        array.array("Q", [2**63]),
        memoryview(bytes(range(6))).cast("B", (2, 3)),
        b"",
        array.array("H", [1, 2]),
    ]


def to_js_in_python():
    from js import JSON, Array, Map, Object
    from pyodide.ffi import ConversionError, JsProxy, destroy_proxies, jsnull, to_js

    assert to_js(1) == 1 and to_js("x") == "x" and to_js(None) is None and to_js(jsnull) is jsnull
    assert to_js(2**70) == 2**70
    value = to_js({"a": [1, {"b": 2}], "t": (1,)})
    assert (
        isinstance(value, JsProxy)
        and value.a[1].b == 2
        and JSON.stringify(value) == '{"a":[1,{"b":2}],"t":[1]}'
    )
    assert to_js(value) == value
    entries = to_js({"a": {"b": 1}}, dict_converter=Object.fromEntries)
    assert entries.a.b == 1
    maps = to_js({"a": {"b": 1}}, dict_converter=lambda pairs: Map.new(pairs))
    assert maps.get("a").get("b") == 1

    class Own:
        pass

    own = Own()
    proxies = Array.new()
    listed = to_js([own, 1], pyproxies=proxies)
    assert proxies.length == 1 and listed[0] is own
    destroy_proxies(proxies)
    try:
        to_js([own], create_pyproxies=False)
    except ConversionError as error:
        assert str(error) == "No conversion known for x." and "Own object" in error.__notes__[0]
    else:
        raise AssertionError
    collision = "Key collision when converting Python dictionary to JavaScript. Key: "
    for wrong, text in (
        ({1: 0, "1": 0}, collision + "'1'"),
        ({"1": 0, 1: 0}, collision + "1"),
        ({(1,): 0}, "Cannot use (1,) as a key for a Javascript Map"),
        ({(1,)}, "Cannot use (1,) as a key for a Javascript Set"),
    ):
        try:
            to_js(wrong)
        except ConversionError as error:
            assert str(error) == text, error
        else:
            raise AssertionError(wrong)

    made = to_js(
        [own, 5],
        default_converter=lambda value, convert, cache: convert([1, 2]) if value is own else 0,
    )
    assert made[1] == 5

    def fails(value, convert, cache):
        raise KeyError("mine")

    try:
        to_js([own], default_converter=fails)
    except KeyError as error:
        assert error.args == ("mine",)
    else:
        raise AssertionError


def converters_written_in_python():
    from js import Array
    from pyodide.ffi import destroy_proxies, to_js

    class Own:
        pass

    proxies = Array.new()

    def keep(value, convert, cache):
        cache(value, 1)
        return [value, convert({"a": (1, 2)})]

    made = to_js([Own(), {"x": Own()}], default_converter=keep, pyproxies=proxies)
    assert isinstance(made[0], list) and made[0][1].a[1] == 2, made
    destroy_proxies(proxies)
    eager = to_js(
        [1, (2, [3])],
        eager_converter=lambda v, convert, cache: "t" if isinstance(v, tuple) else convert(v),
    )
    assert eager.to_py() == [1, "t"]
    for wrong in ({"pyproxies": []}, {"dict_converter": 5}, {"default_converter": "x"}):
        try:
            to_js([1], **wrong)
        except Exception as error:
            assert "must be" in str(error), error
        else:
            raise AssertionError(wrong)


def check_plain_values():
    def test(v):
        from pyodide.ffi import jsnull

        assert type(v) is dict and list(v) == ["a", "b", "m", "s"], v
        a = v["a"]
        assert a[:3] == [1, -1, 2.5] and str(a[3]) == "-0.0" and a[4] != a[4], a
        kinds = [type(x).__name__ for x in a[:10]]
        assert kinds == ["int"] * 2 + ["float"] * 4 + ["int"] * 2 + ["float", "bool"], kinds
        assert (
            a[5:9] == [1e300, 2**31, -(2**53) + 1, 2.0**53] and a[9] is True and a[10] is False
        ), a
        assert a[11] is jsnull and a[12] is None and a[13] == 5 and a[14] == -(2**70), a
        b = {"c": {}, "d": [], chr(0x20AC): chr(0x1F600), "": "caf" + chr(0xE9)}
        assert v["b"] == b, v["b"]
        assert v["m"] == {"k": [1], 2: "two"} and v["s"] == {1, "x"} and type(v["s"]) is set

    return test


def check_pairs():
    def test(v):
        assert v[1] == [{"x": 1}, [3]] and v[1][0] is v[0], v
        assert v[3][0] == 1 and v[3][1] is v[3]
        v[3].clear()

    return test


def to_py_in_python():
    from pyodide.code import run_js
    from pyodide.ffi import ConversionError, JsProxy

    value = run_js("({a: [1, {b: 2}], c: new Map([[1, 2]]), d: new Date(0)})")
    made = value.to_py()
    assert made["a"] == [1, {"b": 2}] and made["c"] == {1: 2} and isinstance(made["d"], JsProxy)
    assert isinstance(value.to_py(depth=1)["a"], JsProxy)
    converted = value.to_py(default_converter=lambda v, convert, cache: ("date", v.getTime()))
    assert converted["d"] == ("date", 0), converted["d"]

    def fails(v, convert, cache):
        raise KeyError("mine")

    try:
        value.to_py(default_converter=fails)
    except KeyError as error:
        assert error.args == ("mine",)
    else:
        raise AssertionError
    for source in (
        "new Map([[[1], 2]])",
        "new Set([{}])",
        "new Map([[1, 0], [true, 0]])",
        "new Set([0, false])",
    ):
        try:
            run_js(source).to_py()
        except ConversionError:
            pass
        else:
            raise AssertionError(source)


def check_memoryviews():
    def test(v):
        assert all(type(x) is memoryview for x in v)
        formats = [x.format for x in v]
        assert formats == ["B", "d", "B", "B", "h", "q", "B", "I"], formats
        assert [x.tolist() for x in v] == [[1, 2], [1.5], [0, 0, 0], [0, 0], [-1], [-5], [], [2, 3]]
        v[0][0] = 9

    return test


def as_py_json():

    from pyodide.code import run_js
    from pyodide.ffi import JsMutableMap

    source = run_js("({a: [{b: 1}, [2, {c: 3}]], d: {e: {f: 'x'}}, n: null, when: new Date(0)})")
    view = source.as_py_json()
    assert isinstance(view, JsMutableMap) and view["d"]["e"]["f"] == "x" and view["a"][0]["b"] == 1
    assert (
        view["a"][1][1]["c"] == 3
        and view["a"][-1][0] == 2
        and [item["b"] for item in view["a"][:1]] == [1]
    )
    assert (
        sorted(view) == ["a", "d", "n", "when"]
        and len(view) == 4
        and "d" in view
        and "x" not in view
    )
    assert [item["b"] for item in view["a"] if "b" in item] == [1]
    assert dict(view["d"].items())["e"]["f"] == "x"
    view["d"]["new"] = 5
    assert source.d.new == 5
    del view["d"]["new"]
    assert not hasattr(source.d, "new")
    try:
        view["missing"]
    except KeyError as error:
        assert error.args == ("missing",)
    else:
        raise AssertionError
    assert view["when"].getTime() == 0
    rows = run_js("[[{x: 1}], {x: 2}]").as_py_json()
    assert rows[0][0]["x"] == 1 and rows[1]["x"] == 2 and len(rows) == 2
    for other in ("() => 1", "new Uint8Array(1)", "new ArrayBuffer(1)", "new Error('x')"):
        try:
            run_js(other).as_py_json()
        except AttributeError:
            pass
        else:
            raise AssertionError(other)


def jsnull_in_json():
    import io
    import json

    from pyodide.code import run_js
    from pyodide.ffi import jsnull

    stream = io.StringIO()
    json.dump({"a": [jsnull, {"b": jsnull}]}, stream)
    parts = [
        json.dumps(jsnull),
        json.dumps([jsnull]),
        json.dumps([jsnull], indent=0),
        stream.getvalue(),
        json.dumps(run_js("({n: null})").to_py()),
    ]
    del stream
    return "|".join(parts)


def keys_that_python_cannot_have():
    from js import eval as js
    from pyodide.ffi import ConversionError, create_proxy

    for value, text in (
        ("new Map([[[1], 2]])", "Cannot use key of type Array as a key to a Python dict"),
        ("new Set([{}])", "Cannot use key of type Object as a key to a Python set"),
        ("new Map([[true, 1], [1, 2]])", "Map into Python since it contains both 1 and true"),
        ("new Set([false, 0])", "Set into Python since it contains both 0 and false"),
        ("new Set([1, 1n])", "two keys that are equal there"),
    ):
        try:
            js(value).to_py()
        except ConversionError as error:
            assert text in str(error), error
        else:
            raise AssertionError(value)
    unhashable = create_proxy([])
    try:
        js("(list) => new Map([[list, 1]])")(unhashable).to_py()
    except TypeError as error:
        assert str(error) == "unhashable type: 'list'"
    else:
        raise AssertionError
    unhashable.destroy()


def what_depth_leaves():
    from js import eval as js
    from pyodide.ffi import JsProxy

    circle = js("(() => { const o = {k: [1]}; o.k.push(o); return o })()")
    assert isinstance(circle.to_py(depth=2)["k"][1], JsProxy)
    whole = circle.to_py(depth=3)
    assert whole["k"][1] is whole
    made = js("Object.create({inherited: 1})").to_py()
    assert made == {}
    assert js("Symbol('s')").to_py(default_converter=lambda *_: "symbol") == "symbol"


def json_of_null_keys():
    import json

    from pyodide.ffi import jsnull

    assert json.dumps({jsnull: [jsnull]}) == '{"null": [null]}'
    assert json.dumps({jsnull: 1}, indent=0) == '{\n"null": 1\n}'


def objects_with_a_tag() -> str:
    from pyodide.code import run_js

    def converted(text: str) -> str:
        alone, inside = str(run_js(text).to_py()), str(run_js(f"[{text}]").to_py()[0])
        assert alone == inside
        return alone

    texts = (
        "(function () { return arguments })(1)",
        "Math",
        "({[Symbol.toStringTag]: 'Own', a: 1})",
        "Object.assign(Object.create(null), {[Symbol.toStringTag]: 'Module', a: 1})",
        "({length: 1, 0: 'a', [Symbol.iterator]: Array.prototype[Symbol.iterator]})",
    )
    return ", ".join(converted(text) for text in texts)


def what_a_converter_has_cached() -> str:
    from pyodide.code import run_js

    def pairs(value, convert, cache):
        made = []
        cache(value, made)
        made += [convert(value.first), convert(value.second), convert(value.second)]
        return made

    def converted() -> str:
        value = run_js(
            "(() => { const one = new (class { first = [1] }); one.second = one; return one })()"
        )
        made = value.to_py(default_converter=pairs)
        assert made[1] is made and made[2] is made
        return str(made)

    return converted()
