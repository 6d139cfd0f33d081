// Programs of test_asyncio.py.

export async function turns_of_the_page({ pyodide }, program) {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const value = await pyodide.runPythonAsync(program);
  clearInterval(timer);
  return [value, turns > 3].join();
}

export async function interrupted_asyncio_run({ pyodide, until, failure }, program) {
  const running = failure(pyodide.runPythonAsync(program));
  await until(() => pyodide.globals.has("ready") && pyodide.stats().waiting > 0);
  pyodide.interrupt();
  const { type } = await running;
  return [type, pyodide.runPython("str(log)")].join();
}
