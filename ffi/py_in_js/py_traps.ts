/*
 * The record behind a PyProxy is also the handler of its Proxy: the traps by
 * which a Python object behaves as a JavaScript one. A property is looked for on
 * the prototype of the proxy's class, then among the object's attributes, then,
 * for a dict, among its items; "$name" is always the attribute `name`.
 *
 * Invariants
 *  1. Every trap that may reach the target is here: the targets are shared by
 *     all proxies and stay empty and extensible, so no invariant of the language
 *     about Proxy is ever at stake.
 *  2. After an export only its result is read before anything else crosses.
 *  3. `attributes` holds the last proxy made for each attribute, so that
 *     `proxy.method()` in a loop makes one proxy; destroy() ends those too.
 */

import {
  DIR_ATTRIBUTES,
  DIR_ITEMS,
  PROXY_DICT,
  PROXY_LENGTH,
  PROXY_SEQUENCE,
  PY_KEPT,
  PY_SAME,
  SLOT_NONE,
  SLOT_PY,
  TEXT_REPR,
  TEXT_TYPE,
} from "../abi/abi.ts";
import type { Bridge, CallStyle, ProxyRecord, Rare, Shape } from "../bridge/bridge_types.ts";
import { announce, proxyRecord } from "../bridge/py_known.ts";
import { enterWithRoom } from "../bridge/room.ts";
import { callRecord, writeAll } from "./py_calls.ts";

/** What JavaScript knows of one PyProxy, and the handler of its Proxy. */
abstract class TrapRecord implements ProxyRecord, ProxyHandler<object> {
  readonly shape: Shape;
  readonly style: CallStyle | undefined;
  attributes: Map<number | string, object> | undefined = undefined;
  rare: Rare | undefined = undefined;
  registered = false;
  self: object | undefined = undefined;
  reason: string | undefined = undefined;
  abstract object: number;

  constructor(shape: Shape, style: CallStyle | undefined) {
    this.shape = shape;
    this.style = style;
  }

  get bridge(): Bridge {
    return this.shape.space.bridge;
  }

  get flags(): number {
    return this.shape.flags;
  }

  get roundtrip(): boolean {
    return this.rare !== undefined && this.rare.roundtrip;
  }

  needRare(): Rare {
    return (this.rare ??= {
      roundtrip: false,
      own: undefined,
      promise: undefined,
      origin: undefined,
    });
  }

  need(): number {
    const { object } = this;
    if (object === 0) throwDestroyed(this);
    enterWithRoom(this);
    return object;
  }

  abstract destroy(reason?: string): void;

  // ---- traps -------------------------------------------------------------------

  get(_target: object, key: PropertyKey, receiver: unknown): unknown {
    const { shape, rare } = this;
    if (rare !== undefined && rare.own !== undefined && rare.own.has(key)) return rare.own.get(key);
    if (typeof key !== "string") return Reflect.get(shape.prototype, key, receiver);
    const name = shape.names.get(key) ?? shape.learn(key);
    if (name === 0) return Reflect.get(shape.prototype, key, receiver);
    if (name < 0) return this.item(-1 - name);
    const value = this.attribute(name);
    if (value !== NOTHING) return value;
    if ((shape.flags & PROXY_DICT) !== 0) return this.dictItem(key);
    // What a page has put on the classes' prototypes itself.
    return key in shape.prototype && !key.startsWith("$") && !FUNCTION_NAMES.has(key)
      ? Reflect.get(shape.prototype, key, receiver)
      : undefined;
  }

