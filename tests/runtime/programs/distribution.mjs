// Programs of test_distribution.py. Each loads a runtime of its own with the distribution's lock file.

async function inAnother(dist, core, options, work) {
  const { loadPyodide } = await import(`${dist}/pyodide.mjs`);
  // What micropip has loadPackage() print would go to the stdout by which Node answers the test.
  const other = await loadPyodide({ core, stdout: () => undefined, ...options });
  try {
    return await work(other);
  } finally {
    other.destroy();
  }
}

const silent = {
  messageCallback: () => undefined,
  errorCallback: (text) => {
    throw new Error(text);
  },
};

/** Load packages by name; their kinds by name, and what the program gives. */
export async function use(_, dist, core, lockFileURL, names, program) {
  return inAnother(dist, core, { lockFileURL }, async (other) => {
    const loaded = await other.loadPackage(names, silent);
    const kinds = Object.fromEntries(loaded.map(({ name, packageType }) => [name, packageType]));
    return [kinds, await other.runPythonAsync(program)];
  });
}

/** What loadPackagesFromImports() loads for a program, and what it gives then, by runPython(). */
export async function load_from_imports(_, dist, core, lockFileURL, program) {
  return inAnother(dist, core, { lockFileURL }, async (other) => {
    const loaded = await other.loadPackagesFromImports(program, silent);
    return [loaded.map(({ name }) => name.replace("python-", "")).sort(), other.runPython(program)];
  });
}

/** What a program gives whose imports load packages. */
export async function import_waits(_, dist, core, lockFileURL, program) {
  return inAnother(dist, core, { lockFileURL, loadPackagesOnImport: true }, (other) => other.runPythonAsync(program));
}
