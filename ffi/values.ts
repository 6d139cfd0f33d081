/*
 * Values that cross between Python and JavaScript, the JavaScript half of
 * ffi/values.c: None, bool, int, float and str by value, everything else as a
 * PyProxy. Used by runtime/api.ts.
 *
 * Invariants
 *  1. A handle is an object's address with one reference that we own; whoever
 *     takes one from an export gives it to release(), a PyProxy or an export
 *     that steals it.
 *  2. A description is read at once: the next call of an export overwrites it.
 *  3. Views of the memory are made afresh after each call: it may have grown.
 */

/** The exports of the core that values need. */
export interface ValueExports {
  readonly memory: WebAssembly.Memory;
  malloc(size: number): number;
  free(pointer: number): void;
  sospeso_value(object: number): number;
  sospeso_retain(object: number): void;
  sospeso_release(object: number): void;
  sospeso_make(kind: number, number: number, text: number, length: number): number;
  sospeso_text(object: number, which: number): number;
  sospeso_dict_new(): number;
  sospeso_is_dict(object: number): number;
  sospeso_dict_get(dict: number, key: number): number;
  sospeso_dict_set(dict: number, key: number, value: number): number;
}

/** What Python code can be given in this version. */
export type Primitive = undefined | null | boolean | number | bigint | string;

const NONE = 0;
const BOOL = 1;
const NUMBER = 2;
const BIGINT = 3;
const FLOAT = 4;
const STRING = 5;

/** Code units per call of String.fromCharCode; engines bound the argument count. */
const CHUNK = 8192;

/** Makes and reads handles of one core. */
export class Values {
  readonly #exports: ValueExports;
  #handles = 0;
  readonly #decoder = new TextDecoder("latin1");

  constructor(exports: ValueExports) {
    this.#exports = exports;
  }

  /** PyProxies that were not destroyed. */
  get handles(): number {
    return this.#handles;
  }

  /**
   * A new handle for a JavaScript value.
   * @throws TypeError for a value that cannot cross.
   * @throws RangeError when memory is out.
   */
  toHandle(value: unknown): number {
    const handle = this.#make(value);
    if (handle === 0) throw new RangeError("out of memory while passing a value to Python");
    return handle;
  }

