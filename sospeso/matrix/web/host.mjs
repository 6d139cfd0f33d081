// host.mjs - runs one cell of the matrix in Node, Deno or Bun: in the main thread, or in a worker.
//
// The plan is the first argument, one JSON word (in a worker: the query of the address, or workerData). Results go
// to the server by agent.mjs, as from pages. Started by sospeso/matrix/launch.py.

import process from "node:process";

import { planOf, post, start } from "./agent.mjs";

const load = (plan) => async () => (await import(`${plan.dist}/sospeso.mjs`)).loadPyodide;

function threads() {
  return process.getBuiltinModule?.("node:worker_threads");
}

/** The plan, if this is a worker that host.mjs has started. */
function workersPlan() {
  if (typeof Deno === "undefined" && typeof Bun === "undefined") return threads()?.workerData?.plan;
  const search = typeof self === "undefined" ? "" : (self.location?.search ?? "");
  if (search.includes("plan=")) return planOf(search);
  return /\?plan=/.test(import.meta.url) ? planOf(new URL(import.meta.url).search) : undefined;
}

function startWorker(plan) {
  if (typeof Deno === "undefined" && typeof Bun === "undefined") {
    const worker = new (threads().Worker)(new URL(import.meta.url), { workerData: { plan } });
    return new Promise((resolve, reject) => worker.on("error", reject).on("exit", resolve));
  }
  const address = new URL(`?plan=${encodeURIComponent(JSON.stringify(plan))}`, import.meta.url);
  const worker = new Worker(address, { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(worker.terminate());
    worker.onerror = (event) => reject(new Error(event.message ?? "the worker failed"));
  });
}

const mine = workersPlan();
if (mine !== undefined) {
  await start(mine, load(mine));
  globalThis.postMessage?.("done");
} else {
  const plan = JSON.parse(process.argv[2]);
  if (plan.context === "main") {
    await start(plan, load(plan));
  } else {
    try {
      await startWorker(plan);
    } catch (error) {
      await post(plan, { broken: `the worker failed: ${error?.message}\n${error?.stack ?? ""}` });
    }
  }
  process.exit(0);
}
