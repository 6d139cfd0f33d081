// Programs of test_known_proxies.py.

/** The turn in which proxies were made is over: py_record.ts set its timer before this one. */
const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 1));

/** Ways to meet an ended proxy, each alone: the first may be what makes it known. */
function endedWays({ pyodide, py }) {
  const outcome = (f) => {
    try {
      return String(f());
    } catch (error) {
      return error.message.split("\n")[0];
    }
  };
  const { PyProxy } = pyodide.ffi;
  const { destroy, copy, toString } = PyProxy.prototype;
  const callee = py("lambda *a: len(a)");
  const ways = {
    passed: (p) => callee(p),
    "passed after another": (p) => callee({}, p, "text"),
    "passed in a record": (p) => callee.callKwargs({ p }),
    attribute: (p) => p.append,
    "own method": (p) => p.copy(),
    "destroyed again": (p) => p.destroy(),
    "method got before": (p) => destroy.call(p),
    "copy got before": (p) => copy.call(p),
    "text got before": (p) => toString.call(p),
    instanceof: (p) => p instanceof PyProxy,
    toPy: (p) => pyodide.toPy(p) === p,
    globals: (p) => pyodide.runPython("1", { globals: p }),
    set: (p) => {
      p.x = 1;
    },
    "from an heir": (p) => PyProxy.prototype.copy.call(Object.create(p)),
    "behind a Proxy": (p) => callee(new Proxy(p, {})),
  };
  /** What comes of each way with a proxy that `make` gives. */
  const report = (make) =>
    Object.fromEntries(
      Object.entries(ways).map(([name, way]) => {
        const proxy = make();
        return [name, outcome(() => way(proxy))];
      }),
    );
  return { count: Object.keys(ways).length, report, passed: (p) => outcome(() => ways.passed(p)) };
}

export async function same_object({ pyodide }) {
  const same = pyodide.runPython("lambda a, b: a is b");
  const list = pyodide.runPython("kept = [1]; kept");
  const again = pyodide.globals.get("kept");
  const seen = [same(list, again)];
  await Promise.resolve();
  seen.push(same(list, again));
  await nextTurn();
  seen.push(same(list, again));
  list.destroy();
  again.destroy();
  same.destroy();
  pyodide.runPython("del kept");
  return seen;
}

export async function many_at_once({ pyodide }) {
  const number = pyodide.runPython("lambda x: x[0] if type(x) is list else str(type(x))");
  const make = pyodide.runPython("lambda i: [i]");
  const made = [];
  const wrong = [];
  for (let i = 0; i < 40; i++) {
    made.push(make(i));
    // Ends in the middle of the others, so that the order of the newest changes.
    if (i % 5 === 4) made.splice(i >> 1, 1)[0].destroy();
    for (const proxy of made) if (number(proxy) !== proxy.get(0)) wrong.push([i, number(proxy)]);
  }
  const instances = made.every((proxy) => proxy instanceof pyodide.ffi.PyProxy);
  const count = made.length;
  await nextTurn();
  for (const proxy of made) if (number(proxy) !== proxy.get(0)) wrong.push(["later", number(proxy)]);
  for (const proxy of made) proxy.destroy();
  number.destroy();
  make.destroy();
  return [wrong, instances, count];
}

export async function ended_at_once({ pyodide, py }) {
  const { count, report } = endedWays({ pyodide, py });
  const ended = (code) => {
    const p = pyodide.runPython(code);
    p.destroy();
    return p;
  };
  const result = [report(() => ended("[1]"))];
  // In a later turn, and when others were made and destroyed meanwhile.
  const pool = Array.from({ length: count }, () => ended("[1]"));
  for (let i = 0; i < 20; i++) ended("{}");
  await nextTurn();
  result.push(report(() => pool.pop()));
  return result;
}

