/*
 * Python in a classic worker: importScripts() gives the global loadPyodide(). Otherwise as in
 * module.js. Started by page.js, which also says what the messages are.
 */

"use strict";

importScripts("../../../dist/sospeso.js");

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
