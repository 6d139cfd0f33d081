// agent.mjs - runs one cell of the matrix where it is imported, and posts what comes of it.
//
// The same in a page and in every kind of worker: what to do stands in the query of the address, as one
// JSON word. `start()` is called by run.html (page), module_worker.mjs, classic_worker.js,
// shared_worker.mjs and service_worker.mjs. host.mjs does the same for Node, Deno and Bun.

import { run } from "./suite.mjs";

/** What the query of an address asks for. */
export function planOf(search) {
  return JSON.parse(new URLSearchParams(search).get("plan"));
}

/** Tell the server something of this cell; it answers when it has it. */
export async function post(plan, message) {
  await fetch(`${plan.base}/report`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ cell: plan.cell, ...message }),
  });
}

/**
 * Run the suite and post each result as it comes, then the end.
 * @param load gives loadPyodide.
 * @param more options for loadPyodide.
 */
export async function start(plan, load, more = {}) {
  try {
    const loadPyodide = await load();
    await run(loadPyodide, { ...plan, load: more }, (result) => post(plan, { result }));
    await post(plan, { done: true });
  } catch (error) {
    await post(plan, { broken: `${error?.name}: ${error?.message}\n${error?.stack ?? ""}` });
  }
}
