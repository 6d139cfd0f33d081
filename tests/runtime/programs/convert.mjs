// Programs of test_convert.py.

export function json_like_data({ check, same, toJs }) {
  const value = toJs(`{"a": [1, 2.5, -0.0, True, False, None, "text", "caf\xe9", "\u20ac", "\u{1f600}"],
                       "b": {"c": {}, "d": [], "e": (1, (2,))}, "": "", "caf\xe9 \u20ac": 10**12}`);
  check(Object.getPrototypeOf(value) === Object.prototype && Array.isArray(value.a));
  same(Object.keys(value), ["a", "b", "", "caf\xe9 \u20ac"]);
  check(Object.is(value.a[2], -0) && value.a[5] === undefined);
  same(
    value.a.filter((_, i) => i !== 2 && i !== 5),
    [1, 2.5, true, false, "text", "caf\xe9", "\u20ac", "\u{1f600}"],
  );
  same(value.b, { c: {}, d: [], e: [1, [2]] });
  check(value["caf\xe9 \u20ac"] === 1e12);
}

export function large_integers({ check, toJs }) {
  const numbers = toJs("[2**53 - 1, -(2**53 - 1), 2**53, -(2**60), 10**400, 2**27, -2**27 - 1, 2**31, 0]");
  check(numbers[0] === 2 ** 53 - 1 && numbers[1] === -(2 ** 53 - 1));
  check(numbers[2] === 2n ** 53n && numbers[3] === -(2n ** 60n) && numbers[4] === 10n ** 400n);
  check(
    numbers[5] === 2 ** 27 && numbers[6] === -(2 ** 27) - 1 && numbers[7] === 2 ** 31 && numbers[8] === 0,
  );
}

export function text_of_every_width({ check, py }) {
  const units = { a: "a", l: "\xe9", u: "\u20ac", x: "\u{1f600}", high: "\ud83d", low: "\ude00", nul: "\0" };
  const names = py(
    "{'a': 'a', 'l': chr(0xe9), 'u': chr(0x20ac), 'x': chr(0x1f600), 'high': chr(0xd83d), 'low': chr(0xde00), 'nul': chr(0)}",
  );
  const make = py(
    "lambda units: [unit * n for unit in units.values() for n in (0, 1, 2, 31, 33, 511, 513, 5000)]",
  );
  const list = make(names);
  const got = list.toJs();
  let at = 0;
  for (const unit of Object.values(units))
    for (const n of [0, 1, 2, 31, 33, 511, 513, 5000])
      check(got[at++] === unit.repeat(n), `${unit.codePointAt(0)} ${n}`);
  for (const proxy of [names, make, list]) proxy.destroy();
}

export function sets({ pyodide, check, caught, toJs }) {
  const { PythonError } = pyodide.ffi;
  const [one, two] = toJs("[{1, 2, 'x'}, frozenset()]");
  check(one instanceof Set && one.size === 3 && one.has(1) && one.has("x"));
  check(two instanceof Set && two.size === 0);
  const error = caught(() => toJs("{(1, 2)}"));
  check(
    error instanceof PythonError && /ConversionError/.test(error.message) && /\(1, 2\)/.test(error.message),
    error.message,
  );
}

export function subclasses({ same, py, toJs }, program) {
  py(program);
  same(toJs("values"), [1, "t", 1.5, [1, 2], { b: 2, a: 1 }, { k: [1] }, { only: 1 }]);
  same(Object.keys(toJs("ordered")), ["b", "a"]);
}

export function keys_that_are_no_strings({ pyodide, check, same, caught, toJs }) {
  const { PythonError } = pyodide.ffi;
  same(toJs("{1: 'a', 2.5: 'b', True + 1: 'c', None: 'd', False: 'e'}"), {
    1: "a",
    2: "c",
    2.5: "b",
    undefined: "d",
    false: "e",
  });
  for (const source of [
    "{1: 0, '1': 0}",
    "{'1': 0, 1: 0}",
    "{(1, 2): 0}",
    "{frozenset(): 0}",
    "[{None: 0, 'undefined': 1}]",
  ]) {
    const error = caught(() => toJs(source));
    check(error instanceof PythonError && /ConversionError/.test(error.type + error.message), String(error));
  }
  same(toJs("{1: 0, '1': 1}", { dict_converter: Object.fromEntries }), { 1: 1 });
}

