// Programs of test_micropip.py.

const quiet = { messageCallback() {}, errorCallback(text) { throw new Error(text); } };

export async function with_micropip({ pyodide }, programs) {
  await pyodide.loadPackage("micropip", quiet);
  const found = [];
  for (const program of programs) found.push(JSON.parse(await pyodide.runPythonAsync(program)));
  return found;
}
