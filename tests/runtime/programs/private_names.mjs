// Programs of test_private_names.py.

/** One object, under the three names that clients have for it. */
export function the_same_object({ pyodide }) {
  const seen = pyodide.runPython("import pyodide_js\nfrom pyodide_js import _api as seen\nseen");
  pyodide.runPython("del pyodide_js, seen");
  const before = Object.keys(pyodide).includes("_api");
  pyodide._api.mine = 5;
  return [pyodide._module.API === pyodide._api, seen === pyodide._api, before, pyodide._api.mine];
}

/** Every name, and what kind of thing it is. */
export function kinds({ pyodide }, names) {
  const found = {};
  for (const path of names) {
    let value = pyodide;
    for (const name of path.split(".")) value = value[name];
    const isProxy = value instanceof pyodide.ffi.PyProxy;
    found[path] = isProxy ? `proxy ${value}`.split("'").slice(0, 2).join("") : typeof value;
    if (isProxy) value.destroy();
  }
  return found;
}

export function facts({ pyodide }) {
  const { version, abiVersion, pyVersionTuple, config, packageManager } = pyodide._api;
  const info = pyodide.pyimport("sysconfig.get_config_var");
  const variables = ["PYODIDE_ABI_VERSION", "PYEMSCRIPTEN_PLATFORM_VERSION"].map((name) => info(name));
  info.destroy();
  return {
    version: version === pyodide.version,
    abi: [abiVersion, ...variables],
    tuple: pyVersionTuple.join("."),
    config: [config.indexURL.endsWith("/"), config.fullStdLib, config.env.HOME, config.core],
    base: packageManager.installBaseUrl === pyodide.lockfileBaseUrl,
  };
}

/** Heap views are the memory's also after it has grown. */
export function heap_views({ pyodide }) {
  const module = pyodide._module;
  const names = ["HEAP8", "HEAPU8", "HEAP16", "HEAPU16", "HEAP32", "HEAPU32", "HEAPF32", "HEAPF64", "HEAP64", "HEAPU64"];
  const pointer = module._malloc(16);
  module.HEAP32[pointer >> 2] = -7;
  const read = () => names.map((name) => `${module[name].BYTES_PER_ELEMENT} ${module[name].length > 0}`);
  const before = [module.HEAPU32[pointer >> 2], module.HEAP8[pointer], ...read()];
  pyodide.runPython("_ = bytearray(2**26); del _"); // the memory grows
  const after = [module.HEAPU32[pointer >> 2], module.HEAP8[pointer], ...read()];
  module._free(pointer);
  return [before.join(), after.join()];
}

export function paths({ pyodide }) {
  const { PATH_FS } = pyodide._module;
  return [PATH_FS.resolve("a/../b", "c"), PATH_FS.resolve("/x", "/y"), PATH_FS.relative("/a/b", "/a/c/d")];
}

/** hiwire.num_keys() is how many JavaScript values Python holds. */
export function handles({ pyodide }) {
  const { hiwire } = pyodide._module;
  const count = () => hiwire.num_keys() - start;
  const start = hiwire.num_keys();
  pyodide.globals.set("held", { a: 1 });
  const one = count();
  pyodide.runPython("more = [held.a, held.toString, held.valueOf]");
  const three = count();
  pyodide.runPython("del held, more");
  return [one, three, count()];
}

/** The map has the proxies that are alive of those that were made while it was on. */
export function proxies({ pyodide }) {
  const module = pyodide._module;
  const size = () => module.pyproxy_alloc_map.size;
  const before = pyodide.runPython("[0]");
  module.enable_pyproxy_allocation_tracing();
  const counts = [size()];
  const made = [1, 2, 3].map(() => pyodide.runPython("[1]"));
  counts.push(size());
  made[0].destroy();
  counts.push(size());
  before.destroy();
  pyodide.runPython("import js; js.Array.of([])"); // an argument ends with its call
  counts.push(size());
  module.disable_pyproxy_allocation_tracing();
  const later = pyodide.runPython("[2]");
  counts.push(size());
  const [proxy, stack] = [...module.pyproxy_alloc_map][0];
  const told = [proxy.toString(), proxy === made[1], typeof stack];
  for (const one of [...made.slice(1), later]) one.destroy();
  counts.push(size());
  return [counts, told];
}