export function key_named_proto({ check, same, toJs }) {
  const [one, two] = toJs("[{'__proto__': {'x': 1}, 'y': 2}, {'__proto__': None}]");
  check(Object.getPrototypeOf(one) === Object.prototype && one.x === undefined && one.y === 2);
  same(Object.keys(one), ["__proto__", "y"]);
  same(Object.keys(two), ["__proto__"]);
}

export function cycles({ check, py, toJs }, program) {
  py(program);
  const value = toJs("cycle");
  check(value[0] === value[1] && value[2].again === value[0]);
  check(value[3] === value && value[2].up === value);
  py("cycle.clear()");
}

export function cycles_through_a_dict_converter({ check, caught, py, toJs }) {
  py("loop = {}; loop['list'] = [loop, 1]");
  const map = toJs("loop", { dict_converter: (pairs) => new Map(pairs) });
  check(map instanceof Map && map.get("list")[0] === map && map.get("list")[1] === 1);
  py("loop.clear(); loop['me'] = loop");
  const error = caught(() => toJs("loop", { dict_converter: (pairs) => new Map(pairs) }));
  check(/ConversionError/.test(error.message) && /dict_converter/.test(error.message), error.message);
  py("loop.clear()");
}

export function dict_converters({ check, same, caught, toJs }) {
  const source = "{'a': {'b': 1}, 'c': [{'d': 2}]}";
  same(toJs(source, { dict_converter: Object.fromEntries }), { a: { b: 1 }, c: [{ d: 2 }] });
  same(toJs(source, { dict_converter: Array.from }), [
    ["a", [["b", 1]]],
    ["c", [[["d", 2]]]],
  ]);
  const map = toJs("{1: 'one', 'x': {}}", { dict_converter: (pairs) => new Map(pairs) });
  check(map.get(1) === "one" && map.get("x") instanceof Map);
  const error = caught(() =>
    toJs(source, {
      dict_converter() {
        throw new RangeError("mine");
      },
    }),
  );
  check(error instanceof RangeError && error.message === "mine");
}

export function depth({ pyodide, check, py, toJs }) {
  const { PyProxy } = pyodide.ffi;
  const pyproxies = [];
  const value = toJs("[1, [2, [3]], {'a': {}}]", { depth: 2, pyproxies });
  check(value[1][0] === 2 && value[1][1] instanceof PyProxy && value[2].a instanceof PyProxy);
  check(pyproxies.length === 2 && pyproxies.includes(value[1][1]) && pyproxies.includes(value[2].a));
  for (const proxy of pyproxies) proxy.destroy();
  const whole = py("[1]");
  const shallow = whole.toJs({ depth: 0 });
  check(shallow instanceof PyProxy && shallow.length === 1);
  shallow.destroy();
  whole.destroy();
  const shared = py("(lambda s: [[s], s])([1])");
  const list = [];
  const two = shared.toJs({ depth: 2, pyproxies: list });
  check(two[0][0] instanceof PyProxy && Array.isArray(two[1]), "the shallow one is converted");
  list.forEach((proxy) => proxy.destroy());
  shared.destroy();
}

export function objects_without_a_conversion({ pyodide, check, caught, py, toJs }) {
  const { PyProxy, PythonError } = pyodide.ffi;
  py("class Own: pass\nown = Own()");
  const pyproxies = [];
  const value = toJs("[own, own, len]", { pyproxies });
  check(value[0] instanceof PyProxy && value[0] === value[1] && pyproxies.length === 2);
  pyproxies.forEach((proxy) => proxy.destroy());
  const error = caught(() => toJs("[1, [own]]", { create_pyproxies: false }));
  check(error instanceof PythonError && /ConversionError/.test(error.message), error.message);
  const deep = caught(() => toJs("[[1]]", { create_pyproxies: false, depth: 1 }));
  check(/ConversionError/.test(deep.message));
}

