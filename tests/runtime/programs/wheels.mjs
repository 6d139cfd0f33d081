// Programs of test_wheels.py.

/** Load packages; what was loaded, and the errors that were told. */
export async function load({ pyodide }, names) {
  const told = [];
  const loaded = await pyodide.loadPackage(names, { errorCallback: (text) => told.push(text), messageCallback: () => undefined });
  return [loaded.map(({ name }) => name).sort(), told];
}

/** The same with Pyodide's lock file, in a runtime of its own. */
export async function with_lock_file(_, dist, core, lockFileURL, names, program) {
  const { loadPyodide } = await import(`${dist}/pyodide.mjs`);
  const other = await loadPyodide({ core, lockFileURL });
  try {
    await other.loadPackage(names, { messageCallback: () => undefined });
    return await other.runPythonAsync(program);
  } finally {
    other.destroy();
  }
}
