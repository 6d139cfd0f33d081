// host.mjs - runs one cell of the matrix in Node, Deno or Bun: in the main thread, or in a worker.
//
// The plan is the first argument, one JSON word. Results go to the server by agent.mjs, as from pages. Started by
// tests/matrix/launch.py.

import process from "node:process";

import { post, start } from "./agent.mjs";

/** A worker on host_worker.mjs, Node's own or the Web's; settles when the worker is through. */
async function inWorker(plan) {
  const script = new URL("host_worker.mjs", import.meta.url);
  if (!("Deno" in globalThis) && !("Bun" in globalThis)) {
    const { Worker: NodeWorker } = await import("node:worker_threads");
    const worker = new NodeWorker(script, { workerData: plan });
    return new Promise((resolve, reject) => worker.on("error", reject).on("exit", resolve));
  }
  const worker = new Worker(script, { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(worker.terminate());
    worker.onerror = (event) => reject(new Error(event.message ?? "the worker failed"));
    worker.postMessage(plan);
  });
}

const plan = JSON.parse(process.argv[2]);
if (plan.context === "main") {
  await start(plan, async () => (await import(`${plan.dist}/sospeso.mjs`)).loadPyodide);
} else {
  try {
    await inWorker(plan);
  } catch (error) {
    await post(plan, { broken: `the worker failed: ${error?.message}\n${error?.stack ?? ""}` });
  }
}
process.exit(0);
