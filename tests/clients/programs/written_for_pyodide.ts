// A TypeScript program as people write them for Pyodide: names and types of its documentation, nothing
// of ours. tests/clients checks it against our package, and against Pyodide's own.
import {
  loadPyodide,
  version,
  type Lockfile,
  type LockfileInfo,
  type LockfilePackage,
  type PackageData,
  type PyodideAPI,
  type PyodideConfig,
  type PyodideConfigWithDefaults,
  type PyodideInterface,
  type TypedArray,
} from "pyodide";
import type {
  PyAsyncGenerator,
  PyAsyncIterable,
  PyAsyncIterator,
  PyAwaitable,
  PyBuffer,
  PyBufferView,
  PyCallable,
  PyDict,
  PyGenerator,
  PyIterable,
  PyIterator,
  PyMutableSequence,
  PyProxy,
  PyProxyWithGet,
  PyProxyWithHas,
  PyProxyWithLength,
  PyProxyWithSet,
  PySequence,
  PythonError,
} from "pyodide/ffi";

const lines: string[] = [];
const config: PyodideConfig = {
  indexURL: "/pyodide/",
  packageCacheDir: "/tmp/packages",
  lockFileURL: "/pyodide/pyodide-lock.json",
  packageBaseUrl: "/pyodide/",
  fullStdLib: false,
  stdLibURL: "/pyodide/python_stdlib.zip",
  stdin: () => null,
  stdout: (line) => lines.push(line),
  stderr: (line: string) => console.error(line),
  jsglobals: globalThis,
  args: ["-X", "dev"],
  env: { HOME: "/home/me" },
  packages: ["micropip"],
  enableRunUntilComplete: true,
  checkAPIVersion: true,
  fsInit: async (FS, { sitePackages }) => {
    FS.writeFile(`${sitePackages}/mine.py`, "x = 1");
  },
  convertNullToNone: false,
  pyproxyToStringRepr: false,
  toJsLiteralMap: false,
};

class Interpreter {
  private pyodide: PyodideInterface | undefined;

  async load(): Promise<PyodideAPI> {
    this.pyodide = await loadPyodide(config);
    return this.pyodide;
  }
}

