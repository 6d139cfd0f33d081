// Programs of test_run_sync.py.

import { globalOf } from "./globals.mjs";

export async function run_all_at_once({ pyodide }, programs) {
  return Promise.all(programs.map((program) => pyodide.runPythonAsync(program)));
}

export async function interrupt_a_program_that_waits({ pyodide, until }, program) {
  const running = pyodide.runPythonAsync(program);
  await until(() => globalOf(pyodide, "ready") && pyodide.stats().waiting > 0);
  pyodide.interrupt();
  return running;
}
