// stdio_scenarios.mjs - programs that read and write through handlers given by JavaScript.
//
// test_stdio.py runs this in Node, once per core, as `node stdio_scenarios.mjs DIST CORE`, and
// compares what each scenario gives with what Python does on a terminal or a pipe. Output: one
// JSON object, scenario -> value ({"failed": stack} when it threw).

import { pathToFileURL } from "node:url";

const [dist, core] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${dist}/sospeso.mjs`).href);
const python = await loadPyodide({ core });

const later = (value, ms = 1) => new Promise((resolve) => setTimeout(() => resolve(value), ms));
const failing = (error) => {
  throw error;
};
/** The last line of a traceback. */
const lastLine = (error) => String(error.message).trim().split("\n").at(-1);
const attempt = async (run) => {
  try {
    return await run();
  } catch (error) {
    return lastLine(error);
  }
};
const lines = (...items) => () => (items.length > 0 ? items.shift() : null);
const run = (code) => python.runPythonAsync(code);

const READ_THREE = `
import sys
sys.stdin.readline() + "|" + input() + "|" + sys.stdin.read()
`;

const CAUSE = `
def cause_of(call):
    try:
        call()
    except OSError as error:
        return f"{error.errno} {type(error.__cause__).__name__}: {error.__cause__}"
`;

const scenarios = {
  async handlerCause() {
    // An errno has no room for what the handler threw: Python saw "I/O error" and no more.
    const seen = [];
    python.setStdin({ stdin: () => failing(new TypeError("sync")) });
    seen.push(await run(`${CAUSE}\ncause_of(input)`));
    python.setStdin({ stdin: () => later().then(() => failing(new RangeError("async"))) });
    seen.push(await run("cause_of(input)"));
    seen.push(python.runPython("import os\ncause_of(lambda: os.read(99, 1))"));
    python.setStdout({ write: () => failing(Object.assign(new Error("full"), { code: "ENOSPC" })) });
    seen.push(await run("cause_of(lambda: os.write(1, b'x'))"));
    const hook = python.runPython("def hook():\n    raise LookupError('from Python')\nhook");
    python.setStdin({ stdin: () => hook() });
    seen.push(await run("cause_of(input)"));
    hook.destroy();
    python.setStdout();
    return seen.join("|");
  },
  async lineHandler() {
    python.setStdin({ stdin: lines("one", "two\n", "three", "four") });
    return run(READ_THREE);
  },
  async asyncLineHandler() {
    const next = lines("one", "two\n", "three", "four");
    python.setStdin({ stdin: () => later(next()) });
    return run(READ_THREE);
  },
  async readHandler() {
    const text = new TextEncoder().encode("one\ntwo\nthree\nfour\n");
    let at = 0;
    python.setStdin({
      read(buffer) {
        const part = text.subarray(at, at + Math.min(5, buffer.length));
        buffer.set(part);
        at += part.length;
        return later(part.length);
      },
    });
    return run(READ_THREE);
  },
  async endOfFile() {
    python.setStdin({ stdin: () => later(null) });
    return attempt(() => run("input()"));
  },
  async inputBelowC() {
    const next = lines("3", "1", "2");
    python.setStdin({ stdin: () => later(next()) });
    return run('str(sorted("abc", key=lambda _: int(input())))');
  },
  async pageRunsMeanwhile() {
    // Input comes after some ticks, however long these take on a busy machine.
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 1);
    const afterTicks = async () => {
      while (ticks <= 3) await later(undefined, 1);
      return "x";
    };
    python.setStdin({ stdin: afterTicks });
    await run("input()");
    clearInterval(timer);
    return ticks > 3;
  },
  async twoTasks() {
    const next = lines("a", "b");
    python.setStdin({ stdin: () => later(next()) });
    return (await Promise.all([run("input()"), run("input()")])).sort().join();
  },
  async prompt() {
    let out = "";
    python.setStdin({ stdin: () => later(`seen: ${out}`) });
    python.setStdout({ write: (bytes) => ((out += new TextDecoder().decode(bytes)), bytes.length) });
    return run('input("name? ")');
  },
  async terminalInput() {
    // A terminal on both sides: CPython reads it with C's stdio, the prompt goes to stderr.
    let prompt = "";
    const next = lines("typed", "again");
    python.setStdin({ stdin: () => later(next()), isatty: true });
    python.setStdout({ write: (bytes) => bytes.length, isatty: true });
    python.setStderr({ write: (bytes) => ((prompt += new TextDecoder().decode(bytes)), bytes.length) });
    const typed = await run('input("> ") + input(">> ")');
    return `${typed} ${prompt}`;
  },
  async terminalEnd() {
    python.setStdin({ stdin: () => later(null), isatty: true });
    python.setStdout({ write: (bytes) => bytes.length, isatty: true });
    return attempt(() => run("input()"));
  },
  async pdb() {
    let out = "";
    const next = lines("p x + 1", "c");
    python.setStdin({ stdin: () => later(next()) });
    python.setStdout({ write: (bytes) => ((out += new TextDecoder().decode(bytes)), bytes.length) });
    await run("def f():\n    x = 41\n    import pdb; pdb.set_trace()\n    return x\nf()");
    // "c" leaves pdb in charge of Ctrl-C.
    await run("import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler); None");
    return out.includes("(Pdb) 42");
  },
  async shortReads() {
    python.setStdin({ stdin: lines("abcdef") });
    return run('import os\nrepr([os.read(0, 2), os.read(0, 100), os.read(0, 1)])');
  },
  async nonBlocking() {
    python.setStdin({ stdin: () => later("late", 20) });
    return run(`
