/*
 * Names for code that lets the GIL go from JavaScript, as Pyodide's C code does around a call that
 * blocks, and for its tests: until the GIL is taken back, what would enter Python is a NoGilError.
 *
 * Nothing of ours needs it: outside of a run nobody holds the GIL here, and every entry takes it.
 *
 * Invariants
 *  1. In between `bridge.exports` is a stand-in whose functions throw: no proxy of Python's is
 *     slower for it before or after.
 */

import type { Bridge } from "../../ffi/bridge/bridge_types.ts";
import { type Inside, late } from "./names.ts";

/** A PyProxy was used while the GIL was let go. */
export class NoGilError extends Error {
  static {
    Object.defineProperty(this.prototype, "name", { value: "NoGilError", configurable: true, writable: true });
    Object.defineProperty(this, "name", { value: "NoGilError", configurable: true }); // bundlers rename classes
  }
}

const TEXT = "Attempted to use PyProxy when Python GIL not held";
/** What PyEval_SaveThread() gives: there is one thread state to go on with. */
const THE_STATE = 1;

export function addThreadStateNames({ api, module, parts }: Inside): void {
  const { interrupts } = parts;
  const bridge = parts.bridge as { exports: Bridge["exports"] };
  let held: Bridge["exports"] | undefined;
  late(api, "NoGilError", () => NoGilError);
  late(module, "_PyEval_SaveThread", () => () => {
    if (held !== undefined) throw new NoGilError(TEXT);
    held = bridge.exports;
    bridge.exports = refusing(held);
    interrupts.mayEnter = false;
    return THE_STATE;
  });
  late(module, "_PyEval_RestoreThread", () => (state: unknown) => {
    if (held === undefined || state !== THE_STATE) {
      throw new TypeError("_PyEval_RestoreThread(state) takes what _PyEval_SaveThread() gave, once");
    }
    bridge.exports = held;
    held = undefined;
    interrupts.mayEnter = true;
  });
}

/** The exports, of which no function can be called. */
function refusing(exports: Bridge["exports"]): Bridge["exports"] {
  const refuse = (): never => {
    throw new NoGilError(TEXT);
  };
  // No proxy of the exports themselves: their properties are read-only, and a trap must not give others.
  return new Proxy({} as Bridge["exports"], {
    get: (_, name) => {
      const value: unknown = Reflect.get(exports, name);
      return typeof value === "function" ? refuse : value;
    },
  });
}
