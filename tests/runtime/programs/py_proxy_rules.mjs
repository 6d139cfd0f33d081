// Programs of test_py_proxy_rules.py. Each gives what a page sees, as JSON.

/** What an action gives, or the type and the last line of what it throws. */
function seen(action) {
  try {
    const value = action();
    return value === undefined ? "undefined" : value;
  } catch (error) {
    return `${error.name}: ${error.message.trim().split("\n").pop()}`;
  }
}

/** The whole message of what an action throws. */
function message(action) {
  try {
    return `no error but ${action()}`;
  } catch (error) {
    return error.message;
  }
}

export function own_properties({ py }, source) {
  const proxy = py(source);
  const found = [];
  Object.defineProperty(proxy, "fixed", { value: 1, writable: true });
  proxy.fixed = 2;
  found.push(proxy.fixed, seen(() => delete proxy.fixed), "fixed" in proxy, Object.keys(proxy).includes("fixed"));
  Object.defineProperty(proxy, "constant", { value: 1, configurable: true });
  found.push(seen(() => (proxy.constant = 2)), seen(() => delete proxy.constant), "constant" in proxy);
  let kept = 5;
  Object.defineProperty(proxy, "both", { get: () => kept + 1, set: (value) => (kept = value) });
  proxy.both = 10;
  found.push(proxy.both, seen(() => delete proxy.both));
  Object.defineProperty(proxy, "read", { get: () => 9 });
  found.push(proxy.read, seen(() => (proxy.read = 1)));
  found.push(Object.getOwnPropertyDescriptor(proxy, "fixed").configurable, proxy.toString().includes("fixed"));
  const prototype = Object.getPrototypeOf(proxy);
  Object.setPrototypeOf(proxy, null);
  found.push(Object.getPrototypeOf(proxy), proxy.destroy === undefined);
  Object.setPrototypeOf(proxy, prototype);
  proxy.destroy();
  return found;
}

export function functions({ py }) {
  const proxy = py("class C: pass\nC");
  const names = ["prototype", "name", "length", "caller", "arguments"];
  const found = [names.map((name) => name in proxy), Reflect.ownKeys(proxy).includes("prototype")];
  proxy.prototype = 7;
  proxy.name = 8;
  proxy.length = 9;
  found.push([proxy.prototype, proxy.name, proxy.length, py("[C.prototype, C.name, C.length] == [7, 8, 9]")]);
  found.push(
    seen(() => delete proxy.prototype),
    delete proxy.name,
    "name" in proxy,
  );
  proxy.destroy();
  py("del C");
  return found;
}

export function dict_keys({ py }) {
  const dict = py("{}");
  dict[5] = "p";
  dict["6"] = "q";
  dict.name = 1;
  dict.$dollar = 2;
  const found = [dict.toString(), seen(() => delete dict.nothing), delete dict[5], delete dict.$dollar, dict.toString()];
  dict.destroy();
  return found;
}

export function json_of_mappings({ pyodide, py }) {
  const dict = py("{7: 'x', '8': 'y', 'get': None, 'inner': {'list': [{'a': 1}]}}");
  const view = dict.asJsJson();
  const found = [view[7], view["8"], "get" in view, view.length, view.inner.list[0].a];
  found.push(view instanceof pyodide.ffi.PyDict, view.inner === view.inner, JSON.stringify(view.inner));
  const plain = py("{7: 'x', '8': 'y'}");
  const exact = plain.asJsJson();
  found.push(exact.get(7), seen(() => exact.get("7")), exact.get("8"));
  const inner = view.inner;
  dict.destroy();
  plain.destroy();
  found.push(message(() => inner.list), message(() => view.inner));
  return found;
}

export function arguments_of_apply({ py }) {
  const f = py("lambda *a: len(a)");
  const lists = [undefined, null, {}, new Set([1]), { length: 2 }, new Uint8Array(3), (a, b) => [a, b]];
  const found = lists.map((list) => f.apply(null, list));
  for (const wrong of [1, "abc", true]) found.push(seen(() => f.apply(null, wrong)));
  found.push(
    seen(() => f.callKwargs()),
    seen(() => f.callKwargs(1)),
    seen(() => f.callWithOptions({ kwargs: true })),
  );
  f.destroy();
  return found;
}

