// A module of a project that depends on "pyodide" (ours under that name) and on "sospeso".
// argv: the core. Prints one line of JSON.
import { loadPyodide, sospesoVersion, version } from "pyodide";
import * as own from "sospeso";
import * as byFile from "sospeso/sospeso.mjs";

const pyodide = await loadPyodide({ core: process.argv[2] ?? "auto" });
const waited = await pyodide.runPythonAsync(`
import time
before = time.monotonic()
time.sleep(0.02)
time.monotonic() - before >= 0.02
`);
const loaded = await pyodide.loadPackage("micropip", { messageCallback() {} });
console.log(
  JSON.stringify({
    version,
    own: sospesoVersion,
    core: pyodide.core.name,
    waited,
    inside: pyodide.runPython("import pyodide; pyodide.__version__"),
    loaded: loaded.map((one) => one.name),
    sameFile: own.loadPyodide === byFile.loadPyodide,
    lock: import.meta.resolve("sospeso/pyodide-lock.json").endsWith("/sospeso/pyodide-lock.json"),
  }),
);
pyodide.destroy();
