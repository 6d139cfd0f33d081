/*
 * The rarer operations of Python on JavaScript values, behind one import with a
 * number: text, length, truth, maps, arrays, generators, disposal, then(). Called
 * by ffi/js_in_py/js_*.c through sospeso_js_op().
 *
 * Invariants
 *  1. An operation reads its arguments before it runs code of the user's, and
 *     writes its result when that code has run.
 */

import * as op from "../abi/abi.ts";
import { JS_BUFFER, JS_ERROR, JS_NODE_LIST, SLOT_INT, SLOT_JS, SLOT_PY, SLOT_SIZE } from "../abi/abi.ts";
import { isError, jsKind } from "../abi/js_kind.ts";
import type { AnyImport, Bridge, ProxyRecord } from "../bridge/bridge_types.ts";
import { errorOf, PythonError, takePythonError } from "../bridge/errors.ts";
import { anyRecord, proxyRecord } from "../bridge/py_known.ts";
import { endArguments, endsWithGenerator, failed, giveBack, isGenerator } from "./js_call.ts";
import { wrongStep } from "./js_proxy.ts";

/** What an operation gives: its value, or one of these. */
const MISSING = Symbol("missing");

/** The value of a step that ended. */
class Returned {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** What makes Python raise TypeError, with this text. */
class Refused {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A value that Python is to get as the JsException that holds it. */
class Thrown {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Any = any;
type Callee = (...args: unknown[]) => unknown;
type Operation = (self: Any, args: readonly Any[], bridge: Bridge) => unknown;

const ids = new WeakMap<object, number>();
const symbolIds = new Map<symbol, number>();
let lastId = 0;

/** A number that stands for one object, function or symbol. */
function idOf(value: object | symbol): number {
  const known = typeof value === "symbol" ? symbolIds.get(value) : ids.get(value);
  if (known !== undefined) return known;
  lastId = (lastId + 1) & 0x7fffffff;
  if (typeof value === "symbol") symbolIds.set(value, lastId);
  else ids.set(value, lastId);
  return lastId;
}

const objectText = (value: unknown): string => Object.prototype.toString.call(value);

/** toString() of the object, or what every object is called when it has none that can be called. */
function textOf(value: unknown): string {
  if (typeof value === "symbol") return value.toString();
  if (Object(value) !== value) return String(value);
  let method: unknown;
  try {
    method = (value as Any).toString;
  } catch {
    // a getter that throws: as if there were none
  }
  if (typeof method !== "function") return objectText(value);
  const text: unknown = Reflect.apply(method as Callee, value, []);
  return typeof text === "string" ? text : String(text);
}

/** An int that Python can take as a length, or the text of one that it cannot: negative, or too large. */
function lengthOf(value: Any): unknown {
  const { size } = value;
  const length: unknown = typeof size === "number" ? size : value.length;
  if (typeof length !== "number") return MISSING;
  if (length < 0 || length > 0x7fffffff) return String(length);
  return Math.trunc(length) || 0; // NaN is 0
}

function truthOf(value: Any): boolean {
  if (!value) return false;
  if (typeof value === "function" || anyRecord(value) !== undefined) return true;
  if (Array.isArray(value)) return value.length !== 0;
  if (value.size === 0) return false;
  const kind = jsKind(value);
  if ((kind & JS_BUFFER) !== 0) return value.byteLength !== 0;
  return (kind & JS_NODE_LIST) === 0 || value.length !== 0;
}

/** Words of Python's, to whose names an underscore is added: ffi/js_in_py/js_proxy.c takes it off. */
const RESERVED = new RegExp(
  `^(?:${[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class",
    "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global",
    "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
    "return", "try", "while", "with", "yield",
  ].join("|")})_*$`,
);

function namesOf(value: unknown): string[] {
  const names: string[] = [];
  for (let at: object | null = Object(value) as object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (!/^\d+$/.test(name)) names.push(RESERVED.test(name) ? `${name}_` : name);
    }
  }
  return [...new Set(names)];
}

function mapGet(map: Any, key: unknown): unknown {
  const value: unknown = map.get(key);
  return value === undefined && typeof map.has === "function" && !map.has(key) ? MISSING : value;
}

function keysOf(map: Any): unknown {
  return typeof map.keys === "function" ? map.keys() : map[Symbol.iterator]();
}

function arrayIndex(array: Any, index: number): number {
  const { length } = array;
  const at = index < 0 ? index + (length as number) : index;
  return at >= 0 && at < length ? at : -1;
}

function slice(array: Any, start: number, step: number, count: number): unknown {
  if (step === 1 && typeof array.slice === "function") return array.slice(start, start + count);
  const made = Array.isArray(array) || typeof array.slice !== "function" ? new Array(count) : array.slice(0, count);
  for (let i = 0; i < count; i++) made[i] = array[start + i * step];
  return made;
}

function deleteItems(array: Any, start: number, step: number, count: number): unknown {
  if (count === 1) {
    const at = arrayIndex(array, start);
    if (at < 0) return MISSING;
    array.splice(at, 1);
    return undefined;
  }
  const first = step < 0 ? start + (count - 1) * step : start;
  const by = Math.abs(step);
  for (let i = count - 1; i >= 0; i--) array.splice(first + i * by, 1);
  return undefined;
}

/** Whether two values are one to Python: proxies are when their objects are. */
function same(one: unknown, other: unknown): boolean {
  if (one === other || Object.is(one, other)) return true;
  const record = proxyRecord(one);
  return record !== undefined && record.object !== 0 && record.object === proxyRecord(other)?.object;
}

function indexOf(array: Any, fits: (item: unknown) => boolean, start: number, stop: number): unknown {
  const { length } = array;
  const from = start < 0 ? Math.max(0, start + (length as number)) : start;
  const to = Math.min(stop < 0 ? stop + (length as number) : stop, length);
  for (let i = from; i < to; i++) if (fits(array[i])) return i;
  return MISSING;
}

/** A PyProxy that is still one: for Python's == to look at. */
function isLiveProxy(value: unknown): boolean {
  const record = proxyRecord(value);
  return record !== undefined && record.object !== 0;
}

/** Python's `in`: by has(), in arrays as JavaScript's includes(), where the proxies of one object are the same. */
function includes(self: Any, value: unknown): boolean {
  if (typeof self.has === "function") return Boolean(self.has(value));
  if (!Array.isArray(self)) return Boolean(self.includes(value));
  return indexOf(self, (item) => same(item, value), 0, self.length) !== MISSING;
}

function step(result: Any): unknown {
  const wrong = wrongStep(result);
  if (wrong !== undefined) return new Refused(wrong);
  return result.done ? new Returned(result.value) : (result.value as unknown);
}

/** An own property that is no accident of the prototype. */
function owns(object: object, key: unknown): boolean {
  return typeof key === "string" && Object.prototype.hasOwnProperty.call(object, key);
}

type Promising = ((value: unknown) => unknown) & { callPromising(...args: unknown[]): Promise<unknown>; destroy(): void };

/** Python functions that one promise may call, once in all; they may wait. */
function handlers(functions: readonly (Promising | undefined)[]): ((value: unknown) => unknown)[] {
  const end = (): void => {
    for (const one of functions) if (one !== undefined && proxyRecord(one)?.object !== 0) one.destroy?.();
  };
  return functions.map((one, index) => async (...args: unknown[]) => {
    try {
      if (one === undefined) {
        if (index === 1) throw args[0];
        return args[0];
      }
      return await (typeof one.callPromising === "function" ? one.callPromising(...args) : one(args[0]));
    } finally {
      end();
    }
  });
}

const disposeSymbol = (Symbol as { dispose?: symbol }).dispose;
const asyncDisposeSymbol = (Symbol as { asyncDispose?: symbol }).asyncDispose;

/** Methods of an asynchronous iterator. */
const STEPS: Readonly<Record<number, string>> = {
  [op.JS_STEP_NEXT]: "next",
  [op.JS_STEP_THROW]: "throw",
  [op.JS_STEP_RETURN]: "return",
};

/** The promise of a step of an asynchronous iterator. */
function asyncStep(promise: Any): unknown {
  if (typeof promise.then === "function") return promise;
  return new Refused(
    typeof promise !== "object"
      ? `Result of anext() should be object not ${typeof promise}`
      : promise.done !== undefined
        ? "Result of anext() was not a promise, use next() instead."
        : "Result of anext() was not a promise.",
  );
}

type OperationNumber = Exclude<(typeof op)[keyof typeof op & `JS_OP_${string}`], typeof op.JS_OP_MOST>;

/** By number, from 0. */
const operations = {
  [op.JS_OP_TEXT]: (self) => textOf(self),
  [op.JS_OP_TYPEOF]: (self) => typeof self,
  [op.JS_OP_ID]: (self) => (typeof self === "symbol" || Object(self) === self ? idOf(self as object) : 0),
  [op.JS_OP_DIR]: (self) => namesOf(self),
  [op.JS_OP_LENGTH]: (self) => lengthOf(self),
  [op.JS_OP_TRUTH]: (self) => truthOf(self),
  [op.JS_OP_ITER]: (self) => self[Symbol.iterator](),
  [op.JS_OP_ASYNC_ITER]: (self) => self[Symbol.asyncIterator](),
  [op.JS_OP_KEYS]: (self) => Object.keys(self as object),
  [op.JS_OP_VALUES]: (self) => Object.values(self as object),
  [op.JS_OP_ENTRIES]: (self) => Object.entries(self as object),
  [op.JS_OP_WEAK_REF]: (self) => new WeakRef(self as object),
  [op.JS_OP_MAP_GET]: (self, [key]) => mapGet(self, key),
  [op.JS_OP_MAP_SET]: (self, [key, value]) => {
    self.set(key, value);
  },
  [op.JS_OP_MAP_DELETE]: (self, [key]) => {
    if (typeof self.has === "function" && !self.has(key)) return MISSING;
    return self.delete(key) === false ? MISSING : undefined;
  },
  [op.JS_OP_MAP_HAS]: (self, [key]) => includes(self, key),
  [op.JS_OP_MAP_KEYS]: (self) => keysOf(self),
  [op.JS_OP_MAP_CLEAR]: (self) => {
    if (typeof self.clear === "function") self.clear();
    else for (const key of [...(keysOf(self) as Iterable<unknown>)]) self.delete(key);
  },
  [op.JS_OP_OWN_GET]: (self, [key]) => (owns(self as object, key) ? self[key] : MISSING),
  [op.JS_OP_OWN_SET]: (self, [key, value]) => {
    if (typeof key !== "string") return new Refused("Can only assign keys of type string to JavaScript object map");
    self[key] = value;
    return undefined;
  },
  [op.JS_OP_OWN_DELETE]: (self, [key]) => {
    if (!owns(self as object, key)) return MISSING;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete self[key];
    return undefined;
  },
  [op.JS_OP_OWN_HAS]: (self, [key]) => owns(self as object, key),
  [op.JS_OP_OWN_KEYS]: (self) => Object.keys(self as object)[Symbol.iterator](),
  [op.JS_OP_OWN_LENGTH]: (self) => Object.keys(self as object).length,
  [op.JS_OP_ARRAY_SET]: (self, [index, value]) => {
    const at = (index as number) < 0 ? index + (self.length as number) : index;
    // As in JavaScript, an Array grows when an item beyond its end is set.
    if (at < 0 || (at >= self.length && !Array.isArray(self))) return MISSING;
    self[at] = value;
    return undefined;
  },
  [op.JS_OP_ARRAY_DELETE]: (self, [start, by, count]) => deleteItems(self, start as number, by as number, count as number),
  [op.JS_OP_ARRAY_SLICE]: (self, [start, by, count]) => slice(self, start as number, by as number, count as number),
  [op.JS_OP_ARRAY_SPLICE]: (self, [start, count, items]) => {
    const given: unknown[] = items ?? [];
    if (given.length < 1024) {
      self.splice(start, count, ...given);
    } else {
      // Engines bound the number of arguments.
      const tail: unknown[] = self.splice(start);
      for (const item of given) self.push(item);
      for (let i = count as number; i < tail.length; i++) self.push(tail[i]);
    }
  },
  [op.JS_OP_ARRAY_ASSIGN]: (self, [start, by, items]) => {
    for (let i = 0; i < items.length; i++) self[start + i * by] = items[i];
  },
  [op.JS_OP_ARRAY_PUSH]: (self, [value]) => {
    self.push(value);
  },
  [op.JS_OP_ARRAY_INDEX]: (self, [start, stop, ...value]) =>
    indexOf(self, value.length === 0 ? isLiveProxy : (item) => same(item, value[0]), start as number, stop as number),
  [op.JS_OP_ARRAY_COUNT]: (self, [value]) => {
    let count = 0;
    for (let i = 0; i < self.length; i++) if (same(self[i], value)) count++;
    return count;
  },
  [op.JS_OP_ARRAY_REVERSE]: (self) => {
    self.reverse();
  },
  [op.JS_OP_ARRAY_CONCAT]: (self, [items]) => (Array.isArray(self) ? self : Array.from(self)).concat(items),
  [op.JS_OP_ARRAY_REPEAT]: (self, [times]) => {
    const all: unknown[] = [];
    for (let n = 0; n < times; n++) for (let i = 0; i < self.length; i++) all.push(self[i]);
    return all;
  },
  [op.JS_OP_ARRAY_NEW]: () => [],
  [op.JS_OP_SEND]: (self, [value]) => step(self.next(value)),
  [op.JS_OP_THROW]: (self, args, bridge) => step(self.throw(args.length > 0 ? args[0] : takePythonError(bridge))),
  [op.JS_OP_RETURN]: (self, [value]) => step(self.return(value)),
  [op.JS_OP_DISPOSE]: (self) => {
    if (disposeSymbol !== undefined) self[disposeSymbol]();
  },
  [op.JS_OP_ASYNC_DISPOSE]: async (self) => {
    if (asyncDisposeSymbol !== undefined) await self[asyncDisposeSymbol]();
  },
  [op.JS_OP_CAUSE]: (self, _, bridge) => {
    const cause: unknown = self.cause;
    const serial = PythonError.serialIn(cause, bridge);
    if (serial !== 0) return new Serial(serial);
    return isError(cause) ? new Thrown(cause) : MISSING;
  },
  [op.JS_OP_THEN]: (self, args) => {
    const [fulfilled, rejected] = handlers([args[0] ?? undefined, args[1] ?? undefined]);
    return self.then(fulfilled, rejected);
  },
  [op.JS_OP_FINALLY]: (self, [callback]) => {
    const [done] = handlers([callback as Promising]);
    const call = done as (...args: unknown[]) => Promise<unknown>;
    return self.then(
      async (value: unknown) => {
        await call();
        return value;
      },
      async (error: unknown) => {
        await call();
        throw error;
      },
    );
  },
  [op.JS_OP_ASYNC_NEXT]: (self, args, bridge) => {
    const value: unknown = args.length > 1 ? args[1] : takePythonError(bridge);
    return asyncStep(self[STEPS[args[0] as number] as string](value));
  },
  [op.JS_OP_ERROR]: (_, args) => new Thrown(args.length === 1 ? args[0] : errorOf(args[0], args[1], args[2])),
  [op.JS_OP_SELF]: (self) => self,
} satisfies Record<OperationNumber, Operation>;

const OPERATIONS: readonly Operation[] = Object.values(operations);

/** Operations that store what they are given, or call it later. */
const STORING: ReadonlySet<number> = new Set([
  op.JS_OP_MAP_SET,
  op.JS_OP_OWN_SET,
  op.JS_OP_ARRAY_SET,
  op.JS_OP_ARRAY_SPLICE,
  op.JS_OP_ARRAY_ASSIGN,
  op.JS_OP_ARRAY_PUSH,
  op.JS_OP_SEND,
  op.JS_OP_THROW,
  op.JS_OP_RETURN,
  op.JS_OP_THEN,
  op.JS_OP_FINALLY,
  op.JS_OP_ASYNC_NEXT,
  op.JS_OP_ERROR,
]);

/** Operations by which a generator is sent something that it may store: that ends with the generator. */
const STEPPING: ReadonlySet<number> = new Set([op.JS_OP_SEND, op.JS_OP_THROW, op.JS_OP_RETURN, op.JS_OP_ASYNC_NEXT]);

/** Whether a Python object is among the arguments, for which reading makes a proxy. */
function hasObject(b: Bridge, slots: number, count: number): boolean {
  const { i32 } = b;
  for (let i = 0; i < count; i++) if (i32[(slots + i * SLOT_SIZE) >>> 2] === SLOT_PY) return true;
  return false;
}

/** Number of a Python exception that is known to errors.c. */
class Serial {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** The import of all operations. */
export function jsOpImports(bridge: () => Bridge): Record<string, AnyImport> {
  return {
    // 0: done; 1: there is none, or a generator has returned; 2: TypeError with the text in the slot
    js_op: (number, handle, args, count, result) => {
      const b = bridge();
      let made: ProxyRecord[] | undefined;
      try {
        const self = handle === 0 ? undefined : b.handles.get(handle as number);
        let given: readonly unknown[] = [];
        if (count !== 0) {
          const steps = STEPPING.has(number as number) && hasObject(b, (args as number) >>> 0, count as number);
          const owns = steps ? isGenerator(self) : !STORING.has(number as number);
          if (owns) b.space.beginArguments();
          try {
            given = b.readSlots((args as number) >>> 0, count as number);
          } finally {
            if (owns) made = b.space.takeArguments();
          }
          if (steps && made !== undefined) {
            endsWithGenerator(made, self);
            made = undefined;
          }
        }
        const value = (OPERATIONS[number as number] as Operation)(self, given, b);
        const slot = (result as number) >>> 0;
        if (made !== undefined) {
          if (giveBack(b, value, slot, made)) return 0;
          endArguments(made);
          made = undefined;
        }
        return value === MISSING ? 1 : describe(b, value, slot);
      } catch (error) {
        return failed(b, made, error);
      }
    },
  };
}

/** Write a result. @returns the import's status. */
function describe(b: Bridge, result: unknown, slot: number): number {
  let status = 0;
  let value = result;
  if (value instanceof Refused) {
    status = 2;
    value = value.text;
  } else if (value instanceof Returned) {
    status = 1;
    ({ value } = value);
  }
  if (value instanceof Serial) {
    b.i32[slot >>> 2] = SLOT_INT;
    b.i32[(slot >>> 2) + 1] = value.value;
    return 0;
  }
  if (value instanceof Thrown) {
    const kind = jsKind(value.value) | JS_ERROR;
    const made = b.handles.add(value.value);
    const { i32 } = b;
    i32[slot >>> 2] = SLOT_JS;
    i32[(slot >>> 2) + 1] = made;
    i32[(slot >>> 2) + 3] = kind;
    return 0;
  }
  b.beginText();
  b.writeSlot(slot, value);
  // What a generator returns is as what a call returns.
  if (status === 1 && b.i32[slot >>> 2] === SLOT_PY) giveBack(b, value, slot, [], true);
  return status;
}
