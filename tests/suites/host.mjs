// The Node process around one runtime that runs one folder of a package's tests. process.py of the judge
// starts it:  node host.mjs JOB
// JOB is a file with JSON: {"dist": folder, "entry": "sospeso.mjs" or "pyodide.mjs", "core": ..., "wheels": paths,
// "tests": path of a zip archive, "inside": file, "report": file, "group": ..., "options": ..., ...}. Each report
// of inside.py is a line in the file `report`, written before Python goes on: a crash loses nothing.

import { openSync, readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const report = openSync(job.report, "a");
const emit = (/** @type {string} */ line) => void writeSync(report, `${line}\n`);

process.on("unhandledRejection", (/** @type {any} */ error) => writeSync(2, `unhandled rejection: ${error?.stack ?? error}\n`));
setInterval(() => undefined, 60_000); // Python may wait for something that keeps no handle open

const { loadPyodide } = await import(pathToFileURL(`${job.dist}/${job.entry}`).href);
const pyodide = await loadPyodide(job.core === "pyodide" ? {} : { core: job.core });
if (job.core !== "pyodide" && String(pyodide.core) !== job.core) throw new Error(`asked for ${job.core}, got ${pyodide.core}`);
const failed = /** @type {string[]} */ ([]);
await pyodide.loadPackage(job.wheels, {
  messageCallback: () => undefined,
  errorCallback: (/** @type {string} */ text) => failed.push(text),
});
if (failed.length > 0) throw new Error(failed.join("\n"));
const folder = pyodide.runPython("import site\nsite.getsitepackages()[0]");
pyodide.unpackArchive(new Uint8Array(readFileSync(job.tests)), "zip", { extractDir: folder });
const source = `
def _judge(source, folder, job, emit):
    import json
    space = {"__name__": "suites_inside"}
    exec(compile(source, "<suites>", "exec"), space)
    space["main"](folder, json.loads(job), lambda report: emit(json.dumps(report)))
`;
pyodide.runPython(source);
const run = pyodide.globals.get("_judge");
await run.callPromising(readFileSync(job.inside, "utf8"), folder, JSON.stringify(job), emit);
process.exit(0);
