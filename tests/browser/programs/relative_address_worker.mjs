// A worker of test_relative_addresses.py: it is sent the address of dist/ and the name of a core, loads
// that core, reads "data.json", and posts the core's name and what it read, or the error.

onmessage = async ({ data: [dist, core] }) => {
  const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
  const pyodide = await loadPyodide({ core });
  const program = "from urllib.request import urlopen; urlopen('data.json').read().decode()";
  const read = await pyodide.runPythonAsync(program).catch((error) => error.message);
  postMessage([pyodide.core.name, read]);
};
