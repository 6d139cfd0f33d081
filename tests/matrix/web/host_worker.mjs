// host_worker.mjs - the cell "worker" of Node (worker_threads), Deno and Bun (Web workers). Node's gets the plan as
// workerData, the others' as their first message. Started by host.mjs.

import { workerData } from "node:worker_threads";

import { start } from "./agent.mjs";

const go = (plan) => start(plan, async () => (await import(`${plan.dist}/sospeso.mjs`)).loadPyodide);

if (workerData?.cell !== undefined) {
  await go(workerData);
} else {
  globalThis.onmessage = async ({ data }) => {
    await go(data);
    globalThis.postMessage("done");
  };
}
