/*
 * The `pyodide` object: running code, namespaces, modules, signals, streams,
 * files, the end. Its names and meanings are Pyodide's; what is new is
 * additional. Made by load.ts; Python sees it as the module pyodide_js.
 *
 * Invariants
 *  1. runPythonAsync() awaits before it enters its task, so that no caller's
 *     frames lie below it.
 *  2. After destroy() every call says so instead of computing; after a fatal error every look at a member.
 */

import { setRemoteMark } from "../../ffi/abi/js_kind.ts";
import type { Bridge, ProxyRecord } from "../../ffi/bridge/bridge_types.ts";
import { anyRecord, proxyRecord, settleFresh } from "../../ffi/bridge/py_known.ts";
import { ffiStats, type FfiStats } from "../../ffi/bridge/stats.ts";
import type { TypedArray } from "../../ffi/convert/buffers.ts";
import { toPy, type ToPyOptions } from "../../ffi/convert/to_py.ts";
import type { JsModules } from "../../ffi/js_in_py/js_modules.ts";
import { STAT_REGION_BYTES, STAT_STACK_BYTES, STAT_TASKS } from "../../jspi/numbers.ts";
import type { Scheduler } from "../../jspi/scheduler.ts";
import type { Tasks } from "../../jspi/tasks.ts";
import { MAIN_NAMESPACE } from "../../jspi/turns.ts";
import { checkArguments } from "../../polyfills/files/checked.ts";
import type { Libraries } from "../../polyfills/dl/dl.ts";
import type { ServedApp, ServeOptions } from "../serve/serve.ts";
import type { Transport } from "../../polyfills/sockets/transport.ts";
import { SIGINT } from "../../polyfills/numbers.ts";
import type { OutputOptions, Stdio, StdinOptions } from "../../polyfills/stdio/stdio.ts";
import type { Calls } from "./calls.ts";
import type { Core, CoreChoice } from "../load/core.ts";
import { asShown } from "../load/assets.ts";
import { sospesoVersion, version } from "../load/version.ts";
import * as ffi from "./ffi.ts";
import type { Interrupts } from "./interrupts.ts";
import { checkHandle, checkHostFolder, inNode, mountNativeFS, nativeFileSystem, type NativeFS } from "./native_fs.ts";
import type { Lockfile } from "./lockfile.ts";
import type { LoadPackageOptions, PackageData, Packages, Unpacking } from "./packages.ts";

/** Options of runPython() and runPythonAsync(). */
export interface RunOptions {
  /** Namespace the code runs in: `pyodide.globals`, or a dict made by `toPy({})`. */
  globals?: ffi.PyProxy;
  /** Local namespace, if it is to differ from the globals. */
  locals?: ffi.PyProxy;
  /** Shown in tracebacks; source lines are shown too unless it begins with "<" and ends with ">". */
  filename?: string;
  /** What has a value: see pyodide.code.eval_code(), which knows the options below, too. */
  return_mode?: "last_expr" | "last_expr_or_assign" | "none";
  quiet_trailing_semicolon?: boolean;
  flags?: number;
  dont_inherit?: boolean;
  optimize?: number;
  dedent?: boolean;
}

/** What is alive in a runtime; tests compare it to find leaks. */
export interface RuntimeStats {
  /** Tasks entered and not finished, threads included. */
  readonly tasks: number;
  /** Stacks suspended now. */
  readonly waiting: number;
  /** JavaScript values that Python holds. */
  readonly handles: number;
  /** PyProxies not destroyed. */
  readonly proxies: number;
  /** Bytes of C stack regions, live and pooled. */
  readonly stackBytes: number;
  /** Bytes of the event loop's C stack in use; the same at every idle moment. */
  readonly loopStackBytes: number;
  /** Bytes of Asyncify buffers, live and pooled. */
  readonly unwindBytes: number;
  /** Bytes of wasm memory. */
  readonly memoryBytes: number;
}

/** The page's canvas for libraries that draw by Emscripten's means (SDL); Emscripten knows one. */
export interface CanvasInterface {
  setCanvas2D(canvas: HTMLCanvasElement): void;
  getCanvas2D(): HTMLCanvasElement | undefined;
  /** The same canvas, for libraries that use WebGL. */
  setCanvas3D(canvas: HTMLCanvasElement): void;
  getCanvas3D(): HTMLCanvasElement | undefined;
}