/** The error flag, as a harness looks at it after each call. */
export function error_flag({ pyodide }) {
  const module = pyodide._module;
  const buffer = new Uint8Array(1);
  pyodide.setInterruptBuffer(buffer);
  const steps = [module._PyErr_Occurred()];
  buffer[0] = 2;
  steps.push(module._PyErr_CheckSignals(), module._PyErr_Occurred() !== 0, buffer[0]);
  try {
    module._pythonexc2js();
  } catch (error) {
    steps.push(error.type);
  }
  steps.push(module._PyErr_Occurred());
  buffer[0] = 2;
  module._PyErr_CheckSignals();
  module._PyErr_Clear();
  steps.push(module._PyErr_Occurred(), module._PyErr_CheckSignals());
  pyodide.setInterruptBuffer(undefined);
  module._pythonexc2js(); // nothing is set: nothing is thrown
  return steps;
}

/** PyodideHandle of pytest-pyodide: an object survives by its address alone. */
export function object_by_address({ pyodide }, keep, fetch) {
  const address = pyodide.runPython(keep);
  pyodide._module._Py_IncRef(address);
  pyodide.runPython("del kept");
  const found = pyodide.runPython(fetch.replace("ADDRESS", address));
  pyodide._module._Py_DecRef(address);
  const refused = pyodide.runPython(
    "import pyodide_js\nd, k = {}, []\nr = pyodide_js._module._PyDict_SetItem(id(d), id(k), id(k))\ndel pyodide_js, d, k\nr",
  );
  const flag = pyodide._module._PyErr_Occurred();
  pyodide._module._PyErr_Clear();
  return [found, refused, flag];
}

/** What a test made is gone, what was there before is as it was. */
export function restore({ pyodide }, makeBefore, make, look) {
  pyodide.registerJsModule("before", { field: 82 });
  pyodide.registerJsModule("unused", { other: 3 });
  pyodide.runPython(makeBefore);
  const state = pyodide._api.saveState();
  pyodide.registerJsModule("later", { third: 9 });
  pyodide.unregisterJsModule("unused");
  pyodide.runPython(make);
  pyodide._api.restoreState(state);
  const first = pyodide.runPython(look);
  // It can be restored again and again.
  pyodide.runPython("x = 'again'; import unused");
  pyodide._api.restoreState(state);
  const second = pyodide.runPython(look);
  state.destroy();
  pyodide.runPython("import sys; [sys.modules.pop(n, None) for n in ('before', 'unused')]; del sys");
  for (const name of ["before", "unused"]) pyodide.unregisterJsModule(name);
  pyodide.runPython("globals().pop('field', None); del x, looks");
  return [first, second];
}

/** polyscript looks for the symbol once, and asks each argument of its functions. */
export function symbol_of_proxies({ pyodide }) {
  const proxy = pyodide.runPython("[1]");
  const isIt = (key) => String(key) === "Symbol(pyproxy.attrs)";
  const symbols = Reflect.ownKeys(proxy).filter(isIt);
  const [symbol] = symbols;
  const seen = [];
  globalThis.look = (argument) => void seen.push(symbol in argument && argument[symbol].shared.gcRegistered);
  pyodide.runPython("from pyodide.ffi import create_proxy\nimport js\njs.look([])\nkept = create_proxy([])\njs.look(kept)");
  pyodide.runPython("kept.destroy(); del kept, create_proxy, js");
  delete globalThis.look;
  const found = [symbols.length, proxy[symbol].shared.gcRegistered, seen, symbol in {}, Object.keys({ ...proxy }).length];
  proxy.destroy();
  return found;
}

/** Of the lock file. */
export function packages_of_imports({ pyodide }) {
  const { _import_name_to_package_name: names, lockfile, lockfile_packages, lockfile_info } = pyodide._api;
  return [
    names instanceof Map,
    names.get("dateutil"),
    lockfile_packages === pyodide.lockfile.packages,
    lockfile_info === pyodide.lockfile.info,
    lockfile === pyodide.lockfile,
  ];
}

/** basthon edits the lock file in place, and loads what it has put there. */
export async function a_lock_that_is_edited({ pyodide }, address) {
  const { six } = pyodide._api.lockfile_packages;
  pyodide._api.lockfile_packages["my-six"] = { ...six, name: "my-six", file_name: address };
  const [loaded] = await pyodide.loadPackage("my-six", { messageCallback() {} });
  delete pyodide._api.lockfile_packages["my-six"];
  return loaded.name;
}

