/*
 * PyProxy: a Python object as JavaScript sees it. Here is its making; how it is
 * known again is in py_known.ts, the traps are in py_traps.ts, the classes in
 * py_classes.ts, lifetimes in py_record.ts. Called by bridge.ts for each object
 * that crosses.
 *
 * Invariants
 *  1. All proxies share two targets, which no trap ever reaches.
 */

import type { Bridge } from "../bridge/bridge.ts";
import { PROXY_CALLABLE } from "./py_flags.ts";
import { anyRecord, know, stamp } from "./py_known.ts";
import { spaceOf, type CallStyle, type Shape } from "./py_record.ts";
import { OwnRecord, ViewRecord, type ProxyRecord } from "./py_traps.ts";

export type { PyProxyExports } from "./py_record.ts";
export type { ProxyRecord } from "./py_traps.ts";
export { anyRecord, forgetStamp, proxyRecord } from "./py_known.ts";

const OBJECT_TARGET = {};
/** A bound function can be called and constructed, and has no property that cannot be deleted. */
const FUNCTION_TARGET = function () {}.bind(undefined) as unknown as Record<string, unknown>;
delete FUNCTION_TARGET["name"];
delete FUNCTION_TARGET["length"];

/** What Node's console shows of a proxy: it asks the target, with the proxy as `this`. */
const inspect = {
  value(this: unknown): string {
    const record = anyRecord(this);
    if (record === undefined || record.object === 0) return "PyProxy (destroyed)";
    const { space } = record.shape;
    const { bridge } = space;
    try {
      return `PyProxy ${String(space.result(bridge.exports.sospeso_py_text(record.object, 1, bridge.slots)))}`;
    } catch {
      return "PyProxy (its repr() raised an exception)";
    }
  },
  configurable: true,
};
Object.defineProperty(OBJECT_TARGET, Symbol.for("nodejs.util.inspect.custom"), inspect);
Object.defineProperty(FUNCTION_TARGET, Symbol.for("nodejs.util.inspect.custom"), inspect);

function make(shape: Shape, record: ProxyRecord): object {
  return new Proxy((shape.flags & PROXY_CALLABLE) !== 0 ? FUNCTION_TARGET : OBJECT_TARGET, record);
}

/**
 * A new PyProxy, which takes the reference over.
 * @param flags what the object can do (sospeso_proxy_flags).
 */
export function makeProxy(bridge: Bridge, object: number, flags: number, style?: CallStyle): object {
  const space = spaceOf(bridge);
  const shape = space.shape(flags);
  const record = new OwnRecord(shape, object >>> 0, style);
  const proxy = make(shape, record);
  know(proxy, record);
  space.adopt(proxy, record);
  return proxy;
}

/** A proxy of the same object that is called in another way and ends with the first one. */
export function makeView(proxy: object, record: ProxyRecord, style: CallStyle): object {
  const [owner, anchor] = record instanceof ViewRecord ? [record.owner, record.anchor] : [record, proxy];
  const view = new ViewRecord(owner, anchor, style);
  const made = make(owner.shape, view);
  stamp(made, view);
  return made;
}

/** Before the arguments of a call to JavaScript are read: what is made from now on belongs to it. */
export function beginArguments(bridge: Bridge): void {
  spaceOf(bridge).beginArguments();
}

/**
 * The proxies made since beginArguments(), which now belong to the caller: they
 * are destroyed by endArguments() or not at all.
 */
export function takeArguments(bridge: Bridge): ProxyRecord[] | undefined {
  return spaceOf(bridge).takeArguments();
}

const CALL_IS_OVER =
  "it was an argument of a call that is over; use create_proxy() in Python or copy() in JavaScript to keep it";

/** Destroy the proxies of a call's arguments, now that it is over. */
export function endArguments(records: readonly ProxyRecord[]): void {
  for (let i = 0; i < records.length; i++) {
    const record = records[i] as ProxyRecord;
    if (!record.roundtrip) record.destroy(CALL_IS_OVER);
  }
}