import fcntl, os, time
flags = fcntl.fcntl(0, fcntl.F_GETFL)
fcntl.fcntl(0, fcntl.F_SETFL, flags | os.O_NONBLOCK)
try:
    os.read(0, 10)
    got = ["no error"]
except BlockingIOError as error:
    got = [error.errno == __import__("errno").EAGAIN]
time.sleep(0.1)
got.append(os.read(0, 10))
fcntl.fcntl(0, fcntl.F_SETFL, flags)
repr(got)
`);
  },
  async interrupted() {
    let answer;
    python.setStdin({ stdin: () => new Promise((resolve) => (answer = resolve)) });
    const reading = attempt(() => run("input()"));
    await later(0, 20);
    python.interrupt(2);
    const ended = await reading;
    answer("kept");
    await later(0);
    return [ended, await run("input()")].join();
  },
  async interruptHandled() {
    // PEP 475: a handler that does not raise lets the read go on.
    let answer;
    python.setStdin({ stdin: () => new Promise((resolve) => (answer = resolve)) });
    const reading = run(`
import signal
seen = []
old = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
line = input()
signal.signal(signal.SIGINT, old)
line + str(len(seen))
`);
    await later(0, 20);
    python.interrupt(2);
    await later(0, 20);
    answer("line");
    return reading;
  },
  async plainCallWithAsyncHandler() {
    python.setStdin({ stdin: () => later("for later") });
    const plain = await attempt(() => python.runPython("input()"));
    await later(0);
    return [plain, await run("input()")].join(" | ");
  },
  async plainCallWithSyncHandler() {
    python.setStdin({ stdin: lines("now") });
    return python.runPython("input()");
  },
  async handlerErrors() {
    const errors = [{ code: "EPIPE" }, new python.FS.ErrnoError(51)];
    python.setStdin({ stdin: () => failing(errors.shift()) });
    const codes = await run(`
import errno, os
def code():
    try:
        os.read(0, 1)
    except OSError as error:
        return errno.errorcode[error.errno]