/** What a Pyodide object is made of; private to load.ts. */
export interface PyodideParts {
  readonly core: Core;
  readonly choice: CoreChoice;
  readonly scheduler: Scheduler;
  readonly tasks: Tasks;
  readonly bridge: Bridge;
  readonly calls: Calls;
  readonly interrupts: Interrupts;
  readonly stdio: Stdio;
  readonly modules: JsModules;
  readonly packages: Packages;
  readonly libraries: Libraries;
  /** The way to other machines. */
  readonly transport: Transport | undefined;
  readonly serve: (port: number, options: ServeOptions) => Promise<ServedApp>;
  /** What loadPyodide() was told, with what it made of it. */
  readonly config: Readonly<Record<string, unknown>> & { readonly indexURL: string };
  /** What the Python module `js` is. */
  readonly jsglobals: object;
}

/** A running Python. */
export class Pyodide {
  readonly #core: Core;
  readonly #scheduler: Scheduler;
  readonly #bridge: Bridge;
  readonly #calls: Calls;
  readonly #stdio: Stdio;
  readonly #packages: Packages;
  readonly #transport: Transport | undefined;
  readonly #serve: PyodideParts["serve"];
  readonly #interrupts: Interrupts;
  readonly #globals: ffi.PyDict;
  #pyodidePy: ffi.PyProxy | undefined;
  #unpacked = 0;

  /** Version of the Pyodide that this one can take the place of. */
  readonly version: string = version;
  /** Version of Sospeso. */
  readonly sospesoVersion: string = sospesoVersion;
  /** Which core runs, and why. */
  readonly core: CoreChoice;
  /** Emscripten's file system. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly FS: any;
  /** Emscripten's functions on paths. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly PATH: any;
  /** errno by name. */
  readonly ERRNO_CODES: Readonly<Record<string, number>>;
  /** The classes of what comes from Python, for instanceof. */
  readonly ffi: typeof ffi = ffi;
  /** Where libraries that use SDL draw. */
  readonly canvas: CanvasInterface;
  /** @internal Emscripten's module; its contents may change at any time. */
  readonly _module: unknown;

