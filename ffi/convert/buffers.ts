/*
 * Blocks of memory in both directions: PyBufferView, a typed array on the memory
 * of a Python object, and the imports behind JsBuffer's methods. Used by
 * ffi/py_in_js/py_classes.ts (getBuffer), to_js.ts, to_py.ts and, for its types, by runtime/.
 *
 * Invariants
 *  1. A view keeps the Python object exported until release(); it is not touched
 *     after that.
 *  2. Growth of the wasm memory detaches typed arrays: `data` makes a new one
 *     when that has happened.
 */

import {
  BUFFER_F16,
  BUFFER_F32,
  BUFFER_F64,
  BUFFER_I16,
  BUFFER_I32,
  BUFFER_I64,
  BUFFER_I8,
  BUFFER_U16,
  BUFFER_U32,
  BUFFER_U64,
  BUFFER_U8,
  BUFFER_U8_CLAMPED,
  EXPORTED_C_CONTIGUOUS,
  EXPORTED_DATA,
  EXPORTED_DIMENSIONS,
  EXPORTED_FORMAT,
  EXPORTED_F_CONTIGUOUS,
  EXPORTED_INDIRECT,
  EXPORTED_ITEMSIZE,
  EXPORTED_LENGTH,
  EXPORTED_READONLY,
  EXPORTED_SHAPE,
  EXPORTED_STRIDES,
  EXPORTED_SWAPPED,
  EXPORTED_TYPE,
} from "../abi/abi.ts";
import type { Bridge } from "../bridge/bridge_types.ts";
import { readAscii } from "../abi/text.ts";

/** Any view of an ArrayBuffer as numbers. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

interface ArrayConstructor {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset?: number, length?: number): TypedArray;
}

interface ElementType {
  readonly name: string;
  readonly array: ArrayConstructor | undefined;
}

const float16 = (globalThis as unknown as { Float16Array?: ArrayConstructor }).Float16Array;

/** By the numbers BUFFER_*, which begin at 0. */
export const ELEMENT_TYPES: readonly ElementType[] = Object.values({
  [BUFFER_I8]: { name: "i8", array: Int8Array },
  [BUFFER_U8]: { name: "u8", array: Uint8Array },
  [BUFFER_U8_CLAMPED]: { name: "u8clamped", array: Uint8ClampedArray },
  [BUFFER_I16]: { name: "i16", array: Int16Array },
  [BUFFER_U16]: { name: "u16", array: Uint16Array },
  [BUFFER_I32]: { name: "i32", array: Int32Array },
  [BUFFER_U32]: { name: "u32", array: Uint32Array },
  [BUFFER_I64]: { name: "i64", array: BigInt64Array },
  [BUFFER_U64]: { name: "u64", array: BigUint64Array },
  [BUFFER_F32]: { name: "f32", array: Float32Array },
  [BUFFER_F64]: { name: "f64", array: Float64Array },
  [BUFFER_F16]: { name: "f16", array: float16 },
});

/** Type of the elements by the name of the typed array's class. */
const TYPE_OF_CLASS = new Map(ELEMENT_TYPES.map(({ array }, type) => [array?.name, type]));

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
// These read internal slots: no property of the user's can mislead them.
const classOf = Object.getOwnPropertyDescriptor(typedArrayPrototype, Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined;
const lengthOfBuffer = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")?.get as (
  this: unknown,
) => number;
const lengthOfShared =
  typeof SharedArrayBuffer === "undefined"
    ? undefined
    : (Object.getOwnPropertyDescriptor(SharedArrayBuffer.prototype, "byteLength")?.get as (this: unknown) => number);

function isArrayBuffer(value: object): value is ArrayBufferLike {
  try {
    lengthOfBuffer.call(value);
    return true;
  } catch {
    if (lengthOfShared === undefined) return false;
    try {
      lengthOfShared.call(value);
      return true;
    } catch {
      return false;
    }
  }
}

/** Whether a value is an ArrayBuffer, a SharedArrayBuffer or a view of one. Runs no code of the user's. */
export function isBuffer(value: object): boolean {
  return ArrayBuffer.isView(value) || isArrayBuffer(value);
}

/**
 * The bytes of a buffer, not copied.
 * @throws TypeError when it was detached, or is no buffer.
 */
function bytesOf(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return new Uint8Array(value as ArrayBufferLike);
}

function typeOf(value: unknown): number {
  return TYPE_OF_CLASS.get(classOf.call(value) ?? "") ?? BUFFER_U8;
}

/**
 * A memoryview with a copy of a JavaScript buffer.
 * @returns a new reference.
 * @throws TypeError for a detached buffer; PythonError when memory is out.
 */
