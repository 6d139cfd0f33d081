// suite.mjs - the matrix's suite: what must work in every engine, on both cores.
//
// `run()` loads the runtime, runs every check of checks.mjs on it and tells what came of each. It
// knows no engine and no page: agent.mjs and host.mjs call it, in whatever context they are.

import { CHECKS } from "./checks.mjs";

/** What the checks are about, in the order in which tables show them. */
export const FEATURES = ["core", "waits", "ffi", "streams", "asyncio", "threads", "interrupts", "errors", "leaks"];

/** Longest that one check may take; generous, as one that waits for ever is what it is for. */
const CHECK_MS = 25_000;
/** What destroy() and the checks before must have given back. */
const COUNTED = ["tasks", "waiting", "handles", "proxies", "loopStackBytes"];

/** The tools of a check: the runtime, Python in a namespace of its own, assertions. */
class Tools {
  constructor(pyodide, input, output, options, loadAgain) {
    this.pyodide = pyodide;
    this.input = input;
    this.output = output;
    this.base = options.base;
    this.core = pyodide.core.name;
    this.loadAgain = loadAgain;
    this.hasJspi = pyodide.core.reason.includes("this engine has JSPI");
  }

  /** runPythonAsync() in a namespace that is gone afterwards. */
  async py(code) {
    const globals = this.pyodide.toPy({});
    try {
      return await this.pyodide.runPythonAsync(code, { globals });
    } finally {
      globals.destroy();
    }
  }

  /** runPython(), the plain call, likewise. */
  plain(code) {
    const globals = this.pyodide.toPy({});
    try {
      return this.pyodide.runPython(code, { globals });
    } finally {
      globals.destroy();
    }
  }

  /** The error that a promise rejects with; forgotten by Python. */
  async failure(promise) {
    try {
      await promise;
    } catch (error) {
      this.pyodide.runPython("import sys; sys.last_exc = sys.last_value = sys.last_traceback = None; del sys");
      return error;
    }
    throw new Error("it raised nothing");
  }

  later(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** How often timers ran while `promise` was pending. */
  async ticksDuring(promise) {
    let ticks = 0;
    let pending = true;
    const tick = () => {
      ticks += 1;
      if (pending) setTimeout(tick, 1);
    };
    setTimeout(tick, 1);
    try {
      await promise;
    } finally {
      pending = false;
    }
    return ticks;
  }

  /** Waits until this many stacks are suspended. */
  async untilWaiting(count = 1) {
    while (this.pyodide.stats().waiting < count) await this.later(2);
  }

  same(got, wanted) {
    const [a, b] = [shown(got), shown(wanted)];
    if (a !== b) throw new Error(`got ${a.slice(0, 1500)}, not ${b.slice(0, 300)}`);
  }

  has(text, ...parts) {
    for (const part of parts) {
      if (!String(text).includes(part)) throw new Error(`no ${JSON.stringify(part)} in: ${String(text).slice(-600)}`);
    }
  }
}

function shown(value) {
  return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? `${inner}n` : inner)) ?? String(value);
}

function explained(error) {
  const text = error?.message ?? String(error);
  // A Python traceback's last lines say what it was and where.
  const lines = String(text).trim().split("\n");
  const words = (error?.name === "PythonError" ? lines.slice(-3) : lines).join("\n").slice(-900);
  const name = error?.name && error.name !== "Error" ? `${error.name}: ` : "";
  return `${name}${words}` || "an error without a message";
}

function inTime(promise, ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came of it in ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function start(loadPyodide, options) {
  const input = { lines: [] };
  const output = { stdout: "", stderr: "" };
  const keep = (name) => {
    const decoder = new TextDecoder();
    return {
      write(bytes) {
        output[name] += decoder.decode(bytes, { stream: true });
        return bytes.length;
      },
    };
  };
  const pyodide = await loadPyodide({
    core: options.asked,
    stdin: { stdin: () => new Promise((resolve) => setTimeout(() => resolve(input.lines.shift() ?? null), 1)) },
    stdout: keep("stdout"),
    stderr: keep("stderr"),
    ...options.load,
  });
  const loadAgain = (more) => loadPyodide({ ...options.load, ...more });
  return new Tools(pyodide, input, output, options, loadAgain);
}

/**
 * Run the suite.
 * @param loadPyodide of the runtime under test.
 * @param {any} options .asked: the core asked for; .core, .why: the one that must come ("": any), and what its
 *   reason says; .base: where a server answers /hello; .load: more options of loadPyodide; .only: features to run.
 * @param {(result: any) => any} tell called with each result as it comes.
 * @returns a list of { feature, name, passed, reason, ms }.
 */
export async function run(loadPyodide, options, tell = () => undefined) {
  const results = [];
  let tools;
  const note = async (feature, name, body) => {
    const started = performance.now();
    const result = { feature, name, passed: false, reason: "", ms: 0 };
    if (tools !== undefined) tools.output.stderr = "";
    try {
      result.reason = (await inTime(body(), CHECK_MS)) ?? "";
      result.passed = true;
    } catch (error) {
      result.reason = explained(error);
      const said = tools?.output.stderr.trim().slice(-600);
      if (said) result.reason += ` (stderr: ${said})`;
    }
    result.ms = Math.round(performance.now() - started);
    results.push(result);
    await tell(result);
    return result.passed;
  };

  const right = await note("core", "loads the core it must, and says why", async () => {
    tools = await start(loadPyodide, options);
    const { name, reason } = tools.pyodide.core;
    if (options.core) tools.same(name, options.core);
    tools.has(reason, options.why ?? "");
    return `${name}: ${reason}`;
  });
  if (!right) return results; // whatever came of the rest would be about another core
  let before = tools.pyodide.stats();
  let ffiBefore = tools.pyodide.ffiStats();

  for (const [feature, name, check] of CHECKS) {
    if (options.only && !options.only.includes(feature)) continue;
    const passed = await note(feature, name, () => check(tools));
    if (!passed && !(await alive(tools))) {
      await note("errors", `the runtime lives on after "${name}"`, () => Promise.reject(new Error("it does not")));
      tools = await start(loadPyodide, options); // what comes now does not suffer for it
      before = tools.pyodide.stats();
      ffiBefore = tools.pyodide.ffiStats();
    }
  }
  await note("leaks", "everything is given back", async () => {
    await tools.py("import gc\ngc.collect()\ngc.collect();");
    await tools.later(20);
    const after = tools.pyodide.stats();
    const ffiAfter = tools.pyodide.ffiStats();
    const pick = (stats, names) => names.map((key) => `${key} ${stats[key]}`).join(", ");
    tools.same(pick(after, COUNTED), pick(before, COUNTED));
    const counts = ["handles", "proxies", "promises", "tasks"];
    tools.same(pick(ffiAfter, counts), pick(ffiBefore, counts));
  });
  await note("leaks", "destroy() ends it, and calls say so", async () => {
    const waiting = tools.failure(tools.pyodide.runPythonAsync("import time; time.sleep(60)")).catch((error) => error);
    await tools.untilWaiting();
    tools.pyodide.destroy();
    await waiting;
    try {
      tools.pyodide.runPython("1");
    } catch (error) {
      tools.has(error.message, "destroy");
      return;
    }
    throw new Error("it still runs");
  });
  return results;
}

/** Whether the runtime still computes, after a check that failed. */
async function alive(tools) {
  try {
    tools.pyodide.interrupt(); // what a check left waiting
    await tools.later(20);
    return (await inTime(tools.pyodide.runPythonAsync("import time; time.sleep(0.001); 6 * 7"), 5000)) === 42;
  } catch {
    return false;
  }
}
