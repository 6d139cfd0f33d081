// Programs of test_values.py.

const VALUES = [
  undefined,
  true,
  5,
  -5,
  1.5,
  -0,
  2 ** 53,
  12345678901234567890n,
  -1n,
  "",
  "a\0b",
  "caf\xe9",
  "\u20ac",
  "\u{1f600}",
  "\ud800",
  "x".repeat(100000),
];

export async function values_that_change_on_the_way({ pyodide }) {
  const names = pyodide.toPy({});
  const wrong = [];
  for (const value of VALUES) {
    names.set("v", value);
    if (!Object.is(names.get("v"), value) && !(value === -1n && names.get("v") === -1)) wrong.push(String(value));
  }
  names.set("v", null);
  const type = pyodide.runPython("type(v).__name__", { globals: names });
  names.destroy();
  return [wrong, type];
}

export async function types_of_numbers({ pyodide }) {
  const kinds = [];
  for (const value of [5, 5.5, 2 ** 60, 5n, -0]) {
    pyodide.globals.set("v", value);
    kinds.push(pyodide.runPython("type(v).__name__"));
  }
  return kinds.join();
}

export async function use_a_destroyed_handle({ pyodide, caught }) {
  const list = pyodide.runPython("[]");
  list.destroy();
  list.destroy();
  return caught(() => list.type).message;
}

export async function run_in_namespaces({ pyodide }) {
  const globals = pyodide.toPy({ a: 1 });
  const locals = pyodide.toPy({ b: 2 });
  const sum = await pyodide.runPythonAsync("c = 3\na + b + c", { globals, locals });
  const where = [globals.has("c"), locals.has("c"), pyodide.globals.has("a")];
  locals.delete("c");
  const gone = locals.get("c") === undefined;
  globals.destroy();
  locals.destroy();
  return [sum, where, gone];
}