  #make(value: unknown): number {
    const exports = this.#exports;
    switch (typeof value) {
      case "undefined":
        return exports.sospeso_make(NONE, 0, 0, 0);
      case "boolean":
        return exports.sospeso_make(BOOL, value ? 1 : 0, 0, 0);
      case "number":
        return exports.sospeso_make(Number.isSafeInteger(value) && !Object.is(value, -0) ? NUMBER : FLOAT, value, 0, 0);
      case "bigint": {
        const digits = (value < 0n ? "-" : "") + (value < 0n ? -value : value).toString(16);
        const pointer = this.#allocate(digits.length + 1);
        const bytes = new Uint8Array(exports.memory.buffer, pointer, digits.length + 1);
        new TextEncoder().encodeInto(digits, bytes);
        bytes[digits.length] = 0;
        return this.#makeFrom(BIGINT, pointer, digits.length);
      }
      case "string": {
        const pointer = this.#allocate(Math.max(2, value.length * 2));
        const units = new Uint16Array(exports.memory.buffer, pointer, value.length);
        for (let i = 0; i < value.length; i++) units[i] = value.charCodeAt(i);
        return this.#makeFrom(STRING, pointer, value.length);
      }
      default:
        if (value === null) return exports.sospeso_make(NONE, 0, 0, 0);
        if (value instanceof PyProxy) {
          const handle = value.handle;
          exports.sospeso_retain(handle);
          return handle;
        }
        throw new TypeError(
          `cannot pass a JavaScript ${typeof value} to Python: this version passes undefined, null, ` +
            "boolean, number, bigint, string and PyProxy",
        );
    }
  }

  #allocate(size: number): number {
    const pointer = this.#exports.malloc(size) >>> 0;
    if (pointer === 0) throw new RangeError("out of memory while passing a value to Python");
    return pointer;
  }

  #makeFrom(kind: number, pointer: number, length: number): number {
    const handle = this.#exports.sospeso_make(kind, 0, pointer, length);
    this.#exports.free(pointer);
    return handle;
  }

  /** The JavaScript value of a handle, which is taken over. 0 is undefined. */
  take(handle: number): unknown {
    if (handle === 0) return undefined;
    const value = this.#read(handle);
    if (!(value instanceof PyProxy)) this.#exports.sospeso_release(handle);
    return value;
  }

  #read(handle: number): unknown {
    const exports = this.#exports;
    const description = exports.sospeso_value(handle) >>> 0;
    const view = new DataView(exports.memory.buffer, description, 24);
    const width = view.getInt32(4, true);
    const text = view.getUint32(8, true);
    const length = view.getInt32(12, true);
    const number = view.getFloat64(16, true);
    switch (view.getInt32(0, true)) {
      case NONE:
        return undefined;
      case BOOL:
        return number !== 0;
      case NUMBER:
      case FLOAT:
        return number;
      case BIGINT: {
        const digits = this.#string(text, 1, length); // "-0x1f" or "0x1f"
        return digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits);
      }
      case STRING:
        return this.#string(text, width, length);
      default:
        this.#handles++;
        return new PyProxy(this, handle);
    }
  }

  /** Text from memory; `width` bytes a code unit, as PyUnicode_KIND. */
  #string(pointer: number, width: number, length: number): string {
    const buffer = this.#exports.memory.buffer;
    if (width === 1) {
      const bytes = new Uint8Array(buffer, pointer, length);
      // "latin1" means windows-1252 to TextDecoder, which differs from 0x80 to 0x9f.
      if (!bytes.some((byte) => byte >= 0x80 && byte < 0xa0)) return this.#decoder.decode(bytes);
      return fromUnits(bytes, String.fromCharCode);
    }
    if (width === 2) return fromUnits(new Uint16Array(buffer, pointer, length), String.fromCharCode);
    return fromUnits(new Uint32Array(buffer, pointer, length), String.fromCodePoint);
  }

  /** @internal for PyProxy */
  release(handle: number): void {
    this.#handles--;
    this.#exports.sospeso_release(handle);
  }

  /** @internal str(object), or the name of its type. */
  text(handle: number, which: "str" | "type"): string {
    return String(this.take(this.#exports.sospeso_text(handle, which === "type" ? 1 : 0)));
  }

  /** @internal */
  isDict(handle: number): boolean {
    return this.#exports.sospeso_is_dict(handle) !== 0;
  }

  /** @internal A dict's item, or null when there is none. */
  dictGet(dict: number, key: string): { readonly value: unknown } | null {
    const keyHandle = this.toHandle(key);
    const item = this.#exports.sospeso_dict_get(dict, keyHandle);
    this.#exports.sospeso_release(keyHandle);
    return item === 0 ? null : { value: this.take(item) };
  }

  /** @internal Set an item, or delete it when no value is given; false when that failed. */
  dictSet(dict: number, key: string, ...value: [] | [unknown]): boolean {
    const keyHandle = this.toHandle(key);
    try {
      const item = value.length === 0 ? 0 : this.toHandle(value[0]);
      const status = this.#exports.sospeso_dict_set(dict, keyHandle, item);
      if (item !== 0) this.#exports.sospeso_release(item);
      return status === 0;
    } finally {
      this.#exports.sospeso_release(keyHandle);
    }
  }

  /** A proxy for a handle, which is taken over. */
  proxy(handle: number): PyProxy {
    this.#handles++;
    return new PyProxy(this, handle);
  }

  /** A new dict with the entries of a plain object. */
  dict(entries: Readonly<Record<string, unknown>> = {}): PyProxy {
    const proxy = this.proxy(this.#exports.sospeso_dict_new());
    for (const [key, value] of Object.entries(entries)) proxy.set(key, value);
    return proxy;
  }
}

function fromUnits(
  units: Uint8Array | Uint16Array | Uint32Array,
  make: (...units: number[]) => string,
): string {
  let text = "";
  for (let start = 0; start < units.length; start += CHUNK) {
    text += make(...units.subarray(start, start + CHUNK));
  }
  return text;
}

/**
 * A Python object that does not cross by value. In this version it can be named,
 * passed back to Python, and, when it is a dict, read and written.
 */
export class PyProxy {
  readonly #values: Values;
  #handle: number;

  /** @internal */
  constructor(values: Values, handle: number) {
    this.#values = values;
    this.#handle = handle;
  }

  /** @internal Address of the object. */
  get handle(): number {
    if (this.#handle === 0) throw new Error("Object has already been destroyed");
    return this.#handle;
  }

  /** Name of the object's type. */
  get type(): string {
    return this.#values.text(this.handle, "type");
  }

  /** Python's str() of the object. */
  toString(): string {
    return this.#values.text(this.handle, "str");
  }

  /** Item of a dict; undefined when there is none. */
  get(key: string): unknown {
    return this.#values.dictGet(this.#dict(), key)?.value;
  }

  /** Whether a dict has the key. */
  has(key: string): boolean {
    const item = this.#values.dictGet(this.#dict(), key);
    if (item?.value instanceof PyProxy) item.value.destroy();
    return item !== null;
  }

  /** Set an item of a dict. @throws TypeError for a value that cannot cross. */
  set(key: string, value: unknown): void {
    if (!this.#values.dictSet(this.#dict(), key, value)) throw new Error(`cannot set ${JSON.stringify(key)}`);
  }

  /** Delete an item of a dict. @throws Error when there is none. */
  delete(key: string): void {
    if (!this.#values.dictSet(this.#dict(), key)) throw new Error(`KeyError: ${JSON.stringify(key)}`);
  }

  /** Give up the reference; using the proxy afterwards throws. Idempotent. */
  destroy(): void {
    if (this.#handle === 0) return;
    const handle = this.#handle;
    this.#handle = 0;
    this.#values.release(handle);
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  #dict(): number {
    const handle = this.handle;
    if (!this.#values.isDict(handle)) {
      throw new TypeError(`a Python ${this.type} has no items to get or set; this version offers that for dict`);
    }
    return handle;
  }
}
