/*
 * Calls of the Python functions in _sospeso.runner (runtime/python/_sospeso/runner.py), on the
 * calling stack or on a task of their own. Everything that api.ts has Python do
 * goes through here; the requests live in cpython/embed/main.c.
 *
 * Invariants
 *  1. A request is freed on every path; references taken from it are taken over
 *     at once by Bridge.take().
 *  2. task() is called from the event loop, with no caller's frames below it.
 *  3. After a trap every further call throws what check() says.
 */

import type { Bridge } from "../../ffi/bridge/bridge_types.ts";
import { look } from "../../ffi/bridge/room.ts";
import type { Tasks } from "../../jspi/tasks.ts";
import { LOOP } from "../../jspi/turns.ts";
import type { Core } from "../load/core.ts";
import { asFatal, type FatalError, report, whyDead } from "./fatal.ts";

/** Calls into the Python of one runtime. */
export class Calls {
  readonly #core: Core;
  readonly #tasks: Tasks;
  readonly #bridge: Bridge;
  /** Called when a call or task ends, or the runtime. */
  readonly #ended: () => void;
  #dead: string | undefined;
  /** Told of what ended the runtime, and why nothing can be called any more; not of destroy(). */
  readonly onFatal: ((error: FatalError, reason: string) => void)[] = [];

  constructor(core: Core, tasks: Tasks, bridge: Bridge, ended: () => void) {
    this.#ended = ended;
    this.#core = core;
    this.#tasks = tasks;
    this.#bridge = bridge;
    tasks.onFatal = (thrown) => {
      const error = asFatal(thrown);
      if (this.#dead !== undefined) return error;
      const reason = whyDead(error);
      report(error, () => core.exports.sospeso_dump_stack());
      bridge.fatal = error;
      this.end(reason);
      this.#ended();
      for (const told of this.onFatal) {
        try {
          told(error, reason);
        } catch (failure) {
          console.error(failure); // a page's own; the others are told all the same
        }
      }
      return error;
    };
    tasks.runStep = () => {
      if (this.#dead !== undefined) return;
      void this.task("loop_step", [], LOOP).catch((error: unknown) => {
        if (this.#dead === undefined) console.error(error);
      });
    };
  }

  /** Why nothing can be called any more. */
  get dead(): string | undefined {
    return this.#dead;
  }

  /** Let nothing run any more, reject what waits; the first reason stays. */
  end(reason: string): void {
    this.#dead ??= reason;
    this.#tasks.close(new Error(this.#dead));
  }

  /** @throws Error when the runtime has ended. */
  check(): void {
    if (this.#dead !== undefined) throw new Error(this.#dead);
  }

  /**
   * Call on this stack; nothing in it can wait.
   * @throws PythonError what Python raised.
   */
  plain(name: string, words: readonly unknown[]): unknown {
    this.check();
    look(this.#core.exports);
    const request = this.#request(name, words, false);
    try {
      this.#core.exports.sospeso_run_plain(request);
    } catch (error) {
      throw this.#tasks.onFatal?.(error) ?? error;
    }
    this.#ended();
    return this.#outcome(request);
  }

  /**
   * Call on a task of its own.
   * @param group of the tasks that it takes turns with (jspi/turns.ts), if any.
   * @throws PythonError (rejects) what Python raised.
   */
  async task(name: string, words: readonly unknown[], group?: number): Promise<unknown> {
    this.check();
    const request = this.#request(name, words, group === LOOP);
    const task = this.#core.exports.sospeso_request_task(request);
    if (task === 0) {
      this.#core.exports.sospeso_request_free(request);
      throw new RangeError("out of memory: no room for the C stack of another task (1 MiB)");
    }
    await this.#tasks.enter(task, group);
    if (this.#dead === undefined) this.#ended();
    return this.#outcome(request);
  }

  #request(name: string, words: readonly unknown[], isStep: boolean): number {
    const { exports } = this.#core;
    const bridge = this.#bridge;
    const objects: number[] = [];
    let block = 0;
    let request = 0;
    try {
      for (const word of words) objects.push(bridge.toObject(word));
      const called = bridge.toObject(name);
      objects.push(called);
      block = exports.malloc(4 * objects.length) >>> 0;
      if (block !== 0) {
        bridge.u32.set(objects, block >>> 2);
        request = exports.sospeso_request_new(called, words.length, block, isStep ? 1 : 0);
      }
      if (request === 0) throw new RangeError("out of memory while calling Python");
      return request;
    } finally {
      if (request === 0) for (const object of objects) exports.sospeso_release(object);
      if (block !== 0) exports.free(block);
    }
  }

  #outcome(request: number): unknown {
    const { exports } = this.#core;
    try {
      if (exports.sospeso_request_keep_error(request) !== 0) this.#bridge.throwPython();
      return this.#bridge.take(exports.sospeso_request_value(request));
    } finally {
      exports.sospeso_request_free(request);
    }
  }
}
