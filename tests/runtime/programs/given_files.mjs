// Programs of test_given_files.py; load_from is for Node, the others for pages as well.

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

const LINKERS = ["linker.mjs", "core.symbols.json", "libcxx.so"];

async function read(address) {
  if (typeof process === "undefined") return new Uint8Array(await (await fetch(address)).arrayBuffer());
  const { readFile } = await import("node:fs/promises");
  return readFile(new URL(address));
}

function put(pyodide, libraries) {
  pyodide.FS.mkdirTree("/libs");
  for (const [name, text] of Object.entries(libraries)) {
    pyodide.FS.writeFile(`/libs/${name}`, Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  }
}

const CATCH = `
import ctypes
library = ctypes.CDLL("/libs/libcatching.so")
library.catch_it.restype = ctypes.c_char_p
library.catch_it(NUMBER).decode()
`;

/** A library of C++ is loaded where the folder indexURL has nothing but the core. */
export async function link_from(_, dist, core, kind, libraries) {
  const kinds = {
    bytes: (bytes) => bytes,
    blob: (bytes) => new Blob([bytes]),
    response: (bytes) => new Response(bytes),
    address: (__, address) => address,
  };
  const files = {};
  for (const name of ["core.mjs", `core.${core}.wasm`, "python_stdlib.zip"]) files[name] = await read(`${dist}/${name}`);
  for (const name of LINKERS) files[name] = kinds[kind](await read(`${dist}/${name}`), `${dist}/${name}`);
  const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
  const pyodide = await loadPyodide({ core, files, indexURL: new URL("no/such/folder/", `${dist}/`).href });
  put(pyodide, libraries);
  const caught = [await pyodide.runPythonAsync(CATCH.replace("NUMBER", "3")), pyodide.runPython(CATCH.replace("NUMBER", "4"))];
  const told = [pyodide.core.name, ...caught];
  pyodide.destroy();
  return told;
}

/** The same without one of the three, and with one that a server did not have. */
export async function link_from_nothing({ failure }, dist, libraries) {
  const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
  const told = [];
  const others = {
    "core.symbols.json": await read(`${dist}/core.symbols.json`),
    "libcxx.so": new Response("", { status: 404, statusText: "Not Found" }),
  };
  for (const more of [{}, { "linker.mjs": `${dist}/linker.mjs` }]) {
    const files = { ...others, ...more };
    for (const name of ["core.mjs", "core.jspi.wasm", "python_stdlib.zip"]) files[name] = await read(`${dist}/${name}`);
    const pyodide = await loadPyodide({ core: "jspi", files, indexURL: new URL("no/such/folder/", `${dist}/`).href });
    put(pyodide, libraries);
    const { message } = await failure(pyodide.runPythonAsync(CATCH.replace("NUMBER", "3")));
    told.push(message.trim().split("\n").pop());
    pyodide.destroy();
  }
  return told;
}
