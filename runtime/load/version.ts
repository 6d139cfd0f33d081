/*
 * The two versions, from the one place that has them (package.json): our own, and that of the Pyodide
 * whose interface this is. Libraries read `version` to choose between ways of calling Pyodide, so it
 * has to be a version of Pyodide. The core carries our own (cpython/embed/main.c), and load.ts
 * refuses to mix a script and a core of two builds.
 */

import { pyodide, version as packageVersion } from "../../package.json";

/** Version of the Pyodide that this one can take the place of. */
export const version: string = pyodide.version;

/** Of packages with compiled code: those built for this version of Pyodide's ABI fit. */
export const abiVersion: string = pyodide.abi;

/** Version of Sospeso, as in its package.json. */
export const sospesoVersion: string = packageVersion;
