/*
 * Deep conversion of Python objects, second half: building the JavaScript
 * values from the tape that ffi/convert/to_js.c wrote. Called by PyProxy.toJs(), and
 * through an import by pyodide.ffi.to_js().
 *
 * Invariants
 *  1. A converter may do anything, even convert or grow the memory: the view is
 *     fetched again after each call of one, and positions are fields.
 *  2. An array, object or Set is noted before its contents are read, so that a
 *     cycle finds it. What a dict_converter makes is known only afterwards; the
 *     places that want it are noted and filled in then.
 *  3. Every tape is freed, whatever a converter throws; the proxies made for a
 *     conversion that failed are destroyed.
 */

import {
  SLOT_JS,
  TAPE_ANY_KEY,
  TAPE_BIGINT,
  TAPE_BUFFER,
  TAPE_DICT,
  TAPE_FALSE,
  TAPE_JS,
  TAPE_LIST,
  TAPE_LONG,
  TAPE_NOTE,
  TAPE_NULL,
  TAPE_NUMBER,
  TAPE_ODD_KEYS,
  TAPE_PY,
  TAPE_REF,
  TAPE_SET,
  TAPE_SMALL,
  TAPE_STRING16,
  TAPE_STRING8,
  TAPE_TRUE,
  TAPE_UNDEFINED,
  TAPE_WHY_EAGER,
  TAPE_WHY_UNKNOWN,
  TO_JS_ASCII,
  TO_JS_LENGTH16,
  TO_JS_LENGTH8,
  TO_JS_NUMBERS,
  TO_JS_TEXT16,
  TO_JS_TEXT8,
  TO_JS_WORDS,
  WALK_EAGER,
  WALK_ROOT_DONE,
  WALK_STRICT,
} from "../abi/abi.ts";
import { jsKind } from "../abi/js_kind.ts";
import type { Bridge } from "../bridge/bridge_types.ts";
import { anyRecord, proxyRecord } from "../bridge/py_known.ts";
import { ELEMENT_TYPES } from "./buffers.ts";
import { readAscii, readLatin1, readUcs2 } from "../abi/text.ts";

/**
 * Converts an object that has no conversion of its own.
 * @param value the object, as a PyProxy.
 * @param convert converts another object as part of the same conversion.
 * @param cacheConversion gives the result before it is complete, for cycles.
 */
export type ToJsConverter = (
  value: any,
  convert: (value: any) => any,
  cacheConversion: (value: any, result: any) => void,
) => any;

/** Options of PyProxy.toJs(). */
export interface ToJsOptions {
  /** Levels to convert; negative (the default) is without end. */
  depth?: number;
  /** Every PyProxy made is appended. */
  pyproxies?: unknown[];
  /** When false, raise ConversionError instead of making a PyProxy. */
  create_pyproxies?: boolean;
  /** Called with the entries of each dict; the default makes plain objects. */
  dict_converter?: (entries: Iterable<[key: string, value: unknown]>) => unknown;
  /** For what has no conversion. */
  default_converter?: ToJsConverter;
  /** Before the built-in conversions, for everything but plain values. */
  eager_converter?: ToJsConverter;
}

/** Noted, and not built yet. */
const UNFINISHED = Symbol("unfinished");

const { fromEntries } = Object;

/**
 * Convert a Python object.
 * @param object address; the reference stays the caller's.
 * @throws PythonError of type ConversionError, or what a converter throws.
 */
export function toJs(bridge: Bridge, object: number, options: ToJsOptions = {}): unknown {
  return new Conversion(bridge, options).run(object);
}

/** Raise a ConversionError of Python's with this text. */
export function throwConversionError(bridge: Bridge, message: string): never {
  bridge.beginText();
  bridge.writeSlot(bridge.slots, message);
  bridge.exports.sospeso_raise_conversion(bridge.slots);
  bridge.throwPython();
}

/** Destroy a value if it is a PyProxy that lives. */
export function discard(value: unknown): void {
  const record = proxyRecord(value);
  if (record !== undefined && record.object !== 0) (value as { destroy(): void }).destroy();
}

function optional<T>(value: T | null | undefined, name: string): T | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== "function") throw new TypeError(`option ${name} must be a function, not ${typeof value}`);
  return value;
}

