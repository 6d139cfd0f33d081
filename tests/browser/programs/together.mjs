// Programs of test_together.py.

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function load(core, options = {}) {
  const { loadPyodide } = await import("/dist/sospeso.mjs");
  const pyodide = await loadPyodide({ core, ...options });
  if (pyodide.core.name !== core) throw new Error(`got ${pyodide.core}`);
  return pyodide;
}

/** `nap(n)` sleeps until `rested` is set, and returns n: none ends before all sleep, and the page has a turn. */
export async function a_thousand_naps(core, definitions) {
  const pyodide = await load(core);
  await pyodide.runPythonAsync(definitions);
  const runs = Array.from({ length: 1000 }, (_, n) => pyodide.runPythonAsync(`nap(${n})`));
  while (pyodide.stats().waiting < 1000) await later(5);
  pyodide.globals.set("rested", true);
  const values = await Promise.all(runs);
  const { tasks, waiting } = pyodide.stats();
  return { inOrder: values.every((value, n) => value === n), tasks, waiting };
}

export async function two_runtimes(core, readFiveLines) {
  const lines = { a: [], b: [] };
  const start = (name) =>
    load(core, {
      stdout: (line) => lines[name].push(line),
      stdin: async () => {
        await later(5);
        return name;
      },
      env: { WHO: name },
    });
  const [a, b] = await Promise.all([start("a"), start("b")]);
  const values = await Promise.all([a, b].map((one) => one.runPythonAsync(readFiveLines)));
  a.FS.writeFile("/tmp/only-a", "a");
  const files = [a, b].map((one) => one.FS.analyzePath("/tmp/only-a").exists);
  // An interrupt is for one of them only.
  const nap = "import time; time.sleep(0.3); 'slept'";
  const naps = [a.runPythonAsync(nap).catch((error) => error.type), b.runPythonAsync(nap)];
  while (a.stats().waiting === 0 || b.stats().waiting === 0) await later(1);
  a.interrupt();
  const ends = await Promise.all(naps);
  // So is the end.
  a.destroy();
  const after = await b.runPythonAsync("import time; time.sleep(0.01); 'alive'");
  const gone = await a.runPythonAsync("1").catch((error) => error.message);
  return { values, lines, files, ends, after, gone };
}

export async function both_cores(program) {
  const both = await Promise.all(["jspi", "asyncify"].map((core) => load(core)));
  const values = await Promise.all(both.map((one) => one.runPythonAsync(program)));
  return [both.map((one) => one.core.name), values];
}

/** Each line that came, and how many tasks there were. */
export async function lines_as_they_come(core) {
  const seen = [];
  let pyodide;
  const stdout = (line) => seen.push([line, pyodide.stats().tasks]);
  pyodide = await load(core, { stdout });
  await pyodide.runPythonAsync("import time\nfor n in 1, 2:\n  print(n); time.sleep(0.01)");
  return seen;
}