code() + code()
`);
    python.setStdin({ error: true });
    return [codes, await attempt(() => run("input()"))].join();
  },
  async fsync() {
    const done = [];
    python.setStdout({
      write(bytes) {
        done.push(bytes.length);
        return bytes.length;
      },
      fsync() {
        done.push("fsync");
      },
    });
    python.runPython("import os; os.write(1, b'ab'); os.fsync(1)");
    python.setStdout();
    return done.join();
  },

  async badHandlers() {
    const kinds = [];
    for (const call of [
      () => python.setStdin({ stdin: () => null, read: () => 0 }),
      () => python.setStdout({ batched: () => 0, raw: () => 0 }),
      () => python.setStderr({ batched: () => 0, isatty: true }),
      () => python.setStdin({ stdin: 5 }),
      () => python.setStdout({ write: null }),
    ]) {
      try {
        call();
        kinds.push("nothing");
      } catch (error) {
        kinds.push(error.name);
      }
    }
    return kinds.join();
  },
  async burst() {
    // Output of a burst is held back, but nobody must be able to tell: whatever JavaScript runs comes after it.
    const seen = [];
    const expected = [];
    globalThis.note = (text) => seen.push(text);
    python.setStdout({ batched: (line) => seen.push(line) });
    python.setStderr({ batched: (line) => seen.push(line) });
    const program = `
import js, os, sys, time
for i in range(12):
    print(f"out {i}")
js.note("called")
for i in range(6):
    print(f"out {i}")
    print(f"err {i}", file=sys.stderr)
copy = os.dup(1)
print("before")
os.write(copy, b"copied\\n")
os.close(copy)
print("end", end="", flush=True)
os.fsync(1)
`;
    const rounds = (text, count) => Array.from({ length: count }, (_, i) => `${text} ${i}`);
    expected.push(...rounds("out", 12), "called");
    for (let i = 0; i < 6; i++) expected.push(`out ${i}`, `err ${i}`);
    expected.push("before", "copied", "end");
    python.runPython(program);
    const plain = seen.splice(0).join() === expected.join();
    await run(program);
    const task = seen.splice(0).join() === expected.join();
    const sleeping = run(`
for i in range(12):
    print(f"out {i}")
time.sleep(0.05)
print("awake")
`);
    await later(undefined, 20);
    const whileAsleep = seen.splice(0).join() === rounds("out", 12).join();
    await sleeping;
    const hook = python.runPython("def hook():\n    for i in range(9):\n        print(i)\nhook");
    seen.length = 0;
    hook();
    const called = seen.length === 9;
    hook.destroy();
    // A long computation of a plain call: its output does not wait for the end.
    let early = 0;
    python.setStdout({ batched: (line) => void (early = line === "last" ? performance.now() : early) });
    python.runPython("for i in range(12): print(i)\nprint('last')\nfor i in range(3_000_000): pass");
    const inTime = performance.now() - early > 10;
    // A handler that fails in a burst: the program hears of it at a later write, and goes on.
    let lines = 0;
    python.setStdout({ batched: () => (++lines > 10 ? failing(new Error("no more")) : undefined) });
    const heard = python.runPython(`
failures = 0
for i in range(3000):
    try:
        print(i)
    except OSError:
        failures += 1
