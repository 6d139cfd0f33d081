// Programs of test_import_waits.py. Each loads a runtime of its own with the option on.

/** Calls `use` with a runtime, and ends it. */
async function withRuntime(dist, options, use) {
  const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
  const pyodide = await loadPyodide({ loadPackagesOnImport: true, ...options });
  try {
    return await use(pyodide);
  } finally {
    pyodide.destroy();
  }
}

/** What a Python program gives, as JavaScript's own. */
async function result(pyodide, code) {
  const value = await pyodide.runPythonAsync(code);
  if (!(value instanceof pyodide.ffi.PyProxy)) return value;
  const own = value.toJs();
  value.destroy();
  return own;
}

const asked = async (shelf) => (await fetch(`${shelf}/asked`)).json();

export async function run(_given, dist, options, _shelf, code) {
  return withRuntime(dist, options, (pyodide) => result(pyodide, code));
}

export async function and_asked(_given, dist, options, shelf, code) {
  return withRuntime(dist, options, async (pyodide) => [await result(pyodide, code), await asked(shelf)]);
}

export async function progress({ failure }, dist, options) {
  const told = [];
  const onImportProgress = ({ module, package: name, state, loaded, total, error }) => {
    if (state === "fetching" && loaded !== total) return; // how the bytes come is the network's business
    const what = {
      fetching: `fetched ${loaded} of ${total}`,
      failed: `failed ${/HTTP \d+/.exec(error?.message)}`,
    };
    told.push(`${module}: ${name} ${what[state] ?? state}`);
    throw new Error("a hook that fails");
  };
  const shown = console.error;
  console.error = () => undefined;
  try {
    await withRuntime(dist, { ...options, onImportProgress }, async (pyodide) => {
      await pyodide.runPythonAsync("import snail");
      await failure(pyodide.runPythonAsync("import absent"));
    });
  } finally {
    console.error = shown;
  }
  const fetched = told.filter((line) => line.includes("fetched")).sort(); // both at once
  return [...fetched, ...told.filter((line) => !line.includes("fetched"))];
}

export async function plain_call({ failure }, dist, options, shelf, optional) {
  return withRuntime(dist, options, async (pyodide) => {
    const { message } = await failure((async () => pyodide.runPython("import slug"))());
    return [message, pyodide.runPython(optional), await asked(shelf)];
  });
}

export async function at_once(_given, dist, options, shelf) {
  return withRuntime(dist, options, async (pyodide) => {
    const names = [1, 2, 3].map(() => pyodide.runPythonAsync("import slow; slow.name"));
    await fetch(`${shelf}/slow-was-asked`);
    names.push(pyodide.runPythonAsync("import snail; snail.name"));
    await fetch(`${shelf}/give-slow`);
    return [await Promise.all(names), await asked(shelf)];
  });
}

export async function interrupted({ failure }, dist, options, shelf) {
  return withRuntime(dist, options, async (pyodide) => {
    const slow = failure(pyodide.runPythonAsync("import slow"));
    await fetch(`${shelf}/slow-was-asked`);
    const meanwhile = await pyodide.runPythonAsync("import colorsys; colorsys.__name__");
    pyodide.interrupt();
    const { type } = await slow;
    const loaded = Object.keys(pyodide.loadedPackages);
    const other = await pyodide.runPythonAsync("import newt; newt.name");
    const again = pyodide.runPythonAsync("import slow; slow.name");
    await fetch(`${shelf}/slow-was-asked`);
    await fetch(`${shelf}/give-slow`);
    return { meanwhile, type, loaded, other, again: await again };
  });
}

export async function without_the_option({ failure }, dist, options, shelf) {
  return withRuntime(dist, { ...options, loadPackagesOnImport: false }, async (pyodide) => {
    const { message } = await failure(pyodide.runPythonAsync("import slug"));
    return [message, await asked(shelf)];
  });
}
