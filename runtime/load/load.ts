/*
 * loadPyodide(): from options to a running Python. It asks for all files at
 * once, chooses the core, instantiates it, fills the file system and starts the
 * interpreter. The package's entry point (index.ts) exports it.
 */

import type { Bridge } from "../../ffi/bridge/bridge_types.ts";
import { ffiImports } from "../../ffi/import_table.ts";
import { JsModules } from "../../ffi/js_in_py/js_modules.ts";
import { WasmBridge } from "../../ffi/wasm_bridge.ts";
import { engineHost, Scheduler } from "../../jspi/scheduler.ts";
import { Tasks } from "../../jspi/tasks.ts";
import { httpImports } from "../../polyfills/http/http.ts";
import { ERRNO, SIGINT } from "../../polyfills/numbers.ts";
import { defaultStdio, Stdio, type Ask, type OutputOption, type StdinOption } from "../../polyfills/stdio/stdio.ts";
import { Libraries } from "../../polyfills/dl/dl.ts";
import { epollImports } from "../../polyfills/poll/epoll.ts";
import { noteCauses } from "../../polyfills/files/checked.ts";
import { fcntlImports } from "../../polyfills/files/fcntl.ts";
import { lockImports } from "../../polyfills/files/locks.ts";
import { completeMemoryFiles, memoryFileImports } from "../../polyfills/files/memory_files.ts";
import { pollImports } from "../../polyfills/poll/poll.ts";
import { HeldOutput } from "../../polyfills/stdio/held.ts";
import { ioImports, WaitingIo } from "../../polyfills/stdio/waiting_io.ts";
import type { EmscriptenFS } from "../../polyfills/files/fs.ts";
import { Network } from "../../polyfills/sockets/network.ts";
import { nameImports } from "../../polyfills/sockets/names.ts";
import { dial, socketImports } from "../../polyfills/sockets/sockets.ts";
import { type Ioctl, terminalIoctl } from "../../polyfills/tty/ioctl.ts";
import { Pyodide, type PyodideParts } from "../api/api.ts";
import { asShown, fetchModule, fetchZip, importModule, LoadError, resolveIndexURL, whyNotImported } from "./assets.ts";
import { beside, type FileName, isFileName } from "./files.ts";
import { type GivenFiles, givenModule, givenText, givenZip, withAddress } from "./given.ts";
import { Calls } from "../api/calls.ts";
import { Interrupts } from "../api/interrupts.ts";
import { Exit } from "../api/fatal.ts";
import type { AnyFunction } from "../../polyfills/jspi/index.ts";
import { chooseCore, instantiate, type Core, type EmscriptenModule } from "./core.ts";
import { librarySources } from "./library_sources.ts";
import { trip } from "../api/interrupts.ts";
import { type ImportProgress, importHost } from "../api/imports.ts";
import { Packages } from "../api/packages.ts";
import { type NetworkOption, openNetwork } from "./network.ts";
import type { InnerStream } from "../../polyfills/sockets/transport.ts";
import { sospesoVersion } from "./version.ts";

