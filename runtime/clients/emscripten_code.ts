/*
 * Names for code that was written against Emscripten's module: pages that read the memory, libraries
 * that reach Pyodide's internals by `_module.API`.
 */

import { type Inside, live } from "./names.ts";

const VIEWS = {
  HEAP8: Int8Array,
  HEAPU8: Uint8Array,
  HEAP16: Int16Array,
  HEAPU16: Uint16Array,
  HEAP32: Int32Array,
  HEAPU32: Uint32Array,
  HEAPF32: Float32Array,
  HEAPF64: Float64Array,
  HEAP64: BigInt64Array,
  HEAPU64: BigUint64Array,
};

export function addEmscriptenNames({ api, module, parts }: Inside): void {
  // The memory as arrays; made anew when it has grown. HEAPU8 is Emscripten's own.
  const { memory } = parts.core.exports;
  for (const [name, View] of Object.entries(VIEWS)) {
    if (name in module) continue;
    let view: ArrayLike<number | bigint> | undefined;
    live(module, name, () => (view === undefined || view.length === 0 ? (view = new View(memory.buffer)) : view));
  }
  // Of pages that were written for Pyodide's module: it is the same object as pyodide._api.
  live(module, "API", () => api);
  // tests of Pyodide look at both.
  live(api, "Module", () => module);
}
