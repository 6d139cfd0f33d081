// Programs of test_py_proxy.py. Each gets the Python programs of that test as well, by their names.

/** Assertions that compare and show values of both languages. */
function assertions({ pyodide, check, caught }) {
  const show = (value) => {
    if (typeof value === "bigint") return `${value}n`;
    if (value === undefined) return "undefined";
    return value instanceof pyodide.ffi.PyProxy ? `<${value}>` : JSON.stringify(value);
  };
  const same = (actual, expected, what = "") => {
    const equal = Object.is(actual, expected) || show(actual) === show(expected);
    check(equal, `${what} ${show(actual)} is not ${show(expected)}`);
  };
  const raises = (call, text) => {
    const told = String(caught(call));
    check(told.includes(text), `${told} has no ${text}`);
  };
  return { same, raises };
}

export async function attributes_are_read_set_and_deleted(given, python) {
  const { py } = given;
  const { same, raises } = assertions(given);
  const x = py(python.an_object);
  same(x.v, 1);
  same(x.m(4), 5);
  same(x.m === x.m, true, "one proxy for a method");
  x.w = "text";
  same(x.w, "text");
  same("w" in x, true);
  same("nope" in x, false);
  same(x.nope, undefined);
  same(delete x.w, true);
  same("w" in x, false);
  raises(() => delete x.w, "AttributeError");
  x.later = 5;
  same(x.later, 5);
  const names = Reflect.ownKeys(x);
  same(names.includes("v") && names.includes("m") && names.includes("later"), true);
  same(Object.keys(x), []);
}

export async function a_dollar_gives_the_attribute_behind_a_javascript_name(given, python) {
  const { py } = given;
  const { same } = assertions(given);
  const d = py("d = {'get': 5}; d");
  same(d.get("get"), 5);
  same(typeof d.get, "function");
  same(d.$get("get"), 5);
  const x = py(python.an_object_with_names_of_proxies);
  same(x.$copy, 3);
  same(x.$type, "hm");
  same(x.type, "Y");
  x.$destroy = 9;
  same(x.$destroy, 9);
  same(typeof x.destroy, "function");
}

export async function a_property_that_raises_raises_its_python_error(given, python) {
  const { py } = given;
  const { same, raises } = assertions(given);
  const x = py(python.an_object_with_a_bad_property);
  raises(() => x.bad, "ValueError: no good");
  same("bad" in x, true);
  raises(() => {
    x.bad = 3;
  }, "AttributeError");
}

export async function the_rules_of_javascript_hold(given) {
  const { pyodide, py } = given;
  const { same, raises } = assertions(given);
  const x = py("class X: pass\nX()");
  const mark = Symbol("mark");
  x[mark] = 4;
  same(x[mark], 4);
  same(mark in x, true);
  same(delete x[mark], true);
  same(x[mark], undefined);
  x.copy = 7;
  same(x.copy, 7);
  same(delete x.copy, true);
  same(typeof x.copy, "function");
  raises(() => {
    x.type = 4;
  }, "TypeError");
  raises(() => Object.freeze(x), "TypeError");
  same(Object.isExtensible(x), true);
  const child = Object.create(x);
  child.own = 1;
  same(Object.hasOwn(child, "own"), false);
  same(x.own, 1);
  x.shared = 2;
  same(child.shared, 2);
  same(child.toString(), x.toString());
  same(Object.prototype.toString.call(x), "[object PyProxy]");
  same(Object.getPrototypeOf(x).constructor.name, "PyProxy");
  raises(() => new pyodide.ffi.PyProxy(), "TypeError");
  raises(() => x.toString.call({}), "TypeError");
}