/** Options of loadPyodide(). */
export interface LoadOptions {
  /** Folder of the runtime's files; default: where this script came from. */
  indexURL?: string;
  /**
   * Files that the program has already, by their names in that folder: addresses, blobs, responses or bytes.
   * With core.mjs, a core and python_stdlib.zip among them nothing is fetched from indexURL.
   */
  files?: GivenFiles;
  /** "auto" takes JSPI where the engine has it. */
  core?: "auto" | "jspi" | "asyncify";
  /** Address of python_stdlib.zip; default: in the folder indexURL. */
  stdLibURL?: string;
  /** Gives Python's input, a line or item at a time; may return a promise. */
  stdin?: StdinOption;
  /** Gets Python's output, a line at a time, or as its handlers say; may be asynchronous. */
  stdout?: OutputOption;
  stderr?: OutputOption;
  /**
   * os.environ; HOME (default /home/pyodide) is also the folder Python starts in. undefined takes away a
   * variable that Python has otherwise (PYTHONINSPECT, LD_LIBRARY_PATH: as with Pyodide).
   */
  env?: Record<string, string | undefined>;
  /**
   * Options and arguments as on the command line of python: ["-O", "a.py", "x"] makes sys.argv
   * ["a.py", "x"]. Nothing is run; "-V" and "-h" print and reject.
   */
  args?: string[];
  /**
   * Where sockets may go beyond this runtime; default: nowhere (docs/network.md). Programs that you do not trust
   * can do with it what you could.
   */
  network?: NetworkOption;
  /** What the Python module `js` is; default: globalThis. */
  jsglobals?: object;
  /** Prepares the file system before Python starts; may be asynchronous. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  fsInit?: (FS: any, info: { sitePackages: string }) => void | Promise<void>;
  /** Packages to load, as by loadPackage(); they are fetched while Python starts. */
  packages?: string[];
  /**
   * Whether `import x` loads the package of the lock file that has x, while Python waits: in runPythonAsync(),
   * threads and all else that can wait; default false. A plain call says what to do instead.
   */
  loadPackagesOnImport?: boolean;
  /** Told of what such an import fetches and unpacks. */
  onImportProgress?: (progress: ImportProgress) => void;
  /** Address of a lock file that names packages; default: pyodide-lock.json in the folder indexURL. */
  lockFileURL?: string;
  /** Or what it contains: the object, its JSON, or a promise of either. */
  lockFileContents?: unknown;
  /** Where the lock file's relative file names start from; default: where it is itself. */
  packageBaseUrl?: string;
  /** A folder in which Node keeps what it has fetched. */
  packageCacheDir?: string;
  /**
   * Whether a page keeps packages of a lock file for later visits, by their hashes and beside the browser's HTTP
   * cache, in its Cache "sospeso-packages"; default false. Where it may keep nothing it fetches them again.
   */
  cachePackages?: boolean;
  /**
   * Whether loop.run_until_complete() of the page's loop waits (the default);
   * false: it returns the task at once.
   */
  enableRunUntilComplete?: boolean;
  /**
   * Evaluate JavaScript that compiled packages carry as text (EM_JS, EM_ASM) when they call it. It runs with the page's
   * rights, and the page's content security policy has to allow eval(). Default false: such a call ends the runtime
   * with an error that names it.
   */
  evalInLibraries?: boolean;
  /** Refuse a core of another version than this script; default true. */
  checkAPIVersion?: boolean;
  /**
   * Which Pyodide to follow where 0.29 and 314 contradict each other (docs/pyodide.md has the list);
   * default "0.29". What 314 only added is there in both.
   */
  behaveAs?: "0.29" | "314";
  /** @deprecated null becomes None instead of jsnull. */
  convertNullToNone?: boolean;
  /** @deprecated toJs() makes a Map with the keys as properties too of a dict. */
  toJsLiteralMap?: boolean;
  /** @deprecated toString() of a PyProxy is Python's repr() instead of str(). */
  pyproxyToStringRepr?: boolean;
  /** @deprecated Without effect: the whole standard library is always there. */
  fullStdLib?: boolean;
  /** The default export of core.mjs, where a script cannot import() it (service workers). */
  createPyodideModule?: (options: object) => Promise<unknown>;
}

const STDLIB = "/lib/python313.zip";
const SITE_PACKAGES = "/lib/python3.13/site-packages";
const HOME = "/home/pyodide";
/** os.environ, less what option env says; undefined takes one away. The last two are what Pyodide sets. */
const ENVIRONMENT: Readonly<Record<string, string | undefined>> = {
  HOME,
  LANG: "C.UTF-8",
  TMPDIR: "/tmp",
  PYTHONINSPECT: "1",
  LD_LIBRARY_PATH: `/usr/lib:${SITE_PACKAGES}`,
};
/** sys.executable (cpython/embed/main.c): platform.libc_ver() and venv read that file. */
const EXECUTABLE = "/bin/python3.13";

/** Where this script came from; the classic bundle defines it by its own address. */
const OWN_URL = import.meta.url;

/**
 * Load Python. The public loadPyodide() is in ../index.ts.
 * @param ask gives input() its lines in a page that sets no stdin handler; without it input is at its end.
 * @param extend adds to the runtime's object before any program sees it.
 * @returns a runtime that is ready to run code.
 * @throws LoadError when a file cannot be had or the engine cannot run the core.
 */
