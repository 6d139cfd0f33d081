/*
 * Names for pytest-pyodide and for the tests of Pyodide itself, which many packages run against a
 * build: the state between two tests, counts for leak checks, the error flag, and C functions that
 * pytest-pyodide passes objects by. The counts are true: a test that leaks fails here, too.
 */

import type { ProxyRecord, TracedProxies } from "../../ffi/bridge/bridge_types.ts";
import { anyRecord } from "../../ffi/bridge/py_known.ts";
import type { PyCallable, PyProxy } from "../api/ffi.ts";
import { abiVersion } from "../load/version.ts";
import { type Inside, late, live } from "./names.ts";

/** pytest_pyodide.c. Pointers are addresses, objects are borrowed. */
interface TestExports {
  sospeso_client_error_occurred(): number;
  sospeso_client_keep_error(): number;
  sospeso_client_clear_error(): void;
  sospeso_client_dict_set(dict: number, key: number, value: number): number;
}

/** Python modules that Pyodide's tests, and its own start, have as proxies. */
const MODULES = {
  importlib: "importlib",
  package_loader: "pyodide._package_loader",
  pyodide_base: "_pyodide._base",
  pyodide_code: "pyodide.code",
  pyodide_ffi: "pyodide.ffi",
  os: "os",
  sys: "sys",
};

export function addTestNames(inside: Inside): void {
  addFlags(inside);
  addState(inside);
  addCounts(inside);
  addCFunctions(inside);
  addFacts(inside);
}

function addFlags({ api }: Inside): void {
  // A test sets fail_test to fail; inTestHoist asks for longer messages (there are none).
  Object.assign(api, { fail_test: false, inTestHoist: false });
  // test_pyproxy asks for the Function of the realm that the runtime was loaded in.
  Object.assign(api, { tests: { Function } });
}

function addState({ api, parts, pyodide }: Inside): void {
  // The globals, the registered JavaScript modules and sys.modules; restored after each test.
  const call = (name: string, ...args: unknown[]): unknown => {
    const module = pyodide.pyimport("pyodide._state") as PyProxy;
    try {
      const run = module[name] as PyCallable;
      return run(...args);
    } finally {
      module.destroy();
    }
  };
  late(api, "saveState", () => () => call("save_state"));
  // After a test that has ended the runtime nothing is left to restore.
  late(api, "restoreState", () => (state: unknown) =>
    parts.calls.dead === undefined ? call("restore_state", state) : undefined,
  );
}

function addCounts({ module, parts }: Inside): void {
  const { bridge } = parts;
  const count = new ProxyCount();
  // JavaScript values that Python holds.
  late(module, "hiwire", () => ({ num_keys: () => bridge.handles.size }));
  late(module, "_hiwire_num_refs", () => () => bridge.handles.size); // test_typeconversions
  // Living proxies that were made since tracing began: a Map of proxy -> where it was made.
  live(module, "pyproxy_alloc_map", () => count.origins);
  late(module, "enable_pyproxy_allocation_tracing", () => () => {
    bridge.space.traced = count;
    count.on = true;
  });
  // What was counted stays until it is destroyed.
  late(module, "disable_pyproxy_allocation_tracing", () => () => {
    count.on = false;
  });
}

/** Proxies that were made while it was on. It keeps them from the collector: what is left was not destroyed. */
class ProxyCount implements TracedProxies {
  /** Proxy -> the stack at its making. */
  readonly origins = new Map<object, string>();
  readonly #byRecord = new Map<ProxyRecord, object>();
  on = false;

  add(proxy: object, record: ProxyRecord): void {
    if (!this.on) return;
    this.origins.set(proxy, new Error("made here").stack ?? "");
    this.#byRecord.set(record, proxy);
  }

  remove(record: ProxyRecord): void {
    const proxy = this.#byRecord.get(record);
    if (proxy === undefined) return;
    this.#byRecord.delete(record);
    this.origins.delete(proxy);
  }
}

function addCFunctions({ module, parts, pyodide }: Inside): void {
  const { bridge } = parts;
  const exports = bridge.exports as unknown as TestExports;
  /** What PyErr_CheckSignals() raised; nothing of ours leaves an exception set between two calls. */
  let raised: unknown;
  const functions = {
    // pytest-pyodide looks at the error flag after each call, and has the exception thrown.
    _PyErr_Occurred: () => (raised === undefined ? exports.sospeso_client_error_occurred() : 1),
    _pythonexc2js: () => {
      const error = raised;
      raised = undefined;
      if (error !== undefined) throw error;
      if (exports.sospeso_client_keep_error() !== 0) bridge.throwPython();
    },
    // test_pyodide takes signals out of the interrupt buffer.
    _PyErr_CheckSignals: () => {
      try {
        pyodide.checkInterrupt();
        return 0;
      } catch (error) {
        raised = error;
        return -1;
      }
    },
    _PyErr_Clear: () => {
      raised = undefined;
      exports.sospeso_client_clear_error();
    },
    // pytest-pyodide's PyodideHandle: an object by its address (id()), between two runs of Python.
    _Py_IncRef: (object: number) => bridge.exports.sospeso_retain(object),
    _Py_DecRef: (object: number) => bridge.exports.sospeso_release(object),
    _PyDict_SetItem: (dict: number, key: number, value: number) => {
      if (exports.sospeso_client_dict_set(dict, key, value) === 0) return 0;
      try {
        bridge.throwPython();
      } catch (error) {
        raised = error;
      }
      return -1;
    },
  };
  for (const [name, value] of Object.entries(functions)) late(module, name, () => value);
  // test_typeconversions: toJs() of an object by its address.
  late(module, "_python2js_with_depth", () => (object: number, depth: number, pyproxies: unknown[] = []) => {
    bridge.exports.sospeso_retain(object);
    const proxy = bridge.take(object) as PyProxy;
    try {
      return proxy.toJs({ depth, pyproxies }) as unknown;
    } finally {
      proxy.destroy();
    }
  });
  // test_pyproxy: the address of a proxy's object.
  late(module, "PyProxy_getPtr", () => (proxy: unknown) => anyRecord(proxy)?.need());
}

function addFacts({ api, parts, pyodide }: Inside): void {
  for (const [name, path] of Object.entries(MODULES)) late(api, name, () => pyodide.pyimport(path) as unknown);
  // What loadPyodide() was told, with what it made of it.
  live(api, "config", () => parts.config);
  live(api, "version", () => pyodide.version);
  // test_typeconversions: whether a proxy was not destroyed.
  late(api, "pyproxyIsAlive", () => (proxy: unknown) => (anyRecord(proxy)?.object ?? 0) !== 0);
  // test_pyodide: whether a value is a promise, or something like one.
  late(api, "isPromise", () => (value: unknown) => typeof (value as { then?: unknown } | null)?.then === "function");
  // What a lock file's info.abi_version has to be.
  live(api, "abiVersion", () => abiVersion);
  late(api, "pyVersionTuple", () => {
    const info = pyodide.pyimport("sys.version_info") as PyProxy;
    const numbers = (info.toJs() as unknown[]).slice(0, 3);
    info.destroy();
    return numbers;
  });
  // Where packages come from.
  late(api, "packageManager", () => ({
    get loadedPackages() {
      return parts.packages.loaded;
    },
    cdnURL: pyodide.lockfileBaseUrl,
    installBaseUrl: pyodide.lockfileBaseUrl,
    defaultChannel: "default channel",
  }));
}
