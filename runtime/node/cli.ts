// The node entry of the command line: `node cli.mjs [options] script.py|-c code|-m module [args]`.
// Why: a Python program on Node should look to its shell like one run by `python`: streams,
// arguments, folders, exit code, Ctrl-C. Bundled to dist/cli.mjs; started by sospeso/run.py, and
// usable by itself. Everything that is Python's business is in main.py.

import { existsSync, readFileSync, realpathSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import process from "node:process";
import { isatty } from "node:tty";

import { SIGCONT, SIGINT, SIGWINCH } from "../../polyfills/numbers.ts";
import type { TerminalControl } from "../../polyfills/tty/control.ts";
import { CannotMount, type MountingFS, mountHost } from "./mount.ts";
import {
  NOT_OF_A_PROGRAM,
  parseCommandLine,
  type Program,
  programSource,
  Ticks,
  UsageError,
} from "./program.ts";
import { Memory } from "./installed.ts";
import { asksForPackages, CannotInstall, install, loadInstalled, type Requirements } from "./requirements.ts";
import { makeReader, makeWriter, type Reader, readAll, type TerminalReader, type Writer } from "./stdio.ts";
import { NodeTerminal } from "./terminal.ts";

type Runtime = typeof import("../index.ts");
type Pyodide = Awaited<ReturnType<Runtime["loadPyodide"]>>;

/** How long the end of the process waits for peers that do not read. */
const LAST_SENDS_MS = 10_000;
const EXIT_FATAL = 1;
const EXIT_USAGE = 2;
const EXIT_ORPHANED = 129;
const EXIT_INTERRUPTED = 130;

/** Host variables that would mislead the core's Python about where it lives. */
const NOT_OURS = ["PYTHONHOME", "PYTHONPLATLIBDIR", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__"];

function environment(): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...NOT_OF_A_PROGRAM };
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !NOT_OURS.includes(name)) env[name] = value;
  }
  // The runtime makes the home folder where there is none: not on the host's disk.
  if (!existsSync(env["HOME"] ?? "")) env["HOME"] = "/tmp";
  return env;
}

function exitStatus(error: unknown): number | undefined {
  // What Emscripten throws when C calls exit(): os._exit(), abort().
  if (typeof error !== "object" || error === null || !("status" in error)) return undefined;
  return typeof error.status === "number" ? error.status & 0xff : undefined;
}

/** A stream that is a terminal says so to termios. */
function atTerminal<T extends Reader | TerminalReader | Writer>(
  stream: T,
  terminal: NodeTerminal | undefined,
): T & { terminal?: TerminalControl } {
  if (!stream.isatty || terminal === undefined) return stream;
  const control: TerminalControl = {
    getTerminalSize: () => terminal.getTerminalSize(),
    getAttributes: () => terminal.getAttributes(),
    setAttributes: (attributes) => terminal.setAttributes(attributes),
  };
  if ("flush" in stream) {
    control.whenTyped = () => stream.whenTyped();
    control.flushInput = () => stream.flush();
    control.epoch = () => stream.epoch;
  }
  return Object.assign(stream, { terminal: control });
}

/** The text of a program that may have a header (PEP 723). */
function sourceOf(program: Program): string {
  if (program.kind === "stdin") return program.target;
  if (program.kind !== "file") return "";
  try {
    return readFileSync(program.target, "utf8");
  } catch {
    return ""; // a folder, or nothing: Python says which
  }
}

/** Install what a program asks for: what was installed before, else from the index (see requirements.ts). */
async function installPackages(pyodide: Pyodide, wanted: Requirements, memory: Memory | undefined): Promise<void> {
  const known = memory?.recall();
  if (known?.isFresh && (await loadInstalled(pyodide, known))) return;
  try {
    if (isatty(2)) writeSync(2, "sospeso: installing packages ...\n");
    const installed = await install(pyodide, wanted);
    if (installed !== undefined) memory?.keep(installed);
  } catch (error) {
    if (!(error instanceof CannotInstall) || known === undefined || !(await loadInstalled(pyodide, known))) throw error;
  }
}