export function default_converters({ pyodide, check, same, caught, py, toJs }, program) {
  const { PyProxy } = pyodide.ffi;
  py(program);
  const asArray = (value, convert, cache) => {
    const result = [];
    cache(value, result);
    const { first, second } = value;
    result.push(convert(first), convert(second));
    first?.destroy?.();
    second?.destroy?.();
    return result;
  };
  const pyproxies = [];
  same(toJs("[loop, {'again': loop}]", { default_converter: asArray, pyproxies }), [
    [1, [2, { x: 3 }]],
    { again: [1, [2, { x: 3 }]] },
  ]);
  const round = toJs("cyclic", { default_converter: asArray, pyproxies });
  check(round[0] === 1 && round[1] === round);
  const itself = toJs("[loop]", { default_converter: (value) => value, pyproxies });
  check(itself[0] instanceof PyProxy && itself[0].first === 1);
  pyproxies.forEach((proxy) => proxy.destroy());
  itself[0].destroy?.();
  const error = caught(() =>
    toJs("[[own2 := Pair(1, 2)], Pair(3, 4)]", {
      default_converter() {
        throw new TypeError("no");
      },
    }),
  );
  check(error instanceof TypeError && error.message === "no");
  py("cyclic.second = None");
}

export function eager_converters({ same, toJs }) {
  const seen = [];
  const pyproxies = [];
  const eager_converter = (value, convert, cache) => {
    seen.push(value.type);
    if (value.type === "tuple") return "a tuple";
    return convert(value);
  };
  same(toJs("[1, 'x', (1, 2), {'a': (3,), 'b': [4]}]", { eager_converter, pyproxies }), [
    1,
    "x",
    "a tuple",
    { a: "a tuple", b: [4] },
  ]);
  same(seen, ["list", "tuple", "dict", "tuple", "list"]);
  pyproxies.forEach((proxy) => proxy.destroy?.());
}

export function buffers({ check, py, toJs }, program) {
  py(program);
  const [bytes, raw, reversed, doubles, ints, longs, grid, none, shorts] = toJs("values");
  check(bytes instanceof Uint8Array && bytes.length === 2 && bytes[1] === 255);
  check(raw instanceof Uint8Array && reversed[0] === 99 && reversed.length === 3);
  check(doubles instanceof Float64Array && doubles[1] === -2 && ints instanceof Int32Array && ints[0] === -1);
  check(longs instanceof BigUint64Array && longs[0] === 2n ** 63n);
  check(
    Array.isArray(grid) &&
      grid.length === 2 &&
      grid[1] instanceof Uint8Array &&
      grid[1][0] === 3 &&
      grid[1].length === 3,
  );
  check(none instanceof Uint8Array && none.length === 0 && shorts instanceof Uint16Array && shorts[1] === 2);
  raw[0] = 1;
  check(py("raw[0]") === 97 && raw.byteLength === raw.buffer.byteLength);
}

export function javascript_inside_python({ pyodide, check }) {
  const object = { a: 1 };
  const names = pyodide.toPy({});
  names.set("o", object);
  names.set("n", null);
  names.set("f", Math.max);
  const back = names.toJs();
  check(back.o === object && back.n === null && back.f === Math.max);
  names.destroy();
}

export function deep_nesting({ pyodide, check, caught, py, toJs }) {
  const { PythonError } = pyodide.ffi;
  py("deep = []\nfor _ in range(100_000): deep = [deep]");
  const error = caught(() => toJs("deep"));
  check(error instanceof PythonError && /RecursionError/.test(error.message), String(error));
  py("del deep");
  let nested = [];
  for (let i = 0; i < 100000; i++) nested = [nested];
  const other = caught(() => pyodide.toPy(nested));
  check(other instanceof RangeError, String(other));
  check(py("1 + 1") === 2);
}

