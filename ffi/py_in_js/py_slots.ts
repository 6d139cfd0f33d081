/*
 * Values in a row of slots, for an export that takes several. Used by the calls
 * (py_calls.ts), by what sets an item (py_access.ts) and by splice() (py_sequence.ts).
 */

import { SLOT_SIZE } from "../abi/abi.ts";
import type { Bridge } from "../bridge/bridge_types.ts";

/**
 * Start a batch and write values to slots in a row. When one cannot be written
 * those before it are used up.
 * @throws Error when a proxy among them was destroyed; RangeError when memory is out.
 */
export function writeAll(bridge: Bridge, at: number, values: readonly unknown[]): void {
  bridge.beginText();
  let i = 0;
  try {
    for (; i < values.length; i++) bridge.writeSlot(at + i * SLOT_SIZE, values[i]);
  } catch (error) {
    bridge.exports.sospeso_py_drop(at, i);
    throw error;
  }
}
