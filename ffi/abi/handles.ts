/*
 * JavaScript values that Python holds, by small integers: a handle is an index
 * into one array, so that looking one up costs an array access and wasm never
 * sees a reference. Used by the bridge and by all imports of ffi/.
 *
 * Invariants
 *  1. Handle 0 is no value; 1 to CONSTANTS are fixed and are never released.
 *  2. Each add() is paired with one release(); a released slot is reused.
 */

import { HANDLE_API, HANDLE_GLOBAL } from "./abi.ts";

/** The last of the fixed handles. */
const CONSTANTS = HANDLE_API;

/** The table of one runtime. */
export class Handles {
  readonly #values: unknown[] = [undefined, undefined, null, true, false, globalThis, undefined];
  /** Released slots, as a stack. */
  readonly #free: number[] = [];
  /** Where each handle was made; only in debug mode. */
  #origins: Map<number, string> | undefined;

  /** Handles that were not released. */
  get size(): number {
    return this.#values.length - 1 - CONSTANTS - this.#free.length;
  }

  /** A new handle for a value. */
  add(value: unknown): number {
    const free = this.#free.pop();
    if (free === undefined) {
      const handle = this.#values.push(value) - 1;
      if (this.#origins !== undefined) this.#note(handle);
      return handle;
    }
    this.#values[free] = value;
    if (this.#origins !== undefined) this.#note(free);
    return free;
  }

  get(handle: number): unknown {
    return this.#values[handle];
  }

  release(handle: number): void {
    if (handle <= CONSTANTS) return;
    this.#values[handle] = undefined;
    this.#free.push(handle);
    this.#origins?.delete(handle);
  }

  /** Replace the value behind HANDLE_GLOBAL (loadPyodide's option jsglobals) or HANDLE_API. */
  setConstant(handle: typeof HANDLE_GLOBAL | typeof HANDLE_API, value: unknown): void {
    this.#values[handle] = value;
  }

  /** Note from now on where handles are made, or stop that. */
  trace(on: boolean): void {
    this.#origins = on ? new Map() : undefined;
  }

  /** What is alive, for the leak report: handle, value, and its origin in debug mode. */
  *live(): Generator<{ handle: number; value: unknown; origin: string | undefined }> {
    const free = new Set(this.#free);
    for (let handle = CONSTANTS + 1; handle < this.#values.length; handle++) {
      if (free.has(handle)) continue;
      yield { handle, value: this.#values[handle], origin: this.#origins?.get(handle) };
    }
  }

  #note(handle: number): void {
    this.#origins?.set(handle, new Error("made here").stack ?? "");
  }
}
