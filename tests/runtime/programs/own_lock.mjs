// Programs of test_own_lock.py.

const quiet = { messageCallback() {}, errorCallback() {} };

export async function load_by_names({ pyodide }, names) {
  const loaded = await pyodide.loadPackage(names, quiet);
  return loaded.map((one) => one.name).sort();
}

export function info({ pyodide }) {
  return pyodide.lockfile.info;
}

/** Load every package of the lock file, and import what each says that it offers. */
export async function load_all({ pyodide }) {
  const entries = Object.values(pyodide.lockfile.packages);
  const loaded = await pyodide.loadPackage(entries.map((one) => one.name), quiet);
  for (const name of entries.flatMap((one) => one.imports)) pyodide.runPython(`import ${name}`);
  return [entries.length, loaded.length];
}

export async function why_not({ pyodide, failure }, name) {
  const none = await pyodide.loadPackagesFromImports("import six", quiet);
  return [(await failure(pyodide.loadPackage(name, quiet))).message, none.length, pyodide.lockfile.packages];
}
