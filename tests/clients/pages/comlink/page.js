// The page: `check(name)` gives what a use of comlink gave.
import * as Comlink from "comlink";

const python = Comlink.wrap(new Worker("worker.js"));

const page = {
  name: "the page",
  double: (number) => number * 2,
  later: (number) => new Promise((resolve) => setTimeout(() => resolve(number * 3), 5)),
  fail() {
    throw new RangeError("said by the page");
  },
};

const checks = {
  values: async () => [
    await python.run("6 * 7"),
    await python.run("'text'"),
    await python.run("None"),
    await python.run("a + b", { a: 1, b: 2 }),
    await python.run("from pyodide.ffi import to_js; to_js([1, [2]])"),
  ],
  errors: () => python.run("1 / 0").catch((error) => [error instanceof Error, error.name, error.message.trim().split("\n").at(-1)]),
  callbacks: () => python.call("await remote(21)", Comlink.proxy(page.double)),
  objects: () => python.call("from pyodide.ffi import to_js\nto_js([await remote.name, await remote.double(4), await remote.later(5)])", Comlink.proxy(page)),
  "errors of the page": () =>
    python.call("try:\n  await remote.fail()\nexcept Exception as error:\n  found = str(error)\nfound", Comlink.proxy(page)),
  "run_sync on a remote": () => python.call("from pyodide.ffi import run_sync\nrun_sync(remote.later(7))", Comlink.proxy(page)),
  "a function of Python": async () => {
    const double = await python.run("lambda x: x * 2");
    return double(21);
  },
  "an object of Python": async () => {
    const list = await python.run("[1, 2, 3]");
    return [await list.length, await list.toJs()];
  },
};

globalThis.names = Object.keys(checks);
globalThis.check = (name) => checks[name]();
