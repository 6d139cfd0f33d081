// A module that imports names from the CommonJS form: Node has to see them without running it.
import { loadPyodide, version } from "pyodide/pyodide.js";

console.log(JSON.stringify({ load: typeof loadPyodide, version }));