failures > 0
`);
    python.setStdout({ batched: () => undefined }); // takes what the program's buffer still has
    python.runPython("sys.stdout.flush()");
    python.setStdout();
    python.setStderr();
    delete globalThis.note;
    return [plain, task, whileAsleep, called, inTime, heard].join();
  },
  async burstAtTheEnd() {
    // What is held back is handed over however a runtime ends, and when a handler begins to return promises.
    const seen = [];
    const counts = [];
    const all = (count) => Array.from({ length: count }, (_, i) => String(i)).join();
    const fresh = async (batched = (line) => void seen.push(line)) => {
      seen.length = 0;
      const made = await loadPyodide({ core });
      made.setStdout({ batched });
      return made;
    };
    const code = "for i in range(50): print(i)";
    const plain = await fresh();
    plain.runPython(code);
    plain.destroy();
    counts.push(seen.join() === all(50));
    const asleep = await fresh();
    asleep.runPythonAsync(`${code}\nimport time; time.sleep(60)`).catch(() => undefined);
    await later(undefined, 10);
    asleep.destroy();
    counts.push(seen.join() === all(50));
    const exiting = await fresh();
    await exiting.runPythonAsync(`import os\n${code}\nos._exit(3)`).catch(() => undefined);
    counts.push(seen.join() === all(50));
    const turning = await fresh((line) => (seen.push(line) > 10 ? later() : undefined));
    await turning.runPythonAsync("for i in range(300): print(i)");
    await later(undefined, 20);
    while (seen.length < 300) await later(undefined, 5);
    counts.push(seen.join() === all(300));
    turning.destroy();
    return counts.join();
  },
  async replacedWhileWaiting() {
    python.setStdin({ stdin: () => new Promise(() => undefined) });
    const reading = run("input()");
    await later(0, 10);
    python.setStdin({ stdin: () => "from the new one" });
    return reading;
  },
  async batched() {
    const out = [];
    python.setStdout({ batched: (line) => void out.push(line) });
    await run('print("grün")\nprint("a", end="")\nprint("b\\n\\nc\\0d")');
    return out;
  },
  async asyncBatched() {
    const out = [];
    python.setStdout({ batched: async (line) => out.push(await later(line)) });
    await run("for n in range(5): print(n, flush=True)");
    return out.join();
  },
  async raw() {
    const out = [];
    python.setStdout({ raw: (byte) => void out.push(byte) });
    await run('print("é")');
    return out.join();
  },
  async handlersOwnObject() {
    // `this` is the options; an object that is used again for something else changes no stream.
    const options = {
      out: [],
      raw(byte) {
        this.out.push(byte);
      },
    };
    python.setStdout(options);
    await run('print("a")');
    options.raw = () => options.out.push("wrong");
    await run('print("b")');
    const input = {
      given: ["first", "second"],
      stdin() {
        return this.given.shift() ?? null;
      },
    };
    python.setStdin(input);
    const first = await run("input()");
    input.stdin = () => "wrong";
    return [...options.out, first, await run("input()")].join();
  },
  async memoryGrowsInAHandler() {
    // The reader's buffer was a view of memory that is gone: a handler that needed more of it broke the read.
    const grow = (mebibytes) => {
      python.globals.set("kept", python.runPython(`bytearray(${mebibytes} << 20)`));
      python.runPython("del kept");
    };
    python.setStdin({ stdin: () => (grow(80), "line") });
    const lines = await run('import sys\nline = input()\nfile = open("/dev/stdin")\nline + file.readline()');
    await run("file.close()");
    python.setStdin({ read: (buffer) => (grow(160), buffer.set([104, 105, 10]), 3) });
    return [lines.trim(), await run("input()")].join();
  },
  async redirected() {
    // Standard descriptors with something else behind them, and back.
    let out = "";
    python.setStdout({ write: (bytes) => ((out += new TextDecoder().decode(bytes)), bytes.length) });
    python.setStdin({ stdin: lines("from the handler"), isatty: true });
    const told = await run(`
import os
read, write = os.pipe()
kept = os.dup(1), os.dup(0)
os.dup2(write, 1)
os.write(1, b"piped")
os.dup2(read, 0)
told = [os.read(0, 100)]
terminal = os.open("/dev/tty", os.O_RDWR)
os.dup2(terminal, 2)
os.write(2, b"")
os.dup2(kept[0], 1)
os.dup2(kept[1], 0)
told.append(os.read(0, 100))
os.write(1, b"back")
for bad in (lambda: os.write(0, b"x"), lambda: os.read(1, 1)):
    try:
        bad()
    except OSError as error:
        told.append(error.errno == __import__("errno").EBADF)
saved = os.open("/dev/stderr", os.O_WRONLY)
os.dup2(saved, 2)
for fd in (read, write, *kept, terminal, saved):
    os.close(fd)
