/*
 * The record behind each PyProxy, and what all proxies of a runtime share: the
 * shapes (one per combination of abilities), the cache of attribute names, and
 * who releases a Python object when. The traps are in py_proxy.ts.
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

import type { Bridge } from "../bridge/bridge.ts";
import { prototypeFor, takesIndex, type ProxyPrototype } from "./py_classes.ts";
import { PY_KEPT } from "./py_flags.ts";
import { forget, settleFresh } from "./py_known.ts";
import type { ProxyRecord } from "./py_traps.ts";

/** Exports of ffi/py_*.c. Pointers are byte addresses, objects are borrowed. */
export interface PyProxyExports {
  sospeso_py_let_go(): void;
  sospeso_py_name(text: number): number;
  sospeso_py_getattr(object: number, name: number, cached: number, out: number): number;
  sospeso_py_setattr(object: number, name: number, value: number): number;
  sospeso_py_hasattr(object: number, name: number): number;
  sospeso_py_dir(object: number, which: number, out: number): number;
  sospeso_py_text(object: number, which: number, out: number): number;
  sospeso_py_release(object: number): void;
  sospeso_py_retain(object: number): void;
  sospeso_py_getitem(object: number, key: number, out: number): number;
  sospeso_py_item(object: number, index: number, out: number): number;
  sospeso_py_setitem(object: number, slots: number, hasValue: number): number;
  sospeso_py_contains(object: number, key: number): number;
  sospeso_py_length(object: number): number;
  sospeso_py_list(object: number): number;
  sospeso_py_splice(object: number, start: number, stop: number, slots: number, count: number): number;
  sospeso_py_iter(object: number, async: number): number;
  sospeso_py_next(iterator: number, out: number): number;
  sospeso_py_send(generator: number, value: number, out: number): number;
  sospeso_py_throw(generator: number, given: number, exiting: number, out: number): number;
  sospeso_py_async_step(generator: number, which: number, given: number, value: number): number;
  sospeso_py_call(callable: number, slots: number, positional: number, keywords: number, out: number): number;
  sospeso_py_call_relaxed(callable: number, slots: number, positional: number, keywords: number, out: number): number;
  sospeso_py_promising(
    callable: number,
    slots: number,
    positional: number,
    keywords: number,
    relaxed: number,
  ): number;
  sospeso_py_drop(slots: number, count: number): void;
  sospeso_py_idle(): number;
  sospeso_py_promising_task(call: number): number;
  sospeso_py_promising_result(call: number, out: number): number;
  sospeso_py_promising_free(call: number): void;
  sospeso_py_schedule(awaitable: number, number: number): number;
  sospeso_task_stat(which: number): number;
}

/** How calls of a proxy are made, when not plainly. */
export interface CallStyle {
  /** `this` is the first argument. */
  readonly captureThis: boolean;
  /** Calls run on a task of their own and give a promise. */
  readonly promising: boolean;
  /** A promising call that Python makes through JavaScript (dispatchEvent) is a plain one. */
  readonly plainInside?: boolean;
  /** bind() was called: `this` is boundThis. */
  readonly bound: boolean;
  readonly boundThis: unknown;
  readonly boundArgs: readonly unknown[];
}

/** What few proxies have. */
export interface Rare {
  /** Back in Python the proxy stays a proxy (create_proxy). */
  roundtrip: boolean;
  /** Properties that JavaScript put on the proxy itself. */
  own: Map<PropertyKey, unknown> | undefined;
  /** The promise of an awaitable. */
  promise: Promise<unknown> | undefined;
  /** Where the proxy was made; in debug mode. */
  origin: string | undefined;
}

/** Names a shape or a runtime remembers; beyond that all are forgotten. */
const MAX_NAMES = 4096;
/** Proxies in the nursery before it is looked through early. */
const MAX_NURSERY = 8192;