export function ended_arguments({ pyodide, py }) {
  const { report, passed } = endedWays({ pyodide, py });
  const { PyProxy } = pyodide.ffi;
  const kept = [];
  globalThis.keepArgument = (...args) => {
    kept.push(...args);
  };
  pyodide.runPython("import js\ndef give(): js.keepArgument([1])\ngive()");
  const give = pyodide.globals.get("give");
  const result = report(() => {
    give();
    return kept.pop();
  });
  pyodide.runPython("js.keepArgument([1], {}, lambda: 1, set(), *[[i] for i in range(12)])");
  const texts = new Set(kept.map(passed));
  const instances = kept.every((proxy) => proxy instanceof PyProxy);
  give.destroy();
  delete globalThis.keepArgument;
  pyodide.runPython("del give, js");
  return [result, [...texts], instances];
}

export function impostors({ pyodide }) {
  const kind = pyodide.runPython("lambda x: type(x).__name__");
  const list = pyodide.runPython("[1]");
  const gone = pyodide.runPython("[2]");
  gone.destroy();
  const asked = [];
  // Passes every question on to a proxy, live or ended, and writes down what it was asked.
  const passOn = (_, trap) => {
    return (...args) => {
      asked.push(trap, ...args.slice(1).filter((arg) => ["symbol", "string"].includes(typeof arg)));
      return Reflect[trap](...args);
    };
  };
  const spy = (target) => new Proxy(target, new Proxy({}, { get: passOn }));
  const heir = Object.create(list);
  const forged = Object.create(Object.getPrototypeOf(list));
  const seen = [kind(spy(list)), kind(heir), kind(forged), kind(list)];
  seen.push(spy(gone) instanceof pyodide.ffi.PyProxy, forged instanceof pyodide.ffi.PyProxy);
  try {
    seen.push(kind(spy(gone)));
  } catch (error) {
    seen.push(error.message.split("\n")[0]);
  }
  const known = new Set(Object.getOwnPropertyNames(Symbol).map((name) => Symbol[name]));
  const secrets = asked.filter((item) => typeof item === "symbol" && !known.has(item));
  Object.defineProperty(heir, "x", { value: 1, enumerable: true });
  seen.push(Object.keys(heir).join());
  list.destroy();
  kind.destroy();
  return [...seen, secrets.map(String)];
}

export function behind_a_proxy({ pyodide }) {
  const list = pyodide.runPython("[1, 2]");
  const f = pyodide.runPython("lambda x: x + 1");
  const watched = new Proxy(list, { get: (target, key, receiver) => Reflect.get(target, key, receiver) });
  const wrapped = new Proxy(f, {});
  // A trap that asks a PyProxy something else does not stand for it.
  const other = new Proxy({}, { getPrototypeOf: () => (Object.getPrototypeOf(list), null) });
  const seen = [watched.get(1), [...watched], watched.toString(), wrapped(3), wrapped.call(null, 2)];
  seen.push(other instanceof pyodide.ffi.PyProxy);
  watched.destroy();
  wrapped.destroy();
  return seen;
}

export async function two_runtimes({ pyodide }, dist, core) {
  const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
  const other = await loadPyodide({ core });
  const kinds = [pyodide, other].map((one) => one.runPython("lambda x: type(x).__name__"));
  const wrong = [];
  const made = [];
  for (let i = 0; i < 30; i++) {
    const own = pyodide.runPython("[1]");
    const foreign = other.runPython("[1]");
    if (kinds[0](own) !== "list" || kinds[1](foreign) !== "list") wrong.push(i);
    if (kinds[0](foreign) === "list" || kinds[1](own) === "list") wrong.push(-i);
    if (i % 3 === 0) made.push(own, foreign);
    else {
      own.destroy();
      foreign.destroy();
    }
  }
  const gone = other.runPython("[1]");
  other.destroy();
  // A proxy of a runtime that has ended is nothing of ours, and known as a proxy all the same.
  const after = [gone instanceof pyodide.ffi.PyProxy, kinds[0](gone) === "list"];
  await nextTurn();
  for (let i = 0; i < made.length; i += 2) if (kinds[0](made[i]) !== "list") wrong.push(i);
  for (let i = 0; i < made.length; i += 2) made[i].destroy();
  kinds[0].destroy();
  return [wrong, after];
}