/** install(), with its metadata in the three ways that clients have them. */
export async function install({ pyodide }, wheel, fileName, list) {
  const bytes = Uint8Array.from(atob(wheel), (character) => character.charCodeAt(0));
  const dict = pyodide.toPy({ INSTALLER: "a dict" });
  await pyodide._api.install(bytes, fileName, "/one", new Map([["INSTALLER", "a map"]]));
  await pyodide._api.install(bytes.buffer, fileName, "/two", { INSTALLER: "an object", MORE: "text" });
  await pyodide._api.install(bytes, fileName, "/three", dict);
  await pyodide._api.install(bytes, fileName);
  dict.destroy();
  let refused = "";
  try {
    await pyodide._api.install(bytes, `..%2F${fileName}`.replace("%2F", "/"), "/four");
  } catch (error) {
    refused = error.message;
  }
  return [pyodide.runPython(list), refused];
}

const nameOf = (call) => {
  try {
    call();
    return "nothing";
  } catch (error) {
    return error.name;
  }
};

/** What each way into Python does between _PyEval_SaveThread() and _PyEval_RestoreThread(). */
export async function without_the_gil({ pyodide }) {
  const { _module: module, _api: api, FS, ERRNO_CODES } = pyodide;
  const d = pyodide.runPython("{1: 2}");
  const g = pyodide.runPython("lambda: 1");
  const found = {};
  const state = module._PyEval_SaveThread();
  try {
    const ways = [() => d.keys, () => (d.x = 2), () => d.get(1), () => d.length, () => d.toString(), () => [...d], () => g()];
    found.refused = ways.map(nameOf);
    try {
      g();
    } catch (error) {
      found.kind = error instanceof api.NoGilError;
    }
    found.quiet = nameOf(() => pyodide.checkInterrupt());
    const buffer = new Int32Array([2]);
    pyodide.setInterruptBuffer(buffer);
    try {
      pyodide.checkInterrupt();
    } catch (error) {
      const isErrno = error instanceof FS.ErrnoError && error.errno === ERRNO_CODES.EINTR;
      found.interrupted = [isErrno ? "EINTR" : String(error), buffer[0]];
    }
    pyodide.setInterruptBuffer();
    found.again = nameOf(() => module._PyEval_SaveThread());
  } finally {
    module._PyEval_RestoreThread(state);
  }
  found.wrong = nameOf(() => module._PyEval_RestoreThread(state));
  found.after = [g(), nameOf(() => pyodide.checkInterrupt())];
  d.destroy();
  g.destroy();
  return found;
}

/** Objects whose methods ask for the end, while a function of the test's is there to be asked. */
export function asked_of_fatal_errors({ pyodide }) {
  const { _api: api } = pyodide;
  const own = api.fatal_error;
  const told = [];
  api.fatal_error = (error) => {
    told.push(String(error));
    throw error;
  };
  const ask = "from _pyodide_core import trigger_fatal_error as ask\n";
  const t = pyodide.runPython(`${ask}class T:\n def __getattr__(self, n): ask()\n def __call__(self): ask()\n def __len__(self): ask()\nT()`);
  for (const way of [() => t.x, () => t(), () => t.length]) nameOf(way);
  api.fatal_error = own;
  t.destroy();
  pyodide.runPython("import sys; del ask, T, sys.last_exc, sys.last_value, sys.last_traceback, sys");
  return [told, pyodide.runPython("1 + 2")];
}

/** What a page is told when a program ends the runtime by hand. */
export function ends_by_hand({ pyodide }, call) {
  const { error: say } = console;
  const told = [];
  pyodide._api.on_fatal = (error) => void told.push(String(error));
  globalThis.throw_text = () => {
    throw "some text";
  };
  globalThis.throw_null = () => {
    throw null;
  };
  console.error = () => {};
  let thrown = "nothing";
  try {
    pyodide.runPython(`from _pyodide_core import raw_call, trigger_fatal_error\nfrom js import throw_text, throw_null\n${call}`);
  } catch (error) {
    thrown = String(error);
  } finally {
    console.error = say;
    delete globalThis.throw_text;
    delete globalThis.throw_null;
  }
  let look = "";
  try {
    pyodide.globals;
  } catch (error) {
    look = error.message;
  }
  return [thrown, told, look];
}

/** The program that loadPyodide({ args }) names. */
export async function main_program(_, dist, core, args) {
  const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
  const lines = [];
  const errors = [];
  const pyodide = await loadPyodide({
    args,
    core,
    stdout: (line) => lines.push(line),
    stderr: (line) => errors.push(line),
  });
  const status = pyodide._module._run_main();
  pyodide.destroy();
  return [lines, errors.join("\n"), status];
}
