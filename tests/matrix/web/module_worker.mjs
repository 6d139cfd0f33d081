// module_worker.mjs - the cell "module worker": a worker that is an ES module. Started by run.html.

import { planOf, start } from "./agent.mjs";

const plan = planOf(location.search);
start(plan, async () => (await import(`${plan.dist}/sospeso.mjs`)).loadPyodide);
