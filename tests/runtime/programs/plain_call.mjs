// Programs of test_plain_call.py.

export async function make_stdin_and_stdout_a_terminal({ pyodide }) {
  pyodide.setStdin({ stdin: async () => "x", isatty: true });
  pyodide.setStdout({ write: (bytes) => bytes.length, isatty: true });
}

export async function stdin_with_a_synchronous_handler({ pyodide }) {
  pyodide.setStdin({ stdin: () => "a line" });
  return pyodide.runPython("input()");
}

export async function a_call_while_a_task_waits({ pyodide, until }) {
  const waiting = pyodide.runPythonAsync("import time\nsorted([3, 1], key=lambda v: time.sleep(0.2) or v)[0]");
  // Not before: on a busy machine its time slice may end in an import, which a plain call cannot wait for.
  await until(() => pyodide.stats().waiting > 0);
  const during = pyodide.runPython("sum(range(1000))");
  return `${during} ${await waiting}`;
}
