/*
 * Iteration over Python objects: what `for (const x of proxy)` walks along, and
 * the methods of PyIterator, PyGenerator and their asynchronous kin.
 *
 * Invariants
 *  1. The iterator that a loop walks along has a proxy of its own, so that one
 *     that is given up in the middle goes when the collector finds it.
 */

import { PY_KEPT, PY_RETURNED, PY_STEP_EXIT, PY_STEP_NEXT, PY_STEP_SEND, PY_STEP_THROW } from "../abi/abi.ts";
import type { Bridge, ProxyRecord } from "../bridge/bridge_types.ts";
import { anyRecord, recordOf } from "../bridge/py_known.ts";
import { schedule, STOPPED } from "./py_async.ts";
import { makeProxy } from "./py_proxy.ts";

function step(record: ProxyRecord, status: number): IteratorResult<unknown, unknown> {
  // What was returned may be kept for us: say so, once, at the end.
  if (status === PY_RETURNED) return { done: true, value: record.shape.space.result(PY_KEPT) };
  return { done: false, value: record.shape.space.result(status) };
}

function next(record: ProxyRecord): IteratorResult<unknown, unknown> {
  const { bridge } = record;
  return step(record, bridge.exports.sospeso_py_next(record.need(), bridge.slots));
}

/** The address of what is thrown; 0 when the bridge keeps it. */
function thrown(bridge: Bridge, error: unknown): number {
  const record = anyRecord(error);
  if (record !== undefined && record.bridge === bridge) return record.need();
  bridge.fail(error);
  return 0;
}

const IteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf([][Symbol.iterator]()) as object,
) as object;

/** A walk along a Python iterator. */
class Walk implements IterableIterator<unknown, unknown, unknown> {
  readonly #proxy: object;

  constructor(proxy: object) {
    this.#proxy = proxy;
  }

  next(): IteratorResult<unknown, unknown> {
    const record = anyRecord(this.#proxy) as ProxyRecord;
    if (record.object === 0) return { done: true, value: undefined };
    let ended = true;
    try {
      const result = next(record);
      ended = result.done === true;
      return result;
    } finally {
      if (ended) record.destroy();
    }
  }

  return(value?: unknown): IteratorResult<unknown, unknown> {
    (anyRecord(this.#proxy) as ProxyRecord).destroy();
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }
}
Object.setPrototypeOf(Walk.prototype, IteratorPrototype);

/** iter(object), as JavaScript walks along it. */
export function iterate(record: ProxyRecord): IterableIterator<unknown, unknown, unknown> {
  const { bridge } = record;
  const iterator = bridge.exports.sospeso_py_iter(record.need(), 0) >>> 0;
  if (iterator === 0) bridge.throwPython();
  return new Walk(makeProxy(bridge, iterator, 0));
}

/** A walk along a Python async iterator. */
class AsyncWalk implements AsyncIterableIterator<unknown, unknown, unknown> {
  readonly #proxy: object;

  constructor(proxy: object) {
    this.#proxy = proxy;
  }

  async next(): Promise<IteratorResult<unknown, unknown>> {
    const record = anyRecord(this.#proxy) as ProxyRecord;
    if (record.object === 0) return { done: true, value: undefined };
    let ended = true;
    try {
      const result = await asyncStep(record, PY_STEP_NEXT, undefined);
      ended = result.done === true;
      return result;
    } finally {
      if (ended) record.destroy();
    }
  }

  async return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    (anyRecord(this.#proxy) as ProxyRecord).destroy();
    return { done: true, value };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** aiter(object), as JavaScript walks along it. */
export function iterateAsync(record: ProxyRecord): AsyncIterableIterator<unknown, unknown, unknown> {
  const { bridge } = record;
  const iterator = bridge.exports.sospeso_py_iter(record.need(), 1) >>> 0;
  if (iterator === 0) bridge.throwPython();
  return new AsyncWalk(makeProxy(bridge, iterator, 0));
}

async function asyncStep(
  record: ProxyRecord,
  which: number,
  value: unknown,
): Promise<IteratorResult<unknown, unknown>> {
  const { space } = record.shape;
  const { bridge } = space;
  const { exports, slots } = bridge;
  const object = record.need();
  let given = 0;
  if (which === PY_STEP_SEND) {
    bridge.beginText();
    bridge.writeSlot(slots, value);
  } else if (which === PY_STEP_THROW) {
    given = thrown(bridge, value);
  }
  const awaitable = exports.sospeso_py_async_step(object, which, given, slots) >>> 0;
  if (awaitable === 0) bridge.throwPython();
  const promise = schedule(space, awaitable);
  exports.sospeso_py_release(awaitable);
  const result = await promise;
  return result === STOPPED ? { done: true, value: undefined } : { done: false, value: result };
}

export class PyIteratorMethods {
  [Symbol.iterator](): this {
    return this;
  }

  /** One step; an argument is sent into a generator. */
  next(value?: unknown): IteratorResult<unknown, unknown> {
    const record = recordOf(this);
    if (value === undefined) return next(record);
    const { bridge } = record;
    const object = record.need();
    bridge.beginText();
    bridge.writeSlot(bridge.slots, value);
    return step(record, bridge.exports.sospeso_py_send(object, bridge.slots, bridge.slots));
  }
}

export class PyGeneratorMethods {
  /** Raise an exception where the generator stands. */
  throw(error: unknown): IteratorResult<unknown, unknown> {
    const record = recordOf(this);
    const { bridge } = record;
    const object = record.need();
    return step(record, bridge.exports.sospeso_py_throw(object, thrown(bridge, error), 0, bridge.slots));
  }

  /** Have the generator end; its `finally` blocks run. */
  return(value?: unknown): IteratorResult<unknown, unknown> {
    const record = recordOf(this);
    const { bridge } = record;
    const result = step(record, bridge.exports.sospeso_py_throw(record.need(), 0, 1, bridge.slots));
    return result.done && result.value === undefined ? { done: true, value } : result;
  }
}

export class PyAsyncIteratorMethods {
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** One step; an argument is sent into an async generator. */
  next(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    return asyncStep(recordOf(this), value === undefined ? PY_STEP_NEXT : PY_STEP_SEND, value);
  }
}

export class PyAsyncGeneratorMethods {
  /** Raise an exception where the async generator stands. */
  throw(error: unknown): Promise<IteratorResult<unknown, unknown>> {
    return asyncStep(recordOf(this), PY_STEP_THROW, error);
  }

  /** Have the async generator end; its `finally` blocks run. */
  async return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    let result: IteratorResult<unknown, unknown>;
    try {
      result = await asyncStep(recordOf(this), PY_STEP_EXIT, undefined);
    } catch (error) {
      if ((error as { type?: unknown } | null)?.type !== "GeneratorExit") throw error;
      return { done: true, value };
    }
    return result.done ? { done: true, value } : result;
  }
}
