// A classic worker in another folder than the runtime, which trusts it to find its files.

importScripts("/dist/sospeso.js");

onmessage = async ({ data }) => {
  try {
    const pyodide = await loadPyodide({ core: data });
    postMessage([pyodide.core.name, await pyodide.runPythonAsync("6 * 7")]);
  } catch (error) {
    postMessage(String(error));
  }
};
