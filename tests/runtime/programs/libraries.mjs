// Programs of test_libraries.py.

/** Put libraries into a folder of Python's file system. */
export function put({ pyodide }, folder, files) {
  pyodide.FS.mkdirTree(folder);
  for (const [name, text] of Object.entries(files)) {
    pyodide.FS.writeFile(`${folder}/${name}`, Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  }
}

/** A library that is loaded by JavaScript, globally: another one finds its symbols without needing it by name. */
export async function load_dynlib({ pyodide, failure }) {
  await pyodide._api.loadDynlib("/libs/libadding.so", true);
  const error = await failure(pyodide._api.loadDynlib("/libs/libmissing.so"));
  return error.message.trim().split("\n").pop();
}

/** The files of dist/ that the page has asked for, of those that libraries need. */
export function fetched() {
  const names = performance.getEntriesByType("resource").map(({ name }) => name);
  return ["linker.mjs", "core.symbols.json", "libcxx.so"].filter((file) => names.some((name) => name.endsWith(file)));
}

/** What a program gives, or the error with which it ended, in a runtime of its own. */
export async function alone(_, dist, core, files, options, program) {
  const { loadPyodide } = await import(`${dist}/pyodide.mjs`);
  const other = await loadPyodide({ core, stderr: () => undefined, ...options });
  try {
    put({ pyodide: other }, "/libs", files);
    return await other.runPythonAsync(program);
  } catch (error) {
    return `${error.message}\n${error.cause?.message ?? ""}`;
  } finally {
    other.destroy();
  }
}
