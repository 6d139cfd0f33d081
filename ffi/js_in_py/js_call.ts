/*
 * Calls of JavaScript functions by Python: the imports behind ffi/js_in_py/js_call.c. One
 * import decodes all arguments, calls, and describes the result.
 *
 * Invariants
 *  1. PyProxies made for the arguments of a call end when it returns; when it
 *     returns a promise or a generator, when that has finished or is collected.
 *     So do those made for what Python sends to the generator. They never reach
 *     the FinalizationRegistry themselves; only an argument that the promise
 *     gives back is left to it.
 *  2. A PyProxy that a call returns ends, too: Python has its object then. So does
 *     one that the call's promise gives Python (ffi/wait/run_sync.ts), or its generator at
 *     its end.
 *  3. Ending proxies may run code: the result is described after it. Only a
 *     result that is a PyProxy is given a reference of its own before.
 */

import { JS_ASYNC_GENERATOR, JS_GENERATOR, JS_PROMISE, SLOT_GIVEN, SLOT_INT, SLOT_JS, SLOT_PY, SLOT_SIZE } from "../abi/abi.ts";
import { jsKind } from "../abi/js_kind.ts";
import type { AnyImport, Bridge, ProxyRecord } from "../bridge/bridge_types.ts";
import { ASYNC_GENERATOR_IS_OVER, CALL_IS_OVER, GENERATOR_IS_OVER, noteOfCall, PROMISE_IS_OVER } from "../bridge/call_results.ts";
import { ThrownCopy } from "../bridge/errors.ts";
import { promiseFor, proxyRecord } from "../bridge/py_known.ts";

type Callee = (...args: unknown[]) => unknown;

/** What reading the last arguments made; taken at once by the caller. */
let made: ProxyRecord[] | undefined;

function takeMade(): ProxyRecord[] | undefined {
  const records = made;
  made = undefined;
  return records;
}

/** The arguments in `count` slots, then `keywords` values and as many names. */
function readArguments(b: Bridge, slots: number, count: number, keywords: number): unknown[] {
  const args = new Array<unknown>(count);
  if (keywords > 0) return readOwned(b, slots, count, keywords, args, 0);
  const { i32 } = b; // nothing here calls wasm
  for (let i = 0, address = slots; i < count; i++, address += SLOT_SIZE) {
    const at = address >>> 2;
    const kind = i32[at];
    if (kind === SLOT_PY) return readOwned(b, address, count, 0, args, i);
    args[i] = kind === SLOT_INT ? i32[at + 1] : b.readSlot(address);
  }
  return args;
}

/** The rest of them, from slot `i` on, when Python objects may be among them: notes what was made for them. */
function readOwned(
  b: Bridge,
  address: number,
  count: number,
  keywords: number,
  args: unknown[],
  i: number,
): unknown[] {
  b.space.beginArguments();
  try {
    for (; i < count; i++, address += SLOT_SIZE) args[i] = b.readSlot(address);
    if (keywords > 0) {
      const options: Record<string, unknown> = {};
      for (let k = 0; k < keywords; k++, address += SLOT_SIZE) {
        const name = String(b.readSlot(address + keywords * SLOT_SIZE));
        const value = b.readSlot(address);
        if (name === "__proto__") {
          Object.defineProperty(options, name, { value, enumerable: true, writable: true, configurable: true });
        } else {
          options[name] = value;
        }
      }
      args.push(options);
    }
  } finally {
    made = b.space.takeArguments();
  }
  return args;
}

/** Destroy the proxies of a call's arguments, now that it is over. */
export function endArguments(records: readonly ProxyRecord[], reason = CALL_IS_OVER): void {
  for (let i = 0; i < records.length; i++) {
    const record = records[i] as ProxyRecord;
    if (!record.roundtrip) record.destroy(reason);
  }
}

/** What ends with a generator: the proxies of its call's arguments, and of what was sent to it. */
const ofGenerators = new WeakMap<object, ProxyRecord[]>();

/** Promises and generators that are collected before they have finished. */
const abandoned = new FinalizationRegistry<readonly ProxyRecord[]>((records) => {
  if (records[0]?.shape.space.closed === false) endArguments(records);
});

/** Whether the result is a promise or generator, with which the proxies then end. */
function finishesLater(records: ProxyRecord[], result: unknown): boolean {
  if (typeof result !== "object" && typeof result !== "function") return false;
  const kind = jsKind(result);
  if ((kind & JS_PROMISE) !== 0) {
    abandoned.register(result as object, records, records);
    const end = (value: unknown): void => endLater(records, PROMISE_IS_OVER, keptBy(records, value));
    (result as PromiseLike<unknown>).then(end, end);
    return true;
  }
  if ((kind & (JS_GENERATOR | JS_ASYNC_GENERATOR)) !== 0) {
    endWithGenerator(records, result as Record<string, unknown>, (kind & JS_ASYNC_GENERATOR) !== 0);
    return true;
  }
  return false;
}

/**
 * When a result is a PyProxy: write it with a reference of its own, for it may be
 * one of the arguments or an attribute of one, and then end these.
 * @param ends whether the proxy ends as well, as it does when a call returns it.
 */
