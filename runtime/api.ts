/*
 * The `pyodide` object: running code, globals, signals, streams, the end. Its
 * names and meanings are Pyodide's; what is new is additional. Made by load.ts.
 *
 * Invariants
 *  1. Requests are freed on every path; handles taken from them are taken over
 *     at once by Values.take().
 *  2. runPythonAsync() awaits before it enters its task, so that no caller's
 *     frames lie below it.
 *  3. After a trap or destroy() every call says so instead of computing.
 */

import { PythonError } from "../ffi/errors.ts";
import { PyProxy, type Primitive, type Values } from "../ffi/values.ts";
import type { Scheduler } from "../jspi/scheduler.ts";
import type { Tasks } from "../jspi/tasks.ts";
import type { OutputOptions, Stdio, StdinOptions } from "../polyfills/io/stdio.ts";
import type { Core, CoreChoice } from "./core.ts";

/** Options of runPython() and runPythonAsync(). */
export interface RunOptions {
  /** Namespace the code runs in: `pyodide.globals`, or a dict made by `toPy({})`. */
  globals?: PyProxy;
  /** Local namespace, if it is to differ from the globals. */
  locals?: PyProxy;
  /** Shown in tracebacks; source lines are shown too unless it begins with "<". */
  filename?: string;
}

/** What is alive in a runtime; tests compare it to find leaks. */
export interface RuntimeStats {
  /** Tasks entered and not finished, threads included. */
  readonly tasks: number;
  /** Stacks suspended now. */
  readonly waiting: number;
  /** PyProxies not destroyed. */
  readonly handles: number;
  /** Bytes of C stack regions, live and pooled. */
  readonly stackBytes: number;
  /** Bytes of the event loop's C stack in use; the same at every idle moment. */
  readonly loopStackBytes: number;
  /** Bytes of Asyncify buffers, live and pooled. */
  readonly unwindBytes: number;
  /** Bytes of wasm memory. */
  readonly memoryBytes: number;
}

/** A running Python. */
export class Pyodide {
  readonly #core: Core;
  readonly #scheduler: Scheduler;
  readonly #tasks: Tasks;
  readonly #values: Values;
  readonly #stdio: Stdio;
  #dead: string | undefined;
  #globals: PyProxy;

