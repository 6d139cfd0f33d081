// Programs of test_stdlib.py.

export function webbrowser({ pyodide }, program) {
  const world = /** @type {any} */ (globalThis);
  const page = world.window;
  const open = page?.open;
  const calls = [];
  const opens = (...words) => {
    calls.push(words);
    return words[0].startsWith("blocked") ? null : { closed: false };
  };
  if (page === undefined) world.window = { open: opens };
  else page.open = opens;
  const run = (code) => {
    const value = pyodide.runPython(code);
    const own = value.toJs();
    value.destroy();
    return own;
  };
  try {
    const opened = run(program);
    if (page !== undefined) return [opened, calls, false];
    delete world.window;
    return [opened, calls, pyodide.runPython("import webbrowser; webbrowser.open('three:3')")];
  } finally {
    if (page === undefined) delete world.window;
    else page.open = open;
  }
}
