// Programs of test_api.py.

export function missing_members({ pyodide }, names, classes) {
  return [
    ...names.filter((name) => !(name in pyodide)),
    ...classes.filter((name) => typeof pyodide.ffi[name] !== "function"),
  ];
}

export function results({ pyodide }) {
  const list = pyodide.runPython("[1, 'a', None]");
  const f = pyodide.runPython("lambda a, b=2: a + b");
  const out = [list instanceof pyodide.ffi.PyProxy, list.length, list.get(1), f(1), f(1, 5)];
  list.destroy();
  f.destroy();
  return out;
}

export function a_javascript_object({ pyodide }) {
  const object = { a: 1 };
  const names = pyodide.toPy({});
  names.set("object", object);
  const back = pyodide.runPython("object", { globals: names });
  names.destroy();
  return back === object;
}

export function globals({ pyodide }) {
  pyodide.runPython("answer = 42");
  const { globals } = pyodide;
  const max = globals.get("max");
  const out = [
    globals.get("answer"),
    globals.has("answer"),
    globals.has("max"),
    max(1, 3),
    globals.has("no_such_name"),
    globals.get("no_such_name") === undefined,
  ];
  max.destroy();
  globals.delete("answer");
  out.push(globals.has("answer"), globals === pyodide.globals);
  return out;
}

export function globals_as_a_namespace({ pyodide }) {
  pyodide.globals.set("number", 20);
  const sum = pyodide.runPython("number + 1", { globals: pyodide.globals });
  pyodide.globals.delete("number");
  return sum;
}

export function pyimport({ pyodide }) {
  const join = pyodide.pyimport("os.path.join");
  const path = pyodide.pyimport("os.path");
  const math = pyodide.pyimport("math");
  const out = [join("a", "b"), path.basename("c/d"), math.sqrt(16), pyodide.globals.has("math")];
  for (const proxy of [join, path, math]) proxy.destroy();
  for (const name of ["no_such_module", "math.no_such_name", ".math"]) {
    try {
      pyodide.pyimport(name);
    } catch (error) {
      out.push(lastLine(error));
    }
  }
  return out;
}

function lastLine(error) {
  return error.message.trim().split("\n").at(-1);
}

export async function methods_without_the_object({ pyodide }) {
  const { runPython, runPythonAsync, toPy, globals } = pyodide;
  const list = toPy([1]);
  const out = [runPython("1 + 1"), await Promise.resolve("1 + 2").then(runPythonAsync), String(list)];
  list.destroy();
  globals.set("taken", 42);
  out.push(runPython("taken"));
  globals.delete("taken");
  return out;
}

export async function options_of_eval_code({ pyodide }) {
  const globals = pyodide.toPy({});
  const out = [
    pyodide.runPython("x = 5", { return_mode: "last_expr_or_assign", globals }),
    pyodide.runPython("x + 1;", { quiet_trailing_semicolon: false, globals }),
    await pyodide.runPythonAsync("x + 1;", { quiet_trailing_semicolon: false, globals, filename: "o.py" }),
  ];
  for (const run of ["runPython", "runPythonAsync"]) {
    try {
      await pyodide[run]("1", { foo: 1 });
    } catch (error) {
      out.push(lastLine(error));
    }
  }
  globals.destroy();
  return out;
}

export async function wrong_runs({ pyodide }, words) {
  const out = [];
  for (const run of ["runPython", "runPythonAsync"]) {
    try {
      out.push(String(await pyodide[run](...words)));
    } catch (error) {
      out.push(`${error.name} ${lastLine(error)}`);
    }
  }
  return out;
}

export function namespace_for_options({ pyodide }) {
  const names = pyodide.toPy({});
  try {
    pyodide.runPython("1", names);
  } catch (error) {
    return String(error);
  } finally {
    names.destroy();
  }
  return "nothing";
}

export function memory_snapshot({ pyodide }) {
  try {
    pyodide.makeMemorySnapshot();
  } catch (error) {
    return error.message;
  }
  return "nothing";
}

export function shown_addresses({ pyodide }) {
  const { indexURL, packageBaseUrl } = pyodide._api.config;
  return [indexURL, packageBaseUrl, pyodide.lockfileBaseUrl];
}

