// Programs of test_handlers.py.

const text = (bytes) => new TextDecoder().decode(bytes);

/** Two ways in which KeyboardInterrupt comes to a handler. */
const INTERRUPTS = {
  /** The page's buffer has a SIGINT when it looks. */
  checked(pyodide) {
    const buffer = new Int32Array([2]);
    pyodide.setInterruptBuffer(buffer);
    pyodide.checkInterrupt();
  },
  /** A Python function that it calls raises. */
  thrown(pyodide) {
    pyodide.runPython("raise KeyboardInterrupt");
  },
};

export async function interrupted({ pyodide, later }, kind, waits, how, program) {
  const interrupt = () => INTERRUPTS[how](pyodide);
  const waiting = async () => {
    await later(1);
    interrupt();
  };
  const options = { [kind]: waits ? waiting : interrupt };
  if (kind === "write") pyodide.setStdout(options);
  else pyodide.setStdin(options);
  const got = await pyodide.runPythonAsync(program);
  pyodide.setInterruptBuffer();
  pyodide.setStdin();
  pyodide.setStdout();
  return got;
}

export async function replaced_while_it_writes({ pyodide, later }) {
  const seen = [];
  let given;
  const first = new Promise((resolve) => (given = resolve));
  let answer;
  pyodide.setStdout({
    write(bytes) {
      seen.push(`old ${text(bytes)}`);
      given();
      return new Promise((resolve) => (answer = resolve));
    },
  });
  const code = "import os\nstr([os.write(1, b'one'), os.write(1, b'two')])";
  const running = pyodide.runPythonAsync(code);
  await first;
  pyodide.setStdout({ write: (bytes) => (seen.push(`new ${text(bytes)}`), bytes.length) });
  seen.push(await running);
  answer(1); // too late to matter
  await later(1);
  seen.push(await pyodide.runPythonAsync("str(os.write(1, b'three'))"));
  pyodide.setStdout();
  return seen;
}

export function replaced_with_a_queue({ pyodide }) {
  const seen = [];
  pyodide.setStdout({ write: (bytes) => (seen.push(`old ${text(bytes)}`), new Promise(() => {})) });
  pyodide.runPython("import os\nfor word in b'one', b'two', b'three': os.write(1, word)");
  pyodide.setStdout({ write: (bytes) => (seen.push(`new ${text(bytes)}`), bytes.length) });
  pyodide.setStdout();
  return seen;
}

export async function failing({ pyodide }, waits, program) {
  const fail = () => {
    throw Object.assign(new Error("full"), { code: "ENOSPC" });
  };
  pyodide.setStdout({ batched: waits ? async () => fail() : fail });
  const got = await pyodide.runPythonAsync(program);
  pyodide.setStdout({ batched: () => undefined });
  pyodide.setStdout();
  return got;
}