export async function dicts_are_maps_and_objects(given) {
  const { py } = given;
  const { same, raises } = assertions(given);
  const d = py("d = {'a': 1, 3: 4}; d");
  same(d.a, 1);
  same(d.get("a"), 1);
  same(d.get("zz"), undefined);
  same(d.get(3), 4);
  same(d[3], 4);
  same("a" in d, true);
  same("3" in d, true);
  same("b" in d, false);
  same(d.length, 2);
  d.b = 1;
  same(d.get("b"), 1);
  same(delete d.b, true);
  same(d.has("b"), false);
  raises(() => delete d.b, "trap returned falsish for property 'b'");
  raises(() => d.delete("zz"), "KeyError");
  d.set("c", "x");
  same(d.has("c"), true);
  d.delete("c");
  same(d.has("c"), false);
  same(Object.keys(d), ["a", "3"]);
  same(JSON.stringify(d), '{"a":1,"3":4}');
  same({ ...d }, { 3: 4, a: 1 });
  same([...d], ["a", 3]);
  const items = d.items();
  const pairs = [];
  for (const pair of items) pairs.push([...pair]); // each ends with the walk
  items.destroy();
  same(pairs.join(";"), "a,1;3,4");
}

export async function sequences_have_indices(given) {
  const { py } = given;
  const { same, raises } = assertions(given);
  const l = py("l = [1, 2, 'x']; l");
  same(l[0], 1);
  same(l[9], undefined);
  same(l[-1], undefined);
  same(l.get(-1), "x");
  same(l.get(9), undefined);
  same(0 in l, true);
  same(9 in l, false);
  same(l.length, 3);
  l[0] = 5;
  same(l[0], 5);
  raises(() => {
    l[9] = 5;
  }, "TypeError");
  delete l[0];
  same([...l], [2, "x"]);
  raises(() => {
    l.length = 0;
  }, "TypeError");
  same(JSON.stringify(l), '[2,"x"]');
  same([1].concat(l), [1, 2, "x"]);
  const t = py("(1, 2)");
  raises(() => {
    t[0] = 2;
  }, "TypeError");
  same(t.push, undefined);
  const doubled = py("range(3)").map((v) => v * 2);
  same(doubled, [0, 2, 4]);
  same(py("b'ab'").at(-1), 98);
}

export async function the_array_api_on_lists(given) {
  const { pyodide, py } = given;
  const { same, raises } = assertions(given);
  const made = [];
  const list = (items) => {
    made.push(pyodide.toPy(items));
    return made.at(-1);
  };
  /** @type {any[][]} */
  const cases = [
    ["join"],
    ["join", "-"],
    ["slice", 1],
    ["slice", -2, -1],
    ["indexOf", 3],
    ["lastIndexOf", 1],
    ["includes", 3],
    ["includes", 9],
    ["at", -1],
    ["concat", [7], 8],
    ["map", (v) => v * 2],
    ["filter", (v) => v > 1],
    ["some", (v) => v > 2],
    ["every", (v) => v > 2],
    ["reduce", (a, b) => a - b],
    ["reduceRight", (a, b) => a - b],
    ["reduce", (a, b) => a - b, 100],
    ["find", (v) => v > 1],
    ["findIndex", (v) => v > 1],
    ["flatMap", (v) => [v, v]],
    ["push", 7, 8],
    ["push"],
    ["pop"],
    ["shift"],
    ["unshift", 7, 8],
    ["splice", 1, 1],
    ["splice", 1],
    ["splice", -1, 1, 5, 6],
    ["splice"],
    ["splice", 0, 0, 9],
    ["sort"],
    ["sort", (a, b) => b - a],
    ["reverse"],
    ["fill", 0, 1],
    ["copyWithin", 0, 2],
    ["toJSON"],
  ];
  for (const [name, ...args] of cases) {
    for (const items of [[1, 3, 2, 10, 1], []]) {
      if (name.startsWith("reduce") && items.length === 0 && args.length < 2) continue;
      const array = /** @type {any} */ ([...items]);
      const proxy = list(items);
      const expected = name === "toJSON" ? array : array[name](...args);
      const actual = proxy[name](...args);
      const label = `${name}(${args}) of [${items}]`;
      if (expected === array && name !== "toJSON") same(actual === proxy, true, label);
      else same(actual, expected, label);
      same([...proxy], array, `${label} leaves`);
    }
  }
  const seen = [];
  list([4, 5]).forEach((v, i) => seen.push([i, v]));
  same(seen.join(";"), "0,4;1,5");
  same([...list([4, 5]).entries()].join(";"), "0,4;1,5");
  same([...list([4, 5]).keys()], [0, 1]);
  same([...list([4, 5]).values()], [4, 5]);
  raises(() => list([]).reduce((a) => a), "TypeError");
  raises(() => list([2, 1]).sort(5), "TypeError");
  const d = py("import collections; collections.deque([1, 2])");
  d.push(3);
  same(d.shift(), 1);
  d.unshift(0);
  same([...d], [0, 2, 3]);
  const b = py("bytearray(b'abc')");
  b.push(1, 2);
  same(b.splice(0, 2), [97, 98]);
  same([...b], [99, 1, 2]);
  raises(() => b.push("text"), "TypeError");
  for (const proxy of made) proxy.destroy();
}