/** Take JavaScript modules back from Python, which keeps what it has imported. */
function forget(pyodide, ...names) {
  const modules = pyodide.pyimport("sys.modules");
  for (const name of names) modules.delete(name);
  modules.destroy();
}

export function registered_object({ pyodide }, program) {
  const mod = { f: (x) => x * x, c: 2, sub: { g: () => "deep", inner: { n: 1 } } };
  pyodide.registerJsModule("my_js_module", mod);
  const value = pyodide.runPython(program);
  pyodide.unregisterJsModule("my_js_module");
  const kept = pyodide.runPython("import my_js_module; c = my_js_module.c; del my_js_module; c");
  forget(pyodide, "my_js_module", "my_js_module.sub", "my_js_module.sub.inner");
  let gone;
  try {
    pyodide.runPython("import my_js_module.sub");
  } catch (error) {
    gone = error.type;
  }
  let unknown;
  try {
    pyodide.unregisterJsModule("my_js_module");
  } catch (error) {
    unknown = error.type;
  }
  return [value, kept, gone, unknown, Object.keys(mod)].join("|");
}

export function what_is_taken_by_star({ pyodide }, program) {
  const found = [];
  const list = pyodide.toPy(["b"]);
  for (const [name, object] of Object.entries({
    all: { a: 1, _b: 2, f() {} },
    chosen: { a: 1, b: 2, __all__: ["a"] },
    chosen_by_python: { a: 1, b: 2, __all__: list },
  })) {
    pyodide.registerJsModule(name, object);
    found.push(pyodide.runPython(program.replace("MODULE", name)));
    pyodide.unregisterJsModule(name);
    forget(pyodide, name);
  }
  list.destroy();
  return found;
}

export function a_member_that_is_no_object({ pyodide }) {
  pyodide.registerJsModule("flat", { number: 5 });
  try {
    pyodide.runPython("import flat.number");
  } catch (error) {
    return error.message.trim().split("\n").at(-1);
  } finally {
    pyodide.unregisterJsModule("flat");
    forget(pyodide, "flat");
  }
}

export async function es_module({ pyodide }, program) {
  const source = "export const sub = { n: 1 }; export function f() { return 7; } export const _private = 0;";
  const mod = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  pyodide.registerJsModule("es", mod);
  const names = pyodide.toPy({});
  const text = pyodide.runPython(program, { globals: names });
  names.destroy();
  pyodide.unregisterJsModule("es");
  forget(pyodide, "es", "es.sub");
  return text;
}

export function wrong_modules({ pyodide }) {
  const told = [];
  for (const args of [
    ["a", 5],
    ["a", null],
    ["a", undefined],
    [5, {}],
  ]) {
    try {
      pyodide.registerJsModule(...args);
    } catch (error) {
      told.push(error.message.trim().split("\n").at(-1));
    }
  }
  try {
    pyodide.unregisterJsModule("nonesuch");
  } catch (error) {
    told.push(error.message.trim().split("\n").at(-1));
  }
  return told;
}

export function pyodide_js({ pyodide }) {
  return (
    pyodide.runPython("import pyodide_js\npyodide_js.version") === pyodide.version &&
    pyodide.runPython("import pyodide\npyodide.__version__") === pyodide.version &&
    pyodide.runPython("pyodide_js.runPython('1 + 1')") === 2 &&
    pyodide.runPython("pyodide_js") === pyodide
  );
}

export function pyodide_py({ pyodide }) {
  const name = pyodide.pyodide_py.__name__;
  const out = [name, pyodide.pyodide_py === pyodide.pyodide_py];
  pyodide.pyodide_py.destroy();
  out.push(pyodide.pyodide_py.__name__); // a new one
  pyodide.pyodide_py.destroy();
  return out.join();
}

export function to_py({ pyodide }) {
  const names = pyodide.toPy({ data: { a: [1, { b: null }], m: new Map([[1, 2]]) } });
  const text = pyodide.runPython("repr(data)", { globals: names });
  names.destroy();
  return [text, pyodide.toPy(5), pyodide.toPy("s")].join("|");
}

