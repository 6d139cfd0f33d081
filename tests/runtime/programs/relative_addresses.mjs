// Programs of test_relative_addresses.py.

/**
 * Run Python in a page that has another address, which is taken back at once: driver.mjs imports
 * by relative addresses, too. A page gets a <base>, Node a `location`, as from a DOM library.
 */
export async function run_at({ pyodide }, address, code) {
  let base;
  if (globalThis.document) {
    base = document.head.appendChild(document.createElement("base"));
    base.href = address;
  } else {
    Object.assign(globalThis, { location: new URL(address) });
  }
  try {
    return await pyodide.runPythonAsync(code);
  } finally {
    if (base) base.remove();
    else delete globalThis.location;
  }
}
