// Programs of test_lifetimes.py.

export function object_of_a_proxy({ pyodide }) {
  pyodide.runPython("import weakref\nclass X: pass\nx = X(); alive = weakref.ref(x)");
  const x = pyodide.runPython("x");
  pyodide.runPython("del x");
  const seen = [pyodide.runPython("alive() is not None")];
  const copy = x.copy();
  x.destroy();
  seen.push(pyodide.runPython("alive() is not None"));
  copy.destroy();
  seen.push(pyodide.runPython("alive() is not None"));
  return seen.join();
}

export function attributes({ pyodide }) {
  const x = pyodide.runPython("class X: pass\nx = X(); x.inner = [1]; x.inner.append(x.inner); x");
  const before = pyodide.ffiStats().proxies;
  for (let i = 0; i < 100; i++) x.inner.append;
  const made = pyodide.ffiStats().proxies - before;
  const { inner } = x;
  const own = inner.copy();
  x.destroy();
  let text = "";
  try {
    inner.length;
  } catch (error) {
    text = error.message;
  }
  const length = own.length;
  own.destroy();
  pyodide.runPython("del x");
  return [made, text.includes("This borrowed attribute proxy was automatically destroyed"), length].join();
}

export function views({ pyodide }) {
  const f = pyodide.runPython("lambda *a: len(a)");
  const before = pyodide.ffiStats().proxies;
  const bound = f.bind(null, 1).captureThis();
  const same = pyodide.ffiStats().proxies === before;
  const seen = [same, bound()];
  bound.destroy();
  try {
    f();
  } catch (error) {
    seen.push(error.message.split("\n")[0]);
  }
  return seen.join();
}

export function arguments_of_a_call({ pyodide }) {
  let held;
  globalThis.take = (value) => {
    held = value;
    return value.length;
  };
  const length = pyodide.runPython("import js; js.take([1, 2])");
  delete globalThis.take;
  try {
    held.length;
    return "alive";
  } catch (error) {
    return `${length} ${error.message.includes("at the end of a function call")}`;
  }
}

export async function arguments_of_a_promise({ pyodide, later, until }) {
  globalThis.takeLater = async (value) => {
    await later(10);
    return value.length;
  };
  const length = await pyodide.runPythonAsync("import js; await js.takeLater([1, 2])");
  delete globalThis.takeLater;
  await until(() => pyodide.ffiStats().proxies === 1); // pyodide.globals
  return length;
}

export function created_proxy({ pyodide }, program) {
  globalThis.hold = (value) => {
    globalThis.held = value;
  };
  pyodide.runPython(program);
  const seen = [globalThis.held(1), globalThis.held(2)];
  pyodide.runPython("proxy.destroy()");
  try {
    globalThis.held(3);
  } catch (error) {
    seen.push(error.message.split("\n")[0]);
  }
  pyodide.runPython("del proxy");
  delete globalThis.hold;
  delete globalThis.held;
  return seen.join();
}

export function roundtrip_proxy({ pyodide }, program) {
  globalThis.echo = (value) => value;
  const seen = pyodide.runPython(program);
  delete globalThis.echo;
  return seen;
}

export function once_callables({ pyodide }, program) {
  globalThis.fs = [];
  globalThis.hold = (f) => {
    globalThis.fs.push(f);
  };
  pyodide.runPython(program);
  const fs = globalThis.fs;
  const seen = [fs[0](1)];
  for (const f of fs)
    try {
      seen.push(f(1));
    } catch (error) {
      seen.push(/called once|ZeroDivision/.exec(error.message)?.[0]);
    }
  try {
    fs[1](1);
  } catch (error) {
    seen.push(/called once|ZeroDivision/.exec(error.message)?.[0]);
  }
  delete globalThis.fs;
  delete globalThis.hold;
  return seen.join();
}

export function destroyed_proxies({ pyodide }, program) {
  globalThis.array = [];
  globalThis.hold = (...args) => {
    globalThis.array.push(...args.map((a) => a.copy()));
  };
  pyodide.runPython(program);
  const seen = globalThis.array.map((p) => {
    try {
      return p.length;
    } catch {
      return "gone";
    }
  });
  delete globalThis.array;
  delete globalThis.hold;
  return seen.join();
}

export function cycle_across_both_heaps({ pyodide }) {
  const x = pyodide.runPython("import weakref\nclass X: pass\nx = X(); alive = weakref.ref(x); x");
  x.other = { back: x };
  pyodide.runPython("del x");
  const before = pyodide.ffiStats();
  x.destroy();
  const after = pyodide.ffiStats();
  return [before.handles - after.handles, pyodide.runPython("alive() is None")].join();
}

export function use_after_destroy({ pyodide }) {
  const was = pyodide.setDebug(true);
  const x = (function maker() {
    return pyodide.runPython("['the object']");
  })();
  (function ender() {
    x.destroy({ message: "as I said" });
  })();
  let texts = [];
  try {
    x.length;
  } catch (error) {
    texts = [error.message, error.cause.stack];
  }
  pyodide.setDebug(was);
  return texts;
}

export function statistics({ pyodide }) {
  const was = pyodide.setDebug(true);
  const x = (function maker() {
    return pyodide.runPython("[]");
  })();
  const stats = pyodide.ffiStats();
  const python = JSON.parse(
    pyodide.runPython("import json\nfrom pyodide.ffi import ffi_stats\njson.dumps(ffi_stats())"),
  );
  x.destroy();
  pyodide.setDebug(was);
  return [stats, python, "origins" in pyodide.ffiStats()];
}

export function drop_proxies({ pyodide }, count) {
  const before = pyodide.ffiStats().proxies;
  for (let i = 0; i < count; i++) pyodide.runPython("[]");
  return pyodide.ffiStats().proxies - before;
}

export function make_and_destroy({ py }, times) {
  const list = py("[[1]]");
  const make = py("lambda: []");
  for (let i = 0; i < times; i++) {
    list.get(0).destroy();
    make().destroy();
  }
}

/** Each name is new to the bridge. */
export function use_attribute_names({ py }, from, to) {
  const namespace = py("import types; types.SimpleNamespace()");
  let wrong = 0;
  for (let i = from; i < to; i++) {
    const name = `name_${i}`;
    namespace[name] = i;
    if (namespace[name] !== i) wrong++;
    delete namespace[name];
  }
  return wrong;
}

export function getters_that_use_python({ pyodide }) {
  const f = pyodide.runPython("lambda *a: [type(v).__name__ for v in a] + [a[0], a[-1]]");
  const nosy = {
    get then() {
      f("from within", 1.5, "x").destroy();
      return undefined;
    },
  };
  const result = f("outer text", nosy, nosy, "last text");
  const found = [...result].join();
  result.destroy();
  f.destroy();
  return found;
}

export function drop_a_proxy_and_its_method({ pyodide }) {
  const list = pyodide.runPython("[]");
  list.append(1);
  list.append(2);
}

/** A coroutine that only its promise is awaited of; its proxy is dropped before it is done. */
export function begin_to_await({ pyodide }) {
  globalThis.awaited = (() => {
    const gate = pyodide.runPython("import asyncio; gate = asyncio.Event(); gate.wait");
    const promise = gate().then((value) => [value]);
    gate.destroy();
    return promise;
  })();
}

export async function open_the_gate({ pyodide }) {
  pyodide.runPython("gate.set()");
  const [value] = await globalThis.awaited;
  delete globalThis.awaited;
  pyodide.runPython("del gate, asyncio");
  return value;
}
