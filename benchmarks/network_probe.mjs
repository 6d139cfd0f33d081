// network_probe.mjs - runs network_client.py in a runtime, in Node or in a page, for benchmarks/network.py.
//
// measure() loads a runtime with a network and gives what the client measured, and for how long at most
// a timer of 1 ms was kept from firing meanwhile.

export async function measure({ dist, core, network, code }) {
  const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
  const pyodide = await loadPyodide({ core, network });
  let last = performance.now();
  let hold = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    hold = Math.max(hold, now - last);
    last = now;
  }, 1);
  const result = JSON.parse(await pyodide.runPythonAsync(`${code}\nresult`));
  clearInterval(timer);
  pyodide.destroy();
  return { ...result, hold };
}

if (globalThis.process?.versions?.node !== undefined && process.argv[2] !== undefined) {
  console.log(JSON.stringify(await measure(JSON.parse(process.argv[2]))));
}
