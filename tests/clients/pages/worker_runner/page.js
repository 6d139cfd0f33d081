// The page: `check(name)` gives what a use of pyodide-worker-runner gave.
import * as Comlink from "comlink";
import { PyodideClient } from "pyodide-worker-runner";
import { makeChannel } from "sync-message";

const archive = new URLSearchParams(location.search).get("archive");
const address = `worker.js?archive=${encodeURIComponent(archive)}`;
const client = new PyodideClient(() => new Worker(address), makeChannel());

/** Run code; gives the parts of its output as "type:text". `asked` is called when it asks. */
async function run(code, asked = () => {}) {
  const parts = [];
  const output = (more) => void parts.push(...more);
  await client.call(client.workerProxy.run, code, Comlink.proxy(output), Comlink.proxy(asked));
  const told = [];
  for (const [i, { type, text }] of parts.entries()) {
    if (type === parts[i - 1]?.type) told[told.length - 1] += text;
    else told.push(`${type}:${text}`);
  }
  return told;
}

const interruptSoon = () => setTimeout(() => client.interrupt(), 300);

const checks = {
  output: () => run("print('printed')"),
  await: () => run("import asyncio\nawait asyncio.sleep(0.01)\nprint('awaited')"),
  input: () => run("print('Hello,', input('Who? '))", () => void client.writeMessage("Ada")),
  sleep: () => run("import time\nbefore = time.monotonic()\ntime.sleep(0.1)\nprint(time.monotonic() - before >= 0.09)"),
  traceback: () => run("1 / 0"),
  "a deep recursion": () => run("def f(): f()\nf()"),
  "Stop of a loop": () => {
    interruptSoon();
    return run("while True: pass");
  },
  "Stop of input()": () => run("input()", () => void interruptSoon()),
  "Stop of sleep()": () => {
    interruptSoon();
    return run("import time\ntime.sleep(100)");
  },
  "where the archive went": () => client.call(client.workerProxy.place),
  install_imports: () =>
    client.call(
      client.workerProxy.install,
      "import six, snowballstemmer\nsix.__name__ + snowballstemmer.__name__",
      `${location.origin}/simple/{package_name}/`,
    ),
  "after a fatal error": async () => {
    const error = await client.call(client.workerProxy.raw, "import os\nos._exit(3)").then(() => "none", (one) => one.name);
    return [error !== "none", await run("print('again')")];
  },
};

globalThis.names = Object.keys(checks);
globalThis.check = (name) => checks[name]();
