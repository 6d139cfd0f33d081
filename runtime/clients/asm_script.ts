/*
 * `pyodide.asm.js`: what the loader of Pyodide 0.27 to 0.29 runs, as a script or as a module; it
 * wants a global function (own_loader.ts).
 */

import { createPyodideModule } from "./own_loader.ts";

Object.assign(globalThis, { _createPyodideModule: createPyodideModule });