export async function text_and_type(given, python) {
  const { py } = given;
  const { same, raises } = assertions(given);
  const x = py(python.an_object_with_texts);
  same(String(x), "as text");
  same(`${x}`, "as text");
  same(x + "", "as text");
  same(x.type, "T");
  same(py("[1, 'a']").toString(), "[1, 'a']");
  same(py("__import__('collections').OrderedDict()").type, "collections.OrderedDict");
  const bad = py(python.an_object_with_a_bad_text);
  raises(() => String(bad), "TypeError");
}

export async function iteration(given, python) {
  const { py } = given;
  const { same, raises } = assertions(given);
  same([...py("iter([1, 2])")], [1, 2]);
  const g = py(python.a_generator);
  same(g.next(), { done: false, value: 1 });
  same(g.next(5), { done: false, value: 5 });
  const error = py("ValueError('v')");
  same(g.throw(error), { done: true, value: "caught" });
  same(g.next(), { done: true });
  const h = py(python.a_generator_that_cleans_up);
  h.next();
  same(h.return(3), { done: true, value: 3 });
  same(py("log")[0], "closed");
  const i = py("(x for x in [1])");
  raises(() => i.throw(new Error("boo")), "boo");
  for (const v of py("[1, 2, 3]")) {
    same(v, 1);
    break;
  }
  raises(() => [...py("(1 // x for x in [1, 0])")], "ZeroDivisionError");
  same([...py(python.an_old_sequence)], [0, 1, 2]);
}

export async function asynchronous_iteration(given, python) {
  const { py } = given;
  const { same } = assertions(given);
  const g = py(python.an_asynchronous_generator);
  const seen = [];
  const first = g();
  for await (const v of first) seen.push(v);
  same(seen, [0, 1, 2]);
  const second = g();
  same(await second.next(), { done: false, value: 0 });
  same(await second.next("sent"), { done: false, value: "sent" });
  same(await second.throw(py("ValueError()")), { done: false, value: "caught" });
  same(await second.next(), { done: true });
  const third = g();
  await third.next();
  same(await third.return(8), { done: true, value: 8 });
  for (const generator of [first, second, third]) generator.destroy();
}

export async function awaitables_are_promises(given, python) {
  const { py } = given;
  const { same } = assertions(given);
  const f = py(python.a_coroutine_function);
  same(await f(1), 2);
  const running = f(5);
  same(await running, 6);
  same(await running, 6, "again");
  same(await f(1).then((v) => v * 10), 20);
  let ended = 0;
  same(await f(1).finally(() => ended++), 2);
  same(ended, 1);
  const bad = py("async def bad(): raise KeyError('k')\nbad");
  same(await bad().catch((error) => error.type), "KeyError");
  const future = py("future = asyncio.get_event_loop().create_future(); future");
  setTimeout(() => future.set_result(3));
  same(await future, 3);
  const co = py("f(40)");
  same(await co, 41);
}

