/*
 * A program that has Pyodide's own loader, and what it finds in the runtime that it gets for the folder
 * indexURL: each option that a loader passes on, and its own part of the start. Runs in Node, in a page and in workers.
 */

const PROGRAM = `
import json, os, sys, time
import js, prepared, six

begun = time.monotonic()
time.sleep(0.01)
print("printed")
json.dumps({
    "waited": time.monotonic() - begun >= 0.009,
    "input": input(),
    "folder": os.getcwd(),
    "given": os.environ["GIVEN"],
    "own folder in sys.path": [sys.path[0], sys.path.count("")],
    "prepared": prepared.value,
    "null": js.JSON.parse("null") is None,
    "package": six.PY3,
    "arguments": sys.argv,
})
`;

export async function check(loadPyodide, options) {
  const printed = [];
  const pyodide = await loadPyodide({
    ...options,
    stdout: (line) => printed.push(line),
    stdin: () => "typed",
    env: { HOME: "/home/somebody", GIVEN: "yes" },
    args: ["program.py", "word"],
    packages: ["six"],
    convertNullToNone: true,
    fsInit: async (FS, { sitePackages }) => {
      FS.writeFile(`${sitePackages}/prepared.py`, "value = 7");
    },
  });
  const told = JSON.parse(await pyodide.runPythonAsync(PROGRAM));
  const again = await loadPyodide({ ...options, env: {} });
  return {
    ...told,
    printed: printed.includes("printed"),
    version: pyodide.version,
    core: pyodide.core?.name,
    "a second runtime": again.runPython("6 * 7"),
  };
}