  /** @internal */
  constructor(parts: PyodideParts) {
    this.#core = parts.core;
    this.#scheduler = parts.scheduler;
    this.#bridge = parts.bridge;
    this.#calls = parts.calls;
    this.#stdio = parts.stdio;
    this.#packages = parts.packages;
    this.#transport = parts.transport;
    this.#serve = parts.serve;
    this.core = parts.choice;
    const { module } = parts.core;
    this._module = module;
    this.canvas = canvasOf(module as { canvas?: HTMLCanvasElement });
    this.FS = module.FS;
    module.FS.filesystems.NATIVEFS_ASYNC = nativeFileSystem(module.FS);
    checkArguments(module.FS);
    this.PATH = module.PATH;
    this.ERRNO_CODES = module.ERRNO_CODES;
    this.#bridge.space.enterTask = (task) => parts.tasks.enter(task);
    this.#globals = this.#makeGlobals();
    this.#interrupts = parts.interrupts;
    this.#bindMethods();
    parts.calls.onFatal.push((_error, reason) => this.#lockOut(reason));
    parts.modules.install(parts.jsglobals, this);
    parts.packages.attach({
      unpack: (what) => this.#unpackPackage(what),
      compile: (libraries) => parts.libraries.compileAhead(libraries),
      writeFile: (path, data) => this.FS.writeFile(path, data),
      unlink: (path) => this.FS.unlink(path),
      print: (line, isError) => void this.#calls.plain("say", [line, isError]),
    });
  }

  /** Python's `__main__` namespace; get() and has() find builtins too. */
  get globals(): ffi.PyDict {
    return this.#globals;
  }

  /** The Python module `pyodide`. */
  get pyodide_py(): ffi.PyProxy {
    if (this.#pyodidePy === undefined || !proxyRecord(this.#pyodidePy)?.object) {
      this.#pyodidePy = this.pyimport("pyodide") as ffi.PyProxy;
    }
    return this.#pyodidePy;
  }

  /**
   * Run Python on this stack and return the value of its last expression, or
   * undefined when there is none or it ends in a semicolon. Nothing in it can
   * wait: what would have to raises RuntimeError.
   * @throws PythonError what Python raised.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  runPython(code: string, options: RunOptions = {}): any {
    this.#calls.check();
    return this.#calls.plain("run", this.#runArguments(code, options));
  }

  /**
   * Run Python on a task of its own; anything in it may wait, and top-level
   * await works. Any number of calls may be under way at once; of those that
   * share their globals one runs at a time, and the next goes on when it waits.
   * @returns the value of the last expression.
   * @throws PythonError (rejects) what Python raised.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async runPythonAsync(code: string, options: RunOptions = {}): Promise<any> {
    this.#calls.check();
    const words = this.#runArguments(code, options); // bad options reject before anything runs
    await null; // invariant 1
    return this.#calls.task("run_async", words, this.#groupOf(options.globals));
  }

  /**
   * A Python object made from a JavaScript one, deeply: Array to list, plain
   * Object and Map to dict, Set to set. Primitives and PyProxies come back as
   * they are.
   * @throws PythonError when a value cannot be converted.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  toPy(value: unknown, options: ToPyOptions = {}): any {
    this.#calls.check();
    return toPy(this.#bridge, value, options);
  }

  /**
   * Import a module, or an attribute of one ("os.path.join"), without touching
   * any namespace.
   * @throws PythonError ModuleNotFoundError, AttributeError, or what importing raised.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  pyimport(name: string): any {
    this.#calls.check();
    return this.#calls.plain("pyimport", [text(name, "pyimport(name)")]);
  }

  /**
   * Offer an object to Python as a module; its object members are submodules. What Python has imported
   * under the name before stays what it is.
   * @throws PythonError TypeError when the name is no string or the module no object of JavaScript.
   */
  registerJsModule(name: string, module: object): void {
    this.#calls.plain("register_js_module", [name, module]);
  }

  /**
   * Take a module back. Python code that has imported it keeps it, and sys.modules does.
   * @throws PythonError ValueError when there is no such module.
   */
  unregisterJsModule(name: string): void {
    this.#calls.plain("unregister_js_module", [name]);
  }

  /**
   * Send a signal: waits end, Python's handler runs (for SIGINT, the default,
   * it raises KeyboardInterrupt). Needs no shared memory. Does nothing when no
   * task is under way: a late Stop must not hit the next program.
   */
  interrupt(signum: number = SIGINT): void {
    this.#calls.check();
    this.#interrupts.send(signum);
  }

  /**
   * Watch a buffer for signals, usually one over shared memory that another
   * thread writes to: when its first element is not 0 it is the number of a
   * signal (2 is SIGINT), and is set back to 0 when Python gets it.
   * @param buffer undefined ends the watch.
   */
  setInterruptBuffer(buffer?: TypedArray): void {
    this.#calls.check();
    this.#interrupts.watch(buffer);
  }

  /**
   * Run the handlers of signals that have arrived, from JavaScript that Python
   * has called and that takes long.
   * @throws PythonError what a handler raised, usually KeyboardInterrupt.
   */
  checkInterrupt(): void {
    this.#calls.check();
    this.#interrupts.check();
  }

  /** Replace where Python reads from; a read that waits goes on with the new handler. */
  setStdin(options: StdinOptions = {}): void {
    this.#calls.check();
    this.#stdio.setStdin(options);
  }

  /** Replace where Python writes to. */
  setStdout(options: OutputOptions = {}): void {
    this.#calls.check();
    this.#stdio.setStdout(options);
  }

  /** Replace where Python writes errors to. */
  setStderr(options: OutputOptions = {}): void {
    this.#calls.check();
    this.#stdio.setStderr(options);
  }

  /**
   * Unpack an archive into the file system.
   * @param format "tar", "zip", "gztar", "bztar", "xztar", "wheel", or a file
   *   name's ending such as ".tar.gz".
   * @param options.extractDir the folder; default: the current one. Its path alone does, too.
   * @throws PythonError when the format is unknown, the archive is broken, or a name in it leads out of
   *   the folder.
   */
  unpackArchive(
    buffer: TypedArray | ArrayBuffer,
    format: string,
    options: { extractDir?: string } | string = {},
  ): void {
    this.#calls.check();
    const bytes = bytesOf(buffer);
    if (bytes === undefined) {
      throw new TypeError("Expected argument 'buffer' to be an ArrayBuffer or an ArrayBuffer view");
    }
    const folder = typeof options === "string" ? options : options.extractDir;
    const path = `/tmp/.unpack-${this.#unpacked++}`;
    this.FS.writeFile(path, bytes);
    try {
      this.#calls.plain("unpack_archive", [path, text(format, "unpackArchive(buffer, format)"), folder]);
    } finally {
      this.FS.unlink(path);
    }
  }

  /**
   * Show a folder of the host (Node only) in Python's file system.
   * @throws Error outside of Node, when the host has no such folder, or when the folder in Python is not
   *   empty or mounted already.
   */
  mountNodeFS(emscriptenPath: string, hostPath: string): void {
    this.#calls.check();
    if (!inNode()) {
      throw new Error("mountNodeFS works in Node only; in a page use mountNativeFS(path, directoryHandle)");
    }
    checkHostFolder(text(hostPath, "mountNodeFS(.., hostPath)"));
    this.#makeMountPoint(text(emscriptenPath, "mountNodeFS(emscriptenPath)"));
    this.FS.mount(this.FS.filesystems.NODEFS, { root: hostPath }, emscriptenPath);
  }

  /**
   * Show a folder of the user's disk, or of the origin's private file system,
   * in Python's. Files are copied in now; syncfs() carries changes both ways.
   * @throws Error when the folder in Python is not empty or mounted already; TypeError when the handle is
   *   none of a folder.
   */
  async mountNativeFS(path: string, handle: FileSystemDirectoryHandle): Promise<NativeFS> {
    this.#calls.check();
    checkHandle(handle);
    this.#makeMountPoint(text(path, "mountNativeFS(path)"));
    return mountNativeFS(this.FS, path, handle);
  }

  /**
   * Tell Python about the library Comlink, whose remote objects answer to every
   * name: they are then functions and awaitables to Python, and nothing else.
   * @param Comlink the library's namespace; undefined forgets it.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  registerComlink(Comlink: any): void {
    this.#calls.check();
    setRemoteMark((Comlink as { createEndpoint?: symbol } | null | undefined)?.createEndpoint);
  }

  /**
   * For code written for Pyodide, where it chooses real sockets in Node. Here
   * there is nothing to choose, so it does nothing.
   * @throws Error (rejects) outside of Node.
   */
  async useNodeSockFS(): Promise<void> {
    this.#calls.check();
    if (!inNode()) throw new Error("useNodeSockFS works in Node only");
    return Promise.resolve();
  }

  /** Have errors about destroyed proxies, and leak reports, say more. @returns what was set before. */
  setDebug(on: boolean): boolean {
    const before = this.#bridge.debug;
    this.#bridge.debug = Boolean(on);
    if (this.#bridge.debug !== before) this.#bridge.handles.trace(this.#bridge.debug);
    return before;
  }

  /** What lives on the bridge now; in debug mode also where each of it was made. */
  ffiStats(): FfiStats {
    return ffiStats(this.#bridge);
  }

  /**
   * How long a computation in runPythonAsync() may keep this thread before the page has its turn.
   * Python threads are given theirs by sys.setswitchinterval().
   * @param ms milliseconds, 16 from the start; Infinity never interrupts a computation; 0 interrupts it
   *   every few bytecodes, which is slow and brings out races between your tasks.
   * @returns the old value.
   * @throws RangeError when it is neither 0 nor a number from 1 to Infinity.
   */
  setTimeSlice(ms: number): number {
    if (typeof ms !== "number" || !(ms >= 1 || ms === 0)) {
      throw new RangeError(`setTimeSlice(ms) takes 0 or milliseconds from 1 to Infinity, not ${String(ms)}`);
    }
    const before = this.#scheduler.computeMs;
    this.#scheduler.computeMs = ms;
    return before;
  }

  /**
   * For code written for Pyodide, which can copy its memory to start others from it. This runtime cannot:
   * its memory refers to JavaScript's values and to stacks of the engine.
   * @throws Error always.
   */
  makeMemorySnapshot(): Uint8Array {
    throw new Error(
      "Can only use pyodide.makeMemorySnapshot if the _makeSnapshot option is passed to loadPyodide: " +
        "it is not supported here, and a runtime starts fast without",
    );
  }

  /** What is alive now. */
  stats(): RuntimeStats {
    const stat = this.#core.exports.sospeso_task_stat;
    return {
      tasks: stat(STAT_TASKS),
      waiting: this.#scheduler.waiting,
      handles: this.#bridge.handles.size,
      proxies: ffiStats(this.#bridge).proxies,
      stackBytes: stat(STAT_REGION_BYTES),
      loopStackBytes: stat(STAT_STACK_BYTES),
      unwindBytes: this.#core.unwindBytes(),
      memoryBytes: this.#core.exports.memory.buffer.byteLength,
    };
  }

  /**
   * End the runtime: no timer and listener of it is called any more, runs that
   * are under way reject, every further call throws. Its memory is free once the
   * page has dropped it. Idempotent.
   */
  destroy(): void {
    if (this.#calls.dead === undefined) {
      try {
        this.#calls.plain("close", []);
      } catch (error) {
        console.warn(error); // what the page's objects threw; the end does not wait for them
      }
    }
    this.#calls.end("this runtime was destroyed");
    this.#interrupts.watch(undefined);
    this.#stdio.destroy();
    this.#transport?.end();
    this.#bridge.space.close();
    settleFresh(); // nothing there keeps this runtime alive
  }

  /**
   * Reach a server that listens inside: an HTTP server in a thread, Flask, an asyncio server.
   * @param port where it listens (on 127.0.0.1, ::1 or everywhere); it may begin to later.
   * @returns its fetch() and webSocket(), when it listens (docs/serve.md).
   * @throws Error when nobody listened for `options.timeout` milliseconds.
   */
  async serve(port: number, options: ServeOptions = {}): Promise<ServedApp> {
    return this.#serve(port, options);
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  /** Packages that were loaded: by name, "default channel" or the address each came from. */
  get loadedPackages(): Readonly<Record<string, string>> {
    return this.#packages.loaded;
  }

  /** The lock file that names packages (options lockFileURL, lockFileContents); empty without one. */
  get lockfile(): Lockfile {
    return this.#packages.lockfile;
  }

  /** Where relative file names of the lock file start from, in Node a path; undefined when nobody said. */
  get lockfileBaseUrl(): string | undefined {
    const { baseURL } = this.#packages;
    return baseURL && asShown(baseURL);
  }

  /**
   * Load packages and what they depend on: wheels, of compiled code too, and archives.
   * @param names names of the lock file, or addresses of wheels; one, or several.
   * @returns what was loaded now; not what was there already.
   * @throws Error (rejects) for a name the lock file does not have. What cannot be fetched or unpacked is
   *   told to errorCallback.
   */
  async loadPackage(
    names: string | readonly string[] | ffi.PyProxy,
    options: LoadPackageOptions = {},
  ): Promise<PackageData[]> {
    this.#calls.check();
    const all = typeof names === "string" ? [names] : [...(names as Iterable<unknown>)];
    return this.#packages.load(
      all.map((name) => text(name, "loadPackage(names): each name")),
      options,
    );
  }

  /** Load the packages of the lock file that source code imports. Code with a syntax error imports nothing. */
  async loadPackagesFromImports(code: string, options: LoadPackageOptions = {}): Promise<PackageData[]> {
    text(code, "loadPackagesFromImports(code)");
    const names = await this.#packages.ofImports(() => this.#ask<string[]>("pyodide.code", "find_imports", code));
    return names.length === 0 ? [] : this.#packages.load(names, options);
  }

  async #unpackPackage(what: Unpacking): Promise<[name: string, version: string, libraries: string[]]> {
    const files = this.toPy(what.metadata) as ffi.PyProxy;
    try {
      const words = [what.path, what.fileName, what.installDir, files, what.sha256];
      return await this.#ask("pyodide._package_loader", "install", ...words);
    } finally {
      files.destroy();
    }
  }

  /** What a function of a Python module returns, called on a task of its own, as JavaScript's own values. */
  async #ask<T>(module: string, name: string, ...words: unknown[]): Promise<T> {
    const asked = this.pyimport(`${module}.${name}`) as ffi.PyCallable;
    try {
      const answer = (await asked.callPromising(...words)) as ffi.PyProxy;
      const values = answer.toJs() as T;
      answer.destroy();
      return values;
    } finally {
      asked.destroy();
    }
  }

  /** Let programs take methods out of the object: `const { runPython } = pyodide`, `.then(pyodide.runPython)`. */
  #bindMethods(): void {
    const methods = Object.getOwnPropertyDescriptors(Pyodide.prototype) as Record<string, PropertyDescriptor>;
    for (const [name, { value }] of Object.entries(methods)) {
      if (typeof value !== "function" || name === "constructor") continue;
      const bound = (value as (...words: unknown[]) => unknown).bind(this);
      Object.defineProperty(this, name, { value: bound, writable: true, configurable: true });
    }
  }

  /** After a fatal error the mere look at a member says so: programs keep what they have read. */
  #lockOut(reason: string): void {
    for (const holder of [this, Pyodide.prototype]) {
      for (const name of Object.getOwnPropertyNames(holder)) {
        if (name.startsWith("_") || STAYS.has(name)) continue;
        const get = (): never => {
          throw new Error(reason);
        };
        Object.defineProperty(this, name, { get, configurable: true, enumerable: true });
      }
    }
  }