export async function load(
  options: LoadOptions,
  ask: Ask | undefined,
  extend?: (pyodide: Pyodide, parts: PyodideParts) => void,
): Promise<Pyodide> {
  checkOptions(options);
  const choice = chooseCore(options.core ?? "auto");
  const coreName: FileName = `core.${choice.name}.wasm`;
  const { files = {} } = options;
  const hasAll = [files[coreName], files["python_stdlib.zip"], files["core.mjs"] ?? options.createPyodideModule].every(Boolean);
  const indexURL = hasAll && options.indexURL === undefined ? ownFolder() : resolveIndexURL(options.indexURL, OWN_URL);
  const at = (name: FileName): string => (options.indexURL === undefined ? beside(name) : new URL(name, indexURL).href);
  const { stdLibURL } = options;
  const given = files[coreName];
  const wasm = given === undefined ? fetchModule(at(coreName)) : givenModule(coreName, given, indexURL);
  const archive = stdLibURL === undefined ? files["python_stdlib.zip"] : undefined;
  const stdlib =
    archive === undefined
      ? fetchZip(stdLibURL === undefined ? at("python_stdlib.zip") : new URL(stdLibURL, indexURL).href)
      : givenZip("python_stdlib.zip", archive, indexURL);
  // Each is awaited later; until then a failure must not count as unhandled.
  wasm.catch(() => undefined);
  stdlib.catch(() => undefined);
  const packages = new Packages(
    withLock(options, indexURL),
    indexURL,
    hasAll ? undefined : at("pyodide-lock.json"),
  );
  const installPackages = options.packages?.length ? packages.begin(options.packages) : undefined;
  const glue = files["core.mjs"];
  const factory =
    (options.createPyodideModule as Glue | undefined) ??
    (await (glue === undefined ? importGlue(at("core.mjs")) : withAddress("core.mjs", glue, indexURL, importGlue)));

  const transport = await openNetwork(options.network, at);
  let network: Network | undefined;

  const host = engineHost();
  const scheduler = new Scheduler(host);
  const tasks = new Tasks(scheduler, host);
  const io = new WaitingIo(scheduler);
  let stdio: Stdio | undefined;
  let prepared: Promise<void> | undefined;
  let made: Bridge | undefined;
  const bridge = (): Bridge => made as Bridge; // no import of the FFI is called before there is one
  const modules = new JsModules(bridge);
  const libraries = new Libraries(librarySources(files, at, indexURL), scheduler);
  let functions: Record<string, AnyFunction> = {};
  const exit = (status: number): never => {
    const error = new Exit(status);
    throw tasks.onFatal?.(error) ?? error;
  };

  const core = await instantiate({
    choice,
    factory,
    wasm,
    scheduler,
    tasks,
    imports: (module) => ({
      ...ioImports(module, io),
      io_failure: (number) => {
        const failure = io.takeFailure(number);
        if (failure === undefined || made === undefined) return 0;
        made.fail(failure.error);
        return 1;
      },
      ...pollImports(module, io, scheduler, () => tasks.scheduleStep()),
      ...epollImports(module),
      ...fcntlImports(module),
      ...memoryFileImports(module),
      ...lockImports(module, scheduler),
      ...socketImports(module, io, () => (network ??= new Network(module.FS as EmscriptenFS, transport))),
      ...nameImports(module, scheduler, transport),
      ...httpImports(module, io),
      ...ffiImports(bridge),
      ...modules.imports(),
      ...libraries.imports,
    }),
    replacements: (module, made) => ({
      __syscall_ioctl: terminalIoctl(module, made["__syscall_ioctl"] as Ioctl),
      proc_exit: exit,
      exit,
    }),
    guarding: {
      ended: () => tasks.closed,
      fail: (error) => made?.fail(error),
      noteFailure: (errno, error) => io.noteFailure(errno, error),
    },
    imported: (env) => (functions = env),
    prepare: (module) => {
      io.held = new HeldOutput(module);
      completeMemoryFiles(module.FS);
      noteCauses(module.FS, (error) => io.noteFailure(ERRNO.EIO, error));
      stdio = new Stdio(module, io, defaultStdio(ask));
      stdio.install();
      if (options.stdin !== undefined) stdio.setStdin(options.stdin);
      if (options.stdout !== undefined) stdio.setStdout(options.stdout);
      if (options.stderr !== undefined) stdio.setStderr(options.stderr);
      prepared = prepareFiles(module, stdlib, options);
      prepared.catch(() => undefined); // awaited below
    },
  });
  await prepared;
  libraries.attach({
    exports: core.exports,
    FS: core.module.FS,
    isAsyncify: choice.name === "asyncify",
    functions,
    mayEvaluate: options.evalInLibraries === true,
  });
  if (options.checkAPIVersion !== false) checkVersion(core, indexURL);
  made = new WasmBridge(core.exports);
  scheduler.onSlice = () => {
    made?.promises.guard();
    io.sliceEnds();
  };
  made.compat = {
    nullIsNone: options.convertNullToNone === true,
    literalMap: options.toJsLiteralMap === true,
    reprToString: options.pyproxyToStringRepr === true,
  };
  startPython(core, options);
  io.held?.attach(core.exports.sospeso_io_held_at());
  io.interrupt = () => void trip(core, scheduler, SIGINT);
  tasks.beforeSlice = () => io.held?.flush();
  tasks.beforeWait = () => io.stackWaits();
  const calls = new Calls(core, tasks, made, () => {
    io.held?.endTurn();
    io.showPartial();
  });
  if (options.behaveAs === "314") {
    made.space.beforeTask = () => scheduler.nextTurn();
    calls.plain("behave_as_314", []);
  }
  if (options.enableRunUntilComplete === false) calls.plain("set_run_until_complete", [false]);
  const parts: PyodideParts = {
    core,
    choice,
    scheduler,
    tasks,
    bridge: made,
    calls,
    interrupts: new Interrupts(core, scheduler, tasks, calls),
    stdio: stdio as Stdio,
    modules,
    packages,
    libraries,
    transport,
    serve: async (port, wanted) => {
      const { serve } = (await importModule(at("serve.mjs"))) as typeof import("../serve/serve.ts");
      const connect = (): InnerStream | undefined => (network === undefined ? undefined : dial(core.module.FS as EmscriptenFS, network, port));
      return serve(port, connect, wanted);
    },
    jsglobals: options.jsglobals ?? globalThis,
    config: {
      args: [],
      checkAPIVersion: true,
      enableRunUntilComplete: true,
      fullStdLib: false,
      packages: [],
      jsglobals: globalThis,
      ...options,
      env: { ...ENVIRONMENT, ...options.env },
      indexURL: asShown(indexURL),
      packageBaseUrl: packages.baseURL && asShown(packages.baseURL),
    },
  };
  const pyodide = new Pyodide(parts);
  extend?.(pyodide, parts);
  calls.plain("begin", []);
  if (options.loadPackagesOnImport) {
    calls.plain("load_packages_on_import", [importHost(packages, options.onImportProgress)]);
  }
  try {
    await packages.ready;
    await installPackages?.();
  } catch (error) {
    pyodide.destroy();
    throw error;
  }
  return pyodide;
}