export function archives({ pyodide }, program) {
  pyodide.runPython(program);
  const files = { zip: ["zip", "wheel", ".whl"], gztar: ["gztar", ".tar.gz", "tgz"], tar: ["tar"] };
  const out = [];
  for (const [kind, names] of Object.entries(files)) {
    const path = `/tmp/made-${kind}.${{ zip: "zip", gztar: "tar.gz", tar: "tar" }[kind]}`;
    for (const name of names) {
      const extractDir = `/tmp/to-${name}`;
      pyodide.unpackArchive(pyodide.FS.readFile(path), name, { extractDir });
      out.push(pyodide.FS.readFile(`${extractDir}/inner/file.txt`, { encoding: "utf8" }));
    }
  }
  try {
    pyodide.unpackArchive(new ArrayBuffer(4), "zip");
  } catch (error) {
    out.push(error.type);
  }
  try {
    pyodide.unpackArchive("text", "zip");
  } catch (error) {
    out.push(error.name);
  }
  return out.join();
}

export async function interrupt_buffer({ pyodide, until, failure }) {
  const buffer = new Uint8Array(1);
  pyodide.setInterruptBuffer(buffer);
  const out = [];
  buffer[0] = 2;
  try {
    pyodide.runPython("while True: pass");
  } catch (error) {
    out.push(error.type, buffer[0]);
  }
  const computing = failure(pyodide.runPythonAsync("computing = True\nwhile True: pass"));
  await until(() => pyodide.globals.has("computing"));
  buffer[0] = 2;
  out.push((await computing).type);
  const waiting = failure(pyodide.runPythonAsync("import time; time.sleep(1000)"));
  await until(() => pyodide.stats().waiting > 0);
  buffer[0] = 2;
  out.push((await waiting).type);
  pyodide.setInterruptBuffer(undefined);
  buffer[0] = 2;
  out.push(pyodide.runPython("sum(range(100000))"), buffer[0]);
  return out;
}

export function check_interrupt({ pyodide }) {
  const buffer = new Int32Array(1);
  pyodide.setInterruptBuffer(buffer);
  pyodide.checkInterrupt();
  const names = pyodide.toPy({});
  names.set("busy", () => {
    buffer[0] = 2;
    pyodide.checkInterrupt();
  });
  let type = "none";
  try {
    pyodide.runPython("busy()", { globals: names });
  } catch (error) {
    type = error.type;
  }
  names.destroy();
  pyodide.setInterruptBuffer(undefined);
  return [type, buffer[0]].join();
}

export async function check_interrupt_in_a_handler({ pyodide }) {
  const buffer = new Int32Array(1);
  let written = 0;
  pyodide.setInterruptBuffer(buffer);
  pyodide.setStdout({
    write(bytes) {
      if (written++ === 2) buffer[0] = 2;
      pyodide.checkInterrupt();
      return bytes.length;
    },
  });
  const types = [];
  for (const run of ["runPython", "runPythonAsync"]) {
    written = 0;
    try {
      await pyodide[run]("while True: print('line')");
    } catch (error) {
      types.push(error.type);
    }
    types.push(written, buffer[0]);
  }
  pyodide.setInterruptBuffer(undefined);
  pyodide.setStdout({ write: (bytes) => bytes.length });
  return types.join();
}

export async function python_below_javascript({ pyodide }, program) {
  const names = pyodide.toPy({ found: [] });
  names.set("call", (code) => pyodide.runPython(code, { globals: names }));
  for (const run of ["runPython", "runPythonAsync"]) {
    await pyodide[run](program, { globals: names });
  }
  const text = pyodide.runPython("str(found)", { globals: names });
  names.destroy();
  return text;
}

export async function old_options({ pyodide }, program) {
  pyodide.globals.set("value", null);
  const none = pyodide.runPython("value is None");
  const kind = await pyodide.runPythonAsync(program);
  return [none, kind].join();
}

