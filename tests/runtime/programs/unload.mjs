// Programs of test_unload.py.

// What only the collector can tell of: the memories of the runtimes.
const memories = [];

/** Leaves behind proxies, handles, tasks that wait, timers, an interrupt buffer and threads. */
export async function load_and_destroy({ until }, dist, core, leaveThingsBehind, waitBesideAThread) {
  const scope = /** @type {any} */ (globalThis);
  const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
  const pyodide = await loadPyodide({ core, stdin: () => new Promise(() => undefined), stdout: () => undefined });
  pyodide.setInterruptBuffer(new Uint8Array(1));
  pyodide.setDebug(true);
  scope.left = pyodide.runPython(leaveThingsBehind);
  pyodide.registerJsModule("mine", { f() {} });
  const waits = [waitBesideAThread, "import asyncio; await asyncio.sleep(1000)", "input()"];
  for (const wait of waits) pyodide.runPythonAsync(wait).catch(() => undefined);
  await until(() => pyodide.stats().waiting >= 4);
  memories.push(new WeakRef(pyodide._module.HEAPU8.buffer));
  pyodide.destroy();
  delete scope.left;
  delete scope.left_behind;
}

export async function forget_memories() {
  memories.length = 0;
}

export async function count_memories() {
  return memories.filter((memory) => memory.deref() !== undefined).length;
}
