/*
 * Room on the engine's stack before Python is entered from JavaScript. A recursion of
 * JavaScript that calls Python on its way would end inside of wasm, where nothing cleans up,
 * and take the runtime with it. Looking costs more than an entry (jspi/engine_stack.c), so only
 * one of many entries looks, for as much room as the others may use up until the next look.
 * Called by every operation on a PyProxy (ProxyRecord.need()) and by runtime/api/calls.ts.
 *
 * Invariants
 *  1. The look comes before the entry: its RangeError is thrown while no frame of C is there.
 *  2. After a look that failed the next entry looks again.
 */

import type { StackExports } from "../abi/exports.ts";

/**
 * Frames of 1 KiB. Python's full depth takes about half of V8's 984 kB; this is half of that,
 * and leaves JavaScript three quarters of what it has without Python.
 */
const LEVELS = 256;
/** One level of a recursion of JavaScript that calls Python takes some 100 bytes. */
const ENTRIES_A_LOOK = 64;

let left = 0;

/** Python is about to be entered. @throws RangeError of the engine: the stack is nearly used up. */
export function enterWithRoom(record: { readonly bridge: { readonly exports: StackExports } }): void {
  if (--left < 0) look(record.bridge.exports);
}

/** The same, and look in any case. */
export function look(exports: StackExports): void {
  left = 0;
  exports.sospeso_use_stack(LEVELS, 0);
  left = ENTRIES_A_LOOK;
}