  set(_target: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    if (receiver !== this.self && proxyRecord(receiver) !== this) {
      // An object that inherits from the proxy gets a property of its own.
      return Reflect.defineProperty(receiver as object, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    const { shape } = this;
    const name = typeof key === "string" ? (shape.names.get(key) ?? shape.learn(key)) : 0;
    return name === 0 ? this.setOwn(key, value) : this.setAttribute(key as string, value);
  }

  has(_target: object, key: PropertyKey): boolean {
    const { shape, rare } = this;
    if (rare?.own?.has(key) === true) return true;
    if (typeof key !== "string") return key in shape.prototype;
    const name = shape.names.get(key) ?? shape.learn(key);
    if (name === 0) return true;
    if (name < 0) return -1 - name < this.length();
    if (this.hasAttribute(name)) return true;
    return (shape.flags & PROXY_DICT) !== 0 && this.dictHas(key);
  }

  deleteProperty(_target: object, key: PropertyKey): boolean {
    const { shape, rare } = this;
    if (rare?.own?.has(key) === true) return rare.own.delete(key);
    const name = typeof key === "string" ? (shape.names.get(key) ?? shape.learn(key)) : 0;
    if (name === 0) return true; // not the proxy's own: there is nothing to delete
    const { bridge } = shape.space;
    if (name < 0) {
      if (-1 - name >= this.length()) return true;
      this.deleteItem(-1 - name);
      return true;
    }
    if ((shape.flags & PROXY_DICT) !== 0 && !(key as string).startsWith("$") && !this.hasAttribute(name)) {
      if (this.dictHas(key as string)) this.deleteDictItem(key as string);
      return true;
    }
    if (bridge.exports.sospeso_py_setattr(this.need(), name, 0) < 0) bridge.throwPython();
    return true;
  }

  ownKeys(): (string | symbol)[] {
    const { flags, space } = this.shape;
    const { bridge } = space;
    const which = DIR_ATTRIBUTES | ((flags & PROXY_DICT) !== 0 ? DIR_ITEMS : 0);
    const joined = space.result(bridge.exports.sospeso_py_dir(this.need(), which, bridge.slots)) as string;
    const keys = new Set<string | symbol>(joined === "" ? [] : joined.split("\0"));
    if ((flags & PROXY_SEQUENCE) !== 0) {
      const length = this.length();
      for (let i = 0; i < length; i++) keys.add(String(i));
      keys.add("length");
    }
    if (this.rare?.own !== undefined) for (const key of this.rare.own.keys()) keys.add(key as string);
    for (const key of space.moreKeys) keys.add(key);
    return [...keys];
  }

  getOwnPropertyDescriptor(_target: object, key: PropertyKey): PropertyDescriptor | undefined {
    const { shape, rare } = this;
    let value: unknown;
    if (rare?.own?.has(key) === true) {
      value = rare.own.get(key);
    } else if (typeof key === "string" && (shape.flags & PROXY_DICT) !== 0) {
      // Items are listed also where a method has the name, which get() then gives.
      if (!this.dictHas(key)) return undefined;
      value = this.dictItem(key);
    } else {
      return undefined;
    }
    return { value, writable: true, enumerable: true, configurable: true };
  }

  defineProperty(_target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    if (descriptor.get !== undefined || descriptor.set !== undefined) return false;
    if (descriptor.configurable === false) return false;
    if (typeof key === "symbol") return this.setOwn(key, descriptor.value);
    const { shape } = this;
    if ((shape.names.get(key as string) ?? shape.learn(key as string)) === 0) {
      (this.needRare().own ??= new Map()).set(key, descriptor.value);
      return true;
    }
    return this.setAttribute(key as string, descriptor.value);
  }

  getPrototypeOf(): object {
    announce(this);
    return this.shape.prototype;
  }

  setPrototypeOf(_target: object, prototype: object | null): boolean {
    return prototype === this.shape.prototype;
  }

  isExtensible(): boolean {
    return true;
  }

  preventExtensions(): boolean {
    return false;
  }

  apply(_target: object, self: unknown, args: unknown[]): unknown {
    return callRecord(this, self, args);
  }

  construct(_target: object, args: unknown[]): object {
    const made = callRecord(this, undefined, args);
    if (typeof made === "object" && made !== null) return made;
    if (typeof made === "function") return made;
    throw new TypeError(`new: the Python callable gave no object but ${made === null ? "null" : typeof made}`);
  }

  // ---- what the traps and the classes share ---------------------------------------

  /** The attribute with an interned name, or NOTHING. */
  attribute(name: number): unknown {
    const { space } = this.shape;
    const { bridge } = space;
    const object = this.need();
    const known = this.attributes?.get(name);
    const before = known === undefined ? 0 : (proxyRecord(known)?.object ?? 0);
    const { slots } = bridge;
    const status = bridge.exports.sospeso_py_getattr(object, name, before, slots);
    if (status === PY_SAME) return known;
    if (status < 0) bridge.throwPython();
    const kind = bridge.i32[slots >>> 2];
    if (kind === SLOT_NONE) return NOTHING;
    const value = bridge.readSlot(slots);
    if (kind === SLOT_PY) {
      // An attribute that took the place of another ends nothing: somebody may use that one.
      (this.attributes ??= new Map()).set(name, value as object);
    } else if (status === PY_KEPT) {
      bridge.exports.sospeso_py_let_go();
    }
    return value;
  }

  hasAttribute(name: number): boolean {
    const { bridge } = this.shape.space;
    const status = bridge.exports.sospeso_py_hasattr(this.need(), name);
    if (status < 0) bridge.throwPython();
    return status === 1;
  }

  length(): number {
    const { bridge } = this.shape.space;
    const length = bridge.exports.sospeso_py_length(this.need());
    if (length < 0) bridge.throwPython();
    return length;
  }

  item(index: number): unknown {
    const { space } = this.shape;
    const { bridge } = space;
    return space.result(bridge.exports.sospeso_py_item(this.need(), index, bridge.slots));
  }

  getItem(key: unknown): unknown {
    const { space } = this.shape;
    const { bridge } = space;
    const object = this.need();
    bridge.beginText();
    bridge.writeSlot(bridge.slots, key);
    return space.result(bridge.exports.sospeso_py_getitem(object, bridge.slots, bridge.slots));
  }

  setItem(key: unknown, value: unknown): void {
    const { bridge } = this.shape.space;
    const object = this.need();
    writeAll(bridge, bridge.slots, [key, value]);
    if (bridge.exports.sospeso_py_setitem(object, bridge.slots, 1) < 0) bridge.throwPython();
  }

  deleteItem(key: unknown): void {
    const { bridge } = this.shape.space;
    const object = this.need();
    bridge.beginText();
    bridge.writeSlot(bridge.slots, key);
    if (bridge.exports.sospeso_py_setitem(object, bridge.slots, 0) < 0) bridge.throwPython();
  }

  contains(key: unknown): boolean {
    const { bridge } = this.shape.space;
    const object = this.need();
    bridge.beginText();
    bridge.writeSlot(bridge.slots, key);
    const status = bridge.exports.sospeso_py_contains(object, bridge.slots);
    if (status < 0) bridge.throwPython();
    return status === 1;
  }

  dictItem(key: string): unknown {
    const number = asNumber(key);
    if (number !== undefined && !this.contains(key)) return this.getItem(number);
    return this.getItem(key);
  }

  dictHas(key: string): boolean {
    const number = asNumber(key);
    return this.contains(key) || (number !== undefined && this.contains(number));
  }

  deleteDictItem(key: string): void {
    const number = asNumber(key);
    this.deleteItem(number !== undefined && !this.contains(key) ? number : key);
  }

  dictKeys(): string[] {
    const { space } = this.shape;
    const { bridge } = space;
    const joined = space.result(bridge.exports.sospeso_py_dir(this.need(), DIR_ITEMS, bridge.slots)) as string;
    // A lone "" key and no key at all look the same once joined.
    if (joined === "") return this.contains("") ? [""] : [];
    return [...new Set(joined.split("\0"))];
  }

  /** Set what is not a property of JavaScript's. */
  protected setAttribute(key: string, value: unknown): boolean {
    const { shape } = this;
    const name = shape.names.get(key) ?? shape.learn(key);
    if (name < 0) return this.setSequenceItem(-1 - name, value);
    if ((shape.flags & PROXY_DICT) !== 0 && !key.startsWith("$") && !this.hasAttribute(name)) {
      this.setItem(key, value);
      return true;
    }
    const { bridge } = shape.space;
    const object = this.need();
    bridge.beginText();
    bridge.writeSlot(bridge.slots, value);
    if (bridge.exports.sospeso_py_setattr(object, name, bridge.slots) < 0) bridge.throwPython();
    return true;
  }

  /** Set what is a property of JavaScript's: false when a getter without a setter is in the way. */
  protected setOwn(key: PropertyKey, value: unknown): boolean {
    let holder: object | null = this.shape.prototype;
    while (holder !== null && !Object.hasOwn(holder, key)) holder = Object.getPrototypeOf(holder) as object | null;
    const found = holder === null ? undefined : Object.getOwnPropertyDescriptor(holder, key);
    if (found !== undefined && found.writable !== true) return false;
    (this.needRare().own ??= new Map()).set(key, value);
    return true;
  }

  protected setSequenceItem(index: number, value: unknown): boolean {
    if ((this.flags & PROXY_LENGTH) !== 0 && index >= this.length()) return false;
    this.setItem(index, value);
    return true;
  }
}

/** attribute(): there is none. */
export const NOTHING = Symbol("no such attribute");

/** Function.prototype has these, but for a Python callable they are nothing or Python's. */
const FUNCTION_NAMES = new Set(["arguments", "caller", "length", "name", "prototype"]);

function asNumber(key: string): number | undefined {
  const number = Number(key);
  return Number.isSafeInteger(number) && String(number) === key ? number : undefined;
}

/** A record that owns a reference to its object. */
export class OwnRecord extends TrapRecord {
  declare object: number;

  constructor(shape: Shape, object: number, style: CallStyle | undefined) {
    super(shape, style);
    this.object = object;
  }

  override destroy(reason?: string): void {
    if (this.object === 0) return;
    const { space } = this.shape;
    this.reason = reason;
    if (space.bridge.debug) describe(this);
    space.release(this);
    const { attributes } = this;
    if (attributes === undefined) return;
    this.attributes = undefined;
    for (const proxy of attributes.values()) {
      proxyRecord(proxy)?.destroy("it was got as an attribute of a proxy that has been destroyed; use copy() to keep it");
    }
  }
}

/** A record that shares the object of another proxy (bind, captureThis): one ends with the other. */
export class ViewRecord extends TrapRecord {
  readonly owner: ProxyRecord;
  /** Keeps the other proxy from being collected. */
  readonly anchor: object;

  constructor(owner: ProxyRecord, anchor: object, style: CallStyle) {
    super(owner.shape, style);
    this.owner = owner;
    this.anchor = anchor;
  }

  override get object(): number {
    return this.owner.object;
  }

  override set object(address: number) {
    this.owner.object = address;
  }

  override destroy(reason?: string): void {
    this.owner.destroy(reason);
  }
}

/** Keep what the error message of a later use will tell; debug mode only. */
function describe(record: ProxyRecord): void {
  const { space } = record.shape;
  let text: string;
  try {
    const { exports, slots } = space.bridge;
    const type = String(space.result(exports.sospeso_py_text(record.object, TEXT_TYPE, slots)));
    const repr = String(space.result(exports.sospeso_py_text(record.object, TEXT_REPR, slots)));
    text = `It was a proxy of type "${type}" with repr ${repr.length > 200 ? `${repr.slice(0, 200)}...` : repr}.`;
  } catch {
    text = "Its repr() raised an exception.";
  }
  const ended = (new Error().stack ?? "").split("\n").slice(3).join("\n");
  const made = (record.rare?.origin ?? "").split("\n").slice(1).join("\n");
  record.reason =
    (record.reason === undefined ? "" : `The reason: ${record.reason}\n`) +
    `${text}\nIt was destroyed here:\n${ended}` +
    (made === "" ? "" : `\nIt was made here:\n${made}`);
}

/** @throws Error always: terse, with detail in debug mode. */
export function throwDestroyed(record: ProxyRecord): never {
  const owner = record instanceof ViewRecord ? record.owner : record;
  const { reason } = owner;
  const { debug } = record.bridge;
  let message = "Object has already been destroyed";
  if (reason !== undefined) message += `\n${reason}`;
  if (!debug) message += "\nCall pyodide.setDebug(true) first and the message tells what it was and where it ended";
  throw new Error(message);
}
