// driver.mjs - the JavaScript side of the runtime's tests, the same in Node and in a page.
//
// It keeps runtimes by number and obeys commands that are plain JSON: load one, run Python on it,
// run JavaScript beside it. In Node it reads commands as lines of stdin (conftest.py: NodeHost), in a
// page conftest.py calls `handle()` (ChromiumHost). It only uses what the package exports.

const AsyncFunction = /** @type {any} */ ((async () => {}).constructor);

/** A value as JSON, with what JSON lacks spelled out. */
function tagged(value) {
  if (value === undefined) return { undefined: true };
  if (typeof value === "bigint") return { bigint: value.toString() };
  if (typeof value === "number" && !Number.isFinite(value)) return { number: String(value) };
  if (Object.is(value, -0)) return { number: "-0" };
  if (typeof value === "object" && value !== null && typeof value.destroy === "function") {
    const seen = { proxy: value.type, text: String(value) };
    value.destroy();
    return seen;
  }
  return { value };
}

function described(error) {
  return {
    name: error?.name ?? typeof error,
    type: error?.type ?? null,
    message: String(error?.message ?? error),
    exitCode: error?.exitCode ?? null,
    stack: String(error?.stack ?? ""),
  };
}

class Session {
  constructor(pyodide, input, output) {
    this.pyodide = pyodide;
    this.input = input;
    this.output = output;
  }
}

const sessions = new Map();
let nextSession = 1;
let ticks = 0;
setInterval(() => ticks++, 5).unref?.();

async function load({ dist, core, options = {} }) {
  const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
  const input = { lines: [] };
  const output = { stdout: [], stderr: [] };
  const keep = (name) => ({
    write(bytes) {
      output[name].push(bytes.slice());
      return bytes.length;
    },
  });
  const started = performance.now();
  const pyodide = await loadPyodide({
    core,
    stdin: { stdin: () => Promise.resolve(input.lines.length > 0 ? input.lines.shift() : null) },
    stdout: keep("stdout"),
    stderr: keep("stderr"),
    ...options,
  });
  const id = nextSession++;
  sessions.set(id, new Session(pyodide, input, output));
  return { id, core: String(pyodide.core), reason: pyodide.core.reason, ms: performance.now() - started };
}

function drain(chunks) {
  const decoder = new TextDecoder();
  return chunks.splice(0).map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
}

async function run({ id, code, stdin, plain, filename }) {
  const session = sessions.get(id);
  if (stdin) session.input.lines = [...stdin];
  const options = filename ? { filename } : {};
  /** @type {Record<string, any>} */
  const result = { value: { undefined: true }, error: null };
  const before = ticks;
  try {
    result.value = tagged(
      plain ? session.pyodide.runPython(code, options) : await session.pyodide.runPythonAsync(code, options),
    );
  } catch (error) {
    result.error = described(error);
  }
  result.ticks = ticks - before;
  result.stdout = drain(session.output.stdout);
  result.stderr = drain(session.output.stderr);
  return result;
}

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const failure = (promise) => promise.then((value) => ({ value }), described);

/** Wait for a thing, not for a time; an error names what was waited for. */
async function until(condition) {
  const end = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited 10 s in vain until ${condition}`);
    await later(1);
  }
}

/** What a program in a file gets besides, for assertions. */
function tools(pyodide) {
  const made = [];
  const py = (code) => {
    const value = pyodide.runPython(code);
    if (value instanceof pyodide.ffi.PyProxy) made.push(value);
    return value;
  };
  return {
    check(condition, what = "a check failed") {
      if (!condition) throw new Error(what);
    },
    /** Compares as JSON. */
    same(actual, expected) {
      const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
      if (one !== other) throw new Error(`${one} is not ${other}`);
    },
    /** What the call throws. */
    caught(call) {
      try {
        call();
      } catch (error) {
        return error;
      }
      throw new Error(`nothing was thrown by ${call}`);
    },
    /** runPython(); a proxy is destroyed when the program ends. */
    py,
    /** toJs() of a Python expression, whose proxy is destroyed. */
    toJs(code, options) {
      const proxy = py(code);
      try {
        return proxy.toJs(options);
      } finally {
        proxy.destroy();
      }
    },
    end() {
      for (const proxy of made) proxy.destroy();
    },
  };
}

async function outcome(run) {
  try {
    return { value: tagged(await run()), error: null };
  } catch (error) {
    return { value: { undefined: true }, error: described(error) };
  }
}

/** JavaScript with `pyodide`, `session`, `later(ms)`, `until(condition)` and `failure(promise)` in scope. */
function script({ id, code }) {
  const session = sessions.get(id);
  const names = ["pyodide", "session", "later", "until", "failure"];
  return outcome(() => new AsyncFunction(...names, code)(session?.pyodide, session, later, until, failure));
}

/** A function of a file in programs/, which gets the same names and `tools` in one object (tests/programs.py). */
async function call({ id, file, name, arguments: given }) {
  const session = sessions.get(id);
  const functions = await import(`./programs/${file}`);
  const { end, ...helpers } = tools(session?.pyodide);
  const first = { pyodide: session?.pyodide, session, later, until, failure, ...helpers };
  return outcome(async () => {
    const value = await functions[name](first, ...given);
    end();
    return value;
  });
}

const commands = {
  load,
  run,
  script,
  call,
  stats: ({ id }) => sessions.get(id).pyodide.stats(),
  destroy: ({ id }) => {
    sessions.get(id).pyodide.destroy();
    sessions.delete(id);
    return null;
  },
};

/** Obey one command; what went wrong in the driver itself comes back as `failed`. */
export async function handle(command) {
  try {
    return { answer: (await commands[command.op](command)) ?? null };
  } catch (error) {
    return { failed: described(error) };
  }
}

if (globalThis.process?.versions?.node !== undefined) {
  const { createInterface } = await import("node:readline");
  console.log = console.error; // stdout has the answers
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    handle(command).then((reply) => process.stdout.write(`${JSON.stringify({ ...reply, seq: command.seq })}\n`));
  }
}
