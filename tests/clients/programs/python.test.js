// A test that jest runs, in a context of its own.
const { loadPyodide, version } = require("pyodide");

test("Python runs, waits and gives values", async () => {
  const pyodide = await loadPyodide();
  expect(version).toMatch(/^0\.29\./);
  expect(await pyodide.runPythonAsync("import time; time.sleep(0.01); 6 * 7")).toBe(42);
  expect(pyodide.runPython("[1, {'a': 2}]").toJs()).toEqual([1, { a: 2 }]);
  expect(() => pyodide.runPython("1 / 0")).toThrow(/ZeroDivisionError/);
  pyodide.destroy();
}, 60000);
