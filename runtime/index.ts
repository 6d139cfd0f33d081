/*
 * What `import ... from "sospeso.mjs"` offers, and under the drop-in name
 * `pyodide.mjs`. A test holds this list to what it says.
 */

export { PythonError } from "../ffi/errors.ts";
export { PyProxy } from "../ffi/values.ts";
export type { OutputOption, OutputOptions, StdinOption, StdinOptions } from "../polyfills/io/stdio.ts";
export type { Pyodide, Pyodide as PyodideInterface, RunOptions, RuntimeStats } from "./api.ts";
export { LoadError } from "./assets.ts";
export type { CoreChoice } from "./core.ts";
export { loadPyodide, type LoadOptions } from "./load.ts";
export { version } from "./version.ts";
