/*
 * What all PyProxies of a runtime share: the shapes (one per combination of
 * abilities), the cache of attribute names, and when a Python object is released.
 * The records themselves are in py_access.ts, with their traps in py_traps.ts.
 *
 * Invariants
 *  1. A record owns one reference to its object until `object` is 0. Setting it
 *     to 0 and releasing the reference is one step (release()).
 *  2. A new proxy is in the nursery until the turn of the event loop ends; only
 *     one that is still alive then is registered with the FinalizationRegistry.
 *     Arguments of calls are never there: the call ends them.
 *  3. The registry holds an address, never a record: nothing that it holds can
 *     reach a proxy.
 *  4. A name's address is valid while it is in the cache; shapes forget their
 *     copies when the cache is emptied.
 */

import { PROXY_SEQUENCE, PY_KEPT } from "../abi/abi.ts";
import type { Bridge, ProxyRecord, ProxySpace, Shape, TracedProxies } from "../bridge/bridge_types.ts";
import { forget, settleFresh } from "../bridge/py_known.ts";
import { DIGITS } from "./py_access.ts";

/** The prototype of a combination of flags, and the names that are not Python's. */
export interface ProxyPrototype {
  readonly prototype: object;
  readonly names: ReadonlySet<string>;
}

/** Names a shape or a runtime remembers; beyond that all are forgotten. */
const MAX_NAMES = 4096;
/** Proxies in the nursery before it is looked through early. */
const MAX_NURSERY = 8192;

/** Proxies of one runtime with the same abilities, which are the flags. */
class FlagsShape implements Shape {
  readonly space: ProxySpace;
  readonly flags: number;
  readonly prototype: object;
  readonly #builtin: ReadonlySet<string>;
  readonly #takesIndex: boolean;
  readonly names = new Map<string, number>();

  constructor(space: ProxySpace, flags: number, { prototype, names }: ProxyPrototype) {
    this.space = space;
    this.flags = flags;
    this.prototype = prototype;
    this.#builtin = names;
    this.#takesIndex = (flags & PROXY_SEQUENCE) !== 0;
  }

  learn(key: string): number {
    const index = this.#takesIndex ? indexOf(key) : -1;
    let name: number;
    if (index >= 0) name = -1 - index;
    else name = this.#builtin.has(key) ? 0 : this.space.name(key.startsWith("$") ? key.slice(1) : key);
    if (this.names.size >= MAX_NAMES) this.names.clear();
    this.names.set(key, name);
    return name;
  }
}

/** The index that a property name of digits means, or -1. No sequence is longer than the largest one. */
function indexOf(key: string): number {
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57 && DIGITS.test(key) ? Math.min(Number(key), 0x7fffffff) : -1;
}

/** What the proxies of one runtime share. Made by ffi/wasm_bridge.ts. */
export class RuntimeProxies implements ProxySpace {
  readonly bridge: Bridge;
  readonly #prototypeFor: (flags: number) => ProxyPrototype;
  readonly #shapes = new Map<number, Shape>();
  #lastFlags = -1;
  #lastShape: Shape | undefined;
  readonly #names = new Map<string, number>();
  readonly #registry: FinalizationRegistry<number>;
  /** Proxy, record, proxy, record: made in this turn. */
  #nursery: unknown[] = [];
  #flushing = false;
  /** While the arguments of one call are read: what is made for them is not in the nursery but in #held. */
  #holding = false;
  #held: ProxyRecord[] | undefined;
  live = 0;
  collected = 0;
  origins: Set<ProxyRecord> | undefined;
  traced: TracedProxies | undefined;
  moreKeys: readonly symbol[] = [];
  enterTask: ((task: number) => Promise<void>) | undefined;
  beforeTask: (() => Promise<void>) | undefined;
  readonly pending: ProxySpace["pending"] = new Map();
  lastPending = 0;
  closed = false;

