// The command line of `python`, as the `bin/python` of a virtual environment gets it (sospeso/venv.py).
// Why: tools call a Python with options of CPython's (-E, -I, -u, -W, -X, ...). CPython reads them itself,
// once they are separated from the program and its arguments. Used by program.ts.

import { type Program, UsageError } from "./asked.ts";

/** What was asked for. */
export interface PythonLine {
  readonly program: Program;
  /** Options for CPython, as it takes them. */
  readonly options: readonly string[];
}

const FLAGS = "bBdEiIOPqRsSuvx";
const WITH_VALUE = "WX";
const USAGE = "usage: python [option] ... [-c cmd | -m mod | file | -] [arg] ...";
const VERSION = 'import sys; print("Python", sys.version.partition(" ")[0])';
const LONG_VERSION = 'import sys; print("Python", sys.version)';

/**
 * Separate options and program.
 * @param words what stands after `python`.
 * @param stdinIsTty without a program a person gets the REPL, and a pipe is read as the program.
 * @throws UsageError for an option that there is not.
 */
export function parsePythonLine(words: readonly string[], stdinIsTty: boolean): PythonLine {
  const options: string[] = [];
  let versions = 0;
  let asksForRepl = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === "--version") versions++;
    else if (word === "--help") return { options, program: code(`print(${JSON.stringify(USAGE)})`) };
    else if (word === "--check-hash-based-pycs") options.push(word, words[++at] ?? "");
    else if (word === "-" || !word.startsWith("-")) {
      if (versions > 0) break;
      const kind = word === "-" ? "stdin" : "file";
      return { options, program: { kind, target: word === "-" ? "" : word, args: words.slice(at + 1) } };
    } else {
      for (let letter = 1; letter < word.length; letter++) {
        const name = word[letter] as string;
        if (name === "c" || name === "m") {
          const value = letter + 1 < word.length ? word.slice(letter + 1) : words[++at];
          if (value === undefined) throw new UsageError(`Argument expected for the -${name} option\n${USAGE}`);
          const kind = name === "c" ? "code" : "module";
          return { options, program: versions > 0 ? version(versions) : { kind, target: value, args: words.slice(at + 1) } };
        }
        if (WITH_VALUE.includes(name)) {
          const value = letter + 1 < word.length ? word.slice(letter + 1) : words[++at];
          if (value === undefined) throw new UsageError(`Argument expected for the -${name} option\n${USAGE}`);
          options.push(`-${name}`, value);
          break;
        }
        if (name === "h" || name === "?") return { options, program: code(`print(${JSON.stringify(USAGE)})`) };
        if (name === "V") versions++;
        else if (name === "i") asksForRepl = true;
        else if (FLAGS.includes(name)) options.push(`-${name}`);
        else throw new UsageError(`Unknown option: -${name}\n${USAGE}`);
      }
    }
  }
  if (versions > 0) return { options, program: version(versions) };
  return { options, program: { kind: asksForRepl || stdinIsTty ? "repl" : "stdin", target: "", args: [] } };
}

function code(target: string): Program {
  return { kind: "code", target, args: [] };
}

function version(times: number): Program {
  return code(times > 1 ? LONG_VERSION : VERSION);
}
