// Programs of test_hostile.py.

export async function interrupt_by_a_buffer(core) {
  const { loadPyodide } = await import("/dist/sospeso.mjs");
  const pyodide = await loadPyodide({ core });
  const buffer = new Uint8Array(1);
  pyodide.setInterruptBuffer(buffer);
  const run = pyodide.runPythonAsync("busy = True\nwhile True: pass").catch((error) => error.type);
  while (!pyodide.globals.get("busy")) await new Promise((resolve) => setTimeout(resolve, 1));
  buffer[0] = 2;
  return [typeof SharedArrayBuffer, await run];
}

export async function start_the_caching_worker() {
  const { serviceWorker } = navigator;
  await serviceWorker.register("/caching-worker.js");
  if (!serviceWorker.controller) {
    await new Promise((resolve) => (serviceWorker.oncontrollerchange = resolve));
  }
}

/** What came of loadPyodide() of a script that was imported from a blob: or data: address. */
export async function load_without_a_folder(kind, options) {
  const source = await (await fetch("/dist/sospeso.mjs")).text();
  const address =
    kind === "data"
      ? `data:text/javascript;charset=utf-8,${encodeURIComponent(source)}`
      : URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { loadPyodide } = await import(address);
  try {
    const pyodide = await loadPyodide(options);
    return { value: await pyodide.runPythonAsync("import time; time.sleep(0.01); 42") };
  } catch (error) {
    return { name: error.name, error: error.message };
  }
}

/** What workers say that were made from blobs: a classic one, and modules without and with a relative indexURL. */
export async function load_in_workers_made_from_blobs(dist) {
  const inWorker = (source, options) =>
    new Promise((resolve) => {
      const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      const worker = new Worker(address, options);
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => resolve(event.message);
    });
  // The address of the runtime has to stand in their text.
  const run = `
    loadPyodide(options).then((pyodide) => pyodide.runPythonAsync("6 * 7"))
      .then(postMessage, (error) => postMessage(error.message));`;
  const classic = `importScripts("${dist}/sospeso.js"); const options = {}; ${run}`;
  const module = (options) =>
    `import { loadPyodide } from "${dist}/sospeso.mjs"; const options = ${JSON.stringify(options)}; ${run}`;
  return [
    await inWorker(classic),
    await inWorker(module({}), { type: "module" }),
    await inWorker(module({ indexURL: "dist/" }), { type: "module" }),
  ];
}

export async function load_in_a_sandboxed_frame(other) {
  return new Promise((resolve) => {
    addEventListener("message", ({ data }) => resolve(data), { once: true });
    const frame = document.createElement("iframe");
    frame.sandbox.add("allow-scripts");
    // Its script stands in the frame's document.
    frame.srcdoc = `<script type="module">
      import { loadPyodide } from "${other}/sospeso.mjs";
      const pyodide = await loadPyodide();
      const value = await pyodide.runPythonAsync("import time; time.sleep(0.01); 42");
      parent.postMessage([origin, value], "*");
    </script>`;
    document.body.append(frame);
  });
}