  /** Version of Sospeso. */
  readonly version: string;
  /** Which core runs, and why. */
  readonly core: CoreChoice;
  /** Emscripten's file system. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly FS: any;
  readonly PATH: unknown;
  readonly ERRNO_CODES: Record<string, number>;

  /** @internal */
  constructor(parts: {
    core: Core;
    choice: CoreChoice;
    scheduler: Scheduler;
    tasks: Tasks;
    values: Values;
    stdio: Stdio;
    version: string;
  }) {
    this.#core = parts.core;
    this.#scheduler = parts.scheduler;
    this.#tasks = parts.tasks;
    this.#values = parts.values;
    this.#stdio = parts.stdio;
    this.version = parts.version;
    this.core = parts.choice;
    this.FS = parts.core.module.FS;
    this.PATH = parts.core.module.PATH;
    this.ERRNO_CODES = parts.core.module.ERRNO_CODES;
    this.#globals = this.#values.proxy(this.#core.exports.sospeso_main_dict());
    this.#tasks.onFatal = (error) => {
      // Emscripten's ExitStatus (os._exit, abort) is no Error but has a message.
      const message = (error as { message?: unknown } | null)?.message ?? error;
      this.#dead ??= `the runtime ended: ${String(message)}; load a new one`;
      this.#tasks.close();
    };
    this.#tasks.runStep = () => {
      if (this.#dead !== undefined) return;
      void this.#runTask("loop_step", [], true).catch((error: unknown) => {
        if (this.#dead === undefined) console.error(error);
      });
    };
  }

  /** Python's `__main__` namespace. */
  get globals(): PyProxy {
    return this.#globals;
  }

  /**
   * Run Python on this stack and return the value of its last expression, or
   * undefined when there is none or it ends in a semicolon. Nothing in it can
   * wait: what would have to raises RuntimeError.
   * @throws PythonError what Python raised.
   */
  runPython(code: string, options: RunOptions = {}): unknown {
    this.#check();
    const request = this.#request("run", this.#runArguments(code, options), false);
    try {
      this.#core.exports.sospeso_run_plain(request);
    } catch (error) {
      this.#tasks.onFatal?.(error);
      throw error;
    }
    return this.#outcome(request);
  }

  /**
   * Run Python on a task of its own; anything in it may wait, and top-level
   * await works. Any number of calls may be under way at once.
   * @returns the value of the last expression.
   * @throws PythonError (rejects) what Python raised.
   */
  async runPythonAsync(code: string, options: RunOptions = {}): Promise<unknown> {
    this.#check();
    const words = this.#runArguments(code, options); // bad options reject before anything runs
    await null; // invariant 2
    this.#check();
    return this.#runTask("run_async", words, false);
  }

  /** A dict with the entries of a plain object of primitive values; primitives as they are. */
  toPy(value: Primitive | PyProxy | Readonly<Record<string, Primitive>>): unknown {
    if (typeof value !== "object" || value === null || value instanceof PyProxy) return value;
    this.#check();
    return this.#values.dict(value);
  }

  /**
   * Send a signal: waits end, Python's handler runs (for SIGINT, the default,
   * it raises KeyboardInterrupt). Needs no shared memory. Does nothing when no
   * task is under way: a late Stop must not hit the next program.
   */
  interrupt(signum = 2): void {
    this.#check();
    if (this.#core.exports.sospeso_task_stat(0) === 0) return;
    if (this.#core.exports.sospeso_signal(signum) !== 0) {
      throw new RangeError(`interrupt: ${signum} is not a signal number (1 to 64)`);
    }
    this.#scheduler.interruptAll();
  }

  /** Replace where Python reads from; a read that waits goes on with the new handler. */
  setStdin(options: StdinOptions = {}): void {
    this.#check();
    this.#stdio.setStdin(options);
  }

  /** Replace where Python writes to. */
  setStdout(options: OutputOptions = {}): void {
    this.#check();
    this.#stdio.setStdout(options);
  }

  /** Replace where Python writes errors to. */
  setStderr(options: OutputOptions = {}): void {
    this.#check();
    this.#stdio.setStderr(options);
  }

  /** What is alive now. */
  stats(): RuntimeStats {
    const stat = this.#core.exports.sospeso_task_stat;
    return {
      tasks: stat(0),
      waiting: this.#scheduler.waiting,
      handles: this.#values.handles,
      stackBytes: stat(1),
      loopStackBytes: stat(2),
      unwindBytes: this.#core.unwindBytes(),
      memoryBytes: this.#core.exports.memory.buffer.byteLength,
    };
  }

  /** End the runtime: no timer of it fires any more, every further call throws. Idempotent. */
  destroy(): void {
    this.#dead ??= "this runtime was destroyed";
    this.#tasks.close();
    this.#stdio.destroy();
    this.#globals.destroy();
  }

  #check(): void {
    if (this.#dead !== undefined) throw new Error(this.#dead);
  }

  #runArguments(code: string, options: RunOptions): unknown[] {
    if (typeof code !== "string") throw new TypeError(`Python source is a string, not ${typeof code}`);
    for (const name of ["globals", "locals"] as const) {
      const given = options[name];
      if (given !== undefined && !(given instanceof PyProxy)) {
        throw new TypeError(`option ${name} is a Python dict: pyodide.globals, or one made by pyodide.toPy({})`);
      }
    }
    return [code, options.filename ?? "<exec>", options.globals, options.locals];
  }

  #request(name: string, words: readonly unknown[], isStep: boolean): number {
    const { exports } = this.#core;
    const values = this.#values;
    const handles = words.map((word) => values.toHandle(word));
    const block = exports.malloc(4 * Math.max(1, handles.length)) >>> 0;
    const request =
      block === 0
        ? 0
        : (new Uint32Array(exports.memory.buffer, block, handles.length).set(handles),
          exports.sospeso_request_new(values.toHandle(name), handles.length, block, isStep ? 1 : 0));
    exports.free(block);
    if (request === 0) throw new RangeError("out of memory");
    return request;
  }

  async #runTask(name: string, words: readonly unknown[], isStep: boolean): Promise<unknown> {
    const request = this.#request(name, words, isStep);
    const task = this.#core.exports.sospeso_request_task(request);
    if (task === 0) {
      this.#core.exports.sospeso_request_free(request);
      throw new RangeError("out of memory: no room for the C stack of another task (1 MiB)");
    }
    await this.#tasks.enter(task, isStep);
    return this.#outcome(request);
  }

  #outcome(request: number): unknown {
    const { exports } = this.#core;
    const take = (which: number): unknown => this.#values.take(exports.sospeso_request_outcome(request, which));
    const type = take(1);
    if (type === undefined) {
      const value = take(0);
      exports.sospeso_request_free(request);
      return value;
    }
    const status = take(3);
    const error = new PythonError(String(type), String(take(2)), typeof status === "number" ? status : undefined);
    exports.sospeso_request_free(request);
    throw error;
  }
}
