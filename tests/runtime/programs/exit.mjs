// Programs of test_exit.py.

export async function os_exit({ pyodide, later, failure }) {
  const waiting = failure(pyodide.runPythonAsync("import time; time.sleep(600)"));
  while (pyodide.stats().waiting === 0) await later(1);
  const ended = await failure(pyodide.runPythonAsync("import os; os._exit(3)"));
  const after = await failure(pyodide.runPythonAsync("1"));
  let plain = "";
  try {
    pyodide.runPython("1");
  } catch (error) {
    plain = error.message;
  }
  return [ended.message, (await waiting).message, after.message, plain];
}

export async function sys_exit({ pyodide, failure }) {
  const other = pyodide.runPythonAsync("import time; time.sleep(0.1); 'went on'");
  const ended = await failure(pyodide.runPythonAsync("import sys; sys.exit(4)"));
  return [ended.type, ended.exitCode, await other];
}

export async function forgotten({ pyodide, later }) {
  globalThis.forgotten = [];
  pyodide.runPythonAsync("import js, time; time.sleep(0.05); js.forgotten.push('done')");
  while (globalThis.forgotten.length === 0) await later(10);
  while (pyodide.stats().tasks > 0) await later(10);
  return globalThis.forgotten.join();
}