/** The class of these, by a name that a minifier leaves. */
class LiteralMap extends Map<PropertyKey, unknown> {}
Object.defineProperty(LiteralMap, "name", { value: "LiteralMap" });

/** A Map whose entries are properties too: what an option of loadPyodide() makes of every dict. */
function literalMap(entries: Iterable<[string, unknown]>): unknown {
  return new Proxy(new LiteralMap(entries), {
    get(map, key) {
      const own: unknown = Reflect.get(map, key, map);
      if (key === "constructor") return own;
      if (key in map) return typeof own === "function" ? (own.bind(map) as unknown) : own;
      return map.get(key);
    },
    has: (map, key) => key in map || map.has(key),
    set(map, key, value) {
      if (key in map) return false;
      map.set(key, value);
      return true;
    },
    deleteProperty: (map, key) => map.delete(key),
    ownKeys: (map) => [...map.keys()].filter((key) => typeof key === "string"),
    getOwnPropertyDescriptor(map, key) {
      if (!map.has(key)) return undefined;
      return { value: map.get(key), writable: true, enumerable: true, configurable: true };
    },
  });
}

/** The state that all tapes of one conversion share. */
class Conversion {
  readonly bridge: Bridge;
  readonly depth: number;
  readonly dictConverter: ToJsOptions["dict_converter"];
  readonly lastKeyWins: boolean;
  readonly defaultConverter: ToJsConverter | undefined;
  readonly eagerConverter: ToJsConverter | undefined;
  /** By number; a hole where nothing was built. */
  readonly built: unknown[] = [];
  /** Places that want a value that is unfinished. */
  readonly wanting: { holder: unknown; key: string | number; number: number }[] = [];
  readonly #pyproxies: unknown[];
  readonly #flags: number;
  readonly #strict: boolean;
  #first = 0;
  /** Objects that a converter is at work on; its convert() does not hand them to it again. */
  readonly #inWork = new Set<number>();

  constructor(bridge: Bridge, options: ToJsOptions) {
    this.bridge = bridge;
    const { depth, pyproxies, create_pyproxies } = options;
    this.depth = depth === undefined || depth === null ? -1 : Math.max(-1, Math.trunc(Number(depth)));
    if (Number.isNaN(this.depth)) throw new TypeError("option depth must be a number");
    if (this.depth > 0x7fffffff) this.depth = -1;
    const converter = optional(options.dict_converter, "dict_converter");
    // The same result, and much faster without a detour over pairs; only of keys that
    // become equal the last one wins.
    const usual = bridge.compat.literalMap ? literalMap : undefined;
    this.dictConverter = converter === fromEntries ? undefined : (converter ?? usual);
    this.lastKeyWins = converter === fromEntries;
    this.defaultConverter = optional(options.default_converter, "default_converter");
    this.eagerConverter = optional(options.eager_converter, "eager_converter");
    if (pyproxies !== undefined && pyproxies !== null && !Array.isArray(pyproxies)) {
      throw new TypeError("option pyproxies must be an Array");
    }
    this.#pyproxies = pyproxies ?? [];
    const strict = create_pyproxies === false && this.defaultConverter === undefined;
    this.#flags = (this.eagerConverter === undefined ? 0 : WALK_EAGER) | (strict ? WALK_STRICT : 0);
    this.#strict = create_pyproxies === false;
  }

  run(object: number): unknown {
    const listed = this.#pyproxies.length;
    try {
      return this.#convert(object, this.depth, this.#flags);
    } catch (error) {
      const made = this.#pyproxies.splice(listed);
      for (const proxy of made) discard(proxy);
      throw error;
    }
  }

  #convert(object: number, depth: number, flags: number): unknown {
    const { exports } = this.bridge;
    const tape = exports.sospeso_to_js_walk(this.#first, object, depth, flags) >>> 0;
    if (tape === 0) this.bridge.throwPython();
    const outermost = this.#first === 0;
    if (outermost) this.#first = tape;
    try {
      return new Reader(this, tape).read();
    } finally {
      if (outermost) this.#first = 0;
      exports.sospeso_to_js_free(tape);
    }
  }

