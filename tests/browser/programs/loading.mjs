// Programs of test_loading.py.

/** What came of loadPyodide(options): its core and a computed value, or the error. */
export async function load(script, options) {
  const { loadPyodide } = await import(script);
  try {
    const pyodide = await loadPyodide(options);
    const value = await pyodide.runPythonAsync("import time; time.sleep(0.01); 6 * 7");
    return { value, core: pyodide.core.name, text: `${pyodide.core}`, reason: pyodide.core.reason };
  } catch (error) {
    return { error: error.message, name: error.name };
  }
}

export async function load_by_the_global(core) {
  const pyodide = await /** @type {any} */ (globalThis).loadPyodide({ core });
  return [pyodide.core.name, await pyodide.runPythonAsync("6 * 7")];
}

export async function load_in_a_classic_worker(core) {
  return new Promise((resolve) => {
    const worker = new Worker("/deep/er/worker.js");
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => resolve(event.message);
    worker.postMessage(core);
  });
}
