/*
 * Tasks on the JavaScript side: entering a stack, starting threads, running the
 * page loop's steps, and the wasm imports that jspi/*.c declare. It stands
 * between the core's exports and the scheduler. Made by runtime/load/core.ts.
 *
 * Invariants
 *  1. A task is entered from the event loop only, never from below another wasm
 *     frame: enter() is called after an await (see runtime/api/api.ts), thread and
 *     step starts go through the host's queue.
 *  2. One timer at most is pending for the page loop's next step.
 *  3. No step starts while another one has the turn (turns.ts).
 */

import { KEY_SLICE } from "./numbers.ts";
import type { Host, Scheduler } from "./scheduler.ts";
import { LOOP } from "./turns.ts";

/** The wasm imports of module "sospeso" that belong to jspi/. */
export interface TaskImports {
  wait(task: number, key: number, timeoutMs: number): number | Promise<number>;
  notify(key: number, all: number): void;
  slice(switchMs: number): number;
  interrupt(): void;
  start(task: number): number;
  block(ms: number): number;
  new_key(): number;
  schedule(delayMs: number): void;
}

/** Enters tasks of one core. */
export class Tasks {
  readonly #scheduler: Scheduler;
  readonly #host: Host;
  #enterWasm: ((task: number) => Promise<unknown>) | undefined;
  #stepTimer: unknown;
  #stepAt = Infinity;
  #stepHeld = false;
  #spunOnce = false;
  /** Runs one step of the page's loop; set by runtime/api/api.ts. */
  runStep: (() => void) | undefined;
  /** Called some 30,000 times a second while Python computes; must not enter it. Set by runtime/api/interrupts.ts. */
  onTick: (() => void) | undefined;
  /** Called before a stack waits for something. Set by runtime/load/load.ts. */
  beforeWait: (() => void) | undefined;
  /** Called at each tick, before it is decided who goes on. Set by runtime/load/load.ts. */
  beforeSlice: (() => void) | undefined;
  /** A stack ended in a trap, or Python ended the process: nothing can run any more. Gives the error to throw. */
  onFatal: ((error: unknown) => unknown) | undefined;
  closed = false;

  constructor(scheduler: Scheduler, host: Host) {
    this.#scheduler = scheduler;
    this.#host = host;
    scheduler.turns.onLoopFree = () => {
      if (this.#stepHeld) {
        this.#stepHeld = false;
        this.#schedule(0);
      }
    };
  }

  /** Bind to an instance: `enterWasm` is the promising form of sospeso_task_enter. */
  attach(enterWasm: (task: number) => Promise<unknown>): void {
    this.#enterWasm = enterWasm;
  }

  /**
   * Run a task to its end, however often it is suspended on the way.
   * @param group of the stacks that it takes turns with (turns.ts), if any.
   */
  async enter(task: number, group?: number): Promise<void> {
    if (this.#enterWasm === undefined) throw new Error("Tasks.enter: no core is attached");
    const granted = group === undefined ? undefined : this.#scheduler.begin(task, group);
    if (granted !== undefined) await granted;
    this.#scheduler.turn();
    try {
      await this.#enterWasm(task);
    } catch (error) {
      throw this.onFatal === undefined ? error : this.onFatal(error);
    } finally {
      this.#scheduler.turns.end(task);
    }
  }

  /** The imports; `wait` is to be wrapped as Suspending by the caller. */
  imports(): TaskImports {
    const scheduler = this.#scheduler;
    return {
      wait: (task, key, timeoutMs) => {
        if (key !== KEY_SLICE) this.beforeWait?.();
        return scheduler.wait(task >>> 0, key >>> 0, timeoutMs);
      },
      notify: (key, all) => scheduler.notify(key >>> 0, all !== 0),
      slice: (switchMs) => {
        this.beforeSlice?.();
        this.onTick?.();
        return scheduler.look(switchMs);
      },
      interrupt: () => scheduler.interruptAll(),
      start: (task) => {
        const id = task >>> 0;
        this.#host.soon(() => {
          if (this.closed) return;
          void this.enter(id).then(
            () => scheduler.removeThread(id),
            () => scheduler.removeThread(id), // reported by onFatal
          );
        });
        scheduler.addThread(id);
        return 0;
      },
      block: (ms) => {
        this.#block(ms);
        return 0;
      },
      new_key: () => scheduler.newKey() | 0,
      schedule: (delayMs) => this.#schedule(delayMs),
    };
  }

  /** Run the page loop's next step as soon as the event loop comes to it. */
  scheduleStep(): void {
    this.#schedule(0);
  }

  /** Nothing starts any more, and what waits ends with the error. Idempotent. */
  close(error: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.#scheduler.failAll(error);
    if (this.#stepTimer !== undefined) this.#host.clearTimer(this.#stepTimer);
  }

  #schedule(delayMs: number): void {
    const at = this.#host.now() + delayMs;
    if (this.#stepAt <= at) return;
    if (this.#stepTimer !== undefined) this.#host.clearTimer(this.#stepTimer);
    this.#stepTimer = undefined;
    this.#stepAt = at;
    if (delayMs < 1) {
      this.#host.soon(() => {
        if (this.#stepAt === at) this.#step();
      });
    } else {
      this.#stepTimer = this.#host.setTimer(() => this.#step(), Math.min(delayMs, 2 ** 31 - 1));
    }
  }

  #step(): void {
    this.#stepTimer = undefined;
    this.#stepAt = Infinity;
    if (this.closed) return;
    if (this.#scheduler.turns.isTaken(LOOP)) {
      this.#stepHeld = true;
      return;
    }
    this.runStep?.();
  }

  /** Really block this thread: time.sleep() on a stack that cannot suspend. */
  #block(ms: number): void {
    const until = this.#host.now() + ms;
    try {
      // A shared memory of our own needs no cross-origin isolation.
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
      Atomics.wait(new Int32Array(memory.buffer), 0, 0, ms);
      return;
    } catch {
      // A page's main thread may not wait; nor do engines without shared memory.
    }
    if (!this.#spunOnce) {
      this.#spunOnce = true;
      console.warn(
        "sospeso: time.sleep() in runPython() freezes the page and keeps the processor busy; " +
          "use await pyodide.runPythonAsync() and the page stays alive",
      );
    }
    while (this.#host.now() < until);
  }
}
