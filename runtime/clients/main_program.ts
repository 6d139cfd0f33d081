/*
 * `_run_main()`, for embedders that start Python with the arguments of a command line: loadPyodide({ args:
 * ["-c", "print(1)"] }) starts it, and this runs the program that the arguments name.
 */

import type { PyCallable } from "../api/ffi.ts";
import { type Inside, late } from "./names.ts";

export function addMainNames({ module, pyodide }: Inside): void {
  late(module, "_run_main", () => (): number => {
    const run = pyodide.pyimport("_pyodide._main.run_main") as PyCallable;
    try {
      return run() as number;
    } finally {
      run.destroy();
    }
  });
}
