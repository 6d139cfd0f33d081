/*
 * What waiting for each other costs: the loops of `--only concurrency`, the same
 * for every contender. probe.mjs imports this for its actions "programs",
 * "blocked", "handing" and "held"; request.programs is the text of
 * concurrency_programs.py, request.source that of workloads.py.
 *
 * Programs are run in batches, each a call of its own, first until `warm_ms`
 * have gone by (the engine replaces baseline code meanwhile), then `rounds` times,
 * fewer if they take longer than LONGEST_MS.
 */

const LONGEST_MS = 4000;

/** Microseconds an operation by name; "name@page" is a coroutine on the page's loop. */
export async function measurePrograms(pyodide, { programs, rounds, warm_ms, batch_ms, only }) {
  pyodide.runPython(programs);
  const coroutines = JSON.parse(pyodide.runPython("names()"));
  const result = {};
  for (const [name, isCoroutine] of Object.entries(coroutines)) {
    const calls = { [name]: (n) => `batch("${name}", ${n})` };
    if (isCoroutine) calls[`${name}@page`] = (n) => `await batch_here("${name}", ${n})`;
    for (const [key, call] of Object.entries(calls)) {
      if (only !== undefined && !only.includes(key)) continue;
      result[key] = await sample((n) => pyodide.runPythonAsync(call(n)), rounds, warm_ms, batch_ms);
    }
  }
  return { programs: result };
}

async function sample(run, rounds, warm_ms, batch_ms) {
  let n = 1;
  let took = 0;
  const end = performance.now() + warm_ms;
  while (performance.now() < end || took < batch_ms / 2) {
    took = await run(n);
    if (took < batch_ms) n = Math.ceil(n * Math.min(8, Math.max(1.05, batch_ms / Math.max(took, 0.01))));
  }
  n = Math.max(1, Math.round((n * batch_ms) / Math.max(took, 0.01)));
  const times = [];
  const latest = performance.now() + LONGEST_MS;
  for (let round = 0; round < rounds && (round === 0 || performance.now() < latest); round++) {
    globalThis.gc?.();
    await pause(0);
    times.push(((await run(n)) * 1000) / n);
  }
  return times;
}

/** `count` threads that wait: memory of the process (Node) and of the runtime, and the time to get there. */
export async function measureBlocked(pyodide, { programs, count }) {
  pyodide.runPython(programs);
  await pyodide.runPythonAsync("Blocked(10).release()");
  const before = pyodide.stats();
  const start = performance.now();
  await pyodide.runPythonAsync(`threads = Blocked(${count})`);
  const started = performance.now() - start;
  const { waiting, memoryBytes } = pyodide.stats();
  const resident = (globalThis.process?.memoryUsage.rss() ?? 0) / 1e6;
  if (waiting !== before.waiting + count) throw new Error(`${waiting} stacks wait, not ${count}`);
  await pyodide.runPythonAsync("threads.release()");
  const left = pyodide.stats().tasks - before.tasks;
  if (left !== 0) throw new Error(`${left} of ${count} threads are left`);
  return { started, resident, memory: memoryBytes / 1e6 };
}

/**
 * The eight workloads in calls that may hand over, with the normal time slice and with none, in turns:
 * the geometric mean of the ratios, and by workload. Each timing lasts `least_ms` or longer. The best
 * times are compared: a few per cent are looked for, and what else the machine does only adds.
 */
export async function measureHanding(pyodide, { programs, source, warm_ms, rounds, least_ms }) {
  pyodide.runPython(source);
  pyodide.runPython(programs);
  const workloads = JSON.parse(pyodide.runPython("json.dumps(list(WORKLOADS))"));
  const run = (name, times) => pyodide.runPythonAsync(`timed(WORKLOADS["${name}"], ${times})`);
  const times = {};
  const end = performance.now() + warm_ms;
  do {
    for (const name of workloads) times[name] = Math.ceil(least_ms / (await run(name, 1)));
    await pause(20); // compiler threads hand over their code meanwhile
  } while (performance.now() < end);
  const normal = pyodide.setTimeSlice(Infinity);
  const samples = Object.fromEntries(workloads.map((name) => [name, { handing: [], keeping: [] }]));
  for (let round = 0; round < rounds; round++) {
    for (const name of workloads) {
      for (const turn of round % 2 ? ["keeping", "handing"] : ["handing", "keeping"]) {
        globalThis.gc?.();
        pyodide.setTimeSlice(turn === "handing" ? normal : Infinity);
        samples[name][turn].push(await run(name, times[name]));
      }
    }
  }
  pyodide.setTimeSlice(normal);
  const ratios = {};
  for (const name of workloads) ratios[name] = Math.min(...samples[name].handing) / Math.min(...samples[name].keeping);
  const logs = Object.values(ratios).map(Math.log);
  return { ratios, ratio: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length), samples };
}

/** Longest time between two turns of the page's event loop while Python computes, and while it does nothing. */
export async function measureHeld(pyodide, { programs, source, seconds, workload_seconds, calls_seconds = 3 }) {
  pyodide.runPython(source);
  pyodide.runPython(programs);
  await pyodide.runPythonAsync("compute(0.5)");
  const idle = await longestGap(() => pause(1000));
  const loop = await longestGap(() => pyodide.runPythonAsync(`compute(${seconds})`));
  const workloads = await longestGap(() => pyodide.runPythonAsync(`compute_workloads(WORKLOADS, ${workload_seconds})`));
  const calls = await longestGap(() => pyodide.runPythonAsync(`compute_calls(${calls_seconds})`));
  return { held: { idle, loop, workloads, calls } };
}

/** Milliseconds between two turns, at most. setImmediate where there is one: Node takes 1,000 messages a turn. */
async function longestGap(work) {
  const { port1, port2 } = new MessageChannel();
  let open = true;
  const again = () => {
    if (globalThis.setImmediate === undefined) port2.postMessage(0);
    else if (open) setImmediate(port1.onmessage);
  };
  let last = performance.now();
  let gap = 0;
  let turns = 0;
  const turn = () => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
    turns++;
  };
  port1.onmessage = () => {
    turn();
    again();
  };
  again();
  await work();
  turn(); // the page that was never given a turn has this one gap
  open = false;
  port1.close();
  return { gap, turns };
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
