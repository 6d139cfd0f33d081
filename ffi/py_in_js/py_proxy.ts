/*
 * PyProxy: a Python object as JavaScript sees it. Here is its making; how it is
 * known again is in ffi/bridge/py_known.ts, the traps are in py_traps.ts, the classes in
 * py_classes.ts, lifetimes in py_record.ts. Called by ffi/wasm_bridge.ts for each object
 * that crosses.
 *
 * Invariants
 *  1. All proxies share two targets, which no trap ever reaches.
 */

import { PROXY_CALLABLE, TEXT_REPR } from "../abi/abi.ts";
import type { Bridge, CallStyle, ProxyRecord, Shape } from "../bridge/bridge_types.ts";
import { anyRecord, know, stamp } from "../bridge/py_known.ts";
import { OwnRecord, ViewRecord } from "./py_traps.ts";

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
      return `PyProxy ${String(space.result(bridge.exports.sospeso_py_text(record.object, TEXT_REPR, bridge.slots)))}`;
    } catch {
      return "PyProxy (its repr() raised an exception)";
    }
  },
  configurable: true,
};
Object.defineProperty(OBJECT_TARGET, Symbol.for("nodejs.util.inspect.custom"), inspect);
Object.defineProperty(FUNCTION_TARGET, Symbol.for("nodejs.util.inspect.custom"), inspect);

function make(shape: Shape, record: ProxyHandler<object>): object {
  return new Proxy((shape.flags & PROXY_CALLABLE) !== 0 ? FUNCTION_TARGET : OBJECT_TARGET, record);
}

/**
 * A new PyProxy, which takes the reference over.
 * @param flags what the object can do (sospeso_proxy_flags).
 */
export function makeProxy(bridge: Bridge, object: number, flags: number, style?: CallStyle): object {
  const { space } = bridge;
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
