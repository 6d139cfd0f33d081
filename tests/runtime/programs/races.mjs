// Programs of test_races.py.

import { globalOf } from "./globals.mjs";

/** Calls `run` while time slices are as short as can be. */
async function inShortestSlices(pyodide, run) {
  const before = pyodide.setTimeSlice(0);
  try {
    return await run();
  } finally {
    pyodide.setTimeSlice(before);
  }
}

/** Calls `run` while `failing.soon()` and `failing.promise` are promises that reject; it gets the list of the rejections that nobody handled. */
async function withRejections({ pyodide, later }, message, run) {
  const unhandled = [];
  const note = (event) => {
    unhandled.push(String(event.reason ?? event));
    event.preventDefault?.();
  };
  const soon = async () => {
    await later(1);
    throw new Error(message);
  };
  globalThis.process?.on?.("unhandledRejection", note);
  globalThis.addEventListener?.("unhandledrejection", note);
  pyodide.registerJsModule("failing", {
    soon,
    get promise() {
      return soon();
    },
  });
  try {
    return await run(unhandled);
  } finally {
    pyodide.unregisterJsModule("failing");
    pyodide.runPython("import sys; sys.modules.pop('failing', None); del sys");
    globalThis.process?.off?.("unhandledRejection", note);
    globalThis.removeEventListener?.("unhandledrejection", note);
  }
}

export async function run_in_shortest_slices({ pyodide }, program) {
  return inShortestSlices(pyodide, () => pyodide.runPythonAsync(program));
}

export async function two_programs_import_asyncio_at_once({ pyodide }) {
  const program = "import asyncio\nasyncio.get_running_loop().is_running()";
  return inShortestSlices(pyodide, async () => {
    const spaces = [1, 2, 3].map(() => pyodide.toPy({})); // runs of one namespace would take turns
    const found = await Promise.all(spaces.map((globals) => pyodide.runPythonAsync(program, { globals })));
    for (const globals of spaces) globals.destroy();
    return found.join();
  });
}

export async function import_asyncio_while_a_program_sleeps({ pyodide }, program) {
  const { promise: gate, resolve: open } = Promise.withResolvers();
  const { promise: asleep, resolve: reached } = Promise.withResolvers();
  const wait = () => {
    reached(null);
    return gate;
  };
  pyodide.registerJsModule("gate", { wait });
  const late = pyodide.runPythonAsync(program);
  await asleep;
  await pyodide.runPythonAsync("import asyncio");
  open(null);
  const found = await late;
  pyodide.unregisterJsModule("gate");
  pyodide.runPython("import sys; del sys.modules['gate'], sys");
  pyodide.runPython("del gate");
  return found;
}

export async function await_a_promise_that_has_rejected(given, program) {
  return withRejections(given, "refused", (unhandled) =>
    inShortestSlices(given.pyodide, async () => {
      const told = await given.pyodide.runPythonAsync(program);
      // An engine tells of rejections some turns later, one after the other: of this one last.
      void Promise.reject(new Error("left alone"));
      await given.until(() => unhandled.includes("Error: left alone"));
      return [told, ...unhandled].join();
    }),
  );
}

export async function drop_a_promise_that_rejects(given, program) {
  return withRejections(given, "lost", async (unhandled) => {
    await given.pyodide.runPythonAsync(program);
    await given.until(() => unhandled.length > 0);
    return unhandled.join();
  });
}

export async function interrupt_a_coroutine_that_sleeps({ pyodide, until, failure }, definitions) {
  await pyodide.runPythonAsync(definitions);
  const [error, soon] = await inShortestSlices(pyodide, async () => {
    const began = performance.now();
    const program = "from pyodide.ffi import run_sync\nawait asyncio.sleep(0); run_sync(blocks())";
    const run = failure(pyodide.runPythonAsync(program));
    // The program, its own step that waits for the coroutine, and the coroutine: no other stack is left.
    await until(() => globalOf(pyodide, "asleep") && pyodide.stats().tasks === 3);
    pyodide.interrupt();
    return [await run, performance.now() - began < 15_000];
  });
  const locked = await pyodide.runPythonAsync("del blocks; lock.locked()");
  return [error.type, soon, locked].join();
}

/** Runs in one namespace, all begun at once; each makes a name, computes and deletes it. */
export async function runs_of_one_namespace({ pyodide }, program) {
  return inShortestSlices(pyodide, async () => {
    const runs = [1, 2, 3].map(() => pyodide.runPythonAsync(program));
    return (await Promise.all(runs)).join();
  });
}

/** A run computes until a run in another namespace, or a handler, has been there. */
export async function others_while_a_run_computes({ pyodide }, computes, program) {
  const globals = pyodide.toPy({});
  pyodide.runPython("seen = []");
  const handler = pyodide.runPython("async def handler(): seen.append('handler')\nhandler");
  const seen = pyodide.globals.get("seen");
  globals.set("seen", seen);
  seen.destroy();
  const run = pyodide.runPythonAsync(computes);
  await Promise.all([pyodide.runPythonAsync(program, { globals }), handler.callPromising()]);
  const found = await run;
  globals.destroy();
  handler.destroy();
  pyodide.runPython("del seen, handler");
  return found;
}
