/*
 * What is measured, seen from JavaScript: one file for Node and for a page, and
 * for every contender, so that all run the same code. Node runs it with a JSON
 * list of requests as its argument; a page imports it and calls run().
 *
 * A request: { action, module: URL, options, source: text of workloads.py, ... }, or
 * with `contenders`, a list of { key, module, options }, one for all of them at once.
 * Times are milliseconds unless a name says otherwise.
 */

/** Run one request in this very engine process. */
export async function run(request) {
  globalThis.gc?.();
  if (request.contenders !== undefined) return runTogether(request);
  const start = performance.now();
  const { loadPyodide } = await import(request.module);
  const pyodide = await loadPyodide(request.options);
  const first = pyodide.runPython("1+1");
  const load = performance.now() - start;
  if (first !== 2) throw new Error(`1+1 gave ${first}`);
  const core = pyodide.core === undefined ? null : String(pyodide.core);
  const version = `${pyodide.version}, Python ${pyodide.runPython("import sys; sys.version.split()[0]")}`;
  const result = await ACTIONS[request.action](pyodide, request);
  return { load, core, version, ...result };
}

async function runTogether(request) {
  const loaded = {};
  const cores = {};
  for (const { key, module, options } of request.contenders) {
    const { loadPyodide } = await import(module);
    loaded[key] = await loadPyodide(options);
    if (loaded[key].runPython("1+1") !== 2) throw new Error(`${key}: 1+1 is wrong`);
    cores[key] = loaded[key].core === undefined ? null : String(loaded[key].core);
  }
  return { cores, ...(await TOGETHER[request.action](loaded, request)) };
}

const TOGETHER = {
  /** What crossing between Python and JavaScript costs. */
  async ffi(loaded, request) {
    const { measureFfi } = await import("./ffi_probe.mjs");
    return measureFfi(loaded, request);
  },

  /** What printing and reading cost. */
  async streams(loaded, request) {
    const { measureInTurns } = await import("./ffi_probe.mjs");
    const { makeStreamLoops } = await import("./streams_probe.mjs");
    return { streams: await measureInTurns(loaded, request, makeStreamLoops) };
  },
};

const ACTIONS = {
  load: () => ({}),

  /** The first long computation: all eight on the stack of one call. */
  cold(pyodide, { source, first }) {
    pyodide.runPython(source);
    return { workloads: [JSON.parse(pyodide.runPython(`measure_all(${JSON.stringify(first)})`))] };
  },

  /** Every run is a call of its own, so that the engine may put optimised code in place. */
  async warm(pyodide, { source, warm_ms, rounds }) {
    pyodide.runPython(source);
    const names = JSON.parse(pyodide.runPython("json.dumps(list(WORKLOADS))"));
    const workloads = [];
    const measured = performance.now() + warm_ms;
    while (workloads.length < rounds) {
      const counts = performance.now() >= measured;
      const times = {};
      for (const name of names) {
        globalThis.gc?.();
        times[name] = pyodide.runPython(`measure(${JSON.stringify(name)})`);
      }
      if (counts) workloads.push(times);
      await pause(counts ? 0 : 50); // compiler threads hand over their code meanwhile
    }
    return { workloads, results: JSON.parse(pyodide.runPython("results()")) };
  },

  /** Threads, sockets, asyncio: what they cost, and how long the page is held. */
  async programs(pyodide, request) {
    return (await concurrency()).measurePrograms(pyodide, request);
  },
  async blocked(pyodide, request) {
    return (await concurrency()).measureBlocked(pyodide, request);
  },
  async handing(pyodide, request) {
    return (await concurrency()).measureHanding(pyodide, request);
  },
  async held(pyodide, request) {
    return (await concurrency()).measureHeld(pyodide, request);
  },

  async sleep(pyodide, { source, count, warmups, rounds }) {
    pyodide.runPython(source);
    const sleep0 = [];
    for (let round = -warmups; round < rounds; round++) {
      const each = await pyodide.runPythonAsync(`sleep0(${count})`);
      if (round >= 0) sleep0.push(each);
    }
    return { sleep0 };
  },

  /** `count` tasks asleep at the same time: memory (Node only); then five short sleeps each: time. */
  async tasks(pyodide, { count, seconds }) {
    const many = (code) => Promise.all(Array.from({ length: count }, () => pyodide.runPythonAsync(code)));
    let waiting = 0;
    let resident = 0;
    let over = false;
    const asleep = many(`import time; time.sleep(${seconds})`).finally(() => (over = true));
    while (!over) {
      await pause(25);
      waiting = Math.max(waiting, pyodide.stats().waiting);
      if (pyodide.stats().waiting === count) resident = Math.max(resident, residentMB());
    }
    await asleep;
    if (waiting !== count) throw new Error(`only ${waiting} of ${count} tasks slept at once: raise "seconds"`);
    const start = performance.now();
    await many("import time\nfor _ in range(5): time.sleep(0.01)");
    const wall = performance.now() - start;
    const peak = (globalThis.process?.resourceUsage().maxRSS ?? 0) / 1000;
    return { resident, peak, wall, memory: pyodide.stats().memoryBytes / 1e6 };
  },
};

function concurrency() {
  return import("./concurrency_probe.mjs");
}

function residentMB() {
  return (globalThis.process?.memoryUsage.rss() ?? 0) / 1e6;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (globalThis.process?.argv?.[2] !== undefined) {
  const { readFileSync, writeSync } = process.getBuiltinModule("node:fs");
  const answers = [];
  for (const request of JSON.parse(readFileSync(process.argv[2], "utf8"))) answers.push(await run(request));
  // A line of its own and no buffering: Python may have written before, and exit drops what waits.
  writeSync(1, `\n@answers ${JSON.stringify(answers)}\n`);
  process.exit(0);
}
