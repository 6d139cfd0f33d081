// encoder.ts - writes wasm: numbers, names, sections. Used by thunks.ts and counted.ts.

/** A growing row of bytes. */
export class Encoder {
  #bytes = new Uint8Array(4096);
  #length = 0;

  /** What was written; a view. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  raw(bytes: ArrayLike<number>): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** Unsigned LEB128. */
  number(value: number): this {
    for (let rest = value >>> 0; ; rest >>>= 7) {
      if (rest < 128) return this.byte(rest);
      this.byte((rest & 127) | 128);
    }
  }

  /** Signed LEB128, of 32 bits. */
  signed(value: number): this {
    for (let rest = value | 0; ; rest >>= 7) {
      if (rest >= -64 && rest < 64) return this.byte(rest & 127);
      this.byte((rest & 127) | 128);
    }
  }

  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    return this.number(bytes.length).raw(bytes);
  }

  /** What `write` writes, with its length before it. */
  sized(write: (inner: Encoder) => void): this {
    const inner = new Encoder();
    write(inner);
    return this.number(inner.bytes.length).raw(inner.bytes);
  }

  section(kind: number, write: (inner: Encoder) => void): this {
    return this.byte(kind).sized(write);
  }

  vector<T>(items: readonly T[], write: (item: T, index: number) => void): this {
    this.number(items.length);
    items.forEach(write);
    return this;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}

/** The first eight bytes of a module. */
export const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

export const OPCODE = {
  try: 0x06,
  catchAll: 0x19,
  rethrow: 0x09,
  end: 0x0b,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  localGet: 0x20,
  localSet: 0x21,
  i32Load: 0x28,
  i32Store: 0x36,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32WrapI64: 0xa7,
  i64ExtendI32: 0xad, // unsigned
} as const;
/** The type of a block without a result; and that of a pointer. */
export const EMPTY = 0x40;
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
/** The type of functions. */
export const FUNCTION_TYPE = 0x60;
