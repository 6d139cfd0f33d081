/*
 * Promises that came to Python in this turn of the event loop and may not have been
 * awaited yet. `await fetch(url)` in JavaScript can never leave its promise without
 * a reaction; in Python a time slice can end between the call and the await, the
 * promise rejects in the meantime, and an unhandled rejection ends Node's process.
 * Filled by ffi/wasm_bridge.ts and ffi/convert/to_py.ts, asked by jspi/scheduler.ts at the end of each time slice.
 *
 * Invariants
 *  1. Only a promise whose turn was cut short counts as handled: one that Python
 *     drops, or leaves while it waits for something else, is reported as ever.
 *  2. No code of the user's runs here but a species getter.
 */

/** The promises of one runtime's running turn. */
export class NewPromises {
  #new: unknown[] = [];

  /** A promise was given to Python. */
  note(promise: unknown): void {
    if (this.#new.push(promise) === 1) queueMicrotask(() => (this.#new = []));
  }

  /** A time slice has ended: what Python is about to await is not unhandled. */
  guard(): void {
    for (const promise of this.#new) {
      try {
        Reflect.apply(Promise.prototype.then, promise, [undefined, () => undefined]);
      } catch {
        // Another thenable: nobody reports it.
      }
    }
  }
}
