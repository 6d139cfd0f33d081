// The entry of a server that a bundler builds for Node. Prints one line of JSON.
import { loadPyodide, version } from "pyodide";

const pyodide = await loadPyodide({ core: process.argv[2] });
const value = await pyodide.runPythonAsync("import time; time.sleep(0.01); 6 * 7");
console.log(JSON.stringify({ version, value, core: pyodide.core.name }));
pyodide.destroy();
