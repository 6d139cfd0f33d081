// Programs of test_given_files.py; for Node.

/** Load from what the files hold; the folder indexURL is none, so that nothing can come from it. */
export async function load_from({ failure }, dist, core, kind) {
  const { readFile, readdir } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const kinds = {
    bytes: (bytes) => bytes,
    blob: (bytes) => new Blob([bytes]),
    response: (bytes) => Promise.resolve(new Response(bytes)),
    address: (_, address) => address,
  };
  const files = {};
  for (const name of ["core.mjs", `core.${core}.wasm`, "python_stdlib.zip"]) {
    const address = new URL(`${dist}/${name}`);
    files[name] = kinds[kind](await readFile(address), address);
  }
  const ours = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("sospeso-glue-"));
  const before = await ours();
  const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
  const pyodide = await loadPyodide({ core, files, indexURL: "file:///there/is/no/such/folder/" });
  const value = await pyodide.runPythonAsync("import time, json; time.sleep(0.01); json.loads('42')");
  const { message: unknown } = await failure(pyodide.loadPackage("six"));
  pyodide.destroy();
  const left = (await ours()).filter((name) => !before.includes(name));
  return { core: pyodide.core.name, value, unknown, left };
}
