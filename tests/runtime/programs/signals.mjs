// Programs of test_signals.py.

import { globalOf } from "./globals.mjs";

/** Interrupts each of the programs when it waits; tells of those that do not end as they should. */
export async function interrupt_each({ pyodide, until, failure }, programs) {
  const bad = [];
  for (const [name, program] of Object.entries(programs)) {
    pyodide.globals.set("ready", false);
    const run = failure(pyodide.runPythonAsync(program));
    await until(() => globalOf(pyodide, "ready") && pyodide.stats().waiting > 0);
    const began = performance.now();
    pyodide.interrupt();
    const error = await run;
    const ms = performance.now() - began;
    const after = await pyodide.runPythonAsync("is_locked = lock.locked(); await asyncio.sleep(0); is_locked");
    if (error.type !== "KeyboardInterrupt" || ms > 10_000 || after) {
      bad.push(`${name}: ${error.type} ${ms} ms ${after}`);
    }
  }
  pyodide.runPython("import sys; sys.last_exc = sys.last_value = sys.last_traceback = None");
  return bad.join("\n");
}

export async function interrupt_twice({ pyodide, until, failure }, program) {
  const run = failure(pyodide.runPythonAsync(program));
  for (const times of [0, 1]) {
    await until(() => globalOf(pyodide, "cancelled") === times);
    pyodide.interrupt();
  }
  return (await run).type;
}

export async function with_an_interrupt_buffer({ pyodide }, program) {
  const scope = /** @type {any} */ (globalThis);
  scope.buffer = new Uint8Array(1);
  pyodide.setInterruptBuffer(scope.buffer);
  try {
    return await pyodide.runPythonAsync(program);
  } finally {
    pyodide.setInterruptBuffer(undefined);
    delete scope.buffer;
  }
}
