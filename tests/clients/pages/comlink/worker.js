// A worker whose Python is reached through comlink, as comlink's users write it.
import * as Comlink from "comlink";
import { loadPyodide } from "pyodide";

const loading = loadPyodide({ indexURL: new URL("/dist/", self.location.href).href });

Comlink.expose({
  async run(code, globals = {}) {
    const pyodide = await loading;
    pyodide.registerComlink(Comlink);
    const result = await pyodide.runPythonAsync(code, { globals: pyodide.toPy(globals) });
    return result instanceof pyodide.ffi.PyProxy ? Comlink.proxy(result) : result;
  },
  async call(code, remote) {
    const pyodide = await loading;
    pyodide.globals.set("remote", remote);
    return pyodide.runPythonAsync(code);
  },
});
