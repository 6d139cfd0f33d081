// shared_worker.mjs - the cell "shared worker". It has no one page: it posts its results by itself, and
// tells the page that it is there. Started by run.html.

import { planOf, start } from "./agent.mjs";

const plan = planOf(location.search);
globalThis.onconnect = ({ ports }) => {
  ports[0].postMessage("started");
  start(plan, async () => (await import(`${plan.dist}/sospeso.mjs`)).loadPyodide);
};
