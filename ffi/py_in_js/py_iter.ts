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
import { anyRecord, proxyRecord, recordOf } from "../bridge/py_known.ts";
import { schedule } from "./py_async.ts";
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

/**
 * Call with the address of the exception that is thrown; 0 when the bridge keeps it. What is neither
 * an object of JavaScript's nor an exception of Python's cannot be raised: the C side says so.
 */
function withThrown<R>(bridge: Bridge, error: unknown, raise: (given: number) => R): R {
  const record = anyRecord(error);
  if (record !== undefined && record.bridge === bridge) return raise(record.need());
  if (Object(error) === error) {
    bridge.fail(error);
    return raise(0);
  }
  const given = bridge.toObject(error);
  try {
    return raise(given);
  } finally {
    bridge.exports.sospeso_py_release(given);
  }
}

const IteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf([][Symbol.iterator]()) as object,
) as object;

const EXHAUSTED = "This borrowed proxy was automatically destroyed when an iterator was exhausted.";

/** A walk along a Python iterator, to JavaScript a generator. What it has given ends with it, unless it is given up. */
class Walk implements IterableIterator<unknown, unknown, unknown> {
  readonly #proxy: object;
  readonly #source: ProxyRecord;
  #given: ProxyRecord[] | undefined;

  constructor(proxy: object, source: ProxyRecord) {
    this.#proxy = proxy;
    this.#source = source;
  }

  next(): IteratorResult<unknown, unknown> {
    const record = anyRecord(this.#proxy) as ProxyRecord;
    if (record.object === 0) return { done: true, value: undefined };
    let ended = true;
    try {
      const result = next(record);
      ended = result.done === true;
      if (ended) return { done: true, value: undefined };
      if (this.#source.json) result.value = this.#source.shown(result.value);
      else this.#note(result.value);
      return result;
    } finally {
      if (ended) this.#end(record);
    }
  }

  #note(value: unknown): void {
    const given = proxyRecord(value);
    if (given === undefined) return;
    if (this.#given === undefined) this.#given = [given];
    else this.#given.push(given);
  }

  #end(record: ProxyRecord): void {
    record.destroy();
    const given = this.#given;
    this.#given = undefined;
    if (given !== undefined) for (const each of given) each.destroy(EXHAUSTED);
  }

  return(value?: unknown): IteratorResult<unknown, unknown> {
    (anyRecord(this.#proxy) as ProxyRecord).destroy();
    return { done: true, value };
  }

  throw(error: unknown): never {
    (anyRecord(this.#proxy) as ProxyRecord).destroy();
    throw error;
  }

  [Symbol.iterator](): this {
    return this;
  }

  get [Symbol.toStringTag](): string {
    return "Generator";
  }
}
Object.setPrototypeOf(Walk.prototype, IteratorPrototype);

/** iter(object), as JavaScript walks along it. */
export function iterate(record: ProxyRecord): Iterator<unknown, unknown, unknown> {
  const { bridge } = record;
  const iterator = bridge.exports.sospeso_py_iter(record.need(), 0) >>> 0;
  if (iterator === 0) bridge.throwPython();
  return new Walk(makeProxy(bridge, iterator, 0), record);
}

/** A walk along a Python async iterator, to JavaScript an async generator. */
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

  async throw(error: unknown): Promise<never> {
    (anyRecord(this.#proxy) as ProxyRecord).destroy();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get [Symbol.toStringTag](): string {
    return "AsyncGenerator";
  }
}

/** aiter(object), as JavaScript walks along it. */
export function iterateAsync(record: ProxyRecord): AsyncIterator<unknown, unknown, unknown> {
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
  const step = (given: number): number => exports.sospeso_py_async_step(object, which, given, slots) >>> 0;
  let awaitable: number;
  if (which === PY_STEP_THROW) {
    awaitable = withThrown(bridge, value, step);
  } else {
    if (which === PY_STEP_SEND) {
      bridge.beginText();
      bridge.writeSlot(slots, value);
    }
    awaitable = step(0);
  }
  if (awaitable === 0) bridge.throwPython();
  let promise: Promise<unknown>;
  try {
    promise = schedule(space, awaitable);
  } finally {
    exports.sospeso_py_release(awaitable);
  }
  try {
    return { done: false, value: await promise };
  } catch (error) {
    const type: unknown = Object(error).type; // eslint-disable-line @typescript-eslint/no-unsafe-member-access
    if (type === "StopAsyncIteration") return { done: true, value: undefined };
    if (type !== "GeneratorExit" || which === PY_STEP_NEXT || which === PY_STEP_SEND) throw error;
    return { done: true, value: which === PY_STEP_EXIT ? value : undefined };
  }
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
    const { exports, slots } = bridge;
    return step(
      record,
      withThrown(bridge, error, (given) => exports.sospeso_py_throw(object, given, 0, slots)),
    );
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

  /** Have the async generator end; its `finally` blocks run. One of them may swallow the value. */
  return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    return asyncStep(recordOf(this), PY_STEP_EXIT, value);
  }
}
