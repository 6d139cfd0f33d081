/*
 * The two-way bridge of one runtime: views of the wasm memory, the table of
 * JavaScript values that Python holds, and one value in or out of a slot. The
 * parts of ffi/ know it as the interface Bridge (bridge/bridge_types.ts); this file
 * is the one that knows the parts. Made by runtime/load/load.ts.
 *
 * Invariants
 *  1. A view of the memory is fetched again after every call into wasm: the
 *     memory may have grown, which detaches all views.
 *  2. What beginText() and writeSlot() wrote is read by wasm at once: nothing
 *     crosses between them and the call.
 *  3. readSlot() runs no code of the user's, so that invariant 2 can be kept.
 *  4. A failure kept by fail() is fetched before anything else crosses.
 *  5. writeSlot() may run getters and traps of the object it describes; while
 *     they run, `slots` and the arena are another block.
 */

import {
  JS_PROMISE,
  SLOT_ASCII,
  SLOT_AS_JSON,
  SLOT_BIGINT,
  SLOT_BOOL,
  SLOT_FLOAT,
  SLOT_INT,
  SLOT_INTEGER,
  SLOT_JS,
  SLOT_NULL,
  SLOT_OWNED,
  SLOT_PY,
  SLOT_SIZE,
  SLOT_STRING,
  SLOT_UNDEFINED,
  SLOT_WIDTH,
} from "./abi/abi.ts";
import type { BridgeExports } from "./abi/exports.ts";
import { Handles } from "./abi/handles.ts";
import { jsKind } from "./abi/js_kind.ts";
import { readAscii, readLatin1, readUcs2, readUcs4, roomFor, writeText, type Written } from "./abi/text.ts";
import type { Bridge, Compat, ProxyRecord, ProxySpace } from "./bridge/bridge_types.ts";
import { throwPythonError } from "./bridge/errors.ts";
import { NewPromises } from "./bridge/promises.ts";
import { anyRecord, promiseFor, proxyRecord } from "./bridge/py_known.ts";
import { prototypeFor } from "./py_in_js/py_classes.ts";
import { doubleKind } from "./py_in_js/py_create.ts";
import { asJsJson } from "./py_in_js/py_json.ts";
import { makeProxy } from "./py_in_js/py_proxy.ts";
import { RuntimeProxies } from "./py_in_js/py_record.ts";

/** Slots for the arguments of exports. */
const SLOTS = 64;
/** Bytes for the text of one batch; a longer string gets memory of its own. */
const ARENA = 64 * 1024;

/** Units from which a string may be too long: all engines can hold this many. */
const HUGE = 2 ** 28;

const NO_FAILURE = Symbol("no failure");

/** In place of a kind: a proxy that has ended, or one behind a foreign Proxy. */
const A_PROXY = -1;

/** The bridge to one core. */
export class WasmBridge implements Bridge {
  readonly exports: BridgeExports;
  readonly handles = new Handles();
  slots: number;
  debug = false;
  compat: Compat = { nullIsNone: false, literalMap: false, reprToString: false };
  readonly promises = new NewPromises();
  readonly space: ProxySpace;
  readonly #memory: WebAssembly.Memory;
  #arena: number;
  #arenaTop: number;
  /** Blocks of slots and text: invariant 5. */
  readonly #blocks: number[] = [];
  #block = 0;
  #i32!: Int32Array;
  #u32!: Uint32Array;
  #f64!: Float64Array;
  #u8!: Uint8Array;
  #failure: unknown = NO_FAILURE;
  readonly #written: Written = { width: 1, ascii: true };

  /** @throws RangeError when there is no memory for the slots. */
  constructor(exports: BridgeExports) {
    this.exports = exports;
    this.#memory = exports.memory;
    this.slots = this.#blockAt(0);
    this.#arena = this.slots + SLOTS * SLOT_SIZE;
    this.#arenaTop = this.#arena;
    this.#view();
    this.space = new RuntimeProxies(this, prototypeFor);
  }