export async function calls_with_options(given, python) {
  const { py } = given;
  const { same, raises } = assertions(given);
  const f = py("def f(a, b=2, *, c=3): return [a, b, c]\nf");
  const call = (value) => {
    const items = [...value];
    value.destroy();
    return items;
  };
  same(call(f(1)), [1, 2, 3]);
  same(call(f.call(null, 1, 5)), [1, 5, 3]);
  same(call(f.apply(null, [7, 8])), [7, 8, 3]);
  same(call(f.callKwargs(1, { c: 9 })), [1, 2, 9]);
  same(call(f.callKwargs({ a: 4, b: 5 })), [4, 5, 3]);
  same(call(f.callRelaxed(1, 2, 3, 4)), [1, 2, 3]);
  same(call(f.callKwargsRelaxed(1, 2, 3, { c: 5, d: 6 })), [1, 2, 5]);
  same(call(f.callWithOptions({ kwargs: true }, 1, { b: 6 })), [1, 6, 3]);
  raises(() => f.callKwargs(), "TypeError");
  raises(() => f.callKwargs(1, "x"), "kwargs argument is not an object");
  raises(() => f(), "missing 1 required positional argument");
  raises(() => f.callKwargs(1, { zz: 1 }), "unexpected keyword argument");
  same(f.name, undefined);
  same(f.__name__, "f");
  same(f.length, undefined);
  const many = py("lambda *a: len(a)");
  same(many(...Array.from({ length: 1000 }, (_, i) => `argument ${i}`)), 1000);
  const C = py(python.a_class);
  const made = new C(4);
  same(made.v, 4);
  made.destroy();
}

export async function this_and_bind(given) {
  const { py } = given;
  const { same } = assertions(given);
  const t = py("lambda *a: str(a)");
  same(t.call(7, 8), "(8,)");
  const c = t.captureThis();
  same(c.call(7, 8), "(7, 8)");
  same(c.bind(7).call(9, 8), "(7, 8)");
  same(c.bind(7, 1).bind(9, 2).call(9, 8), "(7, 1, 2, 8)");
  same(t.bind(null, 5)(6), "(5, 6)");
  const holder = { c, name: "me" };
  const name = py("lambda this: this.name").captureThis();
  holder.name_of = name;
  same(holder.name_of(), "me");
  const copied = c.copy();
  same(copied.call(1), "(1,)");
  copied.destroy();
}

export async function promising_calls_may_wait(given, python) {
  const { py } = given;
  const { same, raises } = assertions(given);
  const f = py(python.a_function_that_waits);
  const both = await Promise.all([f.callPromising(2), f.callPromising(3)]);
  same(both, [4, 6]);
  same(await f.callPromisingKwargs({ n: 5 }), 10);
  same(await f.callWithOptions({ promising: true, relaxed: true }, 5, 6, 7), 10);
  const bad = py(python.a_function_that_waits_and_raises);
  same(await bad.callPromising().catch((error) => error.type), "OSError");
  const lock = py(python.a_lock_that_is_held);
  raises(() => lock(), "callPromising()");
  const co = py("async def co(x): return x\nco");
  same(await co.callPromising(3), 3);
  const order = [];
  const g = py(python.a_function_that_tells_before_and_after_it_waits);
  const done = g.callPromising((what) => {
    order.push(what);
  });
  order.push("called");
  await done;
  same(order, ["began", "called", "ended"]);
}

export async function a_promising_proxy_is_called_as_a_promise(given, python) {
  const { py } = given;
  const { same } = assertions(given);
  const f = py(python.a_promising_proxy);
  same(f(4) instanceof Promise, true);
  same(await f(5), 6);
}

