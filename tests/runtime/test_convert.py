"""Deep conversions both ways: toJs/to_js and toPy/to_py, every option, identity, bad input."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import pytest

HELPERS = """
    const { PyProxy, PythonError } = pyodide.ffi;
    const same = (actual, expected) => {
      if (JSON.stringify(actual) !== JSON.stringify(expected))
        throw new Error(`${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
    };
    const check = (condition, what) => { if (!condition) throw new Error(what ?? "check failed"); };
    const caught = (call) => { try { call(); } catch (error) { return error; } throw new Error("nothing was thrown"); };
    const given = [];
    /** runPython(); a proxy is destroyed when the test ends. */
    const py = (source) => {
      const value = pyodide.runPython(source);
      if (value instanceof PyProxy) given.push(value);
      return value;
    };
    /** toJs() of a Python expression, whose proxy is destroyed. */
    const toJs = (source, options) => {
      const proxy = py(source);
      try { return proxy.toJs(options); } finally { proxy.destroy(); }
    };
"""


async def js(runtime: Any, body: str) -> None:
    """Run JavaScript with the helpers in scope."""
    await runtime.js(f"{HELPERS}\n{body}\nfor (const proxy of given) proxy.destroy();")


async def python(runtime: Any, body: str) -> None:
    """Run Python in a function, so that no global keeps what it makes."""
    await runtime.value(f"def test():\n{indent(body, '    ')}\ntest()\ndel test;")


# --- to JavaScript --------------------------------------------------------------------------------


async def test_json_like_data_becomes_plain_objects_and_arrays(runtime: Any) -> None:
    await js(
        runtime,
        """
        const value = toJs(`{"a": [1, 2.5, -0.0, True, False, None, "text", "caf\\xe9", "\\u20ac", "\\u{1f600}"],
                             "b": {"c": {}, "d": [], "e": (1, (2,))}, "": "", "caf\\xe9 \\u20ac": 10**12}`);
        check(Object.getPrototypeOf(value) === Object.prototype && Array.isArray(value.a));
        same(Object.keys(value), ["a", "b", "", "caf\\xe9 \\u20ac"]);
        check(Object.is(value.a[2], -0) && value.a[5] === undefined);
        same(value.a.filter((_, i) => i !== 2 && i !== 5), [1, 2.5, true, false, "text", "caf\\xe9", "\\u20ac", "\\u{1f600}"]);
        same(value.b, { c: {}, d: [], e: [1, [2]] });
        check(value["caf\\xe9 \\u20ac"] === 1e12);
    """,
    )


async def test_integers_beyond_doubles_become_bigints(runtime: Any) -> None:
    await js(
        runtime,
        """
        const numbers = toJs("[2**53 - 1, -(2**53 - 1), 2**53, -(2**60), 10**400, 2**27, -2**27 - 1, 2**31, 0]");
        check(numbers[0] === 2 ** 53 - 1 && numbers[1] === -(2 ** 53 - 1));
        check(numbers[2] === 2n ** 53n && numbers[3] === -(2n ** 60n) && numbers[4] === 10n ** 400n);
        check(numbers[5] === 2 ** 27 && numbers[6] === -(2 ** 27) - 1 && numbers[7] === 2 ** 31 && numbers[8] === 0);
    """,
    )


async def test_text_of_every_width_and_length_arrives_unchanged(runtime: Any) -> None:
    await js(
        runtime,
        """
        const units = { a: "a", l: "\\xe9", u: "\\u20ac", x: "\\u{1f600}", high: "\\ud83d", low: "\\ude00", nul: "\\0" };
        const names = py("{'a': 'a', 'l': chr(0xe9), 'u': chr(0x20ac), 'x': chr(0x1f600), 'high': chr(0xd83d), 'low': chr(0xde00), 'nul': chr(0)}");
        const make = py("lambda units: [unit * n for unit in units.values() for n in (0, 1, 2, 31, 33, 511, 513, 5000)]");
        const list = make(names);
        const got = list.toJs();
        let at = 0;
        for (const unit of Object.values(units))
          for (const n of [0, 1, 2, 31, 33, 511, 513, 5000]) check(got[at++] === unit.repeat(n), `${unit.codePointAt(0)} ${n}`);
        for (const proxy of [names, make, list]) proxy.destroy();
    """,
    )


async def test_sets_and_frozensets_become_sets(runtime: Any) -> None:
    await js(
        runtime,
        """
        const [one, two] = toJs("[{1, 2, 'x'}, frozenset()]");
        check(one instanceof Set && one.size === 3 && one.has(1) && one.has("x"));
        check(two instanceof Set && two.size === 0);
        const error = caught(() => toJs("{(1, 2)}"));
        check(error instanceof PythonError && /ConversionError/.test(error.message) && /\\(1, 2\\)/.test(error.message), error.message);
    """,
    )


async def test_subclasses_convert_as_what_they_are(runtime: Any) -> None:
    await js(
        runtime,
        """
        py(`
import collections, enum
class Number(enum.IntEnum):
    ONE = 1
class Text(str): pass
class Real(float): pass
Point = collections.namedtuple("Point", "x y")
class Stubborn(dict):
    def items(self): return [("only", 1)]
ordered = collections.OrderedDict(a=1, b=2); ordered.move_to_end("a")
values = [Number.ONE, Text("t"), Real(1.5), Point(1, 2), ordered, collections.defaultdict(list, k=[1]), Stubborn(x=2)]
`);
        same(toJs("values"), [1, "t", 1.5, [1, 2], { b: 2, a: 1 }, { k: [1] }, { only: 1 }]);
        same(Object.keys(toJs("ordered")), ["b", "a"]);
    """,
    )


async def test_keys_that_are_no_strings(runtime: Any) -> None:
    await js(
        runtime,
        """
        same(toJs("{1: 'a', 2.5: 'b', True + 1: 'c', None: 'd', False: 'e'}"), { 1: "a", 2: "c", "2.5": "b", undefined: "d", false: "e" });
        for (const source of ["{1: 0, '1': 0}", "{'1': 0, 1: 0}", "{(1, 2): 0}", "{frozenset(): 0}", "[{None: 0, 'undefined': 1}]"]) {
          const error = caught(() => toJs(source));
          check(error instanceof PythonError && /ConversionError/.test(error.type + error.message), String(error));
        }
        same(toJs("{1: 0, '1': 1}", { dict_converter: Object.fromEntries }), { 1: 1 });
    """,
    )


async def test_a_key_named_proto_is_an_ordinary_key(runtime: Any) -> None:
    await js(
        runtime,
        """
        const [one, two] = toJs("[{'__proto__': {'x': 1}, 'y': 2}, {'__proto__': None}]");
        check(Object.getPrototypeOf(one) === Object.prototype && one.x === undefined && one.y === 2);
        same(Object.keys(one), ["__proto__", "y"]);
        same(Object.keys(two), ["__proto__"]);
    """,
    )


async def test_cycles_and_shared_objects_keep_identity(runtime: Any) -> None:
    await js(
        runtime,
        """
        py(`
shared = {"s": 1}
cycle = [shared, shared, {"again": shared}]
cycle.append(cycle)
cycle[2]["up"] = cycle
`);
        const value = toJs("cycle");
        check(value[0] === value[1] && value[2].again === value[0]);
        check(value[3] === value && value[2].up === value);
        py("cycle.clear()");
    """,
    )


async def test_cycles_through_a_dict_converter(runtime: Any) -> None:
    await js(
        runtime,
        """
        py("loop = {}; loop['list'] = [loop, 1]");
        const map = toJs("loop", { dict_converter: (pairs) => new Map(pairs) });
        check(map instanceof Map && map.get("list")[0] === map && map.get("list")[1] === 1);
        py("loop.clear(); loop['me'] = loop");
        const error = caught(() => toJs("loop", { dict_converter: (pairs) => new Map(pairs) }));
        check(/ConversionError/.test(error.message) && /dict_converter/.test(error.message), error.message);
        py("loop.clear()");
    """,
    )


async def test_dict_converters_get_an_iterable_of_pairs(runtime: Any) -> None:
    await js(
        runtime,
        """
        const source = "{'a': {'b': 1}, 'c': [{'d': 2}]}";
        same(toJs(source, { dict_converter: Object.fromEntries }), { a: { b: 1 }, c: [{ d: 2 }] });
        same(toJs(source, { dict_converter: Array.from }), [["a", [["b", 1]]], ["c", [[["d", 2]]]]]);
        const map = toJs("{1: 'one', 'x': {}}", { dict_converter: (pairs) => new Map(pairs) });
        check(map.get(1) === "one" && map.get("x") instanceof Map);
        const error = caught(() => toJs(source, { dict_converter() { throw new RangeError("mine"); } }));
        check(error instanceof RangeError && error.message === "mine");
    """,
    )


async def test_depth_ends_in_proxies(runtime: Any) -> None:
    await js(
        runtime,
        """
        const pyproxies = [];
        const value = toJs("[1, [2, [3]], {'a': {}}]", { depth: 2, pyproxies });
        check(value[1][0] === 2 && value[1][1] instanceof PyProxy && value[2].a instanceof PyProxy);
        check(pyproxies.length === 2 && pyproxies.includes(value[1][1]) && pyproxies.includes(value[2].a));
        for (const proxy of pyproxies) proxy.destroy();
        const whole = py("[1]");
        const shallow = whole.toJs({ depth: 0 });
        check(shallow instanceof PyProxy && shallow.length === 1);
        shallow.destroy(); whole.destroy();
        const shared = py("(lambda s: [[s], s])([1])");
        const list = [];
        const two = shared.toJs({ depth: 2, pyproxies: list });
        check(two[0][0] instanceof PyProxy && Array.isArray(two[1]), "the shallow one is converted");
        list.forEach((proxy) => proxy.destroy()); shared.destroy();
    """,
    )


async def test_objects_without_a_conversion(runtime: Any) -> None:
    await js(
        runtime,
        """
        py("class Own: pass\\nown = Own()");
        const pyproxies = [];
        const value = toJs("[own, own, len]", { pyproxies });
        check(value[0] instanceof PyProxy && value[0] === value[1] && pyproxies.length === 2);
        pyproxies.forEach((proxy) => proxy.destroy());
        const error = caught(() => toJs("[1, [own]]", { create_pyproxies: false }));
        check(error instanceof PythonError && /ConversionError/.test(error.message), error.message);
        const deep = caught(() => toJs("[[1]]", { create_pyproxies: false, depth: 1 }));
        check(/ConversionError/.test(deep.message));
    """,
    )


async def test_default_converters(runtime: Any) -> None:
    await js(
        runtime,
        """
        py(`
class Pair:
    def __init__(self, first, second): self.first, self.second = first, second
loop = Pair(1, [2, {"x": 3}])
loop.third = None
cyclic = Pair(1, 2); cyclic.second = cyclic
`);
        const asArray = (value, convert, cache) => {
          const result = [];
          cache(value, result);
          const first = value.first, second = value.second;
          result.push(convert(first), convert(second));
          first?.destroy?.(); second?.destroy?.();
          return result;
        };
        const pyproxies = [];
        same(toJs("[loop, {'again': loop}]", { default_converter: asArray, pyproxies }), [[1, [2, { x: 3 }]], { again: [1, [2, { x: 3 }]] }]);
        const round = toJs("cyclic", { default_converter: asArray, pyproxies });
        check(round[0] === 1 && round[1] === round);
        const itself = toJs("[loop]", { default_converter: (value) => value, pyproxies });
        check(itself[0] instanceof PyProxy && itself[0].first === 1);
        pyproxies.forEach((proxy) => proxy.destroy());
        itself[0].destroy?.();
        const error = caught(() => toJs("[[own2 := Pair(1, 2)], Pair(3, 4)]", { default_converter(value) { throw new TypeError("no"); } }));
        check(error instanceof TypeError && error.message === "no");
        py("cyclic.second = None");
    """,
    )


async def test_eager_converters_come_first(runtime: Any) -> None:
    await js(
        runtime,
        """
        const seen = [];
        const pyproxies = [];
        const eager_converter = (value, convert, cache) => {
          seen.push(value.type);
          if (value.type === "tuple") return "a tuple";
          return convert(value);
        };
        same(toJs("[1, 'x', (1, 2), {'a': (3,), 'b': [4]}]", { eager_converter, pyproxies }), [1, "x", "a tuple", { a: "a tuple", b: [4] }]);
        same(seen, ["list", "tuple", "dict", "tuple", "list"]);
        pyproxies.forEach((proxy) => proxy.destroy?.());
    """,
    )


async def test_buffers_become_typed_arrays_with_a_copy(runtime: Any) -> None:
    await js(
        runtime,
        """
        py(`
import array
raw = bytearray(b"abc")
values = [b"\\\\x00\\\\xff", raw, memoryview(raw)[::-1], array.array("d", [1.5, -2]), array.array("i", [-1]), array.array("Q", [2**63]),
          memoryview(bytes(range(6))).cast("B", (2, 3)), b"", array.array("H", [1, 2])]
`);
        const [bytes, raw, reversed, doubles, ints, longs, grid, none, shorts] = toJs("values");
        check(bytes instanceof Uint8Array && bytes.length === 2 && bytes[1] === 255);
        check(raw instanceof Uint8Array && reversed[0] === 99 && reversed.length === 3);
        check(doubles instanceof Float64Array && doubles[1] === -2 && ints instanceof Int32Array && ints[0] === -1);
        check(longs instanceof BigUint64Array && longs[0] === 2n ** 63n);
        check(Array.isArray(grid) && grid.length === 2 && grid[1] instanceof Uint8Array && grid[1][0] === 3 && grid[1].length === 3);
        check(none instanceof Uint8Array && none.length === 0 && shorts instanceof Uint16Array && shorts[1] === 2);
        raw[0] = 1;
        check(py("raw[0]") === 97 && raw.byteLength === raw.buffer.byteLength);
    """,
    )


async def test_javascript_values_inside_python_data_come_back(runtime: Any) -> None:
    await js(
        runtime,
        """
        const object = { a: 1 };
        const names = pyodide.toPy({});
        names.set("o", object); names.set("n", null); names.set("f", Math.max);
        const back = names.toJs();
        check(back.o === object && back.n === null && back.f === Math.max);
        names.destroy();
    """,
    )


async def test_to_js_from_python(runtime: Any) -> None:
    await python(
        runtime,
        """
from js import Array, Object, Map, JSON
from pyodide.ffi import to_js, JsProxy, ConversionError, destroy_proxies, jsnull

assert to_js(1) == 1 and to_js("x") == "x" and to_js(None) is None and to_js(jsnull) is jsnull
assert to_js(2**70) == 2**70
value = to_js({"a": [1, {"b": 2}], "t": (1,)})
assert isinstance(value, JsProxy) and value.a[1].b == 2 and JSON.stringify(value) == '{"a":[1,{"b":2}],"t":[1]}'
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
except ConversionError:
    pass
else:
    raise AssertionError
try:
    to_js({1: 0, "1": 0})
except ConversionError as error:
    assert '"1"' in str(error)
else:
    raise AssertionError

made = to_js([own, 5], default_converter=lambda value, convert, cache: convert([1, 2]) if value is own else 0)
assert made[1] == 5

def fails(value, convert, cache):
    raise KeyError("mine")
try:
    to_js([own], default_converter=fails)
except KeyError as error:
    assert error.args == ("mine",)
else:
    raise AssertionError
""",
    )


async def test_deep_nesting_is_an_error_and_the_runtime_lives_on(runtime: Any) -> None:
    await js(
        runtime,
        """
        py("deep = []\\nfor _ in range(100_000): deep = [deep]");
        const error = caught(() => toJs("deep"));
        check(error instanceof PythonError && /RecursionError/.test(error.message), String(error));
        py("del deep");
        let nested = [];
        for (let i = 0; i < 100000; i++) nested = [nested];
        const other = caught(() => pyodide.toPy(nested));
        check(other instanceof RangeError, String(other));
        check(py("1 + 1") === 2);
    """,
    )


async def test_python_converters_leave_no_proxies(runtime: Any) -> None:
    """Arguments and results of converters written in Python are proxies that nobody sees."""
    await python(
        runtime,
        """
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
eager = to_js([1, (2, [3])], eager_converter=lambda v, convert, cache: "t" if isinstance(v, tuple) else convert(v))
assert eager.to_py() == [1, "t"]
for wrong in ({"pyproxies": []}, {"dict_converter": 5}, {"default_converter": "x"}):
    try:
        to_js([1], **wrong)
    except Exception as error:
        assert "must be" in str(error), error
    else:
        raise AssertionError(wrong)
""",
    )


# --- to Python ------------------------------------------------------------------------------------


async def test_plain_values_become_builtins(runtime: Any) -> None:
    await js(
        runtime,
        """
        const value = { a: [1, -1, 2.5, -0, NaN, 1e300, 2 ** 31, -(2 ** 53) + 1, 2 ** 53, true, false, null, undefined, 5n, -(2n ** 70n)],
                        b: { c: {}, d: [], "\\u20ac": "\\u{1f600}", "": "caf\\xe9" }, m: new Map([["k", [1]], [2, "two"]]), s: new Set([1, "x"]) };
        const proxy = pyodide.toPy(value);
        const test = py(`
def test(v):
    from pyodide.ffi import jsnull
    assert type(v) is dict and list(v) == ["a", "b", "m", "s"], v
    a = v["a"]
    assert a[:3] == [1, -1, 2.5] and str(a[3]) == "-0.0" and a[4] != a[4], a
    assert [type(x) for x in a[:10]] == [int, int, float, float, float, float, int, int, float, bool], [type(x) for x in a]
    assert a[5:9] == [1e300, 2**31, -(2**53) + 1, 2.0**53] and a[9] is True and a[10] is False, a
    assert a[11] is jsnull and a[12] is None and a[13] == 5 and a[14] == -(2**70), a
    assert v["b"] == {"c": {}, "d": [], chr(0x20ac): chr(0x1f600), "": "caf" + chr(0xe9)}, v["b"]
    assert v["m"] == {"k": [1], 2: "two"} and v["s"] == {1, "x"} and type(v["s"]) is set
test`);
        test(proxy);
        proxy.destroy(); test.destroy();
    """,
    )


async def test_texts_of_all_kinds_keep_their_places(runtime: Any) -> None:
    """Short strings are encoded together: one that is not ASCII must not move its neighbours."""
    await js(
        runtime,
        """
        const kinds = ["", "a", "plain text", "caf\\xe9", "\\u20acuro", "\\u{1f600}", "\\ud800", "x".repeat(64),
                       "y".repeat(65), "\\xe9".repeat(70), "\\u20ac".repeat(200), 12345678901234567890n];
        for (const first of kinds) for (const second of kinds) {
          const value = [first, { "k\\xe9y": second, key: first }, [second, [first, second]], new Set([second, first])];
          const proxy = pyodide.toPy(value);
          const back = proxy.toJs();
          proxy.destroy();
          const text = (all) => JSON.stringify(all, (_, v) => v instanceof Set ? [...v].map(String).sort() : typeof v === "bigint" ? `${v}n` : v);
          if (text(back) !== text(value)) throw new Error(`${text(back)} is not ${text(value)}`);
        }
    """,
    )


async def test_primitives_and_proxies_are_returned_as_they_are(runtime: Any) -> None:
    await js(
        runtime,
        """
        for (const value of [1, "x", true, undefined, null, 5n]) check(pyodide.toPy(value) === value);
        const list = pyodide.toPy([1]);
        check(list instanceof PyProxy && pyodide.toPy(list) === list);
        const holder = pyodide.toPy([list, { list }]);
        const shared = py("lambda h: h[0] is h[1]['list']");
        check(shared(holder));
        const date = new Date(0);
        check(pyodide.toPy(date) === date && pyodide.toPy(Math.max) === Math.max);
        const inside = pyodide.toPy([date]);
        check(inside.get(0) === date);
        for (const proxy of [list, holder, inside]) proxy.destroy();
    """,
    )


async def test_cycles_and_shared_values_keep_identity_in_python(runtime: Any) -> None:
    await js(
        runtime,
        """
        const shared = { s: 1 };
        const value = [shared, shared, new Map([["again", shared]])];
        value.push(value);
        value[2].set("up", value);
        const proxy = pyodide.toPy(value);
        const test = py("lambda v: v[0] is v[1] and v[2]['again'] is v[0] and v[3] is v and v[2]['up'] is v");
        check(test(proxy));
        py("lambda v: v.clear()")(proxy);
        test.destroy(); proxy.destroy();
    """,
    )


async def test_depth_leaves_javascript_objects(runtime: Any) -> None:
    await js(
        runtime,
        """
        const inner = { b: 1 };
        const proxy = pyodide.toPy({ a: [inner] }, { depth: 2 });
        const list = proxy.get("a");
        check(list.get(0) === inner);
        list.destroy(); proxy.destroy();
        const value = [1];
        check(pyodide.toPy(value, { depth: 0 }) === value);
    """,
    )


async def test_default_converters_to_python(runtime: Any) -> None:
    await js(
        runtime,
        """
        class Pair { constructor(first, second) { this.first = first; this.second = second; } }
        const made = [];
        const defaultConverter = (value, convert, cache) => {
          if (!(value instanceof Pair)) return value;
          const list = pyodide.toPy([]);
          made.push(list);
          cache(value, list);
          list.append(convert(value.first));
          list.append(convert(value.second));
          return list;
        };
        const loop = new Pair(1, 2);
        loop.second = loop;
        const shared = { x: 1 };
        const outer = [shared, new Pair(shared, [3]), new Date(0), loop];
        const proxy = pyodide.toPy(outer, { defaultConverter });
        const test = py(`
def test(v):
    assert v[1] == [{"x": 1}, [3]] and v[1][0] is v[0], v
    assert v[3][0] == 1 and v[3][1] is v[3]
    v[3].clear()
test`);
        test(proxy);
        for (const one of [...made, test, proxy]) one.destroy();
        const error = caught(() => pyodide.toPy([new Pair(1, 2)], { defaultConverter() { throw new RangeError("mine"); } }));
        check(error.message === "mine");
        // A converter that survives the failure of a conversion it asked for.
        const list = pyodide.toPy([[1], new Pair([new Map([[[], 1]])], 2), [2]], {
          defaultConverter(value, convert) { try { convert(value.first); } catch { return "failed"; } },
        });
        const text = py("str")(list);
        check(text === "[[1], 'failed', [2]]", text);
        list.destroy();
    """,
    )


async def test_to_py_from_python(runtime: Any) -> None:
    await python(
        runtime,
        """
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
for source in ("new Map([[[1], 2]])", "new Set([{}])", "new Map([[1, 0], [true, 0]])", "new Set([0, false])"):
    try:
        run_js(source).to_py()
    except ConversionError:
        pass
    else:
        raise AssertionError(source)
""",
    )


async def test_typed_arrays_become_memoryviews_of_a_copy(runtime: Any) -> None:
    await js(
        runtime,
        """
        const value = [new Uint8Array([1, 2]), new Float64Array([1.5]), new ArrayBuffer(3), new DataView(new ArrayBuffer(4), 2),
                       new Int16Array([-1]), new BigInt64Array([-5n]), new Uint8Array(0), new Uint32Array([1, 2, 3]).subarray(1)];
        const proxy = pyodide.toPy(value);
        const test = py(`
def test(v):
    assert all(type(x) is memoryview for x in v)
    assert [x.format for x in v] == ["B", "d", "B", "B", "h", "q", "B", "I"], [x.format for x in v]
    assert [x.tolist() for x in v] == [[1, 2], [1.5], [0, 0, 0], [0, 0], [-1], [-5], [], [2, 3]]
    v[0][0] = 9
test`);
        test(proxy);
        check(value[0][0] === 1);
        test.destroy(); proxy.destroy();
    """,
    )


async def test_hostile_objects_give_their_own_errors(runtime: Any) -> None:
    await js(
        runtime,
        """
        const mine = new RangeError("mine");
        const thrower = () => { throw mine; };
        const traps = new Proxy({}, { ownKeys: thrower });
        const origin = new Proxy({}, { getPrototypeOf: thrower });
        const revoked = Proxy.revocable([], {}); revoked.revoke();
        const values = [{ get a() { throw mine; } }, [{ get b() { throw mine; } }], traps, [origin], new Map([[1, { get c() { throw mine; } }]])];
        for (const value of values) check(caught(() => pyodide.toPy(value)) === mine);
        check(caught(() => pyodide.toPy([revoked.proxy])) instanceof TypeError);
        const detached = new Uint8Array(4);
        structuredClone(detached.buffer, { transfer: [detached.buffer] });
        check(caught(() => pyodide.toPy([detached])) instanceof TypeError);
        const bare = Object.create(null);
        bare.__proto__ = 1;
        const kept = pyodide.toPy([bare, { hasOwnProperty: 1, toString: null, constructor: undefined }]);
        check(py("lambda v: v[0] == {'__proto__': 1} and list(v[1]) == ['hasOwnProperty', 'toString', 'constructor']")(kept));
        kept.destroy();
    """,
    )


async def test_getters_may_convert_and_run_python_meanwhile(runtime: Any) -> None:
    await js(
        runtime,
        """
        const value = {
          before: [1, "x"],
          get during() {
            const inner = pyodide.toPy({ deep: [1, 2, "\\u20ac"] });
            const text = py("str")(inner);
            inner.destroy();
            py("grown = bytearray(50_000_000)");
            return text;
          },
          after: ["y", 2.5],
        };
        const proxy = pyodide.toPy(value);
        const text = py("str")(proxy);
        check(text.includes("'before': [1, 'x']") && text.includes("'after': ['y', 2.5]"), text);
        proxy.destroy();
        const converter = (pairs) => { py("grown = bytearray(80_000_000)"); return Object.fromEntries(pairs); };
        same(toJs("[{'a': 1.5}, 2.5, 'x', {'b': [3.5]}]", { dict_converter: converter }), [{ a: 1.5 }, 2.5, "x", { b: [3.5] }]);
        py("del grown");
    """,
    )


@pytest.mark.parametrize(
    "option", ["depth: 'x'", "dict_converter: 1", "pyproxies: 1", "default_converter: {}"]
)
async def test_wrong_options_are_type_errors(runtime: Any, option: str) -> None:
    await js(runtime, f"check(caught(() => toJs('[1]', {{ {option} }})) instanceof TypeError);")


# --- without a conversion ---------------------------------------------------------------------------


async def test_as_py_json_shows_javascript_data_as_pythons(runtime: Any) -> None:
    await python(
        runtime,
        """
import json
from collections.abc import Mapping, Sequence
from pyodide.code import run_js
from pyodide.ffi import JsMutableMap, JsProxy
source = run_js("({a: [{b: 1}, [2, {c: 3}]], d: {e: {f: 'x'}}, n: null, when: new Date(0)})")
view = source.as_py_json()
assert isinstance(view, JsMutableMap) and view["d"]["e"]["f"] == "x" and view["a"][0]["b"] == 1
assert view["a"][1][1]["c"] == 3 and view["a"][-1][0] == 2 and [item["b"] for item in view["a"][:1]] == [1]
assert sorted(view) == ["a", "d", "n", "when"] and len(view) == 4 and "d" in view and "x" not in view
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
""",
    )


async def test_as_js_json_shows_python_data_as_javascripts(runtime: Any) -> None:
    await js(
        runtime,
        """
        const data = py("data = {'a': [1, {'b': 'x'}], 'c': {'d': None, 'e': True}, 'toString': 1}; data");
        const view = data.asJsJson();
        check(view.a[1].b === "x" && view.c.e === true && view.a.length === 2 && view.missing === undefined);
        same(JSON.parse(JSON.stringify(view)), { a: [1, { b: "x" }], c: { e: true }, toString: 1 });
        same(Object.keys(view), ["a", "c", "toString"]);
        check("c" in view && Array.isArray(view.a) && view.a.map((item) => typeof item).join() === "number,object");
        view.c.f = 5;
        check(py("data['c']['f']") === 5);
        delete view.c.f;
        check(py("'f' in data['c']") === false);
        py("del data");
    """,
    )


async def test_json_writes_null_for_jsnull(runtime: Any) -> None:
    """It raised TypeError, so that what as_py_json() had shown could not be written."""
    assert (
        await runtime.value("""
import io, json
from pyodide.ffi import jsnull
from pyodide.code import run_js
stream = io.StringIO()
json.dump({"a": [jsnull, {"b": jsnull}]}, stream)
parts = [json.dumps(jsnull), json.dumps([jsnull]), json.dumps([jsnull], indent=0), stream.getvalue(),
         json.dumps(run_js("({n: null})").to_py())]
del stream
"|".join(parts)
""")
        == 'null|[null]|[\nnull\n]|{"a": [null, {"b": null}]}|{"n": null}'
    )