  /** A proxy for an object on a tape, or what a converter makes of it. */
  object(why: number, object: number, number: number, flags: number, depth: number): unknown {
    if (number >= 0 && number in this.built) {
      const known = this.built[number];
      if (known !== UNFINISHED) return known;
    }
    const converter =
      why === TAPE_WHY_EAGER ? this.eagerConverter : why === TAPE_WHY_UNKNOWN ? this.defaultConverter : undefined;
    if (converter === undefined || (why === TAPE_WHY_UNKNOWN && this.#inWork.has(number))) {
      const proxy = this.#proxy(object, flags);
      if (number >= 0) this.built[number] = proxy;
      return proxy;
    }
    return this.#callConverter(converter, why, object, number, flags, depth);
  }

  #proxy(object: number, flags: number): unknown {
    if (this.#strict) {
      this.bridge.exports.sospeso_raise_unconverted(object);
      this.bridge.throwPython();
    }
    this.bridge.exports.sospeso_retain(object);
    const proxy = this.bridge.makeProxy(object, flags);
    this.#pyproxies.push(proxy);
    return proxy;
  }

  #callConverter(
    converter: ToJsConverter,
    why: number,
    object: number,
    number: number,
    flags: number,
    depth: number,
  ): unknown {
    const { bridge } = this;
    bridge.exports.sospeso_retain(object);
    const proxy = bridge.makeProxy(object, flags);
    const convert = (value: unknown): unknown => {
      if (this.#first === 0) throw new Error("convert() can only be called while the conversion is under way");
      const record = proxyRecord(value);
      if (record === undefined || record.bridge !== bridge || record.object === 0) return value;
      if (record.object !== object) return this.#convert(record.object, depth, this.#flags);
      return this.#convert(object, depth, this.#flags | (why === TAPE_WHY_EAGER ? WALK_ROOT_DONE : 0));
    };
    const cacheConversion = (value: unknown, result: unknown): void => {
      if (proxyRecord(value)?.object === object) this.built[number] = result;
    };
    const outer = this.#inWork.has(number);
    this.#inWork.add(number);
    let result: unknown;
    try {
      result = converter(proxy, convert, cacheConversion);
    } finally {
      if (!outer) this.#inWork.delete(number);
      // The argument dies with the call, unless it is the result.
      if (result === proxy) this.#pyproxies.push(proxy);
      else discard(proxy);
    }
    // A converter written in Python cannot destroy the proxy of what it gives.
    if (result !== proxy && proxyRecord(converter) !== undefined && proxyRecord(result) !== undefined) {
      this.#pyproxies.push(result);
    }
    this.built[number] = result;
    return result;
  }

  /** A value is finished: fill in the places that want it. */
  finish(number: number, value: unknown): void {
    this.built[number] = value;
    for (let i = this.wanting.length - 1; i >= 0; i--) {
      const place = this.wanting[i] as (typeof this.wanting)[number];
      if (place.number !== number) continue;
      (place.holder as Record<string | number, unknown>)[place.key] = value;
      this.wanting.splice(i, 1);
    }
  }
}

/** Reads one tape. */
class Reader {
  readonly #conversion: Conversion;
  readonly #bridge: Bridge;
  #i32: Int32Array;
  /** Index of the next word; of the next number. */
  #at: number;
  #numbersAt: number;
  readonly #numbers: Float64Array;
  /** All short text, and where the next of it begins. */
  readonly #text8: string;
  readonly #text16: string;
  #at8 = 0;
  #at16 = 0;
  readonly #keys: string[] = [];
  readonly #plain: boolean;
  /** Number for the container that is read next, or -1. */
  #note = -1;

  constructor(conversion: Conversion, tape: number) {
    const { bridge } = conversion;
    this.#conversion = conversion;
    this.#bridge = bridge;
    this.#plain = conversion.dictConverter === undefined;
    const { u32, u8 } = bridge;
    const field = tape >>> 2;
    const length8 = u32[field + TO_JS_LENGTH8] as number;
    const length16 = u32[field + TO_JS_LENGTH16] as number;
    const text8 = u32[field + TO_JS_TEXT8] as number;
    this.#text8 =
      length8 === 0 ? "" : u32[field + TO_JS_ASCII] !== 0 ? readAscii(u8, text8, length8) : readLatin1(u8, text8, length8);
    this.#text16 = length16 === 0 ? "" : readUcs2(u8, u32[field + TO_JS_TEXT16] as number, length16);
    this.#i32 = bridge.i32;
    this.#at = (u32[field + TO_JS_WORDS] as number) >>> 2;
    this.#numbers = bridge.f64;
    this.#numbersAt = (u32[field + TO_JS_NUMBERS] as number) >>> 3;
  }