export async function json_view(given) {
  const { py } = given;
  const { same } = assertions(given);
  const d = py("{'a': {'b': [1, {'c': 2}]}, 'get': 5, 7: 8}");
  const view = d.asJsJson();
  same(view.a.b[1].c, 2);
  same(view.get, 5);
  same(view[7], 8);
  same(view.nope, undefined);
  same(Object.keys(view), ["a", "get", "7"]);
  same("a" in view, true);
  same("toJs" in view, false);
  same(view.a.b.constructor, d.constructor);
  const types = view.a.b.map((v) => typeof v);
  same(types, ["number", "object"]);
  same(JSON.stringify(view), '{"a":{"b":[1,{"c":2}]},"get":5,"7":8}');
  view.new = 1;
  same(d.get("new"), 1);
  delete view.new;
  same(d.has("new"), false);
  view.a.b.push(3);
  same(view.a.b.length, 3);
  same(view.a === view.a, true);
}

export async function a_promising_call_from_within_python_starts_when_python_has_returned(given, python) {
  const { py } = given;
  const { same } = assertions(given);
  const order = [];
  const f = py(python.a_function_that_tells_that_it_runs);
  const outer = py("def outer(js): js(); return 'outer'\nouter");
  let done;
  const note = (what) => {
    order.push(what);
  };
  same(
    outer(() => {
      done = f.callPromising(note);
      order.push("queued");
    }),
    "outer",
  );
  order.push("returned");
  same(await done, 7);
  same(order, ["queued", "returned", "task"]);
}

export async function an_interrupt_ends_a_promising_call(given) {
  const { pyodide, py, until, failure } = given;
  const { same } = assertions(given);
  const f = py("import time\nlambda: time.sleep(60)");
  const done = failure(f.callPromising());
  await until(() => pyodide.stats().waiting > 0);
  pyodide.interrupt();
  same((await done).type, "KeyboardInterrupt");
}

export async function many_promising_calls_at_once(given, python) {
  const { py } = given;
  const { same } = assertions(given);
  const f = py(python.a_function_that_waits_for_a_while);
  const all = await Promise.all(Array.from({ length: 100 }, (_, n) => f.callPromising(n)));
  const inOrder = all.every((value, index) => value === index);
  same(inOrder, true);
}

export async function classes_of_proxies({ pyodide }, expressions) {
  const { ffi } = pyodide;
  const others = ["PyProxy", "PyBufferView", "PythonError"];
  const names = Object.keys(ffi).filter((name) => /^Py/.test(name) && !others.includes(name));
  const found = {};
  for (const expression of expressions) {
    const proxy = pyodide.runPython(expression);
    found[expression] = names.filter((name) => proxy instanceof ffi[name]);
    if (!(proxy instanceof ffi.PyProxy)) found[expression].push("(no PyProxy)");
    if ((typeof proxy === "function") !== proxy instanceof Function) found[expression].push("(half a function)");
    proxy.destroy();
  }
  return found;
}

export async function values_that_are_taken_for_proxies({ pyodide }) {
  const { PyProxy, PyCallable } = pyodide.ffi;
  const touched = () => {
    throw new Error("touched");
  };
  const gone = Proxy.revocable({}, {});
  gone.revoke();
  const hostile = new Proxy({}, { get: touched, getPrototypeOf: touched });
  const values = [1, null, undefined, "x", {}, [], () => 1, gone.proxy, hostile];
  return values.filter((value) => value instanceof PyProxy || value instanceof PyCallable).length;
}

export async function use_a_destroyed_proxy({ pyodide, py, caught }, expression) {
  const len = py("len");
  const gone = pyodide.runPython(expression);
  gone.destroy();
  gone.destroy();
  const uses = [
    () => gone.attr,
    () => {
      gone.attr = 1;
    },
    () => "attr" in gone,
    () => delete gone.attr,
    () => Reflect.ownKeys(gone),
    () => gone.type,
    () => String(gone),
    () => gone.copy(),
    () => gone.toJs(),
    () => len(gone),
  ];
  const texts = uses.map((use) => caught(use).message.split("\n")[0]);
  return [...new Set(texts)];
}

/** Those that methods of the proxy have for names, too. */
export async function keys_of_a_dict({ py }) {
  const d = py("{'a': 1, 'get': 2, 'keys': 3, 'x y': 4}");
  return [Object.keys(d).sort().join("+"), d.get("get"), typeof d.get, { ...d }.a].join();
}
