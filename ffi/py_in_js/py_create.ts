/*
 * The imports of ffi/py_in_js/py_create.c and py_await.c: proxies that Python asks for
 * (create_proxy, create_once_callable), their end, promises that Python settles,
 * and the statistics for Python.
 *
 * Invariants
 *  1. py_create takes the reference over at once, as part of a proxy, so that it
 *     is released whatever happens after.
 */

import {
  CREATE_CAPTURE_THIS,
  CREATE_LISTENER,
  CREATE_ONCE,
  CREATE_PROMISING,
  CREATE_ROUNDTRIP,
  JS_CALLABLE,
  JS_DOUBLE,
  JS_GET,
  JS_HAS,
  JS_ITERABLE,
  JS_LENGTH,
  JS_ONCE,
  JS_SET,
  PROXY_CALLABLE,
  PROXY_GET,
  PROXY_HAS,
  PROXY_ITERABLE,
  PROXY_LENGTH,
  PROXY_SET,
  SLOT_JS,
  SLOT_UNDEFINED,
} from "../abi/abi.ts";
import type { AnyImport, Bridge, ProxyRecord } from "../bridge/bridge_types.ts";
import { anyRecord, proxyRecord } from "../bridge/py_known.ts";
import { ffiStats } from "../bridge/stats.ts";
import { settle } from "./py_async.ts";
import { callRecord } from "./py_calls.ts";
import { makeProxy } from "./py_proxy.ts";

/** What a proxy of a proxy can do, without asking the object. */
export function doubleKind(record: ProxyRecord): number {
  const { flags } = record;
  let kind = JS_DOUBLE;
  if ((flags & PROXY_CALLABLE) !== 0) kind |= JS_CALLABLE;
  if ((flags & PROXY_ITERABLE) !== 0) kind |= JS_ITERABLE;
  if ((flags & PROXY_LENGTH) !== 0) kind |= JS_LENGTH;
  if ((flags & PROXY_GET) !== 0) kind |= JS_GET;
  if ((flags & PROXY_SET) !== 0) kind |= JS_SET;
  if ((flags & PROXY_HAS) !== 0) kind |= JS_HAS;
  return kind;
}

/** Functions made by create_once_callable(), and the records they release. */
const onceRecords = new WeakMap<object, ProxyRecord>();

/** The record behind a PyProxy or a function of create_once_callable(). */
export function createdRecord(value: unknown): ProxyRecord | undefined {
  return anyRecord(value) ?? (typeof value === "function" ? onceRecords.get(value) : undefined);
}

function onceCallable(proxy: object): (...args: unknown[]) => unknown {
  // The proxy, and not only its record, so that the collector leaves it.
  let held: object | undefined = proxy;
  const record = proxyRecord(proxy) as ProxyRecord;
  const used = (): boolean => held === undefined || record.object === 0;
  const once = function (this: unknown, ...args: unknown[]): unknown {
    if (used()) throw new Error("OnceProxy can only be called once");
    held = undefined;
    try {
      return callRecord(record, this, args);
    } finally {
      record.destroy();
    }
  };
  const destroy = (): void => {
    if (used()) throw new Error("OnceProxy has already been destroyed");
    held = undefined;
    record.destroy();
  };
  onceRecords.set(once, record);
  Object.defineProperty(once, "destroy", { value: destroy, configurable: true, writable: true });
  return once;
}

function create(bridge: Bridge, object: number, flags: number, how: number, out: number): void {
  const styled = (how & (CREATE_CAPTURE_THIS | CREATE_PROMISING)) !== 0;
  const proxy = makeProxy(
    bridge,
    object,
    flags,
    styled
      ? {
          captureThis: (how & CREATE_CAPTURE_THIS) !== 0,
          promising: (how & CREATE_PROMISING) !== 0,
          plainInside: (how & CREATE_LISTENER) !== 0,
          bound: false,
          boundThis: undefined,
          boundArgs: [],
        }
      : undefined,
  );
  const record = proxyRecord(proxy) as ProxyRecord;
  let value: unknown = proxy;
  let kind = doubleKind(record);
  if ((how & CREATE_ONCE) !== 0) {
    value = onceCallable(proxy);
    kind = JS_ONCE | JS_CALLABLE;
  } else if ((how & CREATE_ROUNDTRIP) !== 0) {
    record.needRare().roundtrip = true;
  }
  const handle = bridge.handles.add(value);
  const { i32 } = bridge;
  const at = out >>> 2;
  i32[at] = SLOT_JS;
  i32[at + 1] = handle;
  i32[at + 3] = kind;
}

/** Destroy one proxy, or all in an array. False when it is neither. @throws TypeError when an item is no proxy. */
function destroy(value: unknown): boolean {
  if (createdRecord(value) !== undefined) {
    (value as { destroy(): void }).destroy();
    return true;
  }
  if (!Array.isArray(value)) return false;
  for (const item of value as unknown[]) {
    const each = createdRecord(item);
    if (each === undefined) throw new TypeError("proxy.destroy is not a function: the array has more than PyProxies");
    each.destroy();
  }
  return true;
}

/** Imports of ffi/py_in_js/py_create.c and py_await.c. */
export function pyProxyImports(bridge: () => Bridge): Record<string, AnyImport> {
  return {
    py_create: (object, flags, how, out) => {
      const b = bridge();
      try {
        b.i32[(out as number) >>> 2] = SLOT_UNDEFINED;
        create(b, (object as number) >>> 0, flags as number, how as number, (out as number) >>> 0);
        return 0;
      } catch (error) {
        return b.fail(error);
      }
    },

    py_destroy: (handle) => {
      const b = bridge();
      try {
        return destroy(b.handles.get(handle as number)) ? 0 : 1;
      } catch (error) {
        return b.fail(error);
      }
    },

    py_unwrap: (handle) => createdRecord(bridge().handles.get(handle as number))?.object ?? 0,

    py_settle: (number, how, value) => settle(bridge(), number as number, how as number, (value as number) >>> 0),

    py_stats: (out) => {
      const b = bridge();
      try {
        const text = JSON.stringify(ffiStats(b));
        b.beginText();
        b.writeSlot((out as number) >>> 0, text);
        return 0;
      } catch (error) {
        return b.fail(error);
      }
    },
  };
}
