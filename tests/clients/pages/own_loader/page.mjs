// Runs checks.mjs where the test says.
import { check } from "./checks.mjs";

function inWorker(file, type, message) {
  const worker = new Worker(file, { type });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(message);
  }).finally(() => worker.terminate());
}

globalThis.run = async (where, loader, options) => {
  if (where === "a module worker") return inWorker("/worker.mjs", "module", { loader, options });
  if (where === "a classic worker") return inWorker("/classic_worker.js", "classic", { loader, options });
  if (where === "a script") {
    const script = document.createElement("script");
    script.src = `${loader}/pyodide.js`;
    await new Promise((resolve) => {
      script.onload = resolve;
      document.head.append(script);
    });
    return check(globalThis.loadPyodide, options);
  }
  const { loadPyodide } = await import(`${loader}/pyodide.mjs`);
  return check(loadPyodide, options);
};
globalThis.ready = true;
