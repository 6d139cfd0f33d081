// Programs of test_exit.py.

export async function os_exit({ pyodide, later, failure }) {
  const waiting = failure(pyodide.runPythonAsync("import time; time.sleep(600)"));
  while (pyodide.stats().waiting === 0) await later(1);
  const { runPython } = pyodide;
  const told = [];
  pyodide._api.on_fatal = (error) => told.push(error);
  let ended;
  await pyodide.runPythonAsync("import os; os._exit(3)").catch((error) => (ended = error));
  const members = ["runPython", "runPythonAsync", "globals", "FS", "loadPackage", "setStdin", "ffi"];
  const looks = members.map((name) => messageOf(() => pyodide[name]));
  return {
    text: String(ended),
    flag: ended.pyodide_fatal_error,
    status: ended.status,
    told: told.length === 1 && told[0] === ended,
    waiting: (await waiting).message,
    called: messageOf(() => runPython.call(pyodide, "1")),
    looks: [...new Set(looks)],
    version: typeof pyodide.version,
  };
}

/** In a function of Python's that JavaScript calls, in a plain call, in a callback of the page's loop. */
export async function exits_of_other_kinds({ pyodide, until }, how) {
  const told = [];
  pyodide._api.on_fatal = (error) => told.push(String(error));
  const exit = pyodide.runPython("import os; lambda: os._exit(5)");
  let thrown = "nothing";
  try {
    if (how === "a function") exit();
    else if (how === "a plain call") pyodide.runPython("os._exit(5)");
    else if (how === "a promising call") await exit.callPromising();
    else setTimeout(() => messageOf(exit), 0);
  } catch (error) {
    thrown = `${error.name} ${error.pyodide_fatal_error}`;
  }
  await until(() => told.length > 0);
  return [thrown, told, messageOf(() => pyodide.globals)];
}

/** A trap: no exit, but the end all the same. */
export async function abort({ pyodide }) {
  const told = [];
  pyodide._api.on_fatal = (error) => told.push(error);
  let ended;
  await pyodide.runPythonAsync("import os; os.abort()").catch((error) => (ended = error));
  return [ended.pyodide_fatal_error, told.length === 1, messageOf(() => pyodide.runPython)];
}

/** A fault in Python that JavaScript has called, which Python has called. */
export function abort_below_javascript({ pyodide }) {
  const seen = { went: [], console: [], stack: [], thrown: false };
  pyodide.setStderr({ batched: (line) => seen.stack.push(line) });
  const { error } = console;
  console.error = (first) => seen.console.push(String(first));
  globalThis.went = (name) => seen.went.push(name);
  globalThis.callBack = () => {
    pyodide.globals.get("inner")();
  };
  try {
    pyodide.runPython(`
      import os, js
      def inner():
          os.abort()
      try:
          js.callBack()
      except BaseException:
          js.went("except")
      js.went("on")
    `);
  } catch (ended) {
    seen.thrown = ended.pyodide_fatal_error === true;
  } finally {
    console.error = error;
    for (const name of ["went", "callBack"]) delete globalThis[name];
  }
  return seen;
}

function messageOf(run) {
  try {
    run();
  } catch (error) {
    return error.message;
  }
  return "";
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