/** Proxies of one runtime with the same abilities. */
export class Shape {
  readonly space: ProxySpace;
  readonly flags: number;
  readonly prototype: object;
  readonly #builtin: ReadonlySet<string>;
  readonly #takesIndex: boolean;
  /** Name -> what learn() found. */
  readonly names = new Map<string, number>();

  constructor(space: ProxySpace, flags: number, { prototype, names }: ProxyPrototype) {
    this.space = space;
    this.flags = flags;
    this.prototype = prototype;
    this.#builtin = names;
    this.#takesIndex = takesIndex(flags);
  }

  /**
   * What a property name means: 0 for one of the prototype, an address for a
   * Python attribute, -1 - i for item i of a sequence.
   */
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

/** The index that a canonical numeric string below 2^31 names, or -1. */
function indexOf(key: string): number {
  const first = key.charCodeAt(0);
  if (!(first >= 48 && first <= 57) || key.length > 10) return -1;
  const index = Number(key);
  return index <= 0x7fffffff && String(index) === key ? index : -1;
}

/** What the proxies of one runtime share. */
export class ProxySpace {
  readonly bridge: Bridge;
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
  /** Live proxies. */
  live = 0;
  /** Proxies released by the collector. */
  collected = 0;
  /** Live records, with where they were made; in debug mode. */
  origins: Set<ProxyRecord> | undefined;
  /** Enters a task; set by the runtime. Resolves when it has ended. */
  enterTask: ((task: number) => Promise<void>) | undefined;
  /** Promises that Python will settle, by number. */
  readonly pending = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  lastPending = 0;
  closed = false;

  constructor(bridge: Bridge) {
    this.bridge = bridge;
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
      shape = new Shape(this, flags, prototypeFor(flags));
      this.#shapes.set(flags, shape);
    }
    this.#lastFlags = flags;
    this.#lastShape = shape;
    return shape;
  }

  /** Address of the interned Python string. */
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

  /** The value an export left in the first slot. */
  result(status: number): unknown {
    const { bridge } = this;
    if (status < 0) bridge.throwPython();
    const value = bridge.readSlot(bridge.slots);
    if (status === PY_KEPT) bridge.exports.sospeso_py_let_go();
    return value;
  }

  /** Take a new proxy into the nursery. */
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

  /** Before the arguments of a call are read: what is made from now on belongs to it. */
  beginArguments(): void {
    this.#holding = true;
  }

  /** What was made since beginArguments(), if anything. */
  takeArguments(): ProxyRecord[] | undefined {
    const taken = this.#held;
    this.#held = undefined;
    this.#holding = false;
    return taken;
  }

  /** Leave a proxy that was taken out of the nursery to the collector after all. */
  leave(proxy: object, record: ProxyRecord): void {
    record.registered = true;
    this.#registry.register(proxy, record.object, record);
  }

  /** Release a record's reference. */
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
    this.bridge.exports.sospeso_py_release(object);
  }

  #note(record: ProxyRecord): void {
    (this.origins ??= new Set()).add(record);
    record.needRare().origin = new Error("made here").stack;
  }

  /** The runtime has ended: nothing is released any more. */
  close(): void {
    this.closed = true;
    if (lastBridge === this.bridge) lastBridge = lastSpace = undefined;
    this.#nursery = [];
    this.pending.clear(); // as Python's own waits, these never end
  }
}

/** Once per turn of the event loop; must not keep a process alive. */
function soon(callback: () => void): void {
  const timer: unknown = setTimeout(callback, 0);
  if (typeof timer === "object") (timer as { unref?(): void } | null)?.unref?.();
}

const spaces = new WeakMap<Bridge, ProxySpace>();
let lastBridge: Bridge | undefined;
let lastSpace: ProxySpace | undefined;

/** What the proxies of a runtime share. */
export function spaceOf(bridge: Bridge): ProxySpace {
  if (bridge === lastBridge) return lastSpace as ProxySpace;
  let space = spaces.get(bridge);
  if (space === undefined) {
    space = new ProxySpace(bridge);
    spaces.set(bridge, space);
  }
  lastBridge = bridge;
  lastSpace = space;
  return space;
}