export function ends({ pyodide, py }) {
  const found = [];
  const plain = py("[1]");
  plain.destroy();
  found.push(message(() => plain.length));
  const named = py("[1]");
  named.destroy({ message: "mine" });
  found.push(message(() => named.length));
  const outer = py("class Outer:\n    class Inner:\n        x = 1\nOuter");
  const copy = outer.copy();
  const { Inner } = outer;
  found.push(copy.Inner === Inner);
  outer.destroy();
  found.push(Inner.x);
  copy.destroy();
  found.push(message(() => Inner.x));
  const changes = py("class Changes:\n    @property\n    def now(self): return [1]\nChanges()");
  const { now } = changes;
  found.push(now === changes.now, now.length);
  changes.destroy();
  found.push(message(() => now.length));
  let kept;
  const walked = py("[[1], [2]]");
  for (const item of walked) kept ??= item;
  found.push(message(() => kept.length));
  for (const item of walked) {
    kept = item;
    break;
  }
  found.push(kept.length);
  kept.destroy();
  walked.destroy();
  const was = pyodide.setDebug(true);
  const list = py("[1]");
  list.destroy();
  const bad = py("class Bad:\n    def __str__(self): raise ValueError\nBad()");
  bad.destroy();
  pyodide.setDebug(was);
  found.push(message(() => list.length), message(() => bad.x));
  py("del Outer, Bad, Changes");
  return found;
}

export async function arguments_of_kinds_of_calls({ pyodide }, program) {
  const kept = {};
  globalThis.plain = (value) => void (kept.plain = value);
  globalThis.later = async (value) => {
    kept.later = value;
    await undefined;
  };
  globalThis.generator = function* (value) {
    kept.generator = value;
    yield value.length;
  };
  globalThis.asyncGenerator = async function* (value) {
    kept.asyncGenerator = value;
    yield value.length;
  };
  globalThis.gives = () => (kept.gives = pyodide.runPython("[5]"));
  const given = await pyodide.runPythonAsync(program);
  const found = [given, ...Object.values(kept).map((proxy) => message(() => proxy.length).split("\n")[0])];
  for (const name of Object.keys(kept)) delete globalThis[name];
  return found;
}

export async function coroutines({ pyodide, py }, program) {
  py(program);
  const { globals } = pyodide;
  const names = ["f", "g", "method", "partial", "returns_one"];
  const made = names.map((name) => {
    const callable = globals.get(name);
    const coroutine = callable(name);
    callable.destroy();
    return coroutine;
  });
  made[0].destroy(); // it runs all the same
  await new Promise((resolve) => setTimeout(resolve));
  const ran = py("list(ran)");
  const found = [ran.toJs()];
  ran.destroy();
  found.push(await made[1], message(() => made[1].type)); // awaited, it has run and ended
  made[4].close();
  for (const coroutine of made) coroutine.destroy();
  return found;
}

export async function generators({ py }, program) {
  py(program);
  const found = [];
  const swallows = py("swallows()");
  await swallows.next();
  const { done, value } = await swallows.return("v");
  found.push(done, value === undefined);
  const plain = py("plain()");
  await plain.next();
  found.push((await plain.return("v")).value);
  const exits = py("plain()");
  const exit = py("GeneratorExit()");
  await exits.next();
  found.push((await exits.throw(exit)).done);
  const counts = py("Counts()");
  found.push((await counts.next("ignored")).value);
  const sync = py("(x for x in [1])");
  for (const wrong of ["text", 5, undefined]) found.push(seen(() => sync.throw(wrong)));
  const stops = py("stops()");
  found.push(await stops.catch((error) => error.type));
  for (const proxy of [swallows, plain, exits, exit, counts, sync]) proxy.destroy();
  return found;
}

export function once_callables({ py }, program) {
  py(program);
  const { called, unused } = /** @type {any} */ (globalThis);
  const found = [called(), message(called), message(called.destroy), unused.destroy() === undefined, message(unused)];
  delete globalThis.called;
  delete globalThis.unused;
  return found;
}

export function buffers({ pyodide, py }, program) {
  py(program);
  const found = [];
  for (const [name, type] of [["shorts"], ["empty"], ["big", "dataview"], ["steps", "i16"]]) {
    const object = py(name);
    const view = object.getBuffer(type);
    found.push([view.data.constructor.name, view.data.byteLength, view.strides, view.shape, view._released]);
    view.release();
    object.destroy();
    found.push(view.data, view._released);
  }
  const big = py("big");
  const odd = py("bytes(9)");
  found.push(message(() => big.getBuffer()).split(".")[0], message(() => odd.getBuffer("i32")), message(() => odd.getBuffer("x")));
  found.push(message(() => new pyodide.ffi.PyBufferView()));
  big.destroy();
  odd.destroy();
  return found;
}
