// Programs of test_py_proxy_hostile.py.

const no = () => {
  throw new Error("touched");
};

/** Of a RecursionError or RangeError. */
const kindOf = (outcome) => outcome.split(":")[1].trim();

/**
 * Each gives the text of its value or of its error. `count` is a Python function that counts its arguments, `give`
 * makes a global for the time of the case, `python` has the Python programs by their names.
 */
const CASES = {
  "a getter of a keyword argument throws": ({ outcome, count }) => {
    const options = {
      get a() {
        throw new Error("nope");
      },
    };
    return outcome(() => count.callKwargs(options));
  },
  "every trap of an argument throws": ({ outcome, count }) => {
    const hostile = new Proxy({}, { get: no, has: no, getPrototypeOf: no, ownKeys: no });
    return outcome(() => count(hostile, 1));
  },
  "an argument is a revoked proxy": ({ outcome, count }) => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return outcome(() => count(proxy));
  },
  "an argument has no prototype": ({ outcome, count }) => outcome(() => count(Object.create(null))),
  "a symbol is an argument": ({ outcome, count }) => outcome(() => count(Symbol("x"))),
  "an argument was destroyed": ({ py, outcome, count }) => {
    const gone = py("[]");
    gone.destroy();
    return outcome(() => count(1, {}, gone, "x")).includes("destroyed") || outcome(() => count(gone));
  },
  "60,000 arguments": ({ outcome, count }) => outcome(() => count(...new Array(60000).fill("x"))),
  "a function destroys its own proxy": ({ py, outcome }, python) => {
    const f = py(python.a_function_that_calls);
    return outcome(() => f(() => f.destroy()));
  },
  "an attribute destroys its own proxy": ({ py, outcome, give }, python) => {
    const q = py(python.an_attribute_that_calls);
    give("kill", () => q.destroy());
    return outcome(() => q.anything);
  },
  "an iterator destroys its own proxy": ({ py, outcome, give }, python) => {
    const g = py(python.a_generator_that_calls);
    give("kill", () => g.destroy());
    return outcome(() => [g.next().value, g.next().value]);
  },
  "a key that cannot be hashed": ({ py, outcome }) => {
    const d = py("{}");
    return outcome(() => d.get(py("[]")));
  },
  "a lone surrogate names an attribute": ({ py, outcome }) => {
    const n = py("import types; types.SimpleNamespace()");
    n["\ud800"] = 3;
    return outcome(() => n["\ud800"]);
  },
  "NUL and nothing name attributes": ({ py, outcome }) => {
    const n = py("import types; types.SimpleNamespace()");
    n["a\0b"] = 4;
    return outcome(() => [n["a\0b"], n[""]]);
  },
  "a huge int is a key": ({ py, outcome }) => outcome(() => py("{10**20: 5}").get(10n ** 20n)),
  "a length is negative": ({ py, outcome }, python) => outcome(() => py(python.a_negative_length).length),
  "null is thrown through Python": ({ py, caught }) => {
    const f = py("lambda g: g()");
    const throws = () => {
      throw 5;
    };
    return caught(() => f(throws)).type;
  },
  "KeyboardInterrupt crosses as itself": ({ py, caught }) => caught(py("def f(): raise KeyboardInterrupt\nf")).type,
  "SystemExit crosses as itself": ({ py, caught }) => caught(py("def f(): raise SystemExit(3)\nf")).type,
  "StopIteration from a call is an error": ({ py, caught }) => caught(py("def f(): raise StopIteration(3)\nf")).type,
  "recursion through calls": ({ py, outcome, give }) => {
    const g = py("def g(n): return js.back(n + 1)\ng");
    give("back", (n) => g(n));
    return kindOf(outcome(() => g(0)));
  },
  "recursion through sorted()": ({ py, outcome, give }) => {
    const s = py("def s(n): return sorted([1, 2], key=lambda v: js.back(n + 1))\ns");
    give("back", (n) => s(n));
    return kindOf(outcome(() => s(0)));
  },
  "recursion through attributes": ({ py, outcome, give }, python) => {
    const a = py(python.an_attribute_that_calls_back);
    give("back", () => a.name);
    return kindOf(outcome(() => a.name));
  },
  "a sort that throws": ({ py, outcome }) => {
    const l = py("[3, 1, 2]");
    const order = () => {
      throw new Error("no order");
    };
    return outcome(() => l.sort(order)) + [...l];
  },
  "methods on something else": ({ outcome, count }) => outcome(() => count.callKwargs.call({}, {})),
};

export async function try_a_hostile_case({ pyodide, py, caught }, name, python) {
  const names = [];
  const give = (name, value) => {
    names.push(name);
    globalThis[name] = value;
  };
  const outcome = (call) => {
    try {
      return String(call());
    } catch (error) {
      return `${error?.name}: ${String(error?.message).trim().split("\n").at(-1)}`;
    }
  };
  py("import js");
  try {
    return CASES[name]({ py, caught, outcome, give, count: py("lambda *a: len(a)") }, python);
  } finally {
    for (const name of names) delete globalThis[name];
    // The last exception is kept for a debugger, with what its frames hold.
    pyodide.runPython(
      "import sys\nfor name in ('last_exc', 'last_value', 'last_traceback'): sys.__dict__.pop(name, None)",
    );
  }
}

export async function make_a_foreign_proxy({ pyodide }) {
  globalThis.foreign = pyodide.runPython("[1, 2]");
}

export async function use_a_foreign_proxy({ py }) {
  const describe = py("lambda v: [type(v).__name__, v.length, v.at(-1)]");
  const seen = describe(globalThis.foreign);
  const found = [...seen].join();
  seen.destroy();
  globalThis.foreign.destroy();
  delete globalThis.foreign;
  return found;
}

export async function show_in_the_console_of_node({ pyodide }) {
  const { inspect } = await import("node:util");
  const list = pyodide.runPython("[1, 2]");
  const shown = [inspect(list), inspect({ list })];
  list.destroy();
  return [...shown, inspect(list)];
}
