/*
 * The Array API on Python sequences. What only reads is Array.prototype's own
 * method, which works on anything with a length and indices; what changes the
 * length goes to Python as one replacement of a slice. Used by py_classes.ts.
 *
 * Invariants
 *  1. What is removed is read before the slice is replaced, so that it lives.
 *  2. Proxies made only to sort are destroyed afterwards.
 */

import { SLOT_SIZE } from "../abi/abi.ts";
import type { ProxyRecord } from "../bridge/bridge_types.ts";
import { proxyRecord, recordOf } from "../bridge/py_known.ts";
import { writeAll } from "./py_slots.ts";

type Method = (...args: unknown[]) => unknown;

/** Methods of Array.prototype that read any array-like. */
const READING = [
  "join",
  "slice",
  "lastIndexOf",
  "indexOf",
  "forEach",
  "map",
  "filter",
  "some",
  "every",
  "reduce",
  "reduceRight",
  "at",
  "concat",
  "entries",
  "keys",
  "values",
  "find",
  "findIndex",
  "findLast",
  "findLastIndex",
  "flat",
  "flatMap",
  "toReversed",
  "toSorted",
  "toSpliced",
  "with",
] as const;

/** Those that write within the length. */
const WRITING = ["copyWithin", "fill"] as const;

export class PySequenceMethods {
  get [Symbol.isConcatSpreadable](): boolean {
    return true;
  }

  /** Whether an item is equal, as Python compares. */
  includes(value: unknown): boolean {
    return recordOf(this).contains(value);
  }

  /** The items, for JSON.stringify(). */
  toJSON(): unknown[] {
    return itemsOf(recordOf(this));
  }
}

function itemsOf(record: ProxyRecord): unknown[] {
  const length = record.length();
  const items = new Array<unknown>(length);
  for (let i = 0; i < length; i++) items[i] = record.item(i);
  return items;
}

/** object[start:stop] = items */
function replace(record: ProxyRecord, start: number, stop: number, items: readonly unknown[]): void {
  const { bridge } = record;
  const { exports } = bridge;
  const object = record.need();
  let at = bridge.slots;
  if (items.length > bridge.slotCount) {
    at = exports.malloc(items.length * SLOT_SIZE) >>> 0;
    if (at === 0) throw new RangeError(`out of memory while passing ${items.length} items to Python`);
  }
  writeAll(bridge, at, items);
  const status = exports.sospeso_py_splice(object, start, stop, at, items.length);
  if (at !== bridge.slots) exports.free(at);
  if (status < 0) bridge.throwPython();
}

/** An argument that counts from the end when it is negative, as Array's methods take it. */
function position(value: unknown, length: number): number {
  const at = Math.trunc(Number(value)) || 0;
  return at < 0 ? Math.max(0, length + at) : Math.min(at, length);
}

export class PyMutableSequenceMethods {
  reverse(): this {
    const record = recordOf(this);
    replaceReversed(record);
    return this;
  }

  /** In place; the default order is that of the items' texts, as in JavaScript. */
  sort(compare?: ((a: unknown, b: unknown) => number) | null): this {
    if (compare !== undefined && compare !== null && typeof compare !== "function") {
      throw new TypeError("sort: the comparison must be a function");
    }
    const record = recordOf(this);
    const items = itemsOf(record);
    try {
      const sorted = [...items].sort(compare ?? undefined);
      replace(record, 0, items.length, sorted);
    } finally {
      destroyAll(items);
    }
    return this;
  }

  /** Remove items, and put others in their place. Gives the removed ones. */
  splice(...args: [start?: number, deleteCount?: number, ...items: unknown[]]): unknown[] {
    const record = recordOf(this);
    const length = record.length();
    const start = position(args[0], length);
    let count = 0;
    if (args.length === 1) count = length - start;
    else if (args.length > 1) count = Math.min(Math.max(Math.trunc(Number(args[1])) || 0, 0), length - start);
    const removed: unknown[] = [];
    for (let i = 0; i < count; i++) removed.push(record.item(start + i));
    replace(record, start, start + count, args.slice(2));
    return removed;
  }

  /** Append items; gives the new length. */
  push(...items: unknown[]): number {
    const record = recordOf(this);
    const length = record.length();
    replace(record, length, length, items);
    return record.length();
  }

  /** Remove the last item and give it; undefined when there is none. */
  pop(): unknown {
    const record = recordOf(this);
    return takeAt(record, record.length() - 1);
  }

  /** Remove the first item and give it; undefined when there is none. */
  shift(): unknown {
    const record = recordOf(this);
    return takeAt(record, record.length() === 0 ? -1 : 0);
  }

  /** Put items before the first one; gives the new length. */
  unshift(...items: unknown[]): number {
    const record = recordOf(this);
    replace(record, 0, 0, items);
    return record.length();
  }
}

function takeAt(record: ProxyRecord, index: number): unknown {
  if (index < 0) return undefined;
  const item = record.item(index);
  record.deleteItem(index);
  return item;
}

function replaceReversed(record: ProxyRecord): void {
  const items = itemsOf(record);
  try {
    replace(record, 0, items.length, [...items].reverse());
  } finally {
    destroyAll(items);
  }
}

function destroyAll(items: readonly unknown[]): void {
  for (const item of items) proxyRecord(item)?.destroy("it was an item made for reverse() or sort(), which is over");
}

for (const [names, target] of [
  [READING, PySequenceMethods.prototype],
  [WRITING, PyMutableSequenceMethods.prototype],
] as const) {
  for (const name of names) {
    const method = (Array.prototype as unknown as Record<string, Method | undefined>)[name];
    if (method === undefined) continue; // an engine without the newer ones
    Object.defineProperty(target, name, {
      value(this: unknown, ...args: unknown[]): unknown {
        recordOf(this).need();
        return Reflect.apply(method, this, args);
      },
      configurable: true,
      writable: true,
    });
  }
}
