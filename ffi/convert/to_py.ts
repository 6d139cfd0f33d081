/*
 * Deep conversion of JavaScript values, first half: the walk. It writes the
 * whole graph on a tape (convert.h) from which ffi/convert/to_py.c builds the Python
 * objects in one crossing. Called by pyodide.toPy() and, through an import, by
 * JsProxy.to_py().
 *
 * Invariants
 *  1. The tape is written in JavaScript's own memory: a getter or a converter
 *     may call Python, grow the memory or convert something else meanwhile.
 *  2. Both halves count the containers in the order they are opened; the number
 *     stands for the container when it is met again.
 *  3. Before a converter runs, all words so far are built, so that its
 *     convert() and what it sees are part of the same graph.
 *  4. Objects on the tape are kept alive by #owned, handles by the tape until
 *     C has taken them; both are given up on every path.
 *  5. Short strings are collected in one text and encoded together, as if all were
 *     ASCII; their words are put right when they are not. What else goes into the
 *     texts settles them first, so that texts stay in the order of the words.
 */

import {
  JS_PROMISE,
  TAPE_ANY_KEY,
  TAPE_BIGINT,
  TAPE_DICT,
  TAPE_FALSE,
  TAPE_INTEGER,
  TAPE_JS,
  TAPE_LIST,
  TAPE_NULL,
  TAPE_NUMBER,
  TAPE_OTHER,
  TAPE_PAIRS,
  TAPE_PAYLOAD_MAX,
  TAPE_PY,
  TAPE_REF,
  TAPE_SET,
  TAPE_SMALL,
  TAPE_SMALL_LIMIT,
  TAPE_STRING16,
  TAPE_STRING8,
  TAPE_TRUE,
  TAPE_UNDEFINED,
  TO_PY_HANDLES_TAKEN,
  TO_PY_NUMBERS,
  TO_PY_SIZE,
  TO_PY_TEXT16,
  TO_PY_TEXT8,
  TO_PY_WORDS,
  TO_PY_WORD_COUNT,
} from "../abi/abi.ts";
import { jsKind } from "../abi/js_kind.ts";
import type { Bridge } from "../bridge/bridge_types.ts";
import { anyRecord, proxyRecord } from "../bridge/py_known.ts";
import { isBuffer, newMemoryview } from "./buffers.ts";
import { discard, throwConversionError } from "./to_js.ts";

/**
 * Converts an object that has no conversion of its own.
 * @param value the object.
 * @param convert converts another value as part of the same conversion; what it makes is valid
 *   until the conversion ends.
 * @param cacheConversion gives the result before it is complete, for cycles.
 */
export type ToPyConverter = (
  value: any,
  convert: (value: any) => any,
  cacheConversion: (value: any, result: any) => void,
) => any;

/** Options of pyodide.toPy(). */
export interface ToPyOptions {
  /** Levels to convert; negative (the default) is without end. */
  depth?: number;
  /** For objects that have no conversion; what it returns takes their place. */
  defaultConverter?: ToPyConverter | undefined;
}

/** More levels than this could overflow the engine's stack. */
const MAX_LEVELS = 1500;

/**
 * Convert a value for JavaScript: primitives and PyProxies as they are, an
 * object without a conversion too.
 * @throws PythonError of type ConversionError; what getters and converters throw.
 */
export function toPy(bridge: Bridge, value: unknown, options: ToPyOptions = {}): unknown {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return value;
  if (anyRecord(value) !== undefined) return value;
  const object = convert(bridge, value, options);
  return object === 0 ? value : bridge.take(object);
}

/**
 * As toPy(), for whoever wants the Python object.
 * @returns a new reference.
 */
export function toPyObject(bridge: Bridge, value: unknown, options: ToPyOptions = {}): number {
  const object = convert(bridge, value, options);
  return object === 0 ? bridge.toObject(value) : object;
}

