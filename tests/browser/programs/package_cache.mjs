// Programs of test_package_cache.py.

/** What came of importing a package, and which wheels were fetched for it. */
export async function visit(cachePackages) {
  const { loadPyodide } = await import("/dist/sospeso.mjs");
  const fetched = [];
  const { fetch } = globalThis;
  globalThis.fetch = (address, ...rest) => {
    if (String(address).endsWith(".whl")) fetched.push(String(address).split("/").pop());
    return fetch(address, ...rest);
  };
  try {
    const pyodide = await loadPyodide({ cachePackages, loadPackagesOnImport: true });
    const version = await pyodide.runPythonAsync("import six; six.__version__");
    pyodide.destroy();
    return [version, fetched];
  } finally {
    globalThis.fetch = fetch;
  }
}

export async function damage_what_is_kept() {
  const cache = await caches.open("sospeso-packages");
  for (const key of await cache.keys()) await cache.put(key, new Response("damaged"));
}

/** One of the methods of Cache storage fails from now on. */
export async function refuse(how) {
  const refused = () => Promise.reject(new DOMException("not here", how === "put" ? "QuotaExceededError" : "SecurityError"));
  if (how === "open") CacheStorage.prototype.open = refused;
  else Cache.prototype[how] = refused;
}
