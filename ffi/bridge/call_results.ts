/*
 * How proxies end with the call that they were made for: the words of the error of a later use, and
 * which promises calls from Python have given. Filled by ffi/js_in_py/js_call.ts; asked by it and by
 * ffi/wait/run_sync.ts, where what a promise gives arrives.
 */

import type { Bridge } from "./bridge_types.ts";
import { proxyRecord } from "./py_known.ts";

const ENDED = "This borrowed proxy was automatically destroyed";
const KEEP = "Try using create_proxy or create_once_callable.";
export const CALL_IS_OVER = `${ENDED} at the end of a function call. ${KEEP}`;
export const PROMISE_IS_OVER = `${ENDED} at the end of an asynchronous function call. ${KEEP}`;
export const GENERATOR_IS_OVER = `${ENDED} when a generator completed execution. ${KEEP}`;
export const ASYNC_GENERATOR_IS_OVER = `${ENDED} when an asynchronous generator completed execution. ${KEEP}`;

/** Promises that calls have given. */
const ofCalls = new WeakSet();

/** A call from Python has given this promise. */
export function noteOfCall(promise: object): void {
  ofCalls.add(promise);
}

/** Whether a call from Python has given the promise; not whether it came as an attribute. */
export function isOfCall(promise: unknown): boolean {
  return ofCalls.has(promise as object);
}

/** End a PyProxy whose object Python has got; one that create_proxy() made, and other values, stay. */
export function endGiven(bridge: Bridge, value: unknown, reason: string): void {
  const record = proxyRecord(value);
  if (record !== undefined && record.bridge === bridge && !record.roundtrip) record.destroy(reason);
}
