// What a command line asks for: a program, or something that cannot be. Used by those that read
// command lines (program.ts, python_line.ts), which hand it on.

/**
 * A program to run. `kind` says how `target` is meant: a path, source text or a module's name. For
 * "stdin" it is empty in a command line, and the text that was read by the time the program runs; for
 * "repl" it stays empty.
 */
export interface Program {
  readonly kind: "file" | "code" | "module" | "stdin" | "repl";
  readonly target: string;
  /** sys.argv[1:] */
  readonly args: readonly string[];
}

/** A mistake in the command line; the message is for the person who typed it. */
export class UsageError extends Error {}