  /** The namespace's proxy, whose get() and has() fall back to builtins. */
  #makeGlobals(): ffi.PyDict {
    const globals = this.#bridge.take(this.#core.exports.sospeso_main_dict()) as ffi.PyDict;
    const record = proxyRecord(globals) as ProxyRecord;
    const has = (key: unknown): boolean =>
      record.contains(key) || (typeof key === "string" && this.#calls.plain("has_builtin", [key]) === true);
    const get = (key: unknown): unknown => {
      const value = record.getItem(key);
      if (value !== undefined || typeof key !== "string" || record.contains(key)) return value;
      return this.#calls.plain("builtin", [key]);
    };
    // Their names are written out: a function's own name is another one in a minified bundle.
    for (const [name, value] of Object.entries({ get, has })) {
      Object.defineProperty(globals, name, { value, writable: true, configurable: true });
    }
    return globals;
  }

  #makeMountPoint(path: string): void {
    const { FS } = this;
    FS.mkdirTree(path);
    const { node } = FS.lookupPath(path, { follow_mount: false });
    if (FS.isMountpoint(node)) throw new Error(`path '${path}' is already a file system mount point`);
    if (!FS.isDir(node.mode)) throw new Error(`path '${path}' points to a file not a directory`);
    if (FS.readdir(path).length > 2) throw new Error(`directory '${path}' is not empty`);
  }

  /** Runs in one namespace take turns, from wait to wait. */
  #groupOf(globals: ffi.PyProxy | null | undefined): number {
    if (!globals) return MAIN_NAMESPACE;
    const object = proxyRecord(globals)?.object; // Python says what it thinks of other values
    if (object === undefined || object === (proxyRecord(this.globals) as ProxyRecord).object) return MAIN_NAMESPACE;
    return object;
  }

  /** The arguments of run() and run_async() of _sospeso.runner, where Python looks at their types. */
  #runArguments(code: string, options: RunOptions): unknown[] {
    if (Object(options) !== options || Array.isArray(options) || anyRecord(options) !== undefined) {
      throw new TypeError("kwargs argument is not an object");
    }
    const { globals, locals, filename, ...more } = options;
    const others = Object.keys(more).length === 0 ? undefined : more;
    return [code, filename === undefined ? "<exec>" : filename, globals || undefined, locals, others];
  }
}

/** Members that a dead runtime still has. */
const STAYS = new Set(["constructor", "version", "core", "stats", "destroy"]);

/** Bytes of a buffer or a view of one, whatever realm it is of; undefined for anything else. */
export function bytesOf(buffer: unknown): Uint8Array<ArrayBufferLike> | undefined {
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  const tag: string = Object.prototype.toString.call(buffer);
  return /^\[object (Shared)?ArrayBuffer\]$/.test(tag) ? new Uint8Array(buffer as ArrayBuffer) : undefined;
}

function canvasOf(module: { canvas?: HTMLCanvasElement }): CanvasInterface {
  const set = (canvas: HTMLCanvasElement): void => {
    module.canvas = canvas;
  };
  const get = (): HTMLCanvasElement | undefined => module.canvas;
  return { setCanvas2D: set, getCanvas2D: get, setCanvas3D: set, getCanvas3D: get };
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw new TypeError(`${what} is a string, not ${value === null ? "null" : typeof value}`);
  return value;
}
