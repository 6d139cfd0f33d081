// What a page gets from the runtime: core, reason, and the value of a program that waits.
// Served beside a page, and called from it, by test_origin_trial.py.

import { loadPyodide } from "/dist/sospeso.mjs";

export async function run() {
  const pyodide = await loadPyodide({ stdin: async () => "hello" });
  const value = await pyodide.runPythonAsync("import time; time.sleep(0.01); input() + '!'");
  return [pyodide.core.name, pyodide.core.reason, value];
}
