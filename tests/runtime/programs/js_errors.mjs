// Programs of test_js_errors.py.

export function python_errors_in_javascript({ pyodide }) {
  const out = [];
  for (const code of ["1/0", "raise KeyboardInterrupt", "import sys; sys.exit(3)"]) {
    try {
      pyodide.runPython(code);
    } catch (e) {
      out.push([e.constructor.name, e.name, e.type, e.message.trim().split("\n").at(-1), e.exitCode ?? null]);
    }
  }
  try {
    pyodide.runPython("import js\njs.eval('null.x')");
  } catch (e) {
    out.push([e.type, e.cause instanceof TypeError]);
  }
  pyodide.runPython("import sys; sys.last_exc = sys.last_value = sys.last_traceback = None; del js");
  return out;
}
