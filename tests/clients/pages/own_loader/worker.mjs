// The same in a worker that is a module.
import { check } from "./checks.mjs";

self.onmessage = async ({ data: { loader, options } }) => {
  const { loadPyodide } = await import(`${loader}/pyodide.mjs`);
  self.postMessage(await check(loadPyodide, options));
};