export function plain_values({ pyodide, py }, program) {
  const value = {
    a: [
      1,
      -1,
      2.5,
      -0,
      NaN,
      1e300,
      2 ** 31,
      -(2 ** 53) + 1,
      2 ** 53,
      true,
      false,
      null,
      undefined,
      5n,
      -(2n ** 70n),
    ],
    b: { c: {}, d: [], "\u20ac": "\u{1f600}", "": "caf\xe9" },
    m: new Map(/** @type {any} */ ([["k", [1]], [2, "two"]])),
    s: new Set([1, "x"]),
  };
  const proxy = pyodide.toPy(value);
  const test = py(program);
  test(proxy);
  proxy.destroy();
  test.destroy();
}

export function texts_of_all_kinds({ pyodide }) {
  const kinds = [
    "",
    "a",
    "plain text",
    "caf\xe9",
    "\u20acuro",
    "\u{1f600}",
    "\ud800",
    "x".repeat(64),
    "y".repeat(65),
    "\xe9".repeat(70),
    "\u20ac".repeat(200),
    12345678901234567890n,
  ];
  for (const first of kinds)
    for (const second of kinds) {
      const value = [
        first,
        { "k\xe9y": second, key: first },
        [second, [first, second]],
        new Set([second, first]),
      ];
      const proxy = pyodide.toPy(value);
      const back = proxy.toJs();
      proxy.destroy();
      const text = (all) =>
        JSON.stringify(all, (_, v) =>
          v instanceof Set ? [...v].map(String).sort() : typeof v === "bigint" ? `${v}n` : v,
        );
      if (text(back) !== text(value)) throw new Error(`${text(back)} is not ${text(value)}`);
    }
}

export function returned_as_they_are({ pyodide, check, py }) {
  const { PyProxy } = pyodide.ffi;
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
}

export function cycles_to_python({ pyodide, check, py }) {
  const shared = { s: 1 };
  /** @type {any[]} */
  const value = [shared, shared, new Map([["again", shared]])];
  value.push(value);
  value[2].set("up", value);
  const proxy = pyodide.toPy(value);
  const test = py("lambda v: v[0] is v[1] and v[2]['again'] is v[0] and v[3] is v and v[2]['up'] is v");
  check(test(proxy));
  py("lambda v: v.clear()")(proxy);
  test.destroy();
  proxy.destroy();
}

export function depth_to_python({ pyodide, check }) {
  const inner = { b: 1 };
  const proxy = pyodide.toPy({ a: [inner] }, { depth: 2 });
  const list = proxy.get("a");
  check(list.get(0) === inner);
  list.destroy();
  proxy.destroy();
  const value = [1];
  check(pyodide.toPy(value, { depth: 0 }) === value);
}

export function default_converters_to_python({ pyodide, check, caught, py }, program) {
  class Pair {
    constructor(first, second) {
      this.first = first;
      this.second = second;
    }
  }
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
  const test = py(program);
  test(proxy);
  for (const one of [...made, test, proxy]) one.destroy();
  const error = caught(() =>
    pyodide.toPy([new Pair(1, 2)], {
      defaultConverter() {
        throw new RangeError("mine");
      },
    }),
  );
  check(error.message === "mine");
  // A converter that survives the failure of a conversion it asked for.
  const list = pyodide.toPy([[1], new Pair([new Map([[[], 1]])], 2), [2]], {
    defaultConverter(value, convert) {
      try {
        convert(value.first);
      } catch {
        return "failed";
      }
    },
  });
  const text = py("str")(list);
  check(text === "[[1], 'failed', [2]]", text);
  list.destroy();
}

