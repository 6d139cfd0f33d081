// Programs of test_given_files.py.

/** The script from a blob: address, whose loadPyodide() finds nothing beside it. */
async function fromBlob() {
  const text = await (await fetch("/dist/sospeso.mjs")).text();
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

const KINDS = {
  blob: (response) => response.blob(),
  response: (response) => response,
  bytes: async (response) => {
    // In the middle of a larger buffer: a view is more than its buffer.
    const bytes = new Uint8Array(await response.arrayBuffer());
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 10);
    return larger.subarray(10, 10 + bytes.length);
  },
  buffer: (response) => response.arrayBuffer(),
  promise: async (response) => Promise.resolve(await response.blob()),
  object_url: async (response) => URL.createObjectURL(await response.blob()),
};

async function some(names, kind) {
  const made = names.map(async (name) => {
    const content = KINDS[kind](await fetch(`/dist/${name}`));
    return [name, kind === "promise" ? content : await content];
  });
  return Object.fromEntries(await Promise.all(made));
}

/** What `use` fetches, by the last parts of the addresses. */
async function watched(use) {
  const { fetch } = globalThis;
  const { createObjectURL, revokeObjectURL } = URL;
  const fetched = [];
  let left = 0;
  globalThis.fetch = (address, ...rest) => {
    if (!String(address).startsWith("blob:")) fetched.push(String(address).split("/").pop());
    return fetch(address, ...rest);
  };
  URL.createObjectURL = (what) => (left++, createObjectURL.call(URL, what));
  URL.revokeObjectURL = (address) => (left--, revokeObjectURL.call(URL, address));
  const start = performance.now();
  try {
    const told = await use();
    const imported = performance
      .getEntriesByType("resource")
      .filter(({ startTime }) => startTime >= start) // a response that was given may have begun before
      .map(({ name }) => name);
    for (const name of imported) {
      const last = name.split("/").pop();
      if (!name.startsWith("blob:") && !fetched.includes(last)) fetched.push(last);
    }
    return { ...told, fetched: fetched.sort(), left };
  } finally {
    Object.assign(globalThis, { fetch });
    Object.assign(URL, { createObjectURL, revokeObjectURL });
  }
}

export async function load_from(core, kind) {
  const { loadPyodide } = await fromBlob();
  const names = ["core.mjs", `core.${core}.wasm`, "python_stdlib.zip", "pyodide-lock.json"];
  const files = await some(names, kind);
  const wheels = new URL("/dist/", location.href).href;
  const found = await watched(async () => {
    const pyodide = await loadPyodide({ core, files, packageBaseUrl: wheels });
    const value = await pyodide.runPythonAsync("import time, json; time.sleep(0.01); json.loads('42')");
    return { core: pyodide.core.name, value, pyodide };
  });
  const { pyodide, ...told } = found;
  const loaded = await pyodide.loadPackage("six", { messageCallback() {} });
  pyodide.destroy();
  return { ...told, packages: loaded.map(({ name }) => name) };
}

export async function load_some() {
  const { loadPyodide } = await import("/dist/sospeso.mjs");
  const files = await some(["core.jspi.wasm", "python_stdlib.zip"], "blob");
  return watched(async () => {
    const pyodide = await loadPyodide({ files });
    const value = await pyodide.runPythonAsync("6 * 7");
    pyodide.destroy();
    return { value };
  });
}

export async function load_what_is_none() {
  const { loadPyodide } = await import("/dist/sospeso.mjs");
  const told = [];
  for (const files of [
    { "core.wasm": "x" },
    { "core.jspi.wasm": 5 },
    { "core.jspi.wasm": new Uint8Array(8) },
    { "python_stdlib.zip": new Blob(["no archive"]) },
    { "core.jspi.wasm": new Response("", { status: 404 }) },
  ]) {
    told.push(await loadPyodide({ core: "jspi", files }).then(String, String));
  }
  return told;
}