export function old_conversions({ pyodide }) {
  const proxy = pyodide.runPython("{'a': 1, 'inner': {'b': [2]}, 'size': 3, 4: 5}");
  const map = proxy.toJs();
  const seen = [
    map instanceof Map,
    map.get("a"),
    map.a,
    map.inner.b[0],
    map.size,
    map.get("size"),
    map.get(4),
  ];
  map.z = 9;
  seen.push(map.get("z"), "z" in map, delete map.z, map.has("z"), Object.keys(map).join("+"));
  const given = proxy.toJs({ dict_converter: Object.fromEntries });
  const js = pyodide.runPython("from pyodide.ffi import to_js; to_js({'k': 1})");
  const text = pyodide.runPython(
    "class A:\n  __repr__ = lambda self: 'r'\n  __str__ = lambda self: 's'\nA()",
  );
  seen.push(map.constructor.name, given.constructor === Object, js instanceof Map && js["k"], String(text));
  for (const one of [proxy, text]) one.destroy();
  return seen.join();
}

export function canvas({ pyodide }) {
  const canvas = { name: "a canvas" };
  const before = pyodide.canvas.getCanvas2D();
  pyodide.canvas.setCanvas2D(canvas);
  const seen = [before, pyodide.canvas.getCanvas2D() === canvas, pyodide.canvas.getCanvas3D() === canvas];
  const other = {};
  pyodide.canvas.setCanvas3D(other);
  seen.push(pyodide._module.canvas === other);
  return seen.join();
}

export async function comlink({ pyodide }, program) {
  const endpoint = Symbol("endpoint");
  const remote = (path) =>
    new Proxy(function () {}, {
      get: (_, name) => (name === "then" ? (go) => go(path) : remote(`${path}.${String(name)}`)),
      apply: (_, __, args) => Promise.resolve(`${path}(${args})`),
    });
  pyodide.registerComlink({ createEndpoint: endpoint });
  globalThis.far = remote("far");
  try {
    return await pyodide.runPythonAsync(program);
  } finally {
    pyodide.registerComlink(undefined);
    delete globalThis.far;
    pyodide.runPython("del js, JsCallable, JsPromise, kinds");
  }
}

export function jsglobals_is_the_module_js({ pyodide }) {
  return pyodide.runPython(
    'import js; from js.sub import n; [js.answer, n, hasattr(js, "Object")] == [42, 1, False]',
  );
}

export async function packages_without_a_lock_file({ pyodide, failure }) {
  const out = [
    (await pyodide.loadPackage([])).length,
    (await pyodide.loadPackagesFromImports("import numpy")).length,
  ];
  for (const names of ["numpy", ["numpy"]])
    out.push((await failure(pyodide.loadPackage(names))).message);
  return out.join();
}

export function node_folder({ pyodide }, folder) {
  try {
    pyodide.mountNodeFS("/mnt/host", folder);
  } catch (error) {
    return error.message;
  }
  return pyodide.runPython("open('/mnt/host/hello.txt').read()");
}

/** What mounting says of each pair of places; what it mounts has one file. */
export function node_folders({ pyodide }, pairs) {
  pyodide.FS.mkdirTree("/mnt/full/inner");
  pyodide.FS.writeFile("/mnt/file", "x");
  return pairs.map(([inside, host]) => {
    try {
      pyodide.mountNodeFS(inside, host);
      return pyodide.FS.readdir(inside).filter((name) => !name.startsWith(".")).join();
    } catch (error) {
      return error.message;
    }
  });
}

/** Emscripten tells of what happens to files. */
export function tracked_files({ pyodide }, program) {
  const { trackingDelegate } = pyodide.FS;
  const seen = [];
  const names = ["onOpenFile", "onWriteToFile", "onCloseFile", "onMovePath", "onDeletePath"];
  for (const name of names) {
    trackingDelegate[name] = (...given) => {
      const paths = given.filter((one) => typeof one === "string" && one.startsWith("/tmp/tracked"));
      if (paths.length > 0) seen.push([name, ...paths].join(" "));
    };
  }
  pyodide.runPython(program);
  for (const name of names) delete trackingDelegate[name];
  return seen;
}

