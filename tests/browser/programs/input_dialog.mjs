// Programs of test_input_dialog.py.

/** Loads a runtime that has no stdin handler and starts a program; `result` will be what becomes of it. */
export async function start(core, program) {
  const scope = /** @type {any} */ (globalThis);
  const { loadPyodide } = await import("/dist/sospeso.mjs");
  const pyodide = await loadPyodide({ core, stdout: () => undefined });
  scope.pyodide = pyodide;
  scope.result = pyodide.runPythonAsync(program).then(String, (error) => `failed: ${error.type}`);
  return pyodide.core.name;
}