export function newMemoryview(bridge: Bridge, value: object): number {
  const bytes = bytesOf(value);
  const { slots, exports } = bridge;
  const view = exports.sospeso_memoryview_new(bytes.length, typeOf(value), slots);
  if (view === 0) bridge.throwPython();
  bridge.u8.set(bytes, bridge.u32[slots >>> 2] as number);
  return view;
}

/**
 * A view of the memory of a Python object; nothing is copied. Call release()
 * when it is not needed any more: until then the object cannot be resized.
 */
export class PyBufferView {
  static {
    Object.defineProperty(this, "name", { value: "PyBufferView", configurable: true }); // bundlers rename classes
  }
  /** Index in `data` of the first element. */
  readonly offset: number;
  /** Whether the data must not be written to. */
  readonly readonly: boolean;
  /** Format of an element, as in Python's struct module. */
  readonly format: string;
  /** Bytes of an element. */
  readonly itemsize: number;
  /** How many dimensions it has; 0 is a single element. */
  readonly ndim: number;
  /** Bytes from the first to the last that an index can reach. */
  readonly nbytes: number;
  /** Elements in each dimension. */
  readonly shape: number[];
  /** Elements of `data` from one to the next in each dimension. */
  readonly strides: number[];
  /** Whether it lies in memory as an array in C does; as one in Fortran does. */
  readonly c_contiguous: boolean;
  readonly f_contiguous: boolean;
  readonly #bridge: Bridge;
  readonly #make: (buffer: ArrayBuffer) => TypedArray | DataView;
  #data: TypedArray | DataView | null;
  #pointer: number;

  /** @internal */
  constructor(bridge: Bridge, pointer: number, type: string | undefined) {
    if (new.target === undefined || typeof (bridge as Bridge | undefined)?.exports !== "object") {
      throw new TypeError("PyBufferView is not a constructor");
    }
    this.#bridge = bridge;
    this.#pointer = pointer;
    const { i32, u32, u8 } = bridge;
    const field = pointer >>> 2;
    const data = u32[field + EXPORTED_DATA] as number;
    const bytes = u32[field + EXPORTED_LENGTH] as number;
    this.readonly = i32[field + EXPORTED_READONLY] !== 0;
    this.itemsize = i32[field + EXPORTED_ITEMSIZE] as number;
    this.ndim = i32[field + EXPORTED_DIMENSIONS] as number;
    const element = i32[field + EXPORTED_TYPE] as number;
    const swapped = i32[field + EXPORTED_SWAPPED] !== 0;
    this.c_contiguous = i32[field + EXPORTED_C_CONTIGUOUS] !== 0;
    this.f_contiguous = i32[field + EXPORTED_F_CONTIGUOUS] !== 0;
    const format = u32[field + EXPORTED_FORMAT] as number;
    this.format = readAscii(u8, format, u8.indexOf(0, format) - format);
    if (i32[field + EXPORTED_INDIRECT] !== 0) {
      throw new Error("the buffer has suboffsets, which a typed array cannot show: copy it, or use toJs()");
    }
    const words = (at: number): number[] => {
      const start = (u32[field + at] as number) >>> 2;
      return start === 0 ? [] : [...i32.subarray(start, start + this.ndim)];
    };
    this.shape = words(EXPORTED_SHAPE);
    let steps = words(EXPORTED_STRIDES);
    // Without strides (ctypes) the elements lie one after another.
    if (steps.length < this.ndim) steps = rowsOf(this.shape, this.itemsize);
    const Type = this.#choose(type, element, swapped);
    const unit = Type === DataView ? 1 : (Type as ArrayConstructor).BYTES_PER_ELEMENT;
    // The lowest and the highest byte that an index can reach.
    let low = 0;
    let high = this.itemsize;
    this.shape.forEach((count, level) => {
      const reach = (count - 1) * (steps[level] as number);
      if (reach < 0) low += reach;
      else high += reach;
    });
    const isEmpty = bytes === 0; // its address may be any
    if (isEmpty) low = high = 0;
    if (!isEmpty && ((data + low) % unit !== 0 || low % unit !== 0 || high % unit !== 0)) {
      throw new Error(`Buffer does not have valid alignment for a ${Type.name}`);
    }
    this.nbytes = high - low;
    this.offset = low === 0 ? 0 : -low / unit; // never -0
    this.strides = steps.map((step) => step / unit);
    const count = (high - low) / unit;
    const start = isEmpty ? 0 : data + low;
    this.#make = (buffer) =>
      Type === DataView
        ? new DataView(buffer, start, high - low)
        : new (Type as ArrayConstructor)(buffer, start, count);
    this.#data = this.#make(bridge.exports.memory.buffer);
  }

