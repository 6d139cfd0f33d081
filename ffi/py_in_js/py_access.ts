/*
 * The record behind a PyProxy, without its traps: what the proxy stands for, and
 * how to get at attributes, items and keys of the Python object. The traps of
 * py_traps.ts and the methods of the classes are written with these.
 *
 * Invariants
 *  1. After an export only its result is read before anything else crosses.
 *  2. `attributes` holds the last proxy made for each attribute, so that
 *     `proxy.method()` in a loop makes one proxy, and knows those made before. Copies
 *     of a proxy share it; all of them end with the last copy that is destroyed.
 *  3. `object` is 0 from the end of the proxy on, and need() throws then.
 */

import { DIR_ITEMS, PY_KEPT, PY_SAME, SLOT_NONE, SLOT_PY } from "../abi/abi.ts";
import type { Bridge, CallStyle, ProxyRecord, Rare, Shape, SharedProxies } from "../bridge/bridge_types.ts";
import { proxyRecord } from "../bridge/py_known.ts";
import { enterWithRoom } from "../bridge/room.ts";
import { writeAll } from "./py_slots.ts";

/** attribute(): there is none. */
export const NOTHING = Symbol("no such attribute");

/** A property name by which JavaScript may mean a number. */
/** The names that sospeso_py_dir() has joined. */
export function separateNames(joined: string): string[] {
  const names = joined.split("\0");
  if (!joined.includes("\x01")) return names;
  return names.map((name) => name.replace(/\x01([ab])/g, (_, letter) => (letter === "a" ? "\0" : "\x01")));
}

export const DIGITS = /^[0-9]+$/;

const BORROWED =
  "This borrowed attribute proxy was automatically destroyed in the process of destroying the proxy it was borrowed from. " +
  "Try using the 'copy' method.";

/** Proxies of attributes, which the copies of one proxy share. */
class AttributeProxies extends Map<number, object> implements SharedProxies {
  holders = 1;
  /** Those in whose place another has come: somebody may use them, and the collector may take them. */
  #replaced: WeakRef<object>[] | undefined;
  #most = 64;

  replace(name: number, before: object, proxy: object): void {
    this.set(name, proxy);
    if (proxyRecord(before)?.object === 0) return;
    const replaced = (this.#replaced ??= []);
    replaced.push(new WeakRef(before));
    if (replaced.length < this.#most) return;
    this.#replaced = replaced.filter((each) => (proxyRecord(each.deref())?.object ?? 0) !== 0);
    this.#most = Math.max(64, 2 * this.#replaced.length);
  }

  letGo(): void {
    if (--this.holders > 0) return;
    for (const proxy of this.values()) proxyRecord(proxy)?.destroy(BORROWED);
    for (const each of this.#replaced ?? []) proxyRecord(each.deref())?.destroy(BORROWED);
    this.#replaced = undefined;
    this.clear();
  }
}

/** What JavaScript knows of one PyProxy. */
export abstract class AccessRecord implements ProxyRecord {
  readonly shape: Shape;
  readonly style: CallStyle | undefined;
  attributes: SharedProxies | undefined = undefined;
  rare: Rare | undefined = undefined;
  registered = false;
  /** The proxy's target has properties of its own, or another prototype. */
  protected owned = false;
  self: object | undefined = undefined;
  reason: string | undefined = undefined;
  abstract object: number;
  abstract readonly ender: ProxyRecord;

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

  get json(): boolean {
    return false;
  }

  needRare(): Rare {
    return (this.rare ??= { roundtrip: false, promise: undefined, origin: undefined, described: undefined, ended: undefined });
  }

  needAttributes(): SharedProxies {
    return (this.attributes ??= new AttributeProxies());
  }

  need(): number {
    const { object } = this;
    if (object === 0) throwDestroyed(this);
    enterWithRoom(this);
    return object;
  }

  abstract destroy(reason?: string): void;

  shown(value: unknown): unknown {
    return value;
  }

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
      const attributes = this.needAttributes();
      if (known === undefined) attributes.set(name, value as object);
      else attributes.replace(name, known, value as object);
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
    const value = this.getItem(key);
    if (value !== undefined || !DIGITS.test(key) || this.contains(key)) return value;
    return this.getItem(Number(key));
  }

  dictHas(key: string): boolean {
    return this.contains(key) || (DIGITS.test(key) && this.contains(Number(key)));
  }

  setDictItem(key: string, value: unknown): void {
    this.setItem(this.dictKey(key), value);
  }

  deleteDictItem(key: string): boolean {
    const found = this.dictKey(key);
    if (!this.contains(found)) return false;
    this.deleteItem(found);
    return true;
  }

  dictKeys(): string[] {
    const { space } = this.shape;
    const { bridge } = space;
    const joined = space.result(bridge.exports.sospeso_py_dir(this.need(), DIR_ITEMS, bridge.slots)) as string;
    // A lone "" key and no key at all look the same once joined.
    if (joined === "") return this.contains("") ? [""] : [];
    return [...new Set(separateNames(joined))];
  }

  /** Without a value the attribute is deleted. */
  protected setAttribute(name: number, ...values: [] | [unknown]): void {
    const { bridge } = this.shape.space;
    const object = this.need();
    let slot = 0;
    if (values.length > 0) {
      slot = bridge.slots;
      bridge.beginText();
      bridge.writeSlot(slot, values[0]);
    }
    if (bridge.exports.sospeso_py_setattr(object, name, slot) < 0) bridge.throwPython();
  }

  /** The key that a property name means: an int where there is no such string. */
  protected dictKey(key: string): string | number {
    return DIGITS.test(key) && !this.contains(key) ? Number(key) : key;
  }
}

/** @throws Error always. The detail is what was known when the proxy was destroyed. */
function throwDestroyed(record: ProxyRecord): never {
  const { rare, reason } = record.ender;
  const detail = rare?.described ?? "For more information about the cause of this error, use `pyodide.setDebug(true)`";
  const message = `${reason || "Object has already been destroyed"}\n${detail}`;
  throw rare?.ended === undefined ? new Error(message) : new Error(message, { cause: rare.ended });
}
