/*
 * PyProxy: a Python object as JavaScript sees it. Here is its making; how it is
 * known again is in ffi/bridge/py_known.ts, the traps are in py_traps.ts, the classes in
 * py_classes.ts, lifetimes in py_ends.ts and py_record.ts. Called by ffi/wasm_bridge.ts for
 * each object that crosses.
 *
 * Invariants
 *  1. The target is made as cheaply as can be; py_traps.ts completes it when
 *     JavaScript first puts a property on the proxy.
 */

import { PROXY_CALLABLE, TEXT_REPR } from "../abi/abi.ts";
import type { Bridge, CallStyle, ProxyRecord, Shape } from "../bridge/bridge_types.ts";
import { anyRecord, know, stamp } from "../bridge/py_known.ts";
import { OwnRecord, ViewRecord } from "./py_ends.ts";

/** The method by which Node's console shows an object. It asks the target of a Proxy, with the proxy as `this`. */
export const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const IN_NODE = typeof process === "object" && process.versions?.node !== undefined;

export function inspectProxy(this: unknown): string {
  const record = anyRecord(this);
  if (record === undefined || record.object === 0) return "PyProxy (destroyed)";
  const { space } = record.shape;
  const { bridge } = space;
  try {
    return `PyProxy ${String(space.result(bridge.exports.sospeso_py_text(record.object, TEXT_REPR, bridge.slots)))}`;
  } catch {
    return "PyProxy (its repr() raised an exception)";
  }
}

/** The target of what cannot be called, and the maker of those that can. */
class Target {
  /** A strict function also in a bundle that is no module: others have properties that cannot be deleted. */
  static callable(): () => void {
    return function () {};
  }
}
if (IN_NODE) Object.defineProperty(Target.prototype, INSPECT, { value: inspectProxy });

/** The Proxy for a record, which is its handler. */
export function newProxy(shape: Shape, record: ProxyRecord): object {
  if ((shape.flags & PROXY_CALLABLE) === 0) return new Proxy(new Target(), record as ProxyHandler<object>);
  const target = Target.callable();
  if (IN_NODE) (target as unknown as Record<symbol, unknown>)[INSPECT] = inspectProxy;
  return new Proxy(target, record as ProxyHandler<object>);
}

/**
 * A new PyProxy, which takes the reference over.
 * @param flags what the object can do (sospeso_proxy_flags).
 */
export function makeProxy(bridge: Bridge, object: number, flags: number, style?: CallStyle): object {
  const { space } = bridge;
  const shape = space.shape(flags);
  const record = new OwnRecord(shape, object >>> 0, style);
  const proxy = newProxy(shape, record);
  know(proxy, record);
  space.adopt(proxy, record);
  return proxy;
}

/** A proxy of the same object that is called in another way and ends with the first one. */
export function makeView(proxy: object, record: ProxyRecord, style: CallStyle): object {
  const view = new ViewRecord(record.ender, record instanceof ViewRecord ? record.anchor : proxy, style);
  const made = newProxy(view.shape, view);
  stamp(made, view);
  return made;
}