/** A new reference, or 0 when the value has no conversion at all. */
function convert(bridge: Bridge, value: unknown, options: ToPyOptions): number {
  const depth = levels(options.depth);
  const converter = options.defaultConverter ?? undefined;
  if (converter !== undefined && typeof converter !== "function") {
    throw new TypeError(`option defaultConverter must be a function, not ${typeof converter}`);
  }
  if (!shapes.has(bridge)) shapes.set(bridge, new Walk(bridge, new Buffers(), undefined));
  const buffers = spare ?? new Buffers();
  spare = undefined;
  const walk = new Walk(bridge, buffers, converter);
  try {
    return walk.run(value, depth);
  } finally {
    walk.end();
    if (buffers.size <= SPARE_SIZE) spare = buffers;
  }
}

function levels(depth: number | null | undefined): number {
  if (depth === undefined || depth === null) return -1;
  const number = Math.trunc(Number(depth));
  if (Number.isNaN(number)) throw new TypeError("option depth must be a number");
  return number < 0 ? -1 : number;
}

/** The arrays a tape is written to; one set is kept for the next conversion. */
class Buffers {
  words = new Int32Array(2048);
  numbers = new Float64Array(256);
  text8 = new Uint8Array(8192);
  text16 = new Uint16Array(256);

  get size(): number {
    return (
      this.words.byteLength + this.numbers.byteLength + this.text8.byteLength + this.text16.byteLength
    );
  }
}

/**
 * A walk that is never run for each runtime: V8 throws away the optimised code of a class when
 * it collects garbage while no object of that class is alive, and conversions took thrice the time after it.
 */
const shapes = new WeakMap<Bridge, Walk>();

const SPARE_SIZE = 512 * 1024;
let spare: Buffers | undefined;

const encoder = new TextEncoder();
/** Up to this many units a string is encoded together with others. */
const SHORT = 64;

interface Growable {
  readonly length: number;
  set(from: ArrayLike<number>): void;
}

function larger<T extends Growable & ArrayLike<number>>(
  array: T,
  wanted: number,
  Type: new (length: number) => T,
): T {
  const made = new Type(Math.max(2 * array.length, wanted));
  made.set(array);
  return made;
}

class Walk {
  readonly #bridge: Bridge;
  readonly #buffers: Buffers;
  readonly #converter: ToPyConverter | undefined;
  #words: Int32Array<ArrayBuffer>;
  #wordCount = 0;
  #numberCount = 0;
  #count8 = 0;
  #count16 = 0;
  #level = 0;
  /** Containers by number; see invariant 2. Empty while #unmet. */
  readonly #known = new Map<object, number>();
  /** The containers in the order of their numbers, while #unmet: a Set grows faster. */
  readonly #seen = new Set<object>();
  #containers = 0;
  readonly #keys = new Map<string, number>();
  #keyCount = 0;
  /** By number: the key, and the key that came after it last, or -1. */
  #names: string[] = [];
  #nextKey: number[] = [];
  /** By number of the key an object stands under: the first key that such an object had last. */
  #firstKey: number[] = [];
  /** The key that is being written; 0 also at the outermost. */
  #under = 0;
  /** Short strings that were not encoded yet, and where their words are. */
  #pending = "";
  #pendingWords: number[] = [];
  /** Handles on the tape that was not built yet. */
  #handles: number[] = [];
  /** References to give up in the end. */
  readonly #owned: number[] = [];
  /** What converters made of an object. */
  #converted: Map<unknown, unknown> | undefined;
  /** Proxies that convert() gave out, copies of what was cached, and what a converter gave: they end with the conversion. */
  readonly #lent: unknown[] = [];
  #builder = 0;
  /** for-in sees exactly the own names of plain objects, and no word is built before all are written. */
  readonly #quick: boolean;
  /** No container was met twice, and no converter takes any back. */
  #unmet: boolean;

  constructor(bridge: Bridge, buffers: Buffers, converter: ToPyConverter | undefined) {
    this.#bridge = bridge;
    this.#buffers = buffers;
    this.#words = buffers.words;
    this.#converter = converter;
    let pristine = true;
    for (const _ in Object.prototype) pristine = false;
    this.#quick = pristine && converter === undefined;
    this.#unmet = this.#quick;
  }

