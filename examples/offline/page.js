// Runs Python, and registers the service worker that keeps the files (worker.js, docs/offline.md).

import { loadPyodide } from "./dist/sospeso.mjs";

const show = (id, text) => (document.getElementById(id).textContent = text);

/** Names the build that the server has now; without a network the one that was kept. */
async function buildHash() {
  const info = await (await fetch("./dist/build-info.json")).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", info));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function keepFiles() {
  // Another build is another address, and so another worker with files of its own.
  await navigator.serviceWorker.register(`./worker.js?build=${await buildHash()}`);
  await navigator.serviceWorker.ready;
  show("kept", "The files are kept: this page works without a network.");
}

// Where there are no service workers (plain http:, some private windows) the page works as before.
if ("serviceWorker" in navigator) keepFiles().catch((error) => show("kept", `The files are not kept: ${error}`));

const pyodide = await loadPyodide({ loadPackagesOnImport: true });
show("out", await pyodide.runPythonAsync("import sys, six; f'Python {sys.version.split()[0]}, six {six.__version__}'"));
