// Must check: the interface as programs use it. Used by test_types.py.
import { loadPyodide, PythonError, type PyodideInterface } from "./sospeso.mjs";
import type { PyProxy, PyDict, PyCallable, PyBufferView } from "./sospeso.mjs";
const pyodide: PyodideInterface = await loadPyodide({
  core: "jspi", env: { HOME: "/home/me" }, args: ["-x"], jsglobals: globalThis, packages: [],
  stdin: () => null, stdout: (line: string) => console.log(line), checkAPIVersion: true,
});
const any: number = pyodide.runPython("1 + 1");
const options = { filename: "x.py", globals: pyodide.globals };
const later: string = await pyodide.runPythonAsync("'a'", options);
const globals: PyDict = pyodide.globals;
globals.set("x", [1, 2]);
const has: boolean = globals.has("x");
const object: unknown = globals.toJs({ depth: 1 });
const proxy: PyProxy = pyodide.toPy({ a: 1 }, { depth: 2 });
const kind: string = proxy.type;
proxy.destroy();
const f = pyodide.pyimport("math.sqrt") as PyCallable;
const four: unknown = f(16);
const promised: Promise<unknown> = f.callPromising(16);
pyodide.registerJsModule("m", { f });
pyodide.unregisterJsModule("m");
pyodide.setInterruptBuffer(new Uint8Array(1));
pyodide.setInterruptBuffer();
const before: boolean = pyodide.setDebug(true);
if (proxy instanceof pyodide.ffi.PyProxy) proxy.destroy();
if (proxy instanceof pyodide.ffi.PyBuffer) {
  const view: PyBufferView = proxy.getBuffer("u8");
  const shape: number[] = view.shape;
  view.release();
  void shape;
}
try { pyodide.runPython("1/0"); } catch (error) {
  if (error instanceof PythonError) { const type: string = error.type; void type; }
}
const { proxies, handles } = pyodide.stats();
const version: string = pyodide.version + pyodide.sospesoVersion;
const loaded: Promise<unknown[]> = pyodide.loadPackage([]);
const origins = pyodide.ffiStats().origins?.map((origin) => origin.type.length);
const native = await pyodide.mountNativeFS("/mnt", null as unknown as FileSystemDirectoryHandle);
const synced: Promise<void> = native.syncfs();
const drawn: HTMLCanvasElement | undefined = pyodide.canvas.getCanvas2D();
if (drawn !== undefined) pyodide.canvas.setCanvas3D(drawn);
pyodide.registerComlink({ createEndpoint: Symbol("endpoint") });
const chosen: Promise<void> = pyodide.useNodeSockFS();
void [loaded, origins, synced, drawn, chosen];
void [any, later, has, object, kind, four, promised, before, proxies, handles, version];