export function typed_arrays({ pyodide, check, py }, program) {
  const value = [
    new Uint8Array([1, 2]),
    new Float64Array([1.5]),
    new ArrayBuffer(3),
    new DataView(new ArrayBuffer(4), 2),
    new Int16Array([-1]),
    new BigInt64Array([-5n]),
    new Uint8Array(0),
    new Uint32Array([1, 2, 3]).subarray(1),
  ];
  const proxy = pyodide.toPy(value);
  const test = py(program);
  test(proxy);
  check(value[0][0] === 1);
  test.destroy();
  proxy.destroy();
}

export function hostile_objects({ pyodide, check, caught, py }) {
  const mine = new RangeError("mine");
  const thrower = () => {
    throw mine;
  };
  const traps = new Proxy({}, { ownKeys: thrower });
  const origin = new Proxy({}, { getPrototypeOf: thrower });
  const revoked = Proxy.revocable([], {});
  revoked.revoke();
  const getter = Object.defineProperty({}, "a", { get: thrower, enumerable: true });
  const values = [getter, [getter], traps, [origin], new Map([[1, getter]])];
  for (const value of values) check(caught(() => pyodide.toPy(value)) === mine);
  check(caught(() => pyodide.toPy([revoked.proxy])) instanceof TypeError);
  const detached = new Uint8Array(4);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  check(caught(() => pyodide.toPy([detached])) instanceof TypeError);
  const bare = Object.create(null);
  bare.__proto__ = 1;
  const kept = pyodide.toPy([bare, { hasOwnProperty: 1, toString: null, constructor: undefined }]);
  check(
    py("lambda v: v[0] == {'__proto__': 1} and list(v[1]) == ['hasOwnProperty', 'toString', 'constructor']")(
      kept,
    ),
  );
  kept.destroy();
}

export function getters_that_use_python({ pyodide, check, same, py, toJs }) {
  const value = {
    before: [1, "x"],
    get during() {
      const inner = pyodide.toPy({ deep: [1, 2, "\u20ac"] });
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
  const converter = (pairs) => {
    py("grown = bytearray(80_000_000)");
    return Object.fromEntries(pairs);
  };
  same(toJs("[{'a': 1.5}, 2.5, 'x', {'b': [3.5]}]", { dict_converter: converter }), [
    { a: 1.5 },
    2.5,
    "x",
    { b: [3.5] },
  ]);
  py("del grown");
}

export function wrong_options({ check, caught, toJs }, options) {
  check(caught(() => toJs("[1]", options)) instanceof TypeError);
}

export function as_js_json({ check, same, py }) {
  const data = py("data = {'a': [1, {'b': 'x'}], 'c': {'d': None, 'e': True}, 'items': 1}; data");
  const view = data.asJsJson();
  check(view.a[1].b === "x" && view.c.e === true && view.a.length === 2 && view.missing === undefined);
  same(JSON.parse(JSON.stringify(view)), { a: [1, { b: "x" }], c: { e: true }, items: 1 });
  same(Object.keys(view), ["a", "c", "items"]);
  check("c" in view && view.items === 1 && view.a.map((item) => typeof item).join() === "number,object");
  view.c.f = 5;
  check(py("data['c']['f']") === 5);
  delete view.c.f;
  check(py("'f' in data['c']") === false);
  py("del data");
}

export function converter_that_destroys_what_it_got({ pyodide, py }) {
  class Pair {
    constructor(first) {
      this.first = first;
      this.second = this;
    }
  }
  let returned;
  const defaultConverter = (value, convert, cache) => {
    if (!(value instanceof Pair)) return value;
    const list = pyodide.toPy([]);
    cache(value, list);
    for (const one of [value.first, value.second, value.second]) {
      const got = convert(one);
      list.append(got);
      got.destroy();
    }
    returned = list;
    return list;
  };
  const proxy = pyodide.toPy(new Pair([1]), { defaultConverter });
  const show = py("repr");
  const text = show(proxy);
  for (const one of [proxy, show]) one.destroy();
  try {
    return `${text} ${returned}`;
  } catch (error) {
    return `${text} ${error.message.split("\n")[0]}`;
  }
}