  read(): unknown {
    const word = this.#i32[this.#at++] as number;
    switch (word & 15) {
      case TAPE_STRING8: {
        const start = this.#at8;
        return this.#text8.substring(start, (this.#at8 = start + (word >>> 5)));
      }
      case TAPE_SMALL:
        return word >> 4;
      case TAPE_NUMBER:
        return this.#number();
      case TAPE_DICT:
        return this.#plain ? this.#object(word >>> 4) : this.#pairs(word >>> 5);
      case TAPE_LIST:
        return this.#list(word >>> 4);
      case TAPE_UNDEFINED:
        return undefined;
      case TAPE_FALSE:
        return false;
      case TAPE_TRUE:
        return true;
      case TAPE_NULL:
        return null;
      case TAPE_STRING16: {
        const start = this.#at16;
        return this.#text16.substring(start, (this.#at16 = start + (word >>> 4)));
      }
      case TAPE_REF:
        return this.#known(word >>> 4);
      case TAPE_JS:
        return this.#bridge.handles.get(word >>> 4);
      case TAPE_PY:
        return this.#python(word >>> 4);
      case TAPE_BIGINT: {
        const start = this.#at8;
        const digits = this.#text8.substring(start, (this.#at8 = start + (word >>> 4)));
        return digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits);
      }
      case TAPE_LONG: {
        const at = (this.#at += 3);
        const i32 = this.#i32;
        return this.#bridge.readString((i32[at - 2] as number) >>> 0, i32[at - 1] as number, i32[at - 3] as number);
      }
      default:
        return this.#other(word >>> 4);
    }
  }

  #number(): number {
    let numbers = this.#numbers;
    if (numbers.length === 0) numbers = this.#bridge.f64; // detached by growth
    return numbers[this.#numbersAt++] as number;
  }

