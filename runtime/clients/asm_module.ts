/*
 * `pyodide.asm.mjs`: what the loader of Pyodide 314 imports (own_loader.ts).
 */

export { createPyodideModule as default } from "./own_loader.ts";
