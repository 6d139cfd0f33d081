// Programs of test_sockets.py.

import { globalOf } from "./globals.mjs";

export async function interrupt_a_wait({ pyodide, until, failure }, program) {
  const running = failure(pyodide.runPythonAsync(program));
  await until(() => globalOf(pyodide, "ready") && pyodide.stats().waiting > 0);
  pyodide.interrupt();
  return (await running).type;
}
