/*
 * Calls of Python from JavaScript: plainly on this stack, or as a promising call
 * on a task of its own, which may wait. Every call of a PyProxy ends here.
 *
 * Invariants
 *  1. Arguments are written and the export is called with nothing in between.
 *  2. A promising call takes its arguments at once. Its task is entered at once
 *     when no frame of wasm is on the stack, else after an await, when none is;
 *     as Pyodide 314, in the next turn of the event loop.
 *  3. A promising call is freed on every path that leaves the runtime alive.
 */

import { PROXY_COROUTINE, SLOT_PY, SLOT_SIZE } from "../abi/abi.ts";
import type { Bridge, CallStyle, ProxyRecord, ProxySpace } from "../bridge/bridge_types.ts";
import { proxyRecord } from "../bridge/py_known.ts";
import { promiseOf } from "./py_async.ts";
import { writeAll } from "./py_slots.ts";

/** How one call differs from a plain one (callWithOptions). */
export interface CallOptions {
  /** Leave out arguments that the callable does not take. */
  relaxed?: boolean;
  /** The last argument is an object of keyword arguments. */
  kwargs?: boolean;
  /** Run on a task of its own, and give a promise. */
  promising?: boolean;
}

/** Call as `proxy.apply(self, args)` does. */
export function callRecord(record: ProxyRecord, self: unknown, args: readonly unknown[]): unknown {
  const { style } = record;
  if (style !== undefined) return callStyled(record, style, self, args);
  const object = record.need();
  const { space } = record.shape;
  const { bridge } = space;
  const { slots } = bridge;
  const count = args.length;
  if (count > bridge.slotCount) return callMany(record, args, undefined, false);
  writeAll(bridge, slots, args);
  return finish(record, bridge.exports.sospeso_py_call(object, slots, count, 0, slots));
}

function finish(record: ProxyRecord, status: number): unknown {
  const { space } = record.shape;
  const { bridge } = space;
  if (status !== 0) return space.result(status);
  const { i32, slots } = bridge;
  const at = slots >>> 2;
  const isCoroutine = i32[at] === SLOT_PY && ((i32[at + 3] as number) & PROXY_COROUTINE) !== 0;
  const value = bridge.readSlot(slots);
  return isCoroutine ? begin(record, value as object) : value;
}

/** As nobody may await it, the coroutine of an `async def` function runs at once. */
function begin(called: ProxyRecord, coroutine: object): object {
  const { exports } = called.bridge;
  const { object } = called; // 0 when the function has destroyed its proxy
  const runs = object === 0 ? 1 : exports.sospeso_py_runs_at_once(object);
  if (runs < 0) called.bridge.throwPython();
  if (runs === 1) void promiseOf(coroutine, proxyRecord(coroutine) as ProxyRecord);
  return coroutine;
}

function adjust(style: CallStyle, self: unknown, args: readonly unknown[]): readonly unknown[] {
  const all = style.boundArgs.length === 0 ? args : [...style.boundArgs, ...args];
  return style.captureThis ? [style.bound ? style.boundThis : self, ...all] : all;
}

function callStyled(record: ProxyRecord, style: CallStyle, self: unknown, args: readonly unknown[]): unknown {
  const all = adjust(style, self, args);
  // An event that Python itself dispatches is handled before dispatchEvent() returns.
  const plain = style.plainInside === true && record.bridge.exports.sospeso_py_idle() === 0;
  return style.promising && !plain
    ? unlessClosed(record.shape.space, callPromising(record, all, undefined, false))
    : callMany(record, all, undefined, false);
}

/** A call that nobody may look after, such as a timer's: that its runtime has ended is no failure. */
function unlessClosed(space: ProxySpace, call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: unknown) => {
    if (space.closed) return new Promise(() => undefined);
    throw error;
  });
}

