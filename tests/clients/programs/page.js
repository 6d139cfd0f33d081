// The entry of a small page that a bundler builds: it tells what it found in `globalThis.told`.
// Query: `indexURL`, or nothing; then the runtime finds the files that the bundler copied.
import { loadPyodide, version } from "pyodide";

async function main() {
  const indexURL = new URLSearchParams(location.search).get("indexURL");
  const core = new URLSearchParams(location.search).get("core");
  const pyodide = await loadPyodide(indexURL === null ? { core } : { core, indexURL });
  const value = await pyodide.runPythonAsync("import time; time.sleep(0.01); 6 * 7");
  const packages = Object.keys(pyodide.lockfile.packages);
  return { version, value, core: pyodide.core.name, hasMicropip: packages.includes("micropip") };
}

main().then(
  (told) => (globalThis.told = told),
  (error) => (globalThis.told = String(error)),
);