/** What a program puts in the place of eval_code() and eval_code_async() runs what is run. */
export async function replaced_functions({ pyodide }, replace) {
  const code = pyodide.pyimport("pyodide.code");
  const { eval_code: plain, eval_code_async: async } = code;
  const own = pyodide.toPy({ a: 5 });
  pyodide.runPython(replace);
  const options = { globals: own, filename: "mine.py" };
  const found = [
    pyodide.runPython("1 + 1"),
    pyodide.runPython("a", options),
    await pyodide.runPythonAsync("2 + 2"),
    await pyodide.runPythonAsync("a", options),
  ].map((proxy) => {
    const value = proxy.toJs();
    proxy.destroy();
    return value;
  });
  code.eval_code = plain;
  code.eval_code_async = async;
  for (const proxy of [own, plain, async, code]) proxy.destroy();
  return [...found, pyodide.runPython("3 + 3"), await pyodide.runPythonAsync("4 + 4")];
}

export async function native_folder({ pyodide }, program) {
  const clock = Date.now() - 10000;
  class FakeFile {
    kind = "file";
    data = new Uint8Array();
    time = clock;
    constructor(text = "") {
      this.data = new TextEncoder().encode(text);
    }
    async getFile() {
      const { data, time } = this;
      return { lastModified: time, arrayBuffer: async () => data.slice().buffer };
    }
    async createWritable() {
      return {
        write: async (data) => {
          this.data = data.slice();
          this.time = Date.now();
        },
        close: async () => {},
      };
    }
  }
  class FakeFolder {
    kind = "directory";
    items = new Map();
    async *entries() {
      yield* this.items;
    }
    async getDirectoryHandle(name, options) {
      return this.#get(name, options?.create, FakeFolder);
    }
    async getFileHandle(name, options) {
      return this.#get(name, options?.create, FakeFile);
    }
    async removeEntry(name) {
      if (this.items.get(name)?.items?.size > 0) throw new DOMException("", "InvalidModificationError");
      if (!this.items.delete(name)) throw new DOMException("", "NotFoundError");
    }
    #get(name, create, Kind) {
      if (!this.items.has(name)) {
        if (!create) throw new DOMException("", "NotFoundError");
        this.items.set(name, new Kind());
      }
      return this.items.get(name);
    }
  }
  const root = new FakeFolder();
  root.items.set("there.txt", new FakeFile("one"));
  const sub = await root.getDirectoryHandle("sub", { create: true });
  sub.items.set("deep.txt", new FakeFile("two"));
  const { syncfs } = await pyodide.mountNativeFS("/mnt/native", root);
  const out = [pyodide.runPython(program)];
  await syncfs();
  const text = (file) => new TextDecoder().decode(file.data);
  out.push(
    text(root.items.get("there.txt")),
    [...sub.items.keys()].join("+"),
    text(sub.items.get("new.txt")),
  );
  sub.items.delete("new.txt");
  await Promise.all([syncfs(), syncfs()]);
  out.push(pyodide.runPython("os.path.exists('/mnt/native/sub/new.txt')"));
  try {
    await pyodide.mountNativeFS("/mnt/native", root);
  } catch (error) {
    out.push(error.message);
  }
  return out.join("|");
}

export function stats({ pyodide }) {
  const before = pyodide.stats();
  const list = pyodide.runPython("[]");
  const names = pyodide.toPy({});
  names.set("object", {});
  const during = pyodide.stats();
  list.destroy();
  names.destroy();
  const after = pyodide.stats();
  return [
    during.proxies - before.proxies,
    during.handles - before.handles,
    after.proxies - before.proxies,
    after.handles - before.handles,
  ].join();
}

export async function after_destroy({ pyodide }) {
  pyodide.destroy();
  pyodide.destroy();
  const told = new Set();
  for (const call of [
    () => pyodide.runPython("1"),
    () => pyodide.toPy({}),
    () => pyodide.pyimport("os"),
    () => pyodide.registerJsModule("a", {}),
    () => pyodide.checkInterrupt(),
  ]) {
    try {
      call();
      told.add("nothing");
    } catch (error) {
      told.add(error.message);
    }
  }
  told.add(await pyodide.runPythonAsync("1").catch((error) => error.message));
  return [...told].join();
}

/** What a Python program gives, as JavaScript's own values. */
export async function values({ pyodide }, program) {
  const proxy = await pyodide.runPythonAsync(program);
  const found = proxy.toJs();
  proxy.destroy();
  return found;
}
