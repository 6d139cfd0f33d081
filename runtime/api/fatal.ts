/*
 * Errors after which a runtime cannot go on: a trap in wasm, abort(), and the end of the process that
 * Python asked for (os._exit). Made by calls.ts; thrown to whoever called Python, and named by every
 * later call. Names and texts are Pyodide's, since pages match on them.
 */

/** os._exit(), or the end of a program that nobody called: its name is "Exit". */
export class Exit extends Error {
  /** What the process would have ended with. */
  readonly status: number;

  constructor(status: number) {
    super(`Program terminated with exit(${status})`);
    this.status = status;
  }

  static {
    Object.defineProperty(this.prototype, "name", { value: "Exit", configurable: true, writable: true });
    Object.defineProperty(this, "name", { value: "Exit", configurable: true }); // bundlers rename classes
  }
}

/** The error that ended a runtime, with the flag by which pages know to load a new one. */
export type FatalError = Error & { pyodide_fatal_error: true };

/** What was thrown, as an error with the flag. An object that Emscripten throws at an exit is no Error. */
export function asFatal(thrown: unknown): FatalError {
  const { name, status, message } = (thrown ?? {}) as { name?: unknown; status?: unknown; message?: unknown };
  let error: Error;
  if (thrown instanceof Error) error = thrown;
  else if (name === "ExitStatus" && typeof status === "number") error = new Exit(status);
  else error = new Error(typeof message === "string" ? message : String(thrown));
  try {
    return Object.assign(error, { pyodide_fatal_error: true as const });
  } catch {
    // Somebody froze it.
    return Object.assign(new Error(error.message, { cause: error }), { pyodide_fatal_error: true as const });
  }
}

/**
 * Tell the console what ended the runtime and where Python was; not of an end that Python asked for.
 * @param dumpStack writes Python's frames to stderr.
 */
export function report(error: FatalError, dumpStack: () => void): void {
  if (error instanceof Exit) return;
  console.error("Pyodide has suffered a fatal error. Please report this to the maintainers of Sospeso.");
  console.error("The cause of the fatal error was:");
  console.error(error);
  try {
    dumpStack();
  } catch {
    // The memory is as the fault has left it, and the page's own handler may throw.
  }
}

/** Why nothing can be called any more. */
export function whyDead(error: FatalError): string {
  const how = error instanceof Exit ? "exited" : "fatally failed";
  return `Pyodide already ${how} and can no longer be used. ${error.message}: load a new one`;
}