export function giveBack(
  b: Bridge,
  result: unknown,
  slot: number,
  records: readonly ProxyRecord[],
  ends = false,
): boolean {
  const record = proxyRecord(result);
  if (record === undefined || record.bridge !== b || record.object === 0 || record.roundtrip) return false;
  if (promiseFor(record) !== undefined) return false; // a coroutine that has a task: Python gets its promise
  const { object } = record;
  b.exports.sospeso_py_retain(object);
  endArguments(records);
  if (ends) record.destroy(CALL_IS_OVER);
  const { i32 } = b;
  i32[slot >>> 2] = SLOT_GIVEN;
  i32[(slot >>> 2) + 1] = object;
  return true;
}

const NOTHING_MADE: readonly ProxyRecord[] = [];

/** Describe the result of a call and end what was made for it. */
function finish(b: Bridge, records: ProxyRecord[] | undefined, result: unknown, slot: number, ends: boolean): 0 {
  if (records !== undefined) {
    if (giveBack(b, result, slot, records, ends)) return 0;
    if (!finishesLater(records, result)) endArguments(records);
  }
  b.beginText();
  b.writeSlot(slot, result);
  const { i32 } = b;
  const at = slot >>> 2;
  if (!ends || i32[at] === SLOT_INT) return 0;
  if (i32[at] === SLOT_PY) giveBack(b, result, slot, NOTHING_MADE, true);
  else if (i32[at] === SLOT_JS && ((i32[at + 3] as number) & JS_PROMISE) !== 0) noteOfCall(result as object);
  return 0;
}

/** End what was made for a call that threw. */
export function failed(b: Bridge, records: readonly ProxyRecord[] | undefined, error: unknown): -1 {
  if (records === undefined) return b.fail(error);
  const record = proxyRecord(error);
  // A Python exception that was an argument may be what is thrown.
  const thrown =
    record !== undefined && records.includes(record) && record.object !== 0
      ? new ThrownCopy((error as { copy(): unknown }).copy())
      : error;
  endArguments(records);
  return b.fail(thrown);
}

/** The record of what a promise or a generator gives in the end, if that is an argument: Python takes it later. */
function keptBy(records: readonly ProxyRecord[], value: unknown): ProxyRecord | undefined {
  const record = proxyRecord(value);
  if (record === undefined || record.object === 0 || !records.includes(record)) return undefined;
  record.shape.space.leave(value as object, record);
  return record;
}

/** End the proxies of a call whose promise or generator has finished, but for one. */
function endLater(records: readonly ProxyRecord[], reason: string, kept?: ProxyRecord): void {
  abandoned.unregister(records);
  if (records[0]?.shape.space.closed !== false) return;
  endArguments(kept === undefined ? records : records.filter((record) => record !== kept), reason);
}

/** Whether it is a generator of JavaScript's, of either sort. */
export function isGenerator(value: unknown): boolean {
  return ofGenerators.has(value as object) || (jsKind(value) & (JS_GENERATOR | JS_ASYNC_GENERATOR)) !== 0;
}

/** Let what was made for a step of a generator end with it. */
export function endsWithGenerator(records: ProxyRecord[], generator: unknown): void {
  const known = ofGenerators.get(generator as object);
  if (known !== undefined) known.push(...records);
  else endWithGenerator(records, generator as Record<string, unknown>, (jsKind(generator) & JS_ASYNC_GENERATOR) !== 0);
}

/** Watch a generator's own methods, so that it stays the object that was returned. */
function endWithGenerator(records: ProxyRecord[], generator: Record<string, unknown>, async: boolean): void {
  abandoned.register(generator, records, records);
  ofGenerators.set(generator, records);
  const reason = async ? ASYNC_GENERATOR_IS_OVER : GENERATOR_IS_OVER;
  const after = (step: unknown): unknown => {
    const { done, value } = (step ?? {}) as { done?: unknown; value?: unknown };
    if (done === true) endLater(records, reason, keptBy(records, value));
    return step;
  };
  const failed = (error: unknown): never => {
    endLater(records, reason);
    throw error;
  };
  for (const name of ["next", "return", "throw"]) {
    const method = generator[name] as Callee;
    Object.defineProperty(generator, name, {
      configurable: true,
      writable: true,
      value: (...args: unknown[]): unknown => {
        if (async) return (Reflect.apply(method, generator, args) as Promise<unknown>).then(after, failed);
        try {
          return after(Reflect.apply(method, generator, args));
        } catch (error) {
          return failed(error);
        }
      },
    });
  }
}

/** Imports of ffi/js_in_py/js_call.c. */
export function jsCallImports(bridge: () => Bridge): Record<string, AnyImport> {
  return {
    js_call: (fn, receiver, slots, count, keywords, result) => {
      const b = bridge();
      let records: ProxyRecord[] | undefined;
      try {
        const callee = b.handles.get(fn as number) as Callee;
        const self = receiver === 0 ? null : b.handles.get(receiver as number);
        const args = readArguments(b, (slots as number) >>> 0, count as number, keywords as number);
        records = takeMade();
        return finish(b, records, Reflect.apply(callee, self, args), (result as number) >>> 0, true);
      } catch (error) {
        return failed(b, records ?? takeMade(), error);
      }
    },

    js_new: (fn, slots, count, keywords, result) => {
      const b = bridge();
      let records: ProxyRecord[] | undefined;
      try {
        const callee = b.handles.get(fn as number) as Callee;
        const args = readArguments(b, (slots as number) >>> 0, count as number, keywords as number);
        records = takeMade();
        return finish(b, records, Reflect.construct(callee, args), (result as number) >>> 0, false);
      } catch (error) {
        return failed(b, records ?? takeMade(), error);
      }
    },
  };
}
