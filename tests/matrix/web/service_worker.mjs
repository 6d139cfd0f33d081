// service_worker.mjs - the cell "service worker". import() is forbidden in one, so that everything is imported
// at its start, core.mjs too, which goes to loadPyodide as option createPyodideModule. A page's message
// keeps it alive until the suite is through. Started by run.html.

import createPyodideModule from "/dist/core.mjs";
import { loadPyodide } from "/dist/sospeso.mjs";
import { planOf, start } from "./agent.mjs";

const scope = /** @type {any} */ (self); // TypeScript takes it for a page's

scope.addEventListener("install", () => scope.skipWaiting());
scope.addEventListener("message", (event) => {
  const plan = planOf(scope.location.search);
  event.waitUntil(start(plan, async () => loadPyodide, { createPyodideModule }));
});
