/*
 * asJsJson(): a Python dict or list that JavaScript may use as if it came from
 * JSON.parse(). The view is a PyProxy of the same object: a list's differs in what
 * it gives, a dict's (or any mapping's) has the items as its properties before all
 * else. What is got from a view is a view again. Used by py_classes.ts and
 * ffi/wasm_bridge.ts.
 *
 * Invariants
 *  1. A view ends with the proxy it was made from, and the views of its inner
 *     values end with both.
 *  2. There is one view of an inner value as long as that is the same object.
 */

import { PROXY_DICT, PROXY_SEQUENCE } from "../abi/abi.ts";
import type { ProxyRecord } from "../bridge/bridge_types.ts";
import { proxyRecord, stamp } from "../bridge/py_known.ts";
import { DIGITS } from "./py_access.ts";
import { ViewRecord } from "./py_ends.ts";
import { newProxy } from "./py_proxy.ts";

/** A view of what the proxy stands for. */
export function asJsJson(proxy: object, record: ProxyRecord): object {
  const anchor = record instanceof ViewRecord ? record.anchor : proxy;
  const Kind = (record.flags & PROXY_SEQUENCE) !== 0 ? JsonRecord : MappingRecord;
  const view = new Kind(record.ender, anchor, undefined);
  const made = newProxy(view.shape, view);
  stamp(made, view);
  return made;
}

class JsonRecord extends ViewRecord {
  override get json(): boolean {
    return true;
  }

  override shown(value: unknown): unknown {
    const record = proxyRecord(value);
    if (record === undefined || (record.flags & (PROXY_DICT | PROXY_SEQUENCE)) === 0) return value;
    const views = this.ender.needAttributes();
    const known = views.get(record.object);
    if (known !== undefined && proxyRecord(known)?.object === record.object) {
      record.destroy();
      return known;
    }
    const view = asJsJson(value as object, record);
    views.set(record.object, view);
    return view;
  }

  override item(index: number): unknown {
    return this.shown(super.item(index));
  }

  override getItem(key: unknown): unknown {
    return this.shown(super.getItem(key));
  }
}

/** Properties that are the proxy's even where there is such an item. */
const ALWAYS = new Set<PropertyKey>(["constructor", "copy", "destroy", "toString"]);

/** The traps of a mapping's view. */
class MappingRecord extends JsonRecord {
  override get(target: object, key: PropertyKey, receiver: unknown): unknown {
    if (typeof key === "string" && !ALWAYS.has(key)) {
      const value = this.getItem(key);
      if (value !== undefined || this.contains(key)) return value;
      if (DIGITS.test(key)) return this.getItem(Number(key));
    }
    return this.getInherited(target, key, receiver);
  }

  override has(target: object, key: PropertyKey): boolean {
    return this.isTold(target, key) || (typeof key === "string" && this.dictHas(key));
  }

  override set(_target: object, key: PropertyKey, value: unknown): boolean {
    if (typeof key !== "string") return false;
    this.setDictItem(key, value);
    return true;
  }

  override deleteProperty(target: object, key: PropertyKey): boolean {
    if (typeof key === "string" && this.dictHas(key)) return this.deleteDictItem(key);
    return this.isTold(target, key) && Reflect.deleteProperty(target, key);
  }

  override ownKeys(target: object): (string | symbol)[] {
    return [...new Set([...this.dictKeys(), ...this.ownKeysTold(target)])];
  }

  override getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    if (this.isTold(target, key)) return this.tell(target, key);
    if (typeof key !== "string" || !this.dictHas(key)) return undefined;
    return { value: this.get(target, key, undefined), writable: true, enumerable: true, configurable: true };
  }
}