  /** @param prototypeFor makes the prototype of proxies whose objects have these abilities. */
  constructor(bridge: Bridge, prototypeFor: (flags: number) => ProxyPrototype) {
    this.bridge = bridge;
    this.#prototypeFor = prototypeFor;
    this.#registry = new FinalizationRegistry((object) => {
      if (this.closed) return;
      this.live--;
      this.collected++;
      bridge.exports.sospeso_py_release(object);
    });
  }

  shape(flags: number): Shape {
    if (flags === this.#lastFlags) return this.#lastShape as Shape;
    let shape = this.#shapes.get(flags);
    if (shape === undefined) {
      shape = new FlagsShape(this, flags, this.#prototypeFor(flags));
      this.#shapes.set(flags, shape);
    }
    this.#lastFlags = flags;
    this.#lastShape = shape;
    return shape;
  }

  name(text: string): number {
    let name = this.#names.get(text);
    if (name === undefined) {
      if (this.#names.size >= MAX_NAMES) this.#forgetNames();
      const { bridge } = this;
      bridge.beginText();
      bridge.writeSlot(bridge.slots, text);
      name = bridge.exports.sospeso_py_name(bridge.slots) >>> 0;
      if (name === 0) bridge.throwPython();
      this.#names.set(text, name);
    }
    return name;
  }

  #forgetNames(): void {
    for (const shape of this.#shapes.values()) shape.names.clear();
    const names = [...this.#names.values()];
    this.#names.clear();
    for (const name of names) this.bridge.exports.sospeso_py_release(name);
  }

  result(status: number): unknown {
    const { bridge } = this;
    if (status < 0) bridge.throwPython();
    const value = bridge.readSlot(bridge.slots);
    if (status === PY_KEPT) bridge.exports.sospeso_py_let_go();
    return value;
  }

  adopt(proxy: object, record: ProxyRecord): void {
    this.live++;
    if (this.#holding) {
      if (this.#held === undefined) this.#held = [record];
      else this.#held.push(record);
    } else {
      const nursery = this.#nursery;
      nursery.push(proxy, record);
      if (nursery.length > 2 * MAX_NURSERY) this.#register();
    }
    if (!this.#flushing) {
      this.#flushing = true;
      soon(() => this.#flush());
    }
    if (this.bridge.debug) this.#note(record);
    this.traced?.add(proxy, record);
  }

  #flush(): void {
    this.#flushing = false;
    settleFresh();
    if (!this.closed) this.#register();
  }

  #register(): void {
    const nursery = this.#nursery;
    this.#nursery = [];
    for (let i = 0; i < nursery.length; i += 2) {
      const record = nursery[i + 1] as ProxyRecord;
      if (record.object !== 0) {
        record.registered = true;
        this.#registry.register(nursery[i] as object, record.object, record);
      }
    }
  }

  beginArguments(): void {
    this.#holding = true;
  }

  takeArguments(): ProxyRecord[] | undefined {
    const taken = this.#held;
    this.#held = undefined;
    this.#holding = false;
    return taken;
  }

  leave(proxy: object, record: ProxyRecord): void {
    record.registered = true;
    this.#registry.register(proxy, record.object, record);
  }

  isLeftToCollector(record: ProxyRecord): boolean {
    return record.registered || this.#nursery.includes(record);
  }

  release(record: ProxyRecord): void {
    const { object } = record;
    record.object = 0;
    this.live--;
    forget(record);
    const nursery = this.#nursery;
    // Index -1 of an array is a property by name: it cost as much as the Proxy.
    if (nursery.length > 0 && nursery[nursery.length - 1] === record) {
      // Made and destroyed at once: let go of it at once, too.
      nursery.pop();
      nursery.pop();
    }
    if (record.registered) this.#registry.unregister(record);
    this.origins?.delete(record);
    this.traced?.remove(record);
    if (!this.closed) this.bridge.exports.sospeso_py_release(object);
  }

  #note(record: ProxyRecord): void {
    (this.origins ??= new Set()).add(record);
    record.needRare().origin = new Error("made here").stack;
  }

  close(): void {
    this.closed = true;
    this.#nursery = [];
    const pending = [...this.pending.values()];
    this.pending.clear();
    const error = new Error("this runtime was destroyed");
    for (const entry of pending) entry.abandon(error);
  }
}

/** Once per turn of the event loop; must not keep a process alive. */
function soon(callback: () => void): void {
  const timer: unknown = setTimeout(callback, 0);
  if (typeof timer === "object") (timer as { unref?(): void } | null)?.unref?.();
}
