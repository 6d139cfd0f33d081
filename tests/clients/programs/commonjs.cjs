// A CommonJS program of a project that depends on "pyodide". argv: the core. Prints one line of JSON.
const { loadPyodide, version } = require("pyodide");

async function main() {
  const pyodide = await loadPyodide({ core: process.argv[2] });
  const value = await pyodide.runPythonAsync("import time; time.sleep(0.01); 6 * 7");
  const file = require("pyodide/pyodide.js");
  console.log(
    JSON.stringify({
      version,
      value,
      core: pyodide.core.name,
      names: Object.keys(require("pyodide")).sort(),
      byFile: typeof file.loadPyodide,
      global: typeof globalThis.loadPyodide,
    }),
  );
  pyodide.destroy();
}

main();
