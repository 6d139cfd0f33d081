/*
 * How a PyProxy is known again when JavaScript hands it back: by a private field
 * on the Proxy, which costs ten times the Proxy itself, so only what lives a
 * little longer gets it. The few newest ones are known by identity. Used by all
 * of ffi/ and by runtime/api/api.ts.
 *
 * Invariants
 *  1. A live proxy is in `fresh` or has the field; proxyRecord() finds each and
 *     runs no code of the user's. Neither can be seen, forged or trapped.
 *  2. `self` is set exactly while there is no field. What is in `fresh` is alive
 *     and has none.
 *  3. A proxy tells of itself in its trap getPrototypeOf when anyRecord() asks for it,
 *     and one that ended without the field gets it then: whoever must tell an ended
 *     proxy from a foreign object calls that, where a trap of a foreign Proxy may run.
 *  4. `fresh` is empty after each turn of the event loop in which a proxy was
 *     made (ffi/py_in_js/py_record.ts), so it keeps nothing from the collector.
 */

import { PROXY_COROUTINE } from "../abi/abi.ts";
import type { ProxyRecord } from "./bridge_types.ts";

/** Returning an object from a constructor makes it `this` of a class derived from it. */
const Returned = function (object: object): object {
  return object;
} as unknown as new (object: object) => object;

/** The record that the next stamp carries. */
let stamping: ProxyRecord | undefined;

/** `new Stamp(proxy)` puts the field on the proxy (an initialiser is faster than a constructor). */
class Stamp extends Returned {
  readonly #record = stamping as ProxyRecord;

  static read(value: object): ProxyRecord | undefined {
    return #record in value ? value.#record : undefined;
  }
}

/** Give the proxy its field. */
export function stamp(proxy: object, record: ProxyRecord): void {
  stamping = record;
  new Stamp(proxy);
  stamping = undefined; // it holds the proxies of the attributes
  record.self = undefined;
}

/** Room in `fresh`: every object that goes to Python is compared with what is there. */
const MOST_FRESH = 8;

/** Live proxies of all runtimes without the field, the newest last. */
const fresh: ProxyRecord[] = [];

/** A new proxy. */
export function know(proxy: object, record: ProxyRecord): void {
  if (fresh.length === MOST_FRESH) {
    while (fresh.length > MOST_FRESH / 2) {
      const oldest = fresh[0] as ProxyRecord;
      stamp(oldest.self as object, oldest);
      fresh.shift(); // after it: where the stack ends between the two, the proxy is still known
    }
  }
  record.self = proxy;
  fresh.push(record);
}

/** The proxy has ended. */
export function forget(record: ProxyRecord): void {
  if (record.self === undefined) return;
  let at = fresh.length - 1;
  while (at >= 0 && fresh[at] !== record) at--;
  if (at === fresh.length - 1) fresh.pop();
  else if (at >= 0) fresh.splice(at, 1);
}

/** The turn is over: what is still alive gets the field. */
export function settleFresh(): void {
  for (let i = fresh.length - 1; i >= 0; i--) {
    const record = fresh[i] as ProxyRecord;
    stamp(record.self as object, record);
    fresh.pop();
  }
}

/** The record of a live PyProxy, and of most that ended; undefined for other values. Runs no code of the user's. */
export function proxyRecord(value: unknown): ProxyRecord | undefined {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return undefined;
  for (let i = fresh.length - 1; i >= 0; i--) {
    const record = fresh[i] as ProxyRecord;
    if (record.self === value) return record;
  }
  return Stamp.read(value);
}

/** While anyRecord() asks, and what answers. */
let asking = false;
let answer: ProxyRecord | undefined;

/** In the trap getPrototypeOf: see invariant 3. */
export function announce(record: ProxyRecord): void {
  if (asking) answer = record;
  if (record.self !== undefined && record.object === 0) stamp(record.self, record);
}

/**
 * The record of a PyProxy, live or ended, or of one behind a Proxy that passes on what it is asked; undefined
 * for other values. May run a trap of a foreign Proxy.
 */
export function anyRecord(value: unknown): ProxyRecord | undefined {
  const record = proxyRecord(value);
  if (record !== undefined || value === null || (typeof value !== "object" && typeof value !== "function")) {
    return record;
  }
  asking = true;
  let prototype: unknown;
  try {
    prototype = Object.getPrototypeOf(value);
  } catch {
    prototype = undefined; // a foreign Proxy
  }
  const found = answer;
  asking = false;
  answer = undefined;
  if (found === undefined || prototype === undefined) return undefined;
  // What a foreign trap asked of some PyProxy is no answer of its own.
  return prototype === found.shape.prototype ? found : Stamp.read(value);
}

/** The promise that goes to Python for a proxy: of what has ended, and of a coroutine, which has one owner only. */
export function promiseFor(record: ProxyRecord): Promise<unknown> | undefined {
  const promise = record.ender.rare?.promise;
  return record.object === 0 || (record.flags & PROXY_COROUTINE) !== 0 ? promise : undefined;
}

/**
 * The record of `this` in a method of PyProxy's: of the proxy, or of the one from which `this` inherits.
 * @throws TypeError when it is no PyProxy.
 */
export function recordOf(self: unknown): ProxyRecord {
  const record = anyRecord(self);
  if (record !== undefined) return record;
  if ((typeof self === "object" && self !== null) || typeof self === "function") {
    const prototype: unknown = Object.getPrototypeOf(self);
    if (prototype !== null) return recordOf(prototype);
  }
  throw new TypeError("this method is called on something that is no PyProxy");
}