  #takeNote(value: unknown): number {
    const note = this.#note;
    if (note >= 0) {
      this.#conversion.built[note] = value;
      this.#note = -1;
    }
    return note;
  }

  #list(count: number): unknown[] {
    const list: unknown[] = [];
    this.#takeNote(list);
    for (let i = 0; i < count; i++) {
      const value = this.read();
      if (value === UNFINISHED) this.#want(list, i);
      list.push(value);
    }
    return list;
  }

  #object(payload: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#takeNote(object);
    if ((payload & TAPE_ODD_KEYS) !== 0) {
      this.#oddEntries(object, payload >>> 1);
      return object;
    }
    const keys = this.#keys;
    for (let i = payload >>> 1; i > 0; i--) {
      const word = this.#i32[this.#at++] as number;
      const key = (word & 1) === 0 ? (keys[word >>> 1] as string) : this.#newKey(word >>> 1);
      object[key] = this.read();
    }
    return object;
  }

  #newKey(index: number): string {
    return (this.#keys[index] = this.read() as string);
  }

  /** The next key, whatever it is. */
  #key(): unknown {
    const word = this.#i32[this.#at++] as number;
    if (word === TAPE_ANY_KEY) return this.read();
    return (word & 1) === 0 ? this.#keys[word >>> 1] : this.#newKey(word >>> 1);
  }

  /** Entries whose keys may become equal as strings, or be "__proto__". */
  #oddEntries(object: Record<string, unknown>, count: number): void {
    for (let i = 0; i < count; i++) {
      const key = this.#key();
      if (typeof key === "object" || typeof key === "function" || typeof key === "symbol") {
        if (key !== null) this.#fail("a dict whose keys are JavaScript objects needs a dict_converter, such as Map's");
      }
      const name = String(key);
      if (!this.#conversion.lastKeyWins && Object.hasOwn(object, name)) {
        const shown = typeof key === "string" ? `'${key}'` : name;
        this.#fail(`Key collision when converting Python dictionary to JavaScript. Key: ${shown}`);
      }
      const value = this.read();
      Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
    }
  }

  /** A dict for the user's converter. */
  #pairs(count: number): unknown {
    const note = this.#takeNote(UNFINISHED);
    const pairs: [string, unknown][] = [];
    for (let i = 0; i < count; i++) {
      const key = this.#key() as string;
      const value = this.read();
      if (value === UNFINISHED) this.#fail("a dict that contains itself cannot go through a dict_converter");
      pairs.push([key, value]);
    }
    const convert = this.#conversion.dictConverter as (entries: Iterable<[string, unknown]>) => unknown;
    const result = convert(pairs);
    this.#i32 = this.#bridge.i32;
    if (note >= 0) this.#conversion.finish(note, result);
    return result;
  }

  #known(number: number): unknown {
    const { built } = this.#conversion;
    if (!(number in built)) this.#fail("an object cannot be converted again after its conversion failed");
    const value = built[number];
    if (value === UNFINISHED) this.#wanted = number;
    return value;
  }

  /** Number of the unfinished value that read() has just met. */
  #wanted = -1;

  #want(holder: unknown, key: string | number): void {
    this.#conversion.wanting.push({ holder, key, number: this.#wanted });
  }

  #python(why: number): unknown {
    const i32 = this.#i32;
    const at = (this.#at += 4);
    const value = this.#conversion.object(
      why,
      i32[at - 4] as number,
      i32[at - 3] as number,
      i32[at - 2] as number,
      i32[at - 1] as number,
    );
    this.#i32 = this.#bridge.i32;
    return value;
  }

  #other(what: number): unknown {
    const word = this.#i32[this.#at++] as number;
    switch (what) {
      case TAPE_NOTE:
        this.#note = word;
        return this.read();
      case TAPE_SET: {
        const set = new Set();
        this.#takeNote(set);
        for (let i = 0; i < word; i++) set.add(this.read());
        if (set.size !== word) this.#fail("a set with two elements that are equal in JavaScript cannot be a Set");
        return set;
      }
      case TAPE_BUFFER:
        return this.#buffer(word);
      default:
        throw new Error(`unknown word on a tape: ${what}`);
    }
  }

  #buffer(type: number): unknown {
    const i32 = this.#i32;
    const address = (i32[this.#at] as number) >>> 0;
    const bytes = (i32[this.#at + 1] as number) >>> 0;
    const dimensions = i32[this.#at + 2] as number;
    const shape = [...i32.subarray(this.#at + 3, this.#at + 3 + dimensions)];
    this.#at += 3 + dimensions;
    const ArrayType = ELEMENT_TYPES[type]?.array;
    if (ArrayType === undefined) this.#fail("this engine has no typed array for the elements of a buffer");
    const copy = this.#bridge.u8.slice(address, address + bytes).buffer;
    const all = new ArrayType(copy as ArrayBuffer);
    if (dimensions === 0) return all;
    return nested(all, shape, 0, 0, shape.length > 1 ? all.length : 0);
  }

  #fail(message: string): never {
    throwConversionError(this.#bridge, message);
  }
}

interface Typed {
  readonly length: number;
  slice(start: number, end: number): unknown;
}

/** An array of arrays for all dimensions but the last. */
function nested(all: Typed, shape: readonly number[], level: number, start: number, length: number): unknown {
  if (shape.length === 1) return all;
  if (level === shape.length - 1) return all.slice(start, start + length);
  const count = shape[level] as number;
  const step = count === 0 ? 0 : length / count;
  return Array.from({ length: count }, (_, i) => nested(all, shape, level + 1, start + i * step, step));
}

/** The import behind pyodide.ffi.to_js(). */
export function toJsImports(bridge: () => Bridge): {
  to_js(object: number, depth: number, createProxies: number, slots: number): number;
} {
  return {
    to_js(object, depth, createProxies, slots) {
      const own = bridge();
      const callbacks: unknown[] = [];
      try {
        const [pyproxies, dict, fallback, eager] = own.readSlots(slots, 4);
        callbacks.push(pyproxies, dict, fallback, eager);
        const options = {
          depth,
          create_pyproxies: createProxies !== 0,
          pyproxies,
          dict_converter: dict,
          default_converter: fallback,
          eager_converter: eager,
        } as ToJsOptions;
        const value = toJs(own, object, options);
        if (anyRecord(value) !== undefined) {
          // For Python this is the proxy, not the object that it could have had without us.
          const kind = jsKind(value);
          own.i32.set([SLOT_JS, own.handles.add(value), 0, kind], slots >>> 2);
          return 0;
        }
        own.beginText();
        own.writeSlot(slots, value);
        return 0;
      } catch (error) {
        return own.fail(error);
      } finally {
        for (const callback of callbacks) discard(callback);
      }
    },
  };
}