  #blockAt(index: number): number {
    let block = this.#blocks[index];
    if (block === undefined) {
      block = this.exports.malloc(SLOTS * SLOT_SIZE + ARENA) >>> 0;
      if (block === 0) throw new RangeError("out of memory while making the bridge to JavaScript");
      this.#blocks[index] = block;
    }
    return block;
  }

  /** jsKind(), whose getters and traps may cross while a batch is being written (invariant 5). */
  #kindOf(value: unknown): number {
    const { slots } = this;
    const top = this.#arenaTop;
    this.slots = this.#blockAt(this.#block + 1);
    this.#block++;
    this.#arena = this.slots + SLOTS * SLOT_SIZE;
    try {
      return anyRecord(value)?.bridge === this ? A_PROXY : jsKind(value);
    } finally {
      this.#block--;
      this.slots = slots;
      this.#arena = slots + SLOTS * SLOT_SIZE;
      this.#arenaTop = top;
    }
  }

  get slotCount(): number {
    return SLOTS;
  }

  get i32(): Int32Array {
    if (this.#i32.length === 0) this.#view();
    return this.#i32;
  }

  get u32(): Uint32Array {
    if (this.#u32.length === 0) this.#view();
    return this.#u32;
  }

  get f64(): Float64Array {
    if (this.#f64.length === 0) this.#view();
    return this.#f64;
  }

  get u8(): Uint8Array {
    if (this.#u8.length === 0) this.#view();
    return this.#u8;
  }

  #view(): void {
    const { buffer } = this.#memory;
    this.#i32 = new Int32Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.#u8 = new Uint8Array(buffer);
  }

  readSlot(address: number): unknown {
    const i32 = this.i32;
    const at = address >>> 2;
    switch (i32[at]) {
      case SLOT_INT:
        return i32[at + 1];
      case SLOT_STRING:
        return this.readString(this.#u32[at + 2] as number, i32[at + 3] as number, i32[at + 1] as number);
      case SLOT_JS:
        return this.handles.get(i32[at + 1] as number);
      case SLOT_PY: {
        const flags = i32[at + 3] as number;
        return flags >= 0
          ? makeProxy(this, i32[at + 1] as number, flags)
          : jsonView(makeProxy(this, i32[at + 1] as number, flags & ~SLOT_AS_JSON));
      }
      case SLOT_INTEGER:
      case SLOT_FLOAT:
        return this.#f64[(address + 8) >>> 3];
      case SLOT_BOOL:
        return i32[at + 1] !== 0;
      case SLOT_NULL:
        return null;
      case SLOT_BIGINT: {
        const digits = readAscii(this.#u8, this.#u32[at + 2] as number, i32[at + 3] as number);
        return digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits);
      }
      default:
        return undefined;
    }
  }

  readSlots(address: number, count: number): unknown[] {
    const values = new Array<unknown>(count);
    for (let i = 0; i < count; i++) values[i] = this.readSlot(address + i * SLOT_SIZE);
    return values;
  }

  readString(address: number, length: number, shape: number): string {
    if (length >= HUGE) this.#refuseTooLong(address, length, shape & SLOT_WIDTH);
    if ((shape & SLOT_ASCII) !== 0) return readAscii(this.u8, address, length);
    switch (shape & SLOT_WIDTH) {
      case 1:
        return readLatin1(this.u8, address, length);
      case 2:
        return readUcs2(this.u8, address, length);
      default:
        return readUcs4(this.u32, address, length);
    }
  }

  /** @throws RangeError when the text is longer than the engine's strings can be. */
  #refuseTooLong(address: number, length: number, width: number): void {
    let units = length;
    if (width === 4) {
      const points = this.u32.subarray(address >>> 2, (address >>> 2) + length);
      for (let i = 0; i < length; i++) if ((points[i] as number) > 0xffff) units++;
    }
    try {
      "a".repeat(units); // costs nothing: engines join strings without copying
    } catch {
      throw new RangeError(`a Python string of ${length} characters is longer than a string of this engine can be`);
    }
  }

  beginText(): void {
    this.#arenaTop = this.#arena;
  }

  writeSlot(address: number, value: unknown): void {
    const at = address >>> 2;
    switch (typeof value) {
      case "number": {
        const i32 = this.i32;
        if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
          i32[at] = SLOT_INT;
          i32[at + 1] = value;
        } else {
          this.#f64[(address + 8) >>> 3] = value;
          i32[at] = Number.isSafeInteger(value) && value !== 0 ? SLOT_INTEGER : SLOT_FLOAT;
        }
        return;
      }
      case "string":
        this.#writeString(address, value);
        return;
      case "boolean": {
        const i32 = this.i32;
        i32[at] = SLOT_BOOL;
        i32[at + 1] = value ? 1 : 0;
        return;
      }
      case "undefined":
        this.i32[at] = SLOT_UNDEFINED;
        return;
      case "bigint":
        this.#writeBigInt(address, value);
        return;
      default: {
        if (value === null) {
          this.i32[at] = this.compat.nullIsNone ? SLOT_UNDEFINED : SLOT_NULL;
          return;
        }
        let record = proxyRecord(value);
        let kind = 0;
        if (record?.bridge !== this) {
          kind = this.#kindOf(value);
          record = kind === A_PROXY ? anyRecord(value) : undefined;
        }
        if (record !== undefined) {
          const promise = promiseFor(record);
          if (promise !== undefined) {
            this.writeSlot(address, promise);
            return;
          }
          const object = record.need();
          if (!record.roundtrip) {
            const i32 = this.i32;
            i32[at] = SLOT_PY;
            i32[at + 1] = object;
            return;
          }
          kind = doubleKind(record);
        } else if ((kind & JS_PROMISE) !== 0) {
          this.promises.note(value);
        }
        const handle = this.handles.add(value);
        const i32 = this.i32;
        i32[at] = SLOT_JS;
        i32[at + 1] = handle;
        i32[at + 3] = kind;
      }
    }
  }

  #writeString(address: number, text: string): void {
    let owned = 0;
    const room = roomFor(text);
    let pointer = (this.#arenaTop + 1) & ~1;
    if (pointer + room <= this.#arena + ARENA) {
      this.#arenaTop = pointer + room;
    } else {
      pointer = this.exports.malloc(room) >>> 0;
      if (pointer === 0) {
        throw new RangeError(`out of memory while passing a string of ${text.length} units to Python`);
      }
      owned = SLOT_OWNED;
    }
    const written = this.#written;
    writeText(this.u8, pointer, text, written);
    const i32 = this.i32;
    const at = address >>> 2;
    i32[at] = SLOT_STRING;
    i32[at + 1] = written.width | (written.ascii ? SLOT_ASCII : 0) | owned;
    i32[at + 2] = pointer;
    i32[at + 3] = text.length;
  }

  #writeBigInt(address: number, value: bigint): void {
    const digits = value.toString(16);
    this.#writeString(address, digits);
    this.i32[address >>> 2] = SLOT_BIGINT;
  }

  toObject(value: unknown): number {
    this.beginText();
    this.writeSlot(this.slots, value);
    const object = this.exports.sospeso_object_from_slot(this.slots);
    if (object === 0) this.throwPython();
    return object;
  }

  take(object: number): unknown {
    if (object === 0) return undefined;
    if (this.exports.sospeso_object_to_slot(object, this.slots) < 0) this.throwPython();
    return this.readSlot(this.slots);
  }

  makeProxy(object: number, flags: number): object {
    return makeProxy(this, object, flags);
  }

  fatal: unknown = undefined;

  fail(error: unknown): -1 {
    if (this.fatal !== undefined) throw this.fatal;
    this.#failure = error;
    return -1;
  }

  takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = NO_FAILURE;
    return failure === NO_FAILURE ? new Error("an import failed and kept no error") : failure;
  }

  throwPython(): never {
    throwPythonError(this);
  }
}

function jsonView(proxy: object): unknown {
  return asJsJson(proxy, proxyRecord(proxy) as ProxyRecord);
}
