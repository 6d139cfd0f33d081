/*
 * Names for code that ends a runtime by hand, and for Pyodide's tests of what a page is told of that.
 * `_pyodide_core.trigger_fatal_error()` and `raw_call()` (python/_pyodide_core.py) ask for it here.
 */

import { type Inside, late } from "./names.ts";

export function addFatalNames({ api, parts }: Inside): void {
  // fatal_error(error): end the runtime. Tests put a function of their own here, which is asked instead.
  late(api, "fatal_error", () => (error: unknown): never => {
    throw parts.tasks.onFatal?.(error) ?? error;
  });
}
