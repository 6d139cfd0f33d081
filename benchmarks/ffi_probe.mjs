/*
 * What a crossing between Python and JavaScript costs: the loops of `--only ffi`,
 * the same for every contender. probe.mjs imports this for its action "ffi";
 * names are those of benchmarks/ffi.py, times are microseconds an operation.
 *
 * Each loop is run in batches of some milliseconds, first until `warm_ms` have gone by
 * (the engine replaces baseline code meanwhile), then `rounds` times, the contenders
 * in turns: what is compared was measured within the same tenth of a second.
 */

const PYTHON = `
import json
import js as _js
from pyodide.ffi import run_sync as _run_sync


class Thing:
    def __init__(self):
        self.number = 1


def identity(value):
    return value


def ignore(*values):
    return None


def load(text):
    return json.loads(text)


def make_text(kind, length):
    return {"ascii": "a", "latin1": "\\xe9", "astral": "\\U0001f600"}[kind] * length


def call_function(n, function, argument):
    for _ in range(n):
        function(argument)


def call_with_dict(n, function):
    for _ in range(n):
        function({"a": 1})


def read_attribute(n, thing):
    for _ in range(n):
        thing.number


def call_method(n, thing):
    for _ in range(n):
        thing.method()


def wait(n, promise):
    for _ in range(n):
        _run_sync(promise)


def wait_deep(n, promise, depth):
    if depth == 0:
        wait(n, promise)
    else:
        wait_deep(n, promise, depth - 1)
`;

/** About 10 kB of the kind of data that programs exchange. */
function jsonLike() {
  const people = [];
  for (let i = 0; i < 36; i++) {
    people.push({
      id: 1000 + i,
      name: `Person number ${i}`,
      email: `person.${i}@example.org`,
      active: i % 3 !== 0,
      score: i * 1.25 + 0.1,
      manager: i === 0 ? null : `Person number ${i >> 1}`,
      tags: ["alpha", "beta", `group-${i % 5}`],
      address: { street: `${i} Long Street`, city: "Springfield", geo: { lat: 48.1 + i / 100, lng: 11.5 - i / 100 } },
      visits: [i, i * 2, i * 3, i * 5],
    });
  }
  return { version: 3, generated: "2026-01-01T00:00:00Z", people, total: people.length };
}

const KINDS = ["ascii", "latin1", "astral"];
const LENGTHS = [10, 500, 100000];

/** Loops by name: each takes a number of operations and does them; may return a promise. */
function makeLoops(pyodide) {
  pyodide.runPython(PYTHON);
  const get = (name) => pyodide.globals.get(name);
  const text = JSON.stringify(jsonLike());
  const data = JSON.parse(text);
  const dict = get("load")(text);
  const ignore = get("ignore");
  const identity = get("identity");
  const thing = get("Thing")();
  const callFunction = get("call_function");
  const callWithDict = get("call_with_dict");
  const readAttribute = get("read_attribute");
  const callMethod = get("call_method");
  const noop = () => undefined;
  const jsThing = { number: 1, method: noop };
  const promise = Promise.resolve(1);
  globalThis.benchmarkPromise = promise;
  const loops = {
    "toJs.fromEntries": (n) => {
      for (let i = 0; i < n; i++) dict.toJs({ dict_converter: Object.fromEntries });
    },
    "toJs.default": (n) => {
      for (let i = 0; i < n; i++) dict.toJs();
    },
    toPy: (n) => {
      for (let i = 0; i < n; i++) pyodide.toPy(data).destroy();
    },
    "call.int": (n) => {
      for (let i = 0; i < n; i++) identity(1);
    },
    "call.object": (n) => {
      const object = { a: 1 };
      for (let i = 0; i < n; i++) ignore(object);
    },
    "call.strings": (n) => {
      for (let i = 0; i < n; i++) ignore("hello", "world");
    },
    "out.int": (n) => callFunction(n, noop, 1),
    "out.dict": (n) => callWithDict(n, noop),
    "out.attribute": (n) => readAttribute(n, jsThing),
    "out.method": (n) => callMethod(n, jsThing),
    "in.attribute": (n) => {
      for (let i = 0; i < n; i++) thing.number;
    },
    "proxy.make": (n) => {
      for (let i = 0; i < n; i++) dict.copy().destroy();
    },
  };
  if (canWait(pyodide)) {
    const run = (n, call) => pyodide.runPythonAsync(call.replace("$n", n));
    loops["run_sync.shallow"] = (n) => run(n, "wait($n, _js.benchmarkPromise)");
    loops["run_sync.deep"] = (n) => run(n, "wait_deep($n, _js.benchmarkPromise, 40)");
  }
  const makeText = get("make_text");
  for (const kind of KINDS) {
    for (const length of LENGTHS) {
      const string = makeText(kind, length);
      // Python's own string, so that its loop does not convert a new one each time.
      const hand = pyodide.runPython("lambda n, function, kind, length: call_function(n, function, make_text(kind, length))");
      loops[`text.out.${kind}.${length}`] = (n) => hand(n, noop, kind, length);
      loops[`text.in.${kind}.${length}`] = (n) => {
        for (let i = 0; i < n; i++) ignore(string);
      };
    }
  }
  return loops;
}

function canWait(pyodide) {
  return typeof WebAssembly.Suspending === "function" || String(pyodide.core) === "asyncify";
}

async function timed(loop, n) {
  const start = performance.now();
  await loop(n);
  return performance.now() - start;
}

/** Operations that take about `batch_ms`, once the engine has settled. */
async function warmUp(loop, { warm_ms, batch_ms }) {
  let n = 1;
  let took = 0;
  const end = performance.now() + warm_ms;
  while (performance.now() < end || took < batch_ms / 2) {
    took = await timed(loop, n);
    if (took < batch_ms) n = Math.ceil(n * Math.min(8, Math.max(1.05, batch_ms / Math.max(took, 0.01))));
  }
  return Math.max(1, Math.round((n * batch_ms) / Math.max(took, 0.01)));
}

/** What crossings cost, by contender and loop. */
export async function measureFfi(loaded, request) {
  return { ffi: await measureInTurns(loaded, request, makeLoops) };
}

/** Microseconds an operation by contender and loop, `rounds` samples each, taken in turns. */
export async function measureInTurns(loaded, request, makeLoops) {
  const loops = {};
  const samples = {};
  const names = new Set();
  for (const [key, pyodide] of Object.entries(loaded)) {
    loops[key] = makeLoops(pyodide);
    samples[key] = {};
    for (const name of Object.keys(loops[key])) names.add(name);
  }
  for (const name of names) {
    if (request.only !== undefined && !request.only.includes(name)) continue;
    const taking = [];
    globalThis.gc?.();
    for (const key of Object.keys(loaded)) {
      const loop = loops[key][name];
      if (loop !== undefined) taking.push({ loop, n: await warmUp(loop, request), values: (samples[key][name] = []) });
    }
    for (let round = 0; round < request.rounds; round++) {
      for (let i = 0; i < taking.length; i++) {
        const { loop, n, values } = taking[(i + round) % taking.length];
        await new Promise((resolve) => setTimeout(resolve, 0));
        values.push(((await timed(loop, n)) * 1000) / n);
      }
    }
  }
  return samples;
}
