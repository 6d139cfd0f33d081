// Must check; test_js.py puts another core's name in, which must not.
import { loadPyodide } from "./sospeso.mjs";
const pyodide = await loadPyodide({ core: "jspi" });
const version: string = pyodide.version;
void version;
