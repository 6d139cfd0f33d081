// A worker as pyodide-worker-runner's README has it: Python with input(), sleep and Stop, and a runner
// that loads Python anew after a fatal error.
import * as Comlink from "comlink";
import { loadPyodide } from "pyodide";
import {
  PyodideFatalErrorReloader,
  loadPyodideAndPackage,
  makeRunnerCallback,
  pyodideExpose,
} from "pyodide-worker-runner";

const RUNNER = `
import traceback
from python_runner import PyodideRunner

class Runner(PyodideRunner):
    def serialize_traceback(self, error):
        return {"text": "".join(traceback.format_exception_only(error))}

runner = Runner()
`;

const query = new URL(self.location.href).searchParams;
const reloader = new PyodideFatalErrorReloader(async () => {
  const archive = { url: query.get("archive"), format: "zip", extractDir: "/tmp/own/" };
  const pyodide = await loadPyodideAndPackage(archive, () =>
    loadPyodide({ indexURL: new URL("/dist/", self.location.href).href }),
  );
  pyodide.runPython(RUNNER);
  return pyodide;
});

Comlink.expose({
  run: pyodideExpose((extras, code, output, input) =>
    reloader.withPyodide(async (pyodide) => {
      if (extras.interruptBuffer) pyodide.setInterruptBuffer(extras.interruptBuffer);
      const runner = pyodide.globals.get("runner");
      const sent = []; // each part goes through a channel of its own: all have to arrive before the reply
      const callbacks = { input, output: (parts) => void sent.push(output(parts)) };
      runner.set_callback(makeRunnerCallback(extras, callbacks));
      await runner.run_async(code);
      await Promise.all(sent);
    }),
  ),
  install: pyodideExpose((extras, code, index) =>
    reloader.withPyodide(async (pyodide) => {
      await pyodide.loadPackage("micropip");
      pyodide.pyimport("micropip").set_index_urls(index);
      await pyodide.pyimport("pyodide_worker_runner").install_imports(code);
      return pyodide.runPythonAsync(code);
    }),
  ),
  place: pyodideExpose((extras) => reloader.withPyodide(async (pyodide) => pyodide.pyimport("python_runner").__file__)),
  raw: pyodideExpose((extras, code) => reloader.withPyodide(async (pyodide) => pyodide.runPython(code))),
});