  /** The memory: a typed array, or a DataView if that was asked for, which Pyodide's type leaves out; null once released. */
  get data(): TypedArray {
    if (this.#data !== null && this.#data.buffer !== this.#bridge.exports.memory.buffer) {
      this.#data = this.#make(this.#bridge.exports.memory.buffer);
    }
    return this.#data as TypedArray;
  }

  /** Whether release() was called. */
  get _released(): boolean {
    return this.#pointer === 0;
  }

  /** Give the memory back to Python; `data` is null afterwards. Idempotent. */
  release(): void {
    if (this.#pointer === 0) return;
    const pointer = this.#pointer;
    this.#pointer = 0;
    this.#data = null;
    this.#bridge.exports.sospeso_buffer_release(pointer);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  #choose(type: string | undefined, element: number, swapped: boolean): ArrayConstructor | DataViewConstructor {
    if (type === "dataview") return DataView;
    if (type) {
      const found = ELEMENT_TYPES.find((each) => each.name === type)?.array;
      if (found !== undefined) return found;
      throw new Error(`Unknown type ${type}`);
    }
    const found = ELEMENT_TYPES[element]?.array;
    if (swapped) {
      throw new Error(
        "JavaScript has no native support for big endian buffers. In this case, you can pass an explicit type argument. " +
          "For instance, `getBuffer('dataview')` will return a `DataView`which has native support for reading big endian " +
          "data. Alternatively, toJs will automatically convert the buffer to little endian.",
      );
    }
    if (found !== undefined) return found;
    if (element === BUFFER_F16) throw new Error("Javascript has no Float16 support.");
    const what =
      this.format.length > 2
        ? `Expected format string to have length <= 2, got '${this.format}'.`
        : `Unrecognized format character '${this.format.slice(-1)}'.`;
    throw new Error(`${what} In this case, you can pass an explicit type argument.`);
  }
}

/** Bytes per step in each dimension of an array as C has it. */
function rowsOf(shape: readonly number[], itemsize: number): number[] {
  const steps = new Array<number>(shape.length);
  let step = itemsize;
  for (let level = shape.length - 1; level >= 0; level--) {
    steps[level] = step;
    step *= shape[level] as number;
  }
  return steps;
}

/**
 * PyProxy.getBuffer(): a view of the memory of an object.
 * @param object address of the Python object.
 * @throws Error when a typed array of that type cannot show it; PythonError.
 */
export function getBuffer(bridge: Bridge, object: number, type?: string): PyBufferView {
  const pointer = bridge.exports.sospeso_buffer_get(object) >>> 0;
  if (pointer === 0) bridge.throwPython();
  try {
    return new PyBufferView(bridge, pointer, type);
  } catch (error) {
    bridge.exports.sospeso_buffer_release(pointer);
    throw error;
  }
}

/** The imports behind JsBuffer's methods. */
export function bufferImports(bridge: () => Bridge): {
  buffer_describe(handle: number, into: number): number;
  buffer_read(handle: number, to: number, length: number): number;
  buffer_write(handle: number, from: number, length: number): number;
  buffer_decode(handle: number, slot: number): number;
} {
  const exactly = (handle: number, length: number): Uint8Array => {
    const bytes = bytesOf(bridge().handles.get(handle));
    if (bytes.length !== length) throw new RangeError("the buffer was resized while it was copied");
    return bytes;
  };
  return {
    buffer_describe(handle, into) {
      const own = bridge();
      try {
        const value = own.handles.get(handle);
        own.f64[into >>> 3] = bytesOf(value).length;
        own.i32[(into >>> 2) + 2] = typeOf(value);
        return 0;
      } catch (error) {
        return own.fail(error);
      }
    },
    buffer_read(handle, to, length) {
      try {
        bridge().u8.set(exactly(handle, length), to >>> 0);
        return 0;
      } catch (error) {
        return bridge().fail(error);
      }
    },
    buffer_write(handle, from, length) {
      try {
        const start = from >>> 0;
        exactly(handle, length).set(bridge().u8.subarray(start, start + length));
        return 0;
      } catch (error) {
        return bridge().fail(error);
      }
    },
    buffer_decode(handle, slot) {
      const own = bridge();
      try {
        const encoding = own.readSlot(slot) as string | undefined;
        const bytes = bytesOf(own.handles.get(handle));
        // A decoder refuses shared memory, and memory that may be resized.
        const memory = bytes.slice();
        let text: string;
        try {
          text = new TextDecoder(encoding ?? "utf-8", { fatal: true }).decode(memory);
        } catch {
          return 1;
        }
        own.beginText();
        own.writeSlot(slot, text);
        return 0;
      } catch (error) {
        return own.fail(error);
      }
    },
  };
}
