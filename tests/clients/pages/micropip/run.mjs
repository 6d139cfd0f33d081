// Runs checks.py with micropip loaded from the lock file, in Node and in a page.
export async function run(indexURL, base, checks) {
  const { loadPyodide } = await import(new URL("pyodide.mjs", indexURL).href);
  const node = typeof process !== "undefined";
  const pyodide = await loadPyodide(node ? {} : { indexURL });
  await pyodide.loadPackage("micropip", { messageCallback() {} });
  return JSON.parse(await pyodide.runPythonAsync(`${checks}\nawait run_all(${JSON.stringify(base)})`));
}

if (typeof process !== "undefined") {
  const [, , dist, base, checks] = process.argv;
  const { readFileSync } = await import("node:fs");
  const { pathToFileURL } = await import("node:url");
  console.log(JSON.stringify(await run(pathToFileURL(`${dist}/`), base, readFileSync(checks, "utf8"))));
  process.exit(0);
}
