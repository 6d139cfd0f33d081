// The Node process around one core that runs one module of CPython's tests. process.py starts it:
//   node host.mjs '{"dist": folder, "core": ..., "tests": folder, "inside": file, "report": file, ...}'
// The core is loaded as every program does it, through loadPyodide(). The tests see the file system
// in memory that a page has; only their own sources come from the host. Each report of inside.py is a
// line in the file `report`, written before Python goes on: a crash loses nothing.

import { openSync, readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const job = JSON.parse(process.argv[2]);
const report = openSync(job.report, "a");
const emit = (line) => void writeSync(report, `${line}\n`);
const TESTS = "/lib/python3.13/tests"; // not a package: it is put on sys.path

// Threads that nobody waits for, and tests that kill what they stand on, are part of the day.
process.on("unhandledRejection", (/** @type {any} */ error) => writeSync(2, `unhandled rejection: ${error?.stack ?? error}\n`));
setInterval(() => undefined, 60_000); // Python may wait for something that keeps no handle open

const { loadPyodide } = await import(pathToFileURL(`${job.dist}/sospeso.mjs`).href);
const write = (fd) => ({
  isatty: false,
  write(bytes) {
    try {
      return writeSync(fd, bytes);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      return 0;
    }
  },
});
const pyodide = await loadPyodide({
  core: job.core,
  stdin: { read: () => 0, isatty: false },
  stdout: write(1),
  stderr: write(2),
  env: { HOME: "/home/pyodide", TMPDIR: "/tmp" },
  fsInit: (FS) => {
    FS.mkdirTree(TESTS);
    FS.mount(FS.filesystems.NODEFS, { root: job.tests }, TESTS);
  },
});
if (String(pyodide.core) !== job.core) throw new Error(`asked for ${job.core}, got ${pyodide.core}`);
const source = `
def _judge(source, job, emit):
    import json, sys
    from _sospeso import loop_settings
    sys.dont_write_bytecode = False  # as natively; a page has no use for such files
    loop_settings.is_program = True  # as runtime/node/main.py: no event loop runs in the tests but their own
    space = {"__name__": "judge_inside"}
    exec(compile(source, "<judge>", "exec"), space)
    job = json.loads(job)
    space["main"](job["module"], ${JSON.stringify(TESTS)}, job["skip"], job["only"], lambda report: emit(json.dumps(report)))
`;
pyodide.runPython(source);
// In __main__ of the tests there should be nothing of ours.
const run = pyodide.globals.get("_judge");
pyodide.globals.delete("_judge");
await run.callPromising(readFileSync(job.inside, "utf8"), process.argv[2], emit);
process.exit(0);
