// stdin_handlers.ts - a page's stdin handlers as the pulls of a device.
//
// A page gives its input a line at a time, a byte at a time, or fills a buffer, and says by null where it
// ends. device.ts wants chunks. Used by stdio.ts alone.

import { type Chunk, encodeLine } from "./device.ts";

/** One item of input: text, bytes, one byte, or end of file. */
export type InputItem = string | ArrayBufferLike | ArrayBufferView | number | null | undefined;

/** `read(buffer) -> count` as a pull. */
export function bufferInput(
  read: (buffer: Uint8Array) => number | Promise<number>,
): (max: number) => Chunk | Promise<Chunk> {
  // Lent to the handler again and again: what it reads is taken before it is asked for more.
  let spare = new Uint8Array(0);
  return (max) => {
    const size = Math.min(max, READ_BYTES);
    if (spare.length < size) spare = new Uint8Array(size);
    const own = spare;
    const buffer = own.length === size ? own : own.subarray(0, size);
    const filled = (count: unknown): Chunk => {
      if (count === null) return null;
      if (count === undefined) throw new ReturnedUndefined("read");
      if (typeof count === "number" && Number.isInteger(count) && count >= 0 && count <= size) {
        return buffer.subarray(0, count);
      }
      throw new TypeError(
        `a read handler must return how many of at most ${size} bytes it read, not ${String(count)}`,
      );
    };
    const result = read(buffer);
    if (!isPromise(result)) return filled(result);
    spare = new Uint8Array(0); // the handler has it until then
    return result.then(filled);
  };
}

/** A handler that forgot to say how many bytes; the text is Pyodide's. */
export class ReturnedUndefined extends TypeError {
  constructor(handler: "read" | "write") {
    super(`${handler} returned undefined; a correct implementation must return a number`);
  }
}

/** Most bytes that a read handler is asked for at once. */
const READ_BYTES = 64 * 1024;

/** What a write handler returned, which is a number. */
export function counted(result: number | Promise<number>): number | Promise<number> {
  if (result === undefined) throw new ReturnedUndefined("write");
  if (!isPromise(result)) return result;
  return result.then((count: number | undefined) => {
    if (count === undefined) throw new ReturnedUndefined("write");
    return count;
  });
}

/**
 * A handler of items without automatic ends of file as a pull: a read goes on over items until it has all
 * it asked for, or null comes. Null ends a read that has data; else it is the end of file.
 */
export function untilNull(next: () => InputItem | Promise<InputItem>): (max: number) => Chunk | Promise<Chunk> {
  let parts: Uint8Array[] = [];
  let size = 0;
  /** What an item makes of the read: its data, when it is over. */
  const add = (item: InputItem, max: number): Chunk | undefined => {
    const bytes = typeof item === "number" ? Uint8Array.of(item) : itemBytes(item);
    if (bytes !== null) {
      parts.push(bytes);
      size += bytes.length;
      if (size < max) return undefined;
    }
    return bytes === null && size === 0 ? null : take();
  };
  const take = (): Uint8Array => {
    const all = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    parts = [];
    size = 0;
    return all;
  };
  const goOn = async (first: Promise<InputItem>, max: number): Promise<Chunk> => {
    let chunk = add(await first, max);
    while (chunk === undefined) chunk = add(await next(), max);
    return chunk;
  };
  return (max) => {
    for (;;) {
      const item: unknown = next();
      if (isPromise(item)) return goOn(item as Promise<InputItem>, max);
      const chunk = add(item as InputItem, max);
      if (chunk !== undefined) return chunk;
    }
  };
}

/** A handler of items (lines, buffers, single bytes) as a pull; one item a pull. */
export function itemInput(next: () => InputItem | Promise<InputItem>): (max: number) => Chunk | Promise<Chunk> {
  let endAfter = false;
  let bytes: number[] = [];

  // The chunk that the items so far make, or undefined to go on collecting single bytes.
  const add = (item: InputItem, max: number): Chunk | undefined => {
    if (typeof item === "number") {
      bytes.push(item & 0xff);
      if (item !== 10 && bytes.length < max) return undefined;
    }
    if (bytes.length > 0) {
      // Only end of file or another byte can follow a byte: a handler that mixes single bytes
      // with lines in one line of input would need the rest put back.
      const collected = Uint8Array.from(bytes);
      bytes = [];
      if (typeof item === "number") return collected;
      const rest = itemBytes(item);
      if (rest === null) {
        endAfter = true;
        return collected;
      }
      const whole = new Uint8Array(collected.length + rest.length);
      whole.set(collected);
      whole.set(rest, collected.length);
      return whole;
    }
    if (typeof item === "string") return item; // gets its newline, if it has none: no end after it
    const chunk = itemBytes(item as Exclude<InputItem, number>);
    if (chunk !== null && chunk.length > 0) endAfter = chunk.at(-1) !== 10;
    return chunk;
  };

  const pullAsync = async (first: Promise<InputItem>, max: number): Promise<Chunk> => {
    let chunk = add(await first, max);
    while (chunk === undefined) chunk = add(await next(), max);
    return chunk;
  };

  return (max) => {
    if (endAfter) {
      endAfter = false;
      return null;
    }
    for (;;) {
      const item: unknown = next();
      if (typeof item !== "string" && isPromise(item)) return pullAsync(item, max);
      const chunk = add(item as InputItem, max);
      if (chunk !== undefined) return chunk;
    }
  };
}

function itemBytes(item: Exclude<InputItem, number>): Uint8Array | null {
  if (item === null || item === undefined) return null;
  if (typeof item === "string") return encodeLine(item);
  if (ArrayBuffer.isView(item)) {
    const { BYTES_PER_ELEMENT: size } = item as { BYTES_PER_ELEMENT?: number };
    if (size === undefined || size === 1) {
      return new Uint8Array(item.buffer, item.byteOffset, item.byteLength).slice();
    }
  } else if (/^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(item))) {
    return new Uint8Array(item as ArrayBufferLike).slice();
  }
  throw new TypeError(
    "a stdin handler must return a string, bytes, a byte's number, or null at end of file, " +
      `not ${Object.prototype.toString.call(item)}`,
  );
}

export function isPromise(value: unknown): value is Promise<never> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
