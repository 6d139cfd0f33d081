/*
 * The traps of a PyProxy: the record behind it is the handler of its Proxy. Each
 * property is one of two kinds. JavaScript's are what the proxy's class has, and
 * what somebody put on this one proxy (Object.defineProperty, symbols). All others
 * are Python's: attributes, then, for a dict, its items; digits are the items of a
 * sequence. "$name" is always the attribute `name`.
 *
 * Invariants
 *  1. Each proxy has a target of its own. It is bare until JavaScript puts something
 *     on it: until then the class's prototype answers in its place, and nothing on
 *     it counts (but see 2). own() makes it what it seems to be, once.
 *  2. The target of a callable is a function, whose `prototype` cannot be deleted:
 *     the language wants it to be told of, so it is there, as undefined.
 *  3. What the language checks of a Proxy is asked of the target: it stays
 *     extensible, and a property that cannot be changed is on it alone.
 */

import {
  DIR_ATTRIBUTES,
  DIR_ITEMS,
  PROXY_CALLABLE,
  PROXY_DICT,
  PROXY_SEQUENCE,
} from "../abi/abi.ts";
import { announce } from "../bridge/py_known.ts";
import { AccessRecord, NOTHING, separateNames } from "./py_access.ts";
import { callRecord } from "./py_calls.ts";

/** Function.prototype has these, but for a Python callable they are nothing or Python's. */
const FUNCTION_NAMES = new Set(["arguments", "caller", "length", "name", "prototype"]);

/** A record as the handler of its Proxy. */
export abstract class TrapRecord extends AccessRecord implements ProxyHandler<object> {
  get(target: object, key: PropertyKey, receiver: unknown): unknown {
    const { shape } = this;
    if (this.owned && this.isOwn(target, key)) return Reflect.get(target, key, receiver);
    if (typeof key !== "string") return this.getInherited(target, key, receiver);
    const name = shape.names.get(key) ?? shape.learn(key);
    if (name === 0) return this.getInherited(target, key, receiver);
    if (name < 0) return this.item(-1 - name);
    const value = this.attribute(name);
    if (value !== NOTHING) return value;
    if ((shape.flags & PROXY_DICT) !== 0) return this.dictItem(key);
    // What a page has put on the classes' prototypes itself.
    return key in shape.prototype && !key.startsWith("$") && !FUNCTION_NAMES.has(key)
      ? this.getInherited(target, key, receiver)
      : undefined;
  }

  set(target: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    const { shape } = this;
    const name = typeof key === "string" ? (shape.names.get(key) ?? shape.learn(key)) : 0;
    if (name === 0 || (this.owned && this.isOwn(target, key))) {
      this.own(target);
      return Reflect.set(target, key, value, receiver);
    }
    if (name < 0) {
      if (-1 - name >= this.length()) return false;
      this.setItem(-1 - name, value);
    } else if ((shape.flags & PROXY_DICT) !== 0 && !this.hasAttribute(name)) {
      this.setDictItem(key as string, value);
    } else {
      this.setAttribute(name, value);
    }
    return true;
  }

  has(target: object, key: PropertyKey): boolean {
    const { shape } = this;
    if (this.isTold(target, key)) return true;
    if (typeof key !== "string") return key in (this.owned ? target : shape.prototype);
    const name = shape.names.get(key) ?? shape.learn(key);
    if (name === 0) return true;
    if (name < 0) return -1 - name < this.length();
    return this.hasAttribute(name) || ((shape.flags & PROXY_DICT) !== 0 && this.dictHas(key));
  }

  deleteProperty(target: object, key: PropertyKey): boolean {
    const { shape } = this;
    if (this.isTold(target, key)) {
      this.own(target);
      return Reflect.deleteProperty(target, key);
    }
    const name = typeof key === "string" ? (shape.names.get(key) ?? shape.learn(key)) : 0;
    if (name === 0) return true; // not the proxy's own: there is nothing to delete
    if (name < 0) {
      if (-1 - name >= this.length()) return false;
      this.deleteItem(-1 - name);
    } else if ((shape.flags & PROXY_DICT) !== 0 && !this.hasAttribute(name)) {
      return this.deleteDictItem(key as string);
    } else {
      this.setAttribute(name);
    }
    return true;
  }

  ownKeys(target: object): (string | symbol)[] {
    const { flags, space } = this.shape;
    const { bridge } = space;
    const which = DIR_ATTRIBUTES | ((flags & PROXY_DICT) !== 0 ? DIR_ITEMS : 0);
    const joined = space.result(bridge.exports.sospeso_py_dir(this.need(), which, bridge.slots)) as string;
    const keys = new Set<string | symbol>(joined === "" ? [] : separateNames(joined));
    if ((flags & PROXY_SEQUENCE) !== 0) {
      const length = this.length();
      for (let i = 0; i < length; i++) keys.add(String(i));
      keys.add("length");
    }
    for (const key of this.ownKeysTold(target)) keys.add(key);
    for (const key of space.moreKeys) keys.add(key);
    return [...keys];
  }

  getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    if (this.isTold(target, key)) return this.tell(target, key);
    // Items are listed also where a method has the name, which get() then gives.
    if (typeof key !== "string" || (this.flags & PROXY_DICT) === 0 || !this.dictHas(key)) return undefined;
    return { value: this.dictItem(key), writable: true, enumerable: true, configurable: true };
  }

  defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    this.own(target);
    return Reflect.defineProperty(target, key, descriptor);
  }

  getPrototypeOf(target: object): object | null {
    announce(this);
    return this.owned ? Reflect.getPrototypeOf(target) : this.shape.prototype;
  }

  setPrototypeOf(target: object, prototype: object | null): boolean {
    this.own(target);
    return Reflect.setPrototypeOf(target, prototype);
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

  // ---- the target ------------------------------------------------------------------

  /** From now on what is on the target counts. */
  protected own(target: object): void {
    if (this.owned) return;
    this.owned = true;
    Object.setPrototypeOf(target, this.shape.prototype);
    for (const key of Reflect.ownKeys(target)) Reflect.deleteProperty(target, key);
    if ((this.flags & PROXY_CALLABLE) !== 0) (target as { prototype?: unknown }).prototype = undefined;
  }

  /** Whether somebody put the property on this proxy. */
  protected isOwn(target: object, key: PropertyKey): boolean {
    return Object.hasOwn(target, key) && (key !== "prototype" || (this.flags & PROXY_CALLABLE) === 0);
  }

  /** Whether the language has to be told of the property as the target has it. */
  protected isTold(target: object, key: PropertyKey): boolean {
    return (
      (this.owned && Object.hasOwn(target, key)) || (key === "prototype" && (this.flags & PROXY_CALLABLE) !== 0)
    );
  }

  protected tell(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    this.own(target);
    return Reflect.getOwnPropertyDescriptor(target, key);
  }

  protected ownKeysTold(target: object): (string | symbol)[] {
    if (this.owned) return Reflect.ownKeys(target);
    return (this.flags & PROXY_CALLABLE) !== 0 ? ["prototype"] : [];
  }

  protected getInherited(target: object, key: PropertyKey, receiver: unknown): unknown {
    return Reflect.get(this.owned ? target : this.shape.prototype, key, receiver);
  }
}
