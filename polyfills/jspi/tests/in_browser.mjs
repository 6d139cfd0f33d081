// Runs every scenario in a page, on the browser's own JSPI if it has one and on the polyfill, and posts
// the results to the server of test_in_browsers.py.

const load = async (file) => WebAssembly.compile(await (await fetch(file)).arrayBuffer());
const answer = { jspi: typeof WebAssembly.Suspending === "function" };
try {
  const { runAll } = await import("./run.mjs");
  if (answer.jspi) answer.engine = await runAll("engine", load);
  answer.polyfill = await runAll("polyfill", load, "./polyfill.mjs");
} catch (error) {
  answer.failed = String(error);
}
await fetch("./answer", { method: "POST", body: JSON.stringify(answer) });