/** Call with options; `self` is what captureThis() passes. */
export function callWithOptions(
  record: ProxyRecord,
  options: CallOptions,
  self: unknown,
  args: readonly unknown[],
  method = "callWithOptions with 'kwargs: true'",
): unknown {
  const { relaxed, kwargs, promising } = options;
  const { style } = record;
  let words = args;
  let keywords: [string, unknown][] | undefined;
  if (kwargs) {
    keywords = keywordsOf(words, method);
    words = words.slice(0, -1);
  }
  if (style !== undefined) words = adjust(style, self, words);
  record.need(); // a promising call, too, throws at once then
  return promising || style?.promising
    ? callPromising(record, words, keywords, relaxed === true)
    : callMany(record, words, keywords, relaxed === true);
}

function keywordsOf(args: readonly unknown[], method: string): [string, unknown][] {
  if (args.length === 0) {
    throw new TypeError(`${method} requires at least one argument (the key word argument object)`);
  }
  const given = args[args.length - 1];
  const prototype: unknown = typeof given === "object" && given !== null ? Object.getPrototypeOf(given) : undefined;
  // Plain objects of other realms too (a frame, node:vm).
  const plain = prototype === null || (typeof prototype === "object" && Object.getPrototypeOf(prototype) === null);
  if (!plain) throw new TypeError("kwargs argument is not an object");
  return Object.entries(given as object);
}

/** The address of the slots, which hold the arguments, their keywords and the names of these. */
function write(
  bridge: Bridge,
  args: readonly unknown[],
  keywords: readonly (readonly [string, unknown])[] | undefined,
): number {
  const count = args.length + 2 * (keywords?.length ?? 0);
  let at = bridge.slots;
  if (count > bridge.slotCount) {
    at = bridge.exports.malloc(count * SLOT_SIZE) >>> 0;
    if (at === 0) throw new RangeError(`out of memory while passing ${count} arguments to Python`);
  }
  if (keywords === undefined) {
    writeAll(bridge, at, args);
  } else {
    writeAll(bridge, at, [...args, ...keywords.map(([, value]) => value), ...keywords.map(([name]) => name)]);
  }
  return at;
}

/** A plain call with any number of arguments. */
function callMany(
  record: ProxyRecord,
  args: readonly unknown[],
  keywords: readonly (readonly [string, unknown])[] | undefined,
  relaxed: boolean,
): unknown {
  const object = record.need();
  const { space } = record.shape;
  const { bridge } = space;
  const { exports, slots } = bridge;
  const at = write(bridge, args, keywords);
  const call = relaxed ? exports.sospeso_py_call_relaxed : exports.sospeso_py_call;
  const status = call(object, at, args.length, keywords?.length ?? 0, slots);
  if (at === slots) return finish(record, status);
  try {
    return finish(record, status);
  } finally {
    exports.free(at);
  }
}

/** A call on a task of its own. Rejects with what Python raised. */
export async function callPromising(
  record: ProxyRecord,
  args: readonly unknown[],
  keywords: readonly (readonly [string, unknown])[] | undefined,
  relaxed: boolean,
): Promise<unknown> {
  const object = record.need();
  const { space } = record.shape;
  const { bridge } = space;
  const { exports, slots } = bridge;
  const { enterTask, beforeTask } = space;
  if (enterTask === undefined) throw new Error("callPromising: the runtime gave no way to enter a task");
  const at = write(bridge, args, keywords);
  const call = exports.sospeso_py_promising(object, at, args.length, keywords?.length ?? 0, relaxed ? 1 : 0) >>> 0;
  if (at !== slots) exports.free(at);
  if (call === 0) bridge.throwPython();
  // A handler of an event runs at once, so that it can call preventDefault().
  if (beforeTask !== undefined) await beforeTask();
  else if (exports.sospeso_py_idle() === 0) await null; // invariant 2
  if (space.closed) throw new Error("this runtime was destroyed");
  await enterTask(exports.sospeso_py_promising_task(call) >>> 0);
  let status: number;
  let result: unknown;
  try {
    status = exports.sospeso_py_promising_result(call, slots);
    result = finish(record, status);
  } finally {
    exports.sospeso_py_promising_free(call);
  }
  return result;
}
