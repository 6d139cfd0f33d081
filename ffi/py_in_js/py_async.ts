/*
 * Awaitables: the promise of a Python coroutine, task or future. asyncio runs
 * it; ffi/py_in_js/py_await.c settles the promise through an import. Used by the classes
 * PyAwaitable and PyAsyncIterator, and for what async functions return.
 *
 * Invariants
 *  1. A number in `pending` is settled once and then forgotten.
 *  2. The import only queues: promises are resolved from a microtask, as
 *     resolving may run code of the user's (a getter named `then`).
 *  3. The coroutine that a call returned is released when it is done; its proxy
 *     keeps the promise, so that it can be awaited again.
 */

import { SETTLE_STOP, SETTLE_VALUE } from "../abi/abi.ts";
import type { Bridge, ProxyRecord, ProxySpace } from "../bridge/bridge_types.ts";
import { takePythonError } from "../bridge/errors.ts";
import { proxyRecord } from "../bridge/py_known.ts";

/** What an asynchronous iteration settles with at its end. */
export const STOPPED = Symbol("StopAsyncIteration");

/** A promise of an awaitable's outcome; the object stays the caller's. Rejects when it cannot be scheduled. */
export function schedule(space: ProxySpace, object: number, ended?: () => void): Promise<unknown> {
  const { bridge, pending } = space;
  return new Promise<unknown>((resolve, reject) => {
    const number = ++space.lastPending | 0;
    pending.set(number, {
      resolve(value) {
        resolve(value);
        ended?.();
      },
      reject(error) {
        reject(error);
        ended?.();
      },
    });
    if (bridge.exports.sospeso_py_schedule(object, number) < 0) {
      pending.delete(number);
      bridge.throwPython();
    }
  });
}

/** The promise of an awaitable, made once. */
export function promiseOf(record: ProxyRecord): Promise<unknown> {
  const known = record.rare?.promise;
  if (known !== undefined) return known;
  const promise = schedule(record.shape.space, record.need());
  record.needRare().promise = promise;
  return promise;
}

const COROUTINE_IS_OVER = "it was the coroutine of a call, which is over; its outcome can still be awaited";

/** Start the coroutine that a call returned. */
export function scheduleResult(proxy: object): object {
  const record = proxyRecord(proxy) as ProxyRecord;
  const promise = schedule(record.shape.space, record.need(), () => record.destroy(COROUTINE_IS_OVER));
  record.needRare().promise = promise;
  return proxy;
}

/** The import by which ffi/py_in_js/py_await.c settles. */
export function settle(bridge: Bridge, number: number, how: number, slot: number): void {
  const { pending } = bridge.space;
  const entry = pending.get(number);
  pending.delete(number);
  if (how === SETTLE_VALUE) {
    const value = bridge.readSlot(slot);
    queueMicrotask(() => entry?.resolve(value));
  } else if (how === SETTLE_STOP) {
    queueMicrotask(() => entry?.resolve(STOPPED));
  } else {
    const error = takePythonError(bridge);
    queueMicrotask(() => entry?.reject(error));
  }
}
