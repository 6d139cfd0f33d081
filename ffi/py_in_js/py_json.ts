/*
 * asJsJson(): a Python dict or list that JavaScript may use as if it came from
 * JSON.parse(). Properties of a dict's view are its items and nothing else, and
 * what is got from a view is a view again. Used by py_classes.ts and ffi/wasm_bridge.ts.
 *
 * Invariants
 *  1. A view owns nothing: it ends with the proxy it was made from, and so do the
 *     views of its inner values.
 *  2. There is one view per proxy, and one proxy per inner value that stays.
 */

import { PROXY_DICT, PROXY_SEQUENCE } from "../abi/abi.ts";
import type { ProxyRecord } from "../bridge/bridge_types.ts";
import { proxyRecord } from "../bridge/py_known.ts";

/** The view of a proxy. */
export function asJsJson(proxy: object, record: ProxyRecord): unknown {
  let view = views.get(proxy);
  if (view === undefined) {
    if ((record.flags & PROXY_DICT) !== 0) view = new Proxy({}, new DictView(proxy, record));
    else if ((record.flags & PROXY_SEQUENCE) !== 0) view = new Proxy([] as unknown[], new ListView(proxy, record));
    else return proxy;
    views.set(proxy, view);
  }
  return view;
}

const views = new WeakMap<object, object>();

/** The view of an inner value; the proxy that it needs is kept with the outer one. */
function viewOf(holder: ProxyRecord, key: string, value: unknown): unknown {
  const record = proxyRecord(value);
  if (record === undefined) return value;
  const inner = (holder.attributes ??= new Map<number | string, object>());
  const known = inner.get(key);
  const before = known === undefined ? undefined : proxyRecord(known);
  if (known !== undefined && before !== undefined && before.object === record.object) {
    record.destroy();
    return views.get(known) ?? known;
  }
  inner.set(key, value as object);
  return asJsJson(value as object, record);
}

class DictView implements ProxyHandler<object> {
  /** Keeps the proxy from being collected. */
  readonly proxy: object;
  readonly record: ProxyRecord;

  constructor(proxy: object, record: ProxyRecord) {
    this.proxy = proxy;
    this.record = record;
  }

  get(target: object, key: PropertyKey, receiver: unknown): unknown {
    if (typeof key === "string" && this.record.dictHas(key)) return viewOf(this.record, key, this.record.dictItem(key));
    return Reflect.get(target, key, receiver);
  }

  has(target: object, key: PropertyKey): boolean {
    return (typeof key === "string" && this.record.dictHas(key)) || Reflect.has(target, key);
  }

  set(_target: object, key: PropertyKey, value: unknown): boolean {
    if (typeof key !== "string") return false;
    this.record.setItem(key, value);
    return true;
  }

  deleteProperty(_target: object, key: PropertyKey): boolean {
    if (typeof key === "string" && this.record.dictHas(key)) this.record.deleteDictItem(key);
    return true;
  }

  ownKeys(): string[] {
    return this.record.dictKeys();
  }

  getOwnPropertyDescriptor(_target: object, key: PropertyKey): PropertyDescriptor | undefined {
    if (typeof key !== "string" || !this.record.dictHas(key)) return undefined;
    return { value: viewOf(this.record, key, this.record.dictItem(key)), writable: true, enumerable: true, configurable: true };
  }

  defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    if (descriptor.get !== undefined || descriptor.set !== undefined || descriptor.configurable === false) return false;
    return this.set(target, key, descriptor.value);
  }

  preventExtensions(): boolean {
    return false;
  }
}

/** The target is an Array, so that Array.isArray() holds; its own `length` is kept in step. */
class ListView implements ProxyHandler<unknown[]> {
  readonly proxy: object;
  readonly record: ProxyRecord;

  constructor(proxy: object, record: ProxyRecord) {
    this.proxy = proxy;
    this.record = record;
  }

  get(target: unknown[], key: PropertyKey, receiver: unknown): unknown {
    if (key === "length") return this.record.length();
    const index = indexOf(key);
    return index === undefined ? Reflect.get(target, key, receiver) : viewOf(this.record, String(index), this.record.item(index));
  }

  has(target: unknown[], key: PropertyKey): boolean {
    const index = indexOf(key);
    return index === undefined ? Reflect.has(target, key) : index < this.record.length();
  }

  set(_target: unknown[], key: PropertyKey, value: unknown): boolean {
    const index = indexOf(key);
    const length = this.record.length();
    if (key === "length") return Number(value) === length || (Number(value) < length && this.#truncate(Number(value)));
    if (index === undefined || index > length) return false;
    if (index < length) this.record.setItem(index, value);
    else (this.proxy as { push?(value: unknown): void }).push?.(value);
    return true;
  }

  #truncate(length: number): boolean {
    for (let last = this.record.length() - 1; last >= length; last--) this.record.deleteItem(last);
    return true;
  }

  deleteProperty(): boolean {
    return false;
  }

  ownKeys(target: unknown[]): string[] {
    const length = this.#inStep(target);
    return [...Array.from({ length }, (_, index) => String(index)), "length"];
  }

  getOwnPropertyDescriptor(target: unknown[], key: PropertyKey): PropertyDescriptor | undefined {
    if (key === "length") {
      return { value: this.#inStep(target), writable: true, enumerable: false, configurable: false };
    }
    const index = indexOf(key);
    if (index === undefined || index >= this.record.length()) return undefined;
    return { value: viewOf(this.record, String(index), this.record.item(index)), writable: true, enumerable: true, configurable: true };
  }

  defineProperty(target: unknown[], key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    return descriptor.get === undefined && descriptor.set === undefined && this.set(target, key, descriptor.value);
  }

  preventExtensions(): boolean {
    return false;
  }

  #inStep(target: unknown[]): number {
    return (target.length = this.record.length());
  }
}

function indexOf(key: PropertyKey): number | undefined {
  if (typeof key !== "string") return undefined;
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && index < 2 ** 31 && String(index) === key ? index : undefined;
}
