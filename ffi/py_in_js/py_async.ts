/*
 * Awaitables: the promise of a Python coroutine, task or future. asyncio runs
 * it; ffi/py_in_js/py_await.c settles the promise through an import. Used by the classes
 * PyAwaitable and PyAsyncIterator, and for what async functions return.
 *
 * Invariants
 *  1. A number in `pending` is settled once and then forgotten; what is left when the runtime ends is rejected.
 *  2. The import only queues: promises are resolved from a microtask, as
 *     resolving may run code of the user's (a getter named `then`).
 *  3. A proxy that is awaited is held until its object is done, and destroyed then; it
 *     keeps the promise, so that it can be awaited again.
 */

import { SETTLE_VALUE } from "../abi/abi.ts";
import type { Bridge, ProxyRecord, ProxySpace } from "../bridge/bridge_types.ts";
import { takePythonError } from "../bridge/errors.ts";

/** A promise of an awaitable's outcome; the object stays the caller's. @throws PythonError when it cannot be scheduled. */
export function schedule(space: ProxySpace, object: number, ended?: () => void): Promise<unknown> {
  const { bridge, pending } = space;
  const number = ++space.lastPending | 0;
  const promise = new Promise<unknown>((resolve, reject) => {
    pending.set(number, {
      resolve(value) {
        resolve(value);
        ended?.();
      },
      reject(error) {
        reject(error);
        ended?.();
      },
      abandon(error) {
        promise.catch(() => undefined);
        this.reject(error);
      },
    });
  });
  if (bridge.exports.sospeso_py_schedule(object, number) < 0) {
    pending.delete(number);
    bridge.throwPython();
  }
  return promise;
}

/** The proxy is held until now: had the collector taken it, its reference would be released twice. */
function end(_proxy: unknown, record: ProxyRecord): void {
  record.destroy();
}

/** The promise of an awaitable, made once. `proxy` is that of the record, or what stands for it. */
export function promiseOf(proxy: unknown, record: ProxyRecord): Promise<unknown> {
  const known = record.ender.rare?.promise;
  if (known !== undefined) return known;
  const promise = schedule(record.shape.space, record.need(), () => end(proxy, record));
  record.ender.needRare().promise = promise;
  return promise;
}

/** The import by which ffi/py_in_js/py_await.c settles. */
export function settle(bridge: Bridge, number: number, how: number, slot: number): void {
  const { pending } = bridge.space;
  const entry = pending.get(number);
  pending.delete(number);
  if (how === SETTLE_VALUE) {
    const value = bridge.readSlot(slot);
    queueMicrotask(() => entry?.resolve(value));
  } else {
    const error = takePythonError(bridge);
    queueMicrotask(() => entry?.reject(error));
  }
}
