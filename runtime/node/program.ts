// A Python program as the command line describes it, and the Python source that runs it in the core.
// Why: `python script.py`, `-c`, `-m` and `-` are the same four things on Node (cli.ts) and in a
// Chromium page driven by the host (page.ts); the difference is only where bytes go.
// The rules of parseCommandLine are those of sospeso/program.py, which hands its words on unchanged.

import driver from "./main.py";
import { type Program, UsageError } from "./asked.ts";
import { parsePythonLine } from "./python_line.ts";

export { type Program, UsageError };

/** Our own options, which stand before the program. */
export interface CommandLine {
  readonly program: Program;
  readonly core: "auto" | "jspi" | "asyncify";
  /** Print at the end how often a 10 ms timer fired while Python ran. */
  readonly ticks: boolean;
  /** Socket to the process that watches over this one (sospeso/run.py); -1 for none. */
  readonly controlFd: number;
  /** Packages to install before (PEP 508), and the indexes that have them. */
  readonly named: readonly string[];
  readonly indexes: readonly string[];
  /** Ports at which the program can be reached from outside; undefined: at all that it listens on. */
  readonly listen: readonly string[] | undefined;
  /** Folder for packages that were fetched; undefined: they are not kept. */
  readonly cache: string | undefined;
  /** The virtual environment whose `bin/python` this is; undefined: it is none. */
  readonly venv: string | undefined;
  /** Options of CPython's own, which only a virtual environment's `bin/python` takes. */
  readonly options: readonly string[];
  /** The host's folders that it may see; none: all of them (mount.ts). */
  readonly mounts: readonly string[];
}

/** Variables that pages get for the sake of their libraries, and that python does not have by itself. */
export const NOT_OF_A_PROGRAM = { PYTHONINSPECT: undefined, LD_LIBRARY_PATH: undefined } as const;

/**
 * Read the words after `node cli.mjs`.
 * @param stdinIsTty without a program a person gets the REPL, and a pipe is read as the program.
 * @throws UsageError for an unknown option or a missing value.
 */
export function parseCommandLine(words: readonly string[], stdinIsTty = false): CommandLine {
  let core: CommandLine["core"] = "auto";
  let ticks = false;
  let controlFd = -1;
  let cache: string | undefined;
  const listen: string[] = [];
  const named: string[] = [];
  const indexes: string[] = [];
  const mounts: string[] = [];
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--ticks") {
      ticks = true;
    } else if (word.startsWith("--core=")) {
      const value = word.slice(7);
      if (value !== "auto" && value !== "jspi" && value !== "asyncify") {
        throw new UsageError(`--core is auto, jspi or asyncify, not ${value}`);
      }
      core = value;
    } else if (word.startsWith("--control-fd=")) {
      controlFd = Number(word.slice(13));
    } else if (word.startsWith("--with=")) {
      named.push(word.slice(7));
    } else if (word.startsWith("--index=")) {
      indexes.push(word.slice(8));
    } else if (word.startsWith("--listen=")) {
      listen.push(word.slice(9));
    } else if (word.startsWith("--cache=")) {
      cache = word.slice(8);
    } else if (word.startsWith("--mount=")) {
      mounts.push(word.slice(8));
    } else if (word.startsWith("--venv=")) {
      const venv = word.slice(7);
      const line = parsePythonLine(words.slice(at + 1), stdinIsTty);
      return { ...line, core, ticks, controlFd, named, indexes, listen: undefined, cache, venv, mounts };
    } else {
      break;
    }
  }
  return {
    program: parseProgram(words.slice(at), stdinIsTty),
    core,
    ticks,
    controlFd,
    named,
    indexes,
    listen: listen.length > 0 ? listen : undefined,
    cache,
    venv: undefined,
    options: [],
    mounts,
  };
}

function parseProgram(words: readonly string[], stdinIsTty: boolean): Program {
  const [first, ...rest] = words;
  if ((first === undefined && stdinIsTty) || (first === "-i" && rest.length === 0)) {
    return { kind: "repl", target: "", args: [] };
  }
  if (first === undefined || first === "-") return { kind: "stdin", target: "", args: rest };
  const short = first.slice(0, 2);
  if (short === "-c" || short === "-m") {
    const kind = short === "-c" ? "code" : "module";
    const target = first.length > 2 ? first.slice(2) : rest.shift();
    if (target === undefined) throw new UsageError(`${short} needs a value, as with python ${short}`);
    return { kind, target, args: rest };
  }
  if (first.startsWith("-")) {
    throw new UsageError(
      `unknown option ${first}. Options: --core=, --ticks, --with=, --index=, --cache=, --listen=, --mount=, --venv=, -c, -m, -i`,
    );
  }
  return { kind: "file", target: first, args: rest };
}

/**
 * Python source that runs the program; its value is the exit code.
 * One expression, so that nothing of ours stays behind in `__main__`.
 * @param cwd folder to start in, "" to stay.
 * @param venv the virtual environment it runs in; undefined: none.
 */
export function programSource(program: Program, cwd: string, venv?: string): string {
  const args = `[${program.args.map(literal).join(", ")}]`;
  const call = [literal(program.kind), literal(program.target), args, literal(cwd)];
  if (venv !== undefined) call.push(literal(venv));
  return (
    `(lambda space: (exec(compile(${literal(driver)}, "<sospeso>", "exec"), space), ` +
    `space["main"](${call.join(", ")}))[1])({"__name__": "<sospeso>"})`
  );
}

/**
 * A Python literal of a text. JSON's strings are such (lone surrogates included); without a semicolon
 * in sight the runtime need not tokenize the source to see whether its value is wanted.
 */
function literal(text: string): string {
  return JSON.stringify(text).replaceAll(";", "\\u003b");
}

/** Counts how often a 10 ms timer fires: proof that the event loop runs while Python waits. */
export class Ticks {
  #count = 0;
  readonly #start = performance.now();
  readonly #timer = setInterval(() => void this.#count++, 10);

  /** Stop counting; the line to show, which also names the core. */
  stop(core: string): string {
    clearInterval(this.#timer);
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(2);
    const ticked = `a 10 ms JavaScript timer ticked ${this.#count} times`;
    return `sospeso: ${ticked} in the ${seconds} s that Python ran (${core} core)`;
  }
}