  /** A new reference to what the value was converted to; 0 if that is a JsProxy of it. */
  run(value: unknown, depth: number): number {
    const { exports } = this.#bridge;
    if (this.#converter === undefined) {
      this.#write(value, depth);
      if (this.#wordCount === 2 && ((this.#words[0] as number) & 15) === TAPE_JS) return 0;
      return this.#build((head) => exports.sospeso_to_py_once(head));
    }
    this.#builder = exports.sospeso_to_py_new();
    if (this.#builder === 0) throw new RangeError("out of memory while converting to Python");
    if (exports.sospeso_to_py_open(this.#builder) < 0) this.#bridge.throwPython();
    this.#write(value, depth);
    this.#flush();
    return exports.sospeso_to_py_close(this.#builder);
  }

  /** Give up what the conversion held. */
  end(): void {
    const { exports, handles } = this.#bridge;
    for (const handle of this.#handles) handles.release(handle);
    if (this.#builder !== 0) exports.sospeso_to_py_free(this.#builder);
    for (const object of this.#owned) exports.sospeso_release(object);
    for (const proxy of this.#lent) discard(proxy);
  }

  // ---- the tape ---------------------------------------------------------------

  #put(word: number): void {
    if (this.#wordCount === this.#words.length) this.#growWords();
    this.#words[this.#wordCount++] = word;
  }

  #growWords(): void {
    this.#words = this.#buffers.words = larger(this.#words, 0, Int32Array);
  }

  /** Copy the tape into wasm and let C build from it; the tape is empty afterwards. */
  #build(call: (head: number) => number): number {
    const { exports } = this.#bridge;
    this.#settle();
    const { numbers, text8, text16 } = this.#buffers;
    const numbersAt = TO_PY_SIZE;
    const wordsAt = numbersAt + 8 * this.#numberCount;
    const text16At = wordsAt + 4 * this.#wordCount;
    const text8At = text16At + 2 * this.#count16;
    const head = exports.malloc(text8At + this.#count8) >>> 0;
    if (head === 0) throw new RangeError("out of memory while converting to Python");
    const { u8, u32 } = this.#bridge;
    const field = head >>> 2;
    u32[field + TO_PY_WORDS] = head + wordsAt;
    u32[field + TO_PY_NUMBERS] = head + numbersAt;
    u32[field + TO_PY_TEXT8] = head + text8At;
    u32[field + TO_PY_TEXT16] = head + text16At;
    u32[field + TO_PY_WORD_COUNT] = this.#wordCount;
    u32[field + TO_PY_HANDLES_TAKEN] = 0;
    u32.set(new Uint32Array(this.#words.buffer, 0, this.#wordCount), (head + wordsAt) >>> 2);
    if (this.#numberCount > 0) {
      this.#bridge.f64.set(numbers.subarray(0, this.#numberCount), (head + numbersAt) >>> 3);
    }
    if (this.#count8 > 0) u8.set(text8.subarray(0, this.#count8), head + text8At);
    if (this.#count16 > 0) {
      u8.set(new Uint8Array(text16.buffer, 0, 2 * this.#count16), head + text16At);
    }
    this.#wordCount = this.#numberCount = this.#count8 = this.#count16 = 0;
    const result = call(head);
    if (this.#handles.length > 0) this.#handles.splice(0, this.#bridge.u32[field + TO_PY_HANDLES_TAKEN]);
    exports.free(head);
    if (result === 0) this.#bridge.throwPython();
    return result;
  }

  #flush(): void {
    if (this.#wordCount === 0) return;
    this.#build((head) => 1 + this.#bridge.exports.sospeso_to_py_build(this.#builder, head));
  }

  // ---- values -----------------------------------------------------------------

  #write(value: unknown, depth: number): void {
    switch (typeof value) {
      case "string":
        this.#string(value);
        return;
      case "number":
        if ((value | 0) === value && value >= -TAPE_SMALL_LIMIT && value < TAPE_SMALL_LIMIT && (value !== 0 || 1 / value > 0)) {
          this.#put((value << 4) | TAPE_SMALL);
        } else {
          this.#number(value);
        }
        return;
      case "object":
        if (value === null) this.#put(this.#bridge.compat.nullIsNone ? TAPE_UNDEFINED : TAPE_NULL);
        else this.#object(value, depth);
        return;
      case "boolean":
        this.#put(value ? TAPE_TRUE : TAPE_FALSE);
        return;
      case "undefined":
        this.#put(TAPE_UNDEFINED);
        return;
      case "bigint": {
        const digits = value.toString(16);
        this.#put((digits.length << 4) | TAPE_BIGINT);
        this.#latin1(digits, digits.length);
        return;
      }
      default:
        if (typeof value === "function") this.#object(value, depth);
        else if (depth !== 0 && this.#converter !== undefined) this.#convert(this.#converter, value, depth);
        else this.#handle(value);
    }
  }

  #number(value: number): void {
    const buffers = this.#buffers;
    if (this.#numberCount === buffers.numbers.length) buffers.numbers = larger(buffers.numbers, 0, Float64Array);
    buffers.numbers[this.#numberCount++] = value;
    this.#put(Number.isSafeInteger(value) && value !== 0 ? TAPE_OTHER | (TAPE_INTEGER << 4) : TAPE_NUMBER);
  }

  /** The text of a string of code units below 0x100, whose word was written. */
  #latin1(text: string, length: number): void {
    this.#settle();
    this.#room8(length);
    const bytes = this.#buffers.text8;
    let at = this.#count8;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    this.#count8 = at;
  }

  #room8(length: number): void {
    const buffers = this.#buffers;
    if (this.#count8 + length > buffers.text8.length) {
      buffers.text8 = larger(buffers.text8, this.#count8 + length, Uint8Array);
    }
  }

  #string(text: string): void {
    const { length } = text;
    if (length <= SHORT) {
      this.#pendingWords.push(this.#wordCount);
      this.#put((length << 5) | (1 << 4) | TAPE_STRING8);
      this.#pending += text;
      return;
    }
    if (length >= 1 << 27) throw new RangeError(`a string of ${length} units is too long to convert to Python`);
    this.#settle();
    this.#put(this.#ascii(text, length) ? (length << 5) | (1 << 4) | TAPE_STRING8 : this.#wide(text, length));
  }

  /** Encode what is pending; see invariant 5. */
  #settle(): void {
    const text = this.#pending;
    const words = this.#pendingWords;
    if (words.length === 0) return;
    this.#pending = "";
    if (!this.#ascii(text, text.length)) {
      let from = 0;
      for (const at of words) {
        const length = (this.#words[at] as number) >>> 5;
        this.#words[at] = this.#wide(text.slice(from, from + length), length);
        from += length;
      }
    }
    words.length = 0;
  }

  /** Write the text of a string of pure ASCII; false for any other. */
  #ascii(text: string, length: number): boolean {
    this.#room8(length);
    const { text8 } = this.#buffers;
    // Stops at once where the room for pure ASCII ends, so that other text costs little.
    const { read, written } = encoder.encodeInto(text, text8.subarray(this.#count8, this.#count8 + length));
    if (read !== length || written !== length) return false;
    this.#count8 += length;
    return true;
  }

  /** Write the text of any string; its word. */
  #wide(text: string, length: number): number {
    this.#room8(length);
    const bytes = this.#buffers.text8;
    const start = this.#count8;
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      seen |= unit;
      bytes[start + i] = unit;
    }
    if (seen < 0x100) {
      this.#count8 = start + length;
      return (length << 5) | (seen < 0x80 ? 1 << 4 : 0) | TAPE_STRING8;
    }
    const buffers = this.#buffers;
    if (this.#count16 + length > buffers.text16.length) {
      buffers.text16 = larger(buffers.text16, this.#count16 + length, Uint16Array);
    }
    const units = buffers.text16;
    let at = this.#count16;
    for (let i = 0; i < length; i++) units[at++] = text.charCodeAt(i);
    this.#count16 = at;
    return (length << 4) | TAPE_STRING16;
  }

  #handle(value: unknown): void {
    const kind = jsKind(value);
    if ((kind & JS_PROMISE) !== 0) this.#bridge.promises.note(value);
    const handle = this.#bridge.handles.add(value);
    this.#handles.push(handle);
    this.#put((handle << 4) | TAPE_JS);
    this.#put(kind);
  }

  /** A Python object, of which a reference is kept until the end. */
  #python(object: number, owned: boolean): void {
    if (!owned) this.#bridge.exports.sospeso_retain(object);
    this.#owned.push(object);
    this.#put(TAPE_PY);
    this.#put(object);
  }

  // ---- containers ---------------------------------------------------------------

  #object(value: object, depth: number): void {
    if (depth === 0) {
      // Also for what was converted higher up: what depth leaves is JavaScript's own object.
      if (!this.#proxy(value)) this.#handle(value);
      return;
    }
    // A PyProxy's prototype is never that of plain objects, and its target is no array.
    const prototype: unknown = Object.getPrototypeOf(value);
    const plain = prototype === Object.prototype && typeof value === "object" && !isTagged(value);
    const simple = plain || Array.isArray(value);
    const noted = simple && this.#unmet;
    if (noted ? this.#metBefore(value) : this.#reference(value)) return;
    if (!simple && this.#proxy(value)) return;
    if (++this.#level > MAX_LEVELS) {
      throw new RangeError(`the value is nested more than ${MAX_LEVELS} levels deep; convert it with option depth`);
    }
    if (simple && !noted) this.#note(value);
    if (!simple) this.#rest(value, depth);
    else if (!plain) this.#list(value as readonly unknown[], depth - 1);
    else if (this.#quick) this.#quickEntries(value, depth - 1);
    else this.#entries(value, depth - 1);
    this.#level--;
  }

  /** Write a container that was written before as a reference to it; false for any other value. */
  #reference(value: object): boolean {
    if (this.#unmet) {
      if (!this.#seen.has(value)) return false;
      this.#meet();
    }
    const number = this.#known.get(value);
    if (number === undefined) return false;
    this.#put((number << 4) | TAPE_REF);
    return true;
  }

  /**
   * #reference() for a plain object or an array while no container was met twice, and #note() at once:
   * one look into the table is enough to see whether that still holds.
   */
  #metBefore(value: object): boolean {
    this.#seen.add(value);
    if (this.#seen.size > this.#containers) {
      this.#containers++;
      return false;
    }
    return this.#reference(value);
  }

  /** From now on numbers are looked up. */
  #meet(): void {
    this.#unmet = false;
    let number = 0;
    for (const value of this.#seen) this.#known.set(value, number++);
  }

  /** Write a PyProxy as its object, or as itself when it has ended or is another runtime's; false for anything else. */
  #proxy(value: object): boolean {
    const record = anyRecord(value);
    if (record === undefined) return false;
    if (record.bridge === this.#bridge && record.object !== 0) this.#python(record.object, false);
    else this.#handle(value);
    return true;
  }

  #note(value: object): void {
    if (this.#unmet) this.#seen.add(value);
    else this.#known.set(value, this.#containers);
    this.#containers++;
  }

  #list(list: readonly unknown[], depth: number): void {
    const { length } = list;
    this.#put((count(length) << 4) | TAPE_LIST);
    for (let i = 0; i < length; i++) this.#write(list[i], depth);
  }

  /** A plain object of this realm in a conversion without converters: no array of its names is made. */
  #quickEntries(object: object, depth: number): void {
    this.#put(0);
    const at = this.#wordCount - 1;
    let entries = 0;
    let before = -1;
    const under = this.#under;
    for (const name in object) {
      before = before < 0 ? this.#firstEntry(object, name, depth, under) : this.#entry(object, name, depth, before);
      entries++;
    }
    this.#words[at] = (count(entries) << 4) | TAPE_DICT;
  }

  /**
   * One entry of a dict. `before` is the number of the key before it, or -1:
   * objects are mostly alike, so the key is mostly the one that came next before.
   */
  #entry(object: object, name: string, depth: number, before: number): number {
    let index = before < 0 ? -1 : (this.#nextKey[before] as number);
    if (index < 0 || this.#names[index] !== name) index = this.#findKey(name, before);
    else this.#put(index << 1);
    this.#under = index;
    this.#write((object as Record<string, unknown>)[name], depth);
    return index;
  }

  /** The first entry of an object under a key: mostly the key that came first under it before. */
  #firstEntry(object: object, name: string, depth: number, under: number): number {
    let index = this.#firstKey[under] ?? -1;
    if (index < 0 || this.#names[index] !== name) this.#firstKey[under] = index = this.#findKey(name, -1);
    else this.#put(index << 1);
    this.#under = index;
    this.#write((object as Record<string, unknown>)[name], depth);
    return index;
  }

  #findKey(name: string, before: number): number {
    let index = this.#keys.get(name);
    if (index === undefined) {
      index = this.#keyCount++;
      this.#keys.set(name, index);
      this.#names[index] = name;
      this.#nextKey[index] = -1;
      this.#put((index << 1) | 1);
      this.#string(name);
    } else {
      this.#put(index << 1);
    }
    if (before >= 0) this.#nextKey[before] = index;
    return index;
  }

  #entries(object: object, depth: number): void {
    const names = Object.keys(object);
    const { length } = names;
    this.#put((count(length) << 4) | TAPE_DICT);
    let before = -1;
    for (let i = 0; i < length; i++) before = this.#entry(object, names[i] as string, depth, before);
  }

  /** Anything but a plain object or an array. */
  #rest(value: object, depth: number): void {
    if (typeof value === "object") {
      if (isPlain(value)) {
        this.#note(value);
        return this.#entries(value, depth - 1);
      }
      if (isBuffer(value)) return this.#python(newMemoryview(this.#bridge, value), true);
      const tag = Object.prototype.toString.call(value);
      if (tag === "[object Map]") return this.#map(value as Map<unknown, unknown>, depth - 1);
      if (tag === "[object Set]") return this.#set(value as Set<unknown>);
    }
    if (this.#converter === undefined) this.#handle(value);
    else this.#convert(this.#converter, value, depth);
  }

  #map(map: Map<unknown, unknown>, depth: number): void {
    this.#refuseEqualKeys("Map", (key) => Map.prototype.has.call(map, key));
    const entries = [...map];
    this.#note(map);
    this.#put(TAPE_OTHER | (TAPE_PAIRS << 4));
    this.#put(count(entries.length));
    for (const [key, value] of entries) {
      this.#put(TAPE_ANY_KEY);
      this.#key(key, "dict");
      this.#write(value, depth);
    }
  }

  #set(set: Set<unknown>): void {
    this.#refuseEqualKeys("Set", (key) => Set.prototype.has.call(set, key));
    const values = [...set];
    this.#note(set);
    this.#put(TAPE_OTHER | (TAPE_SET << 4));
    this.#put(count(values.length));
    for (const value of values) this.#key(value, "set");
  }

  /** Python takes 1 and True for one key, and 0 and False. */
  #refuseEqualKeys(type: string, has: (key: unknown) => boolean): void {
    for (const [number, boolean] of [[1, true], [0, false]] as const) {
      if (!has(number) || !has(boolean)) continue;
      throwConversionError(
        this.#bridge,
        `Cannot faithfully convert ${type} into Python since it contains both ${number} and ${boolean} as keys.`,
      );
    }
  }

  /** A key of a dict or an element of a set: plain values, and objects as they are. */
  #key(key: unknown, container: string): void {
    if (typeof key === "object" && key !== null && proxyRecord(key) === undefined) {
      if (Array.isArray(key) || isPlain(key) || key instanceof Map || key instanceof Set) {
        const name = Array.isArray(key) ? "Array" : (key.constructor?.name ?? "Object");
        throwConversionError(
          this.#bridge,
          `Cannot use key of type ${name} as a key to a Python ${container}`,
        );
      }
      this.#handle(key);
      return;
    }
    if (typeof key === "function" && proxyRecord(key) === undefined) this.#handle(key);
    else this.#write(key, 0);
  }

  // ---- converters ------------------------------------------------------------------

  /** What a converter gave, as it is. */
  #leaf(value: unknown): void {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) this.#write(value, 0);
    else if (proxyRecord(value) !== undefined) this.#object(value, 0);
    else this.#handle(value);
  }

  #convert(converter: ToPyConverter, value: unknown, depth: number): void {
    const converted = (this.#converted ??= new Map());
    if (!converted.has(value)) {
      this.#flush(); // invariant 3
      let running = true;
      const result = converter(
        value,
        (inner) => {
          if (!running) throw new Error("convert() can only be called while the converter runs");
          if (converted.has(inner)) return this.#lend(converted.get(inner));
          if (inner === value) return inner;
          return this.#nested(inner, depth);
        },
        (input, output) => void converted.set(input, this.#lend(output)),
      );
      running = false;
      converted.set(value, result);
      this.#lent.push(result);
    }
    this.#leaf(converted.get(value));
  }

  /** A copy of a proxy until the end of the conversion: the caller may destroy its own, or a call may that it was an argument of. */
  #lend(value: unknown): unknown {
    if (proxyRecord(value) === undefined) return value;
    const copy = (value as { copy(): unknown }).copy();
    this.#lent.push(copy);
    return copy;
  }

  /** Convert a value of its own in the middle of the conversion. */
  #nested(value: unknown, depth: number): unknown {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
    if (anyRecord(value) !== undefined) return value;
    const { exports } = this.#bridge;
    this.#flush();
    const containers = this.#containers;
    const level = this.#level;
    const below = exports.sospeso_to_py_open(this.#builder);
    if (below < 0) this.#bridge.throwPython();
    let object: number;
    try {
      this.#write(value, depth);
      this.#flush();
      object = exports.sospeso_to_py_close(this.#builder);
    } catch (error) {
      this.#forget(below, containers);
      this.#level = level;
      throw error;
    }
    const made = this.#bridge.take(object);
    if (proxyRecord(made) !== undefined) this.#lent.push(made);
    return made;
  }

  /** A nested conversion failed, and the converter may go on: forget what it began. */
  #forget(below: number, containers: number): void {
    for (const handle of this.#handles.splice(0)) this.#bridge.handles.release(handle);
    this.#wordCount = this.#numberCount = this.#count8 = this.#count16 = 0;
    this.#pending = "";
    this.#pendingWords.length = 0;
    for (const [value, number] of this.#known) if (number >= containers) this.#known.delete(value);
    this.#keys.clear(); // some were never built
    this.#nextKey.fill(-1);
    this.#containers = this.#bridge.exports.sospeso_to_py_unwind(this.#builder, below);
  }
}

/**
 * Is it something of its own, although no class made it: `arguments`, Math, a module's namespace? They
 * have a tag. That of `arguments` has no name, but they have an iterator.
 */
function isTagged(value: object): boolean {
  return (
    Symbol.toStringTag in value ||
    (Symbol.iterator in value && Object.prototype.toString.call(value) !== "[object Object]")
  );
}

/** Is it an object that no class made: of any realm, without a prototype, or with a plain one? */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return !isTagged(value);
  if (Object.prototype.toString.call(value) !== "[object Object]") return false;
  const { constructor } = value as { constructor?: { name?: unknown } };
  return constructor === undefined || constructor?.name === "Object";
}

function count(length: number): number {
  if (length > TAPE_PAYLOAD_MAX) throw new RangeError(`a container of ${length} values is too large to convert to Python`);
  return length;
}

/** The import behind JsProxy.to_py(). */
export function toPyImports(bridge: () => Bridge): {
  to_py(handle: number, depth: number, converter: number): number;
} {
  return {
    to_py(handle, depth, converterSlot) {
      const own = bridge();
      let converter: unknown;
      try {
        converter = own.readSlot(converterSlot);
        return toPyObject(own, own.handles.get(handle), {
          depth,
          defaultConverter: (converter ?? undefined) as ToPyConverter | undefined,
        });
      } catch (error) {
        own.fail(error);
        return 0;
      } finally {
        discard(converter);
      }
    },
  };
}

