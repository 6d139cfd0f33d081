// Programs of test_recursion.py.

/** How JavaScript enters Python: each gives the call. `py` is runPython(), whose proxies end with the program. */
const ENTRIES = {
  "a call": (py) => py("lambda: 1"),
  "an attribute": (py) => {
    const object = py("class A: x = 1\nA()");
    return () => object.x;
  },
  run: (_, pyodide) => () => pyodide.runPython("1 + 1"),
  "Python that goes deep": (py) =>
    py("def deep(n): return sorted([n], key=lambda v: deep(n - 1) if n else 0)[0]\nlambda: deep(20)"),
};

export async function recurse_in_javascript({ pyodide, py }, kind) {
  const enter = ENTRIES[kind](py, pyodide);
  const recurse = () => {
    enter();
    recurse();
  };
  const told = [];
  for (let i = 0; i < 3; i++) {
    try {
      recurse();
    } catch (error) {
      told.push(error.name);
    }
    told.push(pyodide.runPython("1 + 1"));
  }
  pyodide.runPython("for name in ('A', 'deep'): globals().pop(name, None)");
  told.push(await pyodide.runPythonAsync("import time; time.sleep(0.001); 3"));
  return told.join();
}

export async function compile_nested_source({ pyodide }, definitions) {
  pyodide.runPython(definitions);
  const told = [];
  const take = (names) => {
    told.push(...names.toJs());
    names.destroy();
  };
  take(pyodide.runPython("compile_all()"));
  take(await pyodide.runPythonAsync("compile_all()"));
  take(await pyodide.runPythonAsync("in_thread()"));
  take(await pyodide.runPythonAsync("under(20)"));
  const f = pyodide.globals.get("compile_all");
  take(await f.callPromising());
  f.destroy();
  pyodide.runPython("del compile_all, in_thread, under");
  return told.join("\n");
}