/** Where this script is; "" where its address (blob:, data:) does not tell, and nobody needs to know. */
function ownFolder(): string {
  try {
    return resolveIndexURL(undefined, OWN_URL);
  } catch {
    return "";
  }
}

/** The options, with the lock file of option `files` where they name no other. */
function withLock(options: LoadOptions, indexURL: string): LoadOptions {
  const lock = options.files?.["pyodide-lock.json"];
  if (lock === undefined || options.lockFileURL !== undefined || options.lockFileContents !== undefined) return options;
  if (typeof lock === "string" || lock instanceof URL) return { ...options, lockFileURL: String(lock) };
  const lockFileContents = givenText("pyodide-lock.json", lock, indexURL);
  lockFileContents.catch(() => undefined); // awaited with the packages
  return { ...options, lockFileContents };
}

/** @throws when options contradict each other or ask for what there is not. */
function checkOptions(options: LoadOptions): void {
  if (options.lockFileURL !== undefined && options.lockFileContents !== undefined) {
    throw new Error("Can't pass both lockFileContents and lockFileURL");
  }
  const unknown = Object.keys(options.files ?? {}).find((name) => !isFileName(name));
  if (unknown !== undefined) {
    throw new TypeError(`option files: there is no file ${JSON.stringify(unknown)}; the names are those of dist/, such as core.jspi.wasm`);
  }
  for (const name of ["_makeSnapshot", "_loadSnapshot"]) {
    if ((options as Record<string, unknown>)[name]) {
      throw new Error(`option ${name} is not supported: there are no memory snapshots; a runtime starts fast without`);
    }
  }
  const { behaveAs } = options;
  if (behaveAs !== undefined && behaveAs !== "0.29" && behaveAs !== "314") {
    throw new TypeError(`option behaveAs is "0.29" or "314", not ${JSON.stringify(behaveAs)}`);
  }
  const { jsglobals } = options;
  if (jsglobals !== undefined && (jsglobals === null || (typeof jsglobals !== "object" && typeof jsglobals !== "function"))) {
    throw new TypeError("option jsglobals is an object, the one that Python imports as js");
  }
}

