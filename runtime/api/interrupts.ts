/*
 * Signals for Python: sent by a call (interrupt), or found in a buffer that
 * another thread writes to (setInterruptBuffer). Used by api.ts.
 *
 * The buffer is looked at by whoever is awake: Python's eval breaker every
 * 0.03 ms while it computes, a timer while it waits.
 */

import { STAT_TASKS } from "../../jspi/numbers.ts";
import type { Scheduler } from "../../jspi/scheduler.ts";
import type { Tasks } from "../../jspi/tasks.ts";
import type { TypedArray } from "../../ffi/convert/buffers.ts";
import { ERRNO, SIGINT } from "../../polyfills/numbers.ts";
import type { Calls } from "./calls.ts";
import type { Core } from "../load/core.ts";

/** Milliseconds between two looks at the buffer while Python waits. */
const POLL_MS = 20;

/** Trip a signal, and end the waits that it ends. @returns whether it is a signal number. */
export function trip({ exports }: Core, scheduler: Scheduler, signum: number): boolean {
  if (exports.sospeso_signal(signum) !== 0) return false;
  exports.sospeso_flag_signal();
  scheduler.interruptAll();
  return true;
}

/** The signals of one runtime. */
export class Interrupts {
  readonly #core: Core;
  readonly #scheduler: Scheduler;
  readonly #tasks: Tasks;
  readonly #calls: Calls;
  #buffer: TypedArray | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Whether Python can be entered; not between two calls of runtime/clients/thread_state.ts. */
  mayEnter = true;

  constructor(core: Core, scheduler: Scheduler, tasks: Tasks, calls: Calls) {
    this.#core = core;
    this.#scheduler = scheduler;
    this.#tasks = tasks;
    this.#calls = calls;
  }

  /** @throws RangeError when it is no signal number. */
  send(signum: number): void {
    if (this.#core.exports.sospeso_task_stat(STAT_TASKS) === 0) return;
    if (!trip(this.#core, this.#scheduler, signum)) {
      throw new RangeError(`interrupt: ${signum} is not a signal number (1 to 64)`);
    }
  }

  /** Look at this buffer from now on, or at none. */
  watch(given: TypedArray | null | undefined): void {
    const buffer = given ?? undefined;
    if (buffer !== undefined && !(ArrayBuffer.isView(buffer) && "BYTES_PER_ELEMENT" in buffer)) {
      throw new TypeError("setInterruptBuffer(buffer) takes a typed array, usually over a SharedArrayBuffer");
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#buffer = buffer;
    this.#tasks.onTick = buffer === undefined ? undefined : () => void this.#poll();
    if (buffer === undefined) return;
    this.#timer = setInterval(() => {
      // While nothing is under way it stays in the buffer: it is for the next program.
      if (this.#calls.dead === undefined && this.#core.exports.sospeso_task_stat(STAT_TASKS) > 0) this.#poll();
    }, POLL_MS);
    // In Node a timer keeps the process alive, which nobody asked for.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Run the handlers of what has arrived. @throws PythonError, or FS.ErrnoError in an I/O handler. */
  check(): void {
    const { exports, module } = this.#core;
    if (!this.mayEnter) {
      if (Number(this.#buffer?.[0] ?? 0) !== 0) throw new module.FS.ErrnoError(ERRNO.EINTR); // it stays there
      return;
    }
    if (exports.sospeso_in_system_call() !== 0) {
      // The call fails with EINTR; before Python tries it again it runs the handlers.
      if (this.#take()) throw new module.FS.ErrnoError(ERRNO.EINTR);
      return;
    }
    this.#take();
    this.#calls.plain("check_signals", []);
  }

  /** Take a signal out of the buffer and deliver it. */
  #poll(): void {
    if (this.#take()) this.#scheduler.interruptAll();
  }

  /** Trip the signal that is in the buffer, if there is one. */
  #take(): boolean {
    const buffer = this.#buffer;
    if (buffer === undefined) return false;
    const signum = Number(buffer[0]);
    if (signum === 0) return false;
    buffer[0] = (typeof buffer[0] === "bigint" ? 0n : 0) as never;
    const { exports } = this.#core;
    if (exports.sospeso_signal(signum) !== 0) exports.sospeso_signal(SIGINT);
    exports.sospeso_flag_signal();
    return true;
  }
}
