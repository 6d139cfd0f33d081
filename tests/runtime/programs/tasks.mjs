// Programs of test_tasks.py.

import { globalOf } from "./globals.mjs";

/** Calls `run` while Python's `gates.at(name)` is a promise that `open(name)` resolves; `waiting()` are their names. */
async function withGates(pyodide, run) {
  const gates = new Map();
  const at = (name) => new Promise((resolve) => gates.set(name, resolve));
  pyodide.registerJsModule("gates", { at });
  try {
    return await run(
      (name) => gates.get(name)(),
      () => [...gates.keys()],
    );
  } finally {
    pyodide.unregisterJsModule("gates");
    pyodide.runPython("import sys; sys.modules.pop('gates', None); del sys");
  }
}

/** Each of the programs waits at the gate of its number. */
export async function end_in_another_order({ pyodide, until }, programs) {
  return withGates(pyodide, async (open, waiting) => {
    const order = [];
    const all = programs.map((program) => pyodide.runPythonAsync(program).then((value) => order.push(value)));
    await until(() => waiting().length === programs.length);
    for (const n of [3, 1, 4, 2]) {
      open(n);
      await all[n - 1];
    }
    return order.join();
  });
}

export async function open_all_gates_at_once({ pyodide, until }, programs) {
  return withGates(pyodide, async (open, waiting) => {
    const all = programs.map((program) => pyodide.runPythonAsync(program));
    await until(() => waiting().length === programs.length);
    waiting().forEach(open);
    return (await Promise.all(all)).join();
  });
}

export async function a_thousand_tasks({ pyodide }) {
  const program = (n) => `import time\nfor _ in range(3): time.sleep(0.01)\n${n}`;
  const all = Array.from({ length: 1000 }, (_, n) => pyodide.runPythonAsync(program(n)));
  return (await Promise.all(all)).every((value, n) => value === n);
}

export async function run_all_at_once({ pyodide }, programs) {
  return (await Promise.all(programs.map((program) => pyodide.runPythonAsync(program)))).join();
}

export async function two_tasks_read_lines({ pyodide, later }) {
  let n = 0;
  const stdin = async () => {
    await later(5);
    return `line ${++n}`;
  };
  pyodide.setStdin({ stdin });
  const both = await Promise.all([pyodide.runPythonAsync("input()"), pyodide.runPythonAsync("input()")]);
  return both.sort().join();
}

export async function interrupt_after_some_turns({ pyodide, later, failure }, program) {
  const run = failure(pyodide.runPythonAsync(program));
  for (let turns = 0; turns < 5; turns++) await later(5);
  pyodide.interrupt();
  return (await run).type;
}

export async function interrupt_beside_a_thread({ pyodide, until, failure }, program) {
  pyodide.setStdin({ stdin: () => new Promise(() => undefined) });
  const run = failure(pyodide.runPythonAsync(program));
  await until(() => globalOf(pyodide, "ready") && pyodide.stats().waiting >= 2);
  pyodide.interrupt();
  const error = await run;
  return `${error.type} ${pyodide.runPython("1 + 1")}`;
}

export async function interrupt_a_wait({ pyodide, until }, program) {
  const run = pyodide.runPythonAsync(program);
  await until(() => globalOf(pyodide, "ready") && pyodide.stats().waiting > 0);
  pyodide.interrupt();
  return run;
}

export async function send_a_wrong_signal({ pyodide, until, caught }) {
  const run = pyodide.runPythonAsync("import time; time.sleep(0.05)");
  await until(() => pyodide.stats().waiting > 0);
  const error = caught(() => pyodide.interrupt(9999));
  await run;
  return error.message;
}

export async function count_a_sleeping_task({ pyodide, until }) {
  const before = pyodide.stats();
  const run = pyodide.runPythonAsync("import time; time.sleep(0.05)");
  await until(() => pyodide.stats().waiting > before.waiting);
  const during = pyodide.stats();
  await run;
  const after = pyodide.stats();
  return [during, after].map((stats) => [stats.tasks - before.tasks, stats.waiting - before.waiting]);
}

/** Turns of the page while a task makes long calls of C, after a plain call that computed in quick steps. */
export async function turns_during_first_long_calls({ pyodide }) {
  pyodide.runPython("for _ in range(1_000_000): pass");
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await pyodide.runPythonAsync("for _ in range(40): sum(range(500_000))");
  clearInterval(timer);
  return turns;
}
