/*
 * Names for pages that show what ended a runtime: JupyterLite's kernel, Pyodide's console.html.
 */

import type { Inside } from "./names.ts";

export function addConsoleNames({ api, parts }: Inside): void {
  // Called with the error that ended the runtime, "Exit" by name when Python ended it. JupyterLite
  // assigns it before it does anything else, console.html after the start.
  const slot = api as { on_fatal?: unknown };
  slot.on_fatal = undefined;
  parts.calls.onFatal.push((error) => {
    if (typeof slot.on_fatal === "function") slot.on_fatal(error);
  });
}
