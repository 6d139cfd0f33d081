/*
 * PythonError: a Python exception as JavaScript sees it. Its message is the
 * whole formatted traceback, as with Pyodide, so that an uncaught one can be
 * read in any console. Thrown by runtime/api.ts.
 */

/** A Python exception that reached JavaScript. */
export class PythonError extends Error {
  static {
    Object.defineProperty(this.prototype, "name", { value: "PythonError", configurable: true, writable: true });
  }
  /** Name of the exception's class, such as "ValueError". */
  readonly type: string;
  /** For SystemExit: the status the program would have ended with (0 to 255). */
  readonly exitCode: number | undefined;

  /**
   * @param type name of the Python class.
   * @param message the formatted traceback, ending in a newline.
   */
  constructor(type: string, message: string, exitCode?: number) {
    super(message);
    this.type = type;
    this.exitCode = exitCode;
  }
}
