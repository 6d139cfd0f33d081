// Programs of test_failing_imports.py.

const FAULTS = Symbol.for("sospeso.faults");

/** What lets go of something: it fails after it has done so, or the test would leave things behind by itself. */
const ENDS = ["fd_close", "poll_unwatch", "js_unwatch", "py_destroy", "file_lock_end", "io_resume"];

/** How long a program may take; what then still waits is interrupted. */
const PATIENCE_MS = 5000;

/** From now on a runtime that is loaded lets `faults` make one of its imports fail. */
export function stand_between() {
  const faults = { next: undefined, error: undefined, hits: 0, seen: new Set() };
  globalThis[FAULTS] = (module, name, fn) => {
    const id = `${module}.${name}`;
    faults.seen.add(id);
    const standing = (...args) => {
      if (faults.next !== id) return fn(...args);
      faults.next = undefined;
      faults.hits++;
      if (ENDS.includes(name)) fn(...args);
      throw faults.error;
    };
    return Object.defineProperty(standing, "length", { value: fn.length });
  };
  globalThis[FAULTS].faults = faults;
}

/** Nobody stands between any more. */
export function stand_aside({ pyodide, session }) {
  session.faults = globalThis[FAULTS].faults;
  delete globalThis[FAULTS];
  pyodide.setStdin({ stdin: () => Promise.resolve("a line") });
  pyodide.setStdout({ batched: () => undefined });
  pyodide.setStderr({ batched: () => undefined });
}

/** Make each import fail once in each program, with an error of one kind; what was not as before afterwards. */
export async function fail_once({ pyodide, session, later }, programs, kind) {
  const { faults } = session;
  const { FS } = pyodide;
  const reports = [];
  const { error: report } = console;
  console.error = (...words) => reports.push(words);
  const run = async (code) => {
    let ended = false;
    const done = pyodide.runPythonAsync(code).catch(() => undefined).finally(() => (ended = true));
    await Promise.race([done, later(PATIENCE_MS)]);
    if (ended) return true;
    pyodide.interrupt();
    await Promise.race([done, later(PATIENCE_MS)]);
    return ended;
  };
  const counts = async () => {
    const { tasks, waiting, handles, proxies, loopStackBytes } = pyodide.stats();
    const open = FS.streams.filter((stream) => stream).length;
    return JSON.stringify({ tasks, waiting, handles, proxies, loopStackBytes, open });
  };
  const settled = async (wanted) => {
    let now = "";
    for (let i = 0; i < 20; i++) {
      faults.next = undefined;
      if (!(await run("import sys, gc; sys.last_exc = sys.last_value = sys.last_traceback = None; gc.collect();"))) return "no answer";
      now = await counts();
      if (now === wanted) break;
      await later(5);
    }
    return now;
  };
  const made = {
    TypeError: () => new TypeError("this import failed"),
    "an errno": () => new FS.ErrnoError(51), // ENOSPC
    "no object": () => "a text",
  }[kind];
  // What a program imports is there from now on.
  for (let round = 0; round < 2; round++) for (const [, code] of programs) await pyodide.runPythonAsync(code);
  const before = await settled();
  const baseline = await settled(before);
  let hits = 0;
  for (const id of faults.seen) {
    for (const [name, code] of programs) {
      faults.next = id;
      faults.error = made();
      const { hits: had } = faults;
      const ended = await run(code);
      faults.next = undefined;
      if (faults.hits === had) continue;
      hits++;
      if (!ended) return [[`${id} in ${name}: never ended`], hits, 0, 0];
      const after = await settled(baseline);
      if (after !== baseline) return [[`${id} in ${name}: ${baseline} became ${after}`], hits, 0, 0];
      if (pyodide.runPython("6 * 7") !== 42) return [[`${id} in ${name}: cannot compute`], hits, 0, 0];
    }
  }
  console.error = report;
  return [[], hits, [...faults.seen].length, reports.length];
}
