// service_worker.mjs - the cell "service worker". import() is forbidden in one, so that everything is imported
// at its start, core.mjs too, which goes to loadPyodide as option createPyodideModule. A page's message
// keeps it alive until the suite is through. Started by run.html.

import createPyodideModule from "/dist/core.mjs";
import { loadPyodide } from "/dist/sospeso.mjs";
import { planOf, start } from "./agent.mjs";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("message", (event) => {
  const plan = planOf(self.location.search);
  event.waitUntil(start(plan, async () => loadPyodide, { createPyodideModule }));
});
