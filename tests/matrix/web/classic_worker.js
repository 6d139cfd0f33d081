// classic_worker.js - the cell "classic worker": importScripts() of the classic bundle, as older pages do.
// The suite itself is an ES module, which a classic worker imports by import(). Started by run.html.

const search = self.location.search;
const { dist } = JSON.parse(new URLSearchParams(search).get("plan"));
importScripts(`${dist}/sospeso.js`);
import("./agent.mjs").then(({ planOf, start }) => start(planOf(search), async () => self.loadPyodide));