type Glue = (options: object) => Promise<EmscriptenModule>;

async function importGlue(url: string): Promise<Glue> {
  try {
    return ((await importModule(url)) as { default: Glue }).default;
  } catch (error) {
    throw await whyNotImported(url, error);
  }
}

async function prepareFiles(
  module: EmscriptenModule,
  stdlib: Promise<Uint8Array>,
  options: LoadOptions,
): Promise<void> {
  const { FS } = module;
  for (const folder of [SITE_PACKAGES, HOME, "/tmp"]) FS.mkdirTree(folder);
  const zip = await stdlib;
  FS.writeFile(STDLIB, zip, { canOwn: true });
  FS.mkdirTree(EXECUTABLE.slice(0, EXECUTABLE.lastIndexOf("/")));
  FS.writeFile(EXECUTABLE, "This is Python, inside a JavaScript engine.\n", { mode: 0o755 });
  await options.fsInit?.(FS, { sitePackages: SITE_PACKAGES });
  const home = options.env?.["HOME"] ?? HOME;
  FS.mkdirTree(home);
  FS.chdir(home);
}

function checkVersion(core: Core, indexURL: string): void {
  const found = readString(core, core.exports.sospeso_version());
  if (found !== sospesoVersion) {
    throw new LoadError(
      `Pyodide version does not match: the core in ${indexURL} is Sospeso ${found}, this script is Sospeso ${sospesoVersion}: ` +
        "serve files of one build together, and empty the cache",
    );
  }
}

function startPython(core: Core, options: LoadOptions): void {
  const { exports } = core;
  const allocated: number[] = [];
  const text = (value: string): number => {
    const bytes = new TextEncoder().encode(`${value}\0`);
    const pointer = exports.malloc(bytes.length) >>> 0;
    if (pointer === 0) throw new LoadError("out of memory while starting Python");
    new Uint8Array(exports.memory.buffer, pointer, bytes.length).set(bytes);
    allocated.push(pointer);
    return pointer;
  };
  for (const [name, value] of Object.entries({ ...ENVIRONMENT, ...options.env })) {
    if (value !== undefined) exports.sospeso_setenv(text(name), text(value));
  }
  const args = [EXECUTABLE, ...(options.args ?? [])].map(text);
  const argv = text("\0".repeat(4 * (args.length + 1)));
  new Uint32Array(exports.memory.buffer, argv, args.length).set(args);
  const paths = text(`${STDLIB}:/lib/python3.13:/lib/python3.13/lib-dynload:${SITE_PACKAGES}`);
  let status: number;
  try {
    status = exports.sospeso_start(args.length, argv, paths);
  } catch (error) {
    if (error instanceof Exit) error.name = "ExitStatus"; // by which programs know that an option ended Python
    throw error;
  }
  for (const pointer of allocated) exports.free(pointer);
  if (status !== 0) throw new LoadError(`Python did not start: ${readString(core, exports.sospeso_failure())}`);
}

function readString(core: Core, pointer: number): string {
  const bytes = new Uint8Array(core.exports.memory.buffer, pointer >>> 0);
  return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
}