export async function main(): Promise<void> {
  const pyodide: PyodideAPI = await new Interpreter().load();
  const told: string = `${version} ${pyodide.version}`;

  // Running code.
  const namespace: PyProxy = pyodide.toPy({ a: 1 });
  const sum = pyodide.runPython("1 + 1", { globals: namespace, locals: namespace, filename: "x.py" });
  const later: number = await pyodide.runPythonAsync("await f()", { globals: namespace });
  const math = pyodide.pyimport("math");
  const root: number = math.sqrt(16);
  const hypot = pyodide.pyimport("math.hypot") as PyCallable;
  const five: number = hypot(3, 4);
  const kwargs: unknown = hypot.callKwargs(3, { y: 4 });
  const promised: Promise<unknown> = hypot.callPromising(3, 4);
  pyodide.globals.set("answer", 42);
  const answer: number = pyodide.globals.get("answer");
  const names: string[] = [...pyodide.globals.keys()];

  // Packages.
  const loaded: PackageData[] = await pyodide.loadPackage(["numpy", "micropip"], {
    messageCallback: (message) => lines.push(message),
    errorCallback: (message) => lines.push(message),
    checkIntegrity: true,
  });
  await pyodide.loadPackage("micropip");
  await pyodide.loadPackage(namespace);
  const found: PackageData[] = await pyodide.loadPackagesFromImports("import numpy", { checkIntegrity: false });
  const files: string[] = [...loaded, ...found].map((one) => `${one.name} ${one.version} ${one.fileName} ${one.packageType}`);
  const channel: string | undefined = pyodide.loadedPackages["numpy"];
  const lockfile: Lockfile = pyodide.lockfile;
  const info: LockfileInfo = lockfile.info;
  const abi: string = `${info.arch} ${info.abi_version} ${info.platform} ${info.version} ${info.python}`;
  const entry: LockfilePackage | undefined = lockfile.packages["numpy"];
  const depends: string[] = entry?.depends ?? [];
  const imports: string[] = entry?.imports ?? [];
  const place: "site" | "dynlib" | undefined = entry?.install_dir;
  const hash: string | undefined = entry?.sha256;
  const base: string | undefined = pyodide.lockfileBaseUrl;
  const micropip = pyodide.pyimport("micropip");
  await micropip.install("snowballstemmer", { keep_going: true });
  await micropip.install.callKwargs("six", { deps: false });

  // Files.
  pyodide.FS.mkdirTree("/data");
  pyodide.FS.writeFile("/data/a.txt", "text", { encoding: "utf8" });
  const text: string = pyodide.FS.readFile("/data/a.txt", { encoding: "utf8" });
  pyodide.FS.mount(pyodide.FS.filesystems.IDBFS, { autoPersist: true }, "/data");
  const joined: string = pyodide.PATH.join("/data", "a.txt");
  const enoent: number = pyodide.ERRNO_CODES.ENOENT!;
  pyodide.unpackArchive(new ArrayBuffer(8), "zip", { extractDir: "/data" });
  pyodide.unpackArchive(new Uint8Array(8), "gztar");
  const native = await pyodide.mountNativeFS("/mnt", await navigator.storage.getDirectory());
  await native.syncfs();
  pyodide.mountNodeFS("/host", ".");

  // Streams and signals.
  const decoder = new TextDecoder();
  pyodide.setStdin({ stdin: () => "line", isatty: false, autoEOF: true });
  pyodide.setStdin({ read: (buffer: Uint8Array) => buffer.length });
  pyodide.setStdin({ error: true });
  pyodide.setStdout({ batched: (line: string) => lines.push(line), isatty: true });
  pyodide.setStdout({ raw: (byte: number) => lines.push(String.fromCharCode(byte)) });
  pyodide.setStderr({ write: (buffer: Uint8Array) => lines.push(decoder.decode(buffer)) && buffer.length });
  pyodide.setStderr();
  pyodide.setInterruptBuffer(new Uint8Array(new SharedArrayBuffer(1)));
  pyodide.checkInterrupt();
  const before: boolean = pyodide.setDebug(true);

  // Modules of JavaScript.
  pyodide.registerJsModule("mine", { f: (x: number) => x + 1 });
  pyodide.unregisterJsModule("mine");
  const Comlink = { createEndpoint: Symbol("Comlink.endpoint") as symbol, wrap: () => undefined };
  pyodide.registerComlink(Comlink);
  const canvas = document.createElement("canvas");
  pyodide.canvas.setCanvas2D(canvas);
  const drawn: HTMLCanvasElement | undefined = pyodide.canvas.getCanvas2D();

  // Proxies: what an object can do is asked by instanceof.
  const value: unknown = pyodide.runPython("[1, 2]");
  if (value instanceof pyodide.ffi.PyProxy) {
    const type: string = value.type;
    const copy: PyProxy = value.copy();
    copy.destroy({ message: "gone", destroyRoundtrip: false });
    const js = value.toJs({
      depth: 1,
      pyproxies: [],
      create_pyproxies: false,
      dict_converter: Object.fromEntries,
      default_converter: (object, convert, cacheConversion) => {
        cacheConversion(object, convert(object));
        return object.type;
      },
    });
    lines.push(type, String(js), value.toString());
  }
  if (value instanceof pyodide.ffi.PyCallable) value(1, 2);
  if (value instanceof pyodide.ffi.PyBuffer) {
    const view: PyBufferView = value.getBuffer("u8");
    const { data, shape, strides, ndim, readonly, format } = view;
    const offset: number = view.offset + view.itemsize + view.nbytes;
    view.release();
    lines.push(String([data, shape, strides, ndim, readonly, format, offset]));
  }
  if (value instanceof pyodide.ffi.PyDict) {
    const has: boolean = value.has("key");
    value.set("key", has);
    value.delete("key");
    lines.push(String(value.get("key")), String(value.length));
  }
  if (value instanceof pyodide.ffi.PyIterable) for (const item of value as PyIterable) lines.push(String(item));
  if (value instanceof pyodide.ffi.PyAsyncIterable) {
    for await (const item of value as PyAsyncIterable) lines.push(String(item));
  }
  if (value instanceof pyodide.ffi.PyAwaitable) lines.push(String(await value));
  if (value instanceof pyodide.ffi.PySequence) {
    const mapped: unknown[] = value.map((x: unknown) => x).concat(value.filter(Boolean), value.slice(1));
    lines.push(value.join(","), String(mapped), String(value.at(0)), String(value.indexOf(1)));
  }
  if (value instanceof pyodide.ffi.PyMutableSequence) {
    value.push(3);
    value.sort();
    lines.push(String(value.pop()), String(value.splice(0, 1)));
  }
  try {
    pyodide.runPython("1 / 0");
  } catch (error) {
    if (error instanceof pyodide.ffi.PythonError) lines.push(error.type, error.message);
  }
  console.log(told, sum, later, root, five, kwargs, promised, answer, names, files, channel, abi, depends, imports);
  console.log(place, hash, base, text, joined, enoent, before, drawn);
}

/** Types in the places where programs name them. */
export interface Held {
  bytes: TypedArray;
  all: PyodideConfigWithDefaults;
  generator: PyGenerator | PyAsyncGenerator | PyIterator | PyAsyncIterator;
  iterable: PyIterable | PyAsyncIterable | PyAwaitable;
  withItems: PyProxyWithGet & PyProxyWithSet & PyProxyWithHas & PyProxyWithLength;
  sequence: PySequence | PyMutableSequence | PyDict | PyBuffer;
  error: PythonError;
}

export function names(list: PyProxy | null): string[] {
  if (list === null) return [];
  const all: string[] = list.toJs();
  list.destroy();
  return all;
}

export type Proxy = InstanceType<PyodideAPI["ffi"]["PyProxy"]>;