async function main(): Promise<number> {
  const line = parseCommandLine(process.argv.slice(2), isatty(0));
  const { program: given, core, ticks: showTicks, controlFd, cache, venv, options } = line;
  // A waiting Python may wait for something that keeps no handle open; natively it would hang, not
  // end silently with "unsettled await".
  const keepAlive = setInterval(() => {}, 2 ** 30);
  let interrupt = (): void => process.exit(EXIT_INTERRUPTED);
  if (controlFd < 0) {
    process.on("SIGINT", () => interrupt());
  } else {
    process.on("SIGINT", () => {}); // the parent got it too, and says so (sospeso/run.py)
    const control = new Socket({ fd: controlFd });
    control.on("data", (bytes) => {
      interrupt();
      control.write(bytes);
    });
    control.on("error", () => {}); // "close" follows
    control.on("close", () => process.exit(EXIT_ORPHANED)); // a parent that was killed
  }

  const terminal = NodeTerminal.open();
  const stdin = makeReader(terminal);
  // Without its settings the terminal stays in cooked mode, in which a line editor sees lines, not keys.
  if (terminal === undefined) process.env["PYTHON_BASIC_REPL"] ??= "1";
  process.on("exit", () => terminal?.restore());
  if (terminal !== undefined) {
    for (const signal of ["SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        terminal.restore();
        process.kill(process.pid, signal); // now it ends the process, as it would have
      });
    }
  }
  let program: Program = given;
  if (given.kind === "stdin") program = { ...given, target: await readAll(stdin) };
  // By URL, at run time: sospeso.mjs is a file of its own beside this one.
  const runtime = (await import(new URL("./sospeso.mjs", import.meta.url).href)) as Runtime;
  // Inside, a path that begins in a folder that is not mounted leads nowhere.
  if (line.mounts.length > 0 && program.kind === "file" && existsSync(program.target)) {
    program = { ...program, target: realpathSync(program.target) };
  }
  let cwd = "";
  const wanted = { source: venv === undefined ? sourceOf(program) : "", named: line.named, indexes: line.indexes };
  const asks = asksForPackages(wanted);
  const build = [runtime.sospesoVersion, import.meta.url];
  const memory = asks && cache !== undefined ? new Memory(cache, wanted, build) : undefined;
  const pyodide = await runtime.loadPyodide({
    core,
    network: line.listen === undefined ? "host" : { host: { listen: line.listen } },
    args: [...options],
    // What is missing in a virtual environment is an error, as with every Python.
    loadPackagesOnImport: venv === undefined,
    ...(cache === undefined ? {} : { packageCacheDir: cache }),
    env: environment(),
    stdin: atTerminal(stdin, terminal),
    stdout: atTerminal(makeWriter(1), terminal),
    stderr: atTerminal(makeWriter(2), terminal),
    fsInit: (FS: unknown) => {
      cwd = mountHost(FS as MountingFS, program.kind === "file" ? program.target : "", venv, line.mounts);
    },
  });
  interrupt = () => pyodide.interrupt(SIGINT);
  if (terminal !== undefined) {
    process.on("SIGWINCH", () => pyodide.interrupt(SIGWINCH));
    process.on("SIGCONT", () => pyodide.interrupt(SIGCONT));
  }
  const ticks = showTicks ? new Ticks() : undefined;
  try {
    if (asks) await installPackages(pyodide, wanted, memory);
    return Number(await pyodide.runPythonAsync(programSource(program, cwd, venv)));
  } catch (error) {
    if ((error as { type?: unknown }).type === "KeyboardInterrupt") return EXIT_INTERRUPTED; // while it installed
    const status = exitStatus(error);
    if (status === undefined) throw error;
    return status;
  } finally {
    clearInterval(keepAlive);
    if (ticks !== undefined) writeSync(2, `${ticks.stop(String(pyodide.core))}\n`);
  }
}

/** What the program has sent goes out, as it does from a process that ends. */
async function sendAll(): Promise<void> {
  const host = (await import(new URL("./network-host.mjs", import.meta.url).href)) as typeof import("../../polyfills/sockets/host/transport.ts");
  await host.allSent(LAST_SENDS_MS);
}

main().then(
  async (code) => {
    await sendAll();
    process.exit(code);
  },
  (error: unknown) => {
    if (error instanceof UsageError || error instanceof CannotInstall || error instanceof CannotMount) {
      writeSync(2, `sospeso: ${error.message}\n`);
      process.exit(EXIT_USAGE);
    }
    writeSync(2, `sospeso: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(EXIT_FATAL);
  },
);
