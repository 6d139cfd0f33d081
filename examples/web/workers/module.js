/*
 * Python in a module worker. While Python waits the worker's own event loop runs, so a plain
 * message can interrupt it. Started by page.js, which also says what the messages are.
 */

import { loadPyodide } from "../../../dist/sospeso.mjs";

let loading;

onmessage = async ({ data }) => {
  try {
    if (data.interrupt) {
      (await loading)?.interrupt();
      return;
    }
    loading ??= loadPyodide({ core: data.core, stdout: (line) => postMessage({ line }) });
    const pyodide = await loading;
    postMessage({ core: pyodide.core.name, reason: pyodide.core.reason });
    postMessage({ value: await pyodide.runPythonAsync(data.source) });
  } catch (error) {
    postMessage({ error: error.message });
  }
};
