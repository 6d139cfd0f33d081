// The same in a classic worker, where the loader is a script.
self.onmessage = async ({ data: { loader, options } }) => {
  const { check } = await import("./checks.mjs");
  importScripts(`${loader}/pyodide.js`);
  self.postMessage(await check(self.loadPyodide, options));
};