str(told)
`);
    return `${out} ${told}`;
  },
  async partialWrites() {
    let out = "";
    python.setStdout({ write: (bytes) => ((out += String.fromCharCode(bytes[0])), later(1)) });
    await run('import os\nassert os.write(1, b"abc") == 1\nprint("def", flush=True)');
    return out;
  },
  async largeOutput() {
    let size = 0;
    python.setStdout({ write: (bytes) => ((size += bytes.length), later(bytes.length)) });
    await run('import sys\nfor _ in range(20): sys.stdout.write("x" * 10_000)\nsys.stdout.flush()');
    return size;
  },
  async plainCallWithAsyncOutput() {
    let out = "";
    python.setStdout({
      write: async (bytes) => {
        await later(0);
        out += new TextDecoder().decode(bytes);
        return bytes.length;
      },
    });
    python.runPython('for n in range(5): print(n, flush=True)');
    await later(0, 50);
    return out;
  },
  async brokenOutput() {
    python.setStdout({ write: () => later(0).then(() => failing({ code: "EPIPE" })) });
    return attempt(() => run('import os\nos.write(1, b"x")'));
  },
  async interruptedWrite() {
    // Bytes that the handler has been given are not written again.
    const out = [];
    let release;
    python.setStdout({
      write(bytes) {
        out.push(new TextDecoder().decode(bytes));
        return new Promise((resolve) => (release = () => resolve(bytes.length)));
      },
    });
    const writing = run(`
import os, signal
old = signal.signal(signal.SIGINT, lambda *_: None)
count = os.write(1, b"once")
signal.signal(signal.SIGINT, old)
count
`);
    await later(0, 10);
    python.interrupt(2);
    const count = await writing;
    release();
    await later(0);
    return [count, ...out].join();
  },
  async descriptors() {
    let out = "";
    python.setStdout({ write: (bytes) => ((out += new TextDecoder().decode(bytes)), bytes.length) });
    const facts = await run(`
import os, stat, sys
copy = os.dup(1)
os.write(copy, b"copy ")
os.close(copy)
with open("/dev/stdout", "w") as file:
    file.write("file")
sys.stdout.flush()
try:
    os.lseek(1, 0, 0)
except OSError as error:
    seek = type(error).__name__ + str(error.errno == __import__("errno").ESPIPE)
str([seek, stat.S_ISCHR(os.fstat(1).st_mode), os.isatty(1)])
`);
    return `${out} ${facts}`;
  },
  async terminal() {
    python.setStdout({ write: (bytes) => bytes.length, isatty: true, getTerminalSize: () => [11, 22] });
    const size = await run("import os, sys\nstr([os.isatty(1), *os.get_terminal_size(1)])");
    const sizes = [];
    for (const given of [{ rows: 33, columns: 44 }, undefined]) {
      python.setStdout({ write: (bytes) => bytes.length, isatty: true, getTerminalSize: () => given });
      sizes.push(await run("str([*os.get_terminal_size(1)])"));
    }
    python.setStdout({ write: (bytes) => bytes.length });
    return [size, ...sizes, await run("str(os.isatty(1))")].join();
  },
  async getpass() {
    let prompt = "";
    python.setStdin({ stdin: () => later("secret"), isatty: true });
    python.setStderr({ write: (bytes) => ((prompt += new TextDecoder().decode(bytes)), bytes.length) });
    const secret = await run('import getpass\ngetpass.getpass("key: ")');
    return `${prompt.trim()} ${secret}`;
  },
};

const results = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  try {
    let timer;
    const limit = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${name} did not end`)), 20_000);
    });
    results[name] = await Promise.race([scenario(), limit]).finally(() => clearTimeout(timer));
  } catch (error) {
    results[name] = { failed: String(error.stack ?? error) };
  }
  await python.runPythonAsync("import sys\nsys.stdout.flush()").catch(() => undefined);
  for (const reset of ["setStdin", "setStdout", "setStderr"]) python[reset]();
}
process.stdout.write(JSON.stringify(results), () => process.exit(0)); // os._exit() has set the code
