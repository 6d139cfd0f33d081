/*
 * The interfaces by which the parts of ffi/ know each other: the bridge of one
 * runtime, the record behind a PyProxy, and what the records of a runtime share.
 * Each part imports these types and gets the objects handed to it, so that only
 * ffi/wasm_bridge.ts, which makes the bridge, knows all the parts.
 *
 * The classes are WasmBridge (ffi/wasm_bridge.ts), AccessRecord (ffi/py_in_js/py_access.ts),
 * RuntimeProxies and FlagsShape (ffi/py_in_js/py_record.ts).
 */

import type { BridgeExports } from "../abi/exports.ts";
import type { Handles } from "../abi/handles.ts";
import type { NewPromises } from "./promises.ts";

/** A function that wasm imports. */
export type AnyImport = (...args: number[]) => number | void;

/** Switches for code written for older versions of Pyodide. */
export interface Compat {
  /** null becomes None instead of jsnull. */
  readonly nullIsNone: boolean;
  /** toJs() makes a Map that also has the keys as properties of a dict. */
  readonly literalMap: boolean;
  /** toString() of a PyProxy is repr() instead of str(). */
  readonly reprToString: boolean;
}

/** Moves values of one runtime. The invariants of ffi/wasm_bridge.ts bind all who call it. */
export interface Bridge {
  readonly exports: BridgeExports;
  /** JavaScript values that Python holds. */
  readonly handles: Handles;
  /** Promises that Python got in this turn of the event loop. */
  readonly promises: NewPromises;
  /** What the PyProxies of this runtime share. */
  readonly space: ProxySpace;
  /** Address of `slotCount` slots for arguments of exports. Fetch it before each batch. */
  readonly slots: number;
  /** How many slots there are at `slots`. */
  readonly slotCount: number;
  /** Detail in messages, and origins in the leak report (setDebug). */
  debug: boolean;
  /** loadPyodide()'s switches for code written for older versions. */
  compat: Compat;

  /** Views of the memory. Fetch them again after each call into wasm. */
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  readonly u8: Uint8Array;

  /** The value that Python described in a slot; what the slot owns is taken over. */
  readSlot(address: number): unknown;
  /** The values of `count` slots in a row. */
  readSlots(address: number, count: number): unknown[];
  /**
   * Text of `length` units whose width (1, 2, 4) and ASCII bit are in `shape`.
   * @throws RangeError when the engine has no strings as long.
   */
  readString(address: number, length: number, shape: number): string;

  /** Start a batch of writeSlot(): the text of the last one is given up. */
  beginText(): void;
  /**
   * Describe a value for Python. Of the user's code only getters and traps of an
   * object that is neither plain nor a PyProxy may run.
   * @throws Error when it is a destroyed PyProxy.
   * @throws RangeError when there is no memory for a long string.
   */
  writeSlot(address: number, value: unknown): void;

  /**
   * A new reference to the Python object for a value.
   * @throws PythonError when it cannot be made.
   */
  toObject(value: unknown): number;
  /** The value of an object whose reference is taken over; 0 is undefined. */
  take(object: number): unknown;
  /**
   * A new PyProxy, which takes the reference over.
   * @param flags what the object can do (sospeso_proxy_flags).
   */
  makeProxy(object: number, flags: number): object;

  /** What ended the runtime. It goes through all that is on the stack: no Python may run any more. */
  fatal: unknown;
  /** For imports: keep what was thrown until wasm asks for it. @throws what ended the runtime. */
  fail(error: unknown): -1;
  /** What fail() kept, which is forgotten. */
  takeFailure(): unknown;
  /** After an export returned its failure value. @throws PythonError always. */
  throwPython(): never;
}

// ---- PyProxies ---------------------------------------------------------------

/** How calls of a proxy are made, when not plainly. */
export interface CallStyle {
  /** `this` is the first argument. */
  readonly captureThis: boolean;
  /** Calls run on a task of their own and give a promise. */
  readonly promising: boolean;
  /** A promising call that Python makes through JavaScript (dispatchEvent) is a plain one. */
  readonly plainInside?: boolean;
  /** bind() was called: `this` is boundThis. */
  readonly bound: boolean;
  readonly boundThis: unknown;
  readonly boundArgs: readonly unknown[];
}

/** What few proxies have. */
export interface Rare {
  /** Back in Python the proxy stays a proxy (create_proxy). */
  roundtrip: boolean;
  /** The promise of an awaitable. */
  promise: Promise<unknown> | undefined;
  /** Where the proxy was made; in debug mode. */
  origin: string | undefined;
  /** What the object was when the proxy ended; in debug mode. */
  described: string | undefined;
  /** Where the proxy was made and ended; in debug mode. */
  ended: Error | undefined;
}

/** Proxies by a number of the holder's, which copies of one proxy share. */
export interface SharedProxies extends Map<number, object> {
  /** How many copies share them. */
  holders: number;
  /** Put a proxy in the place of another, which may be in use and still ends with the holders. */
  replace(name: number, before: object, proxy: object): void;
  /** A holder has ended: with the last one they end too. */
  letGo(): void;
}

/** What JavaScript knows of one PyProxy. */
export interface ProxyRecord {
  readonly shape: Shape;
  readonly bridge: Bridge;
  /** What the object can do: bits PROXY_*. */
  readonly flags: number;
  /** How calls are made, when not plainly. */
  readonly style: CallStyle | undefined;
  /** Whether the proxy stays a proxy when it goes back to Python. */
  readonly roundtrip: boolean;
  /** Address of the Python object; 0 when the proxy was destroyed. */
  object: number;
  /** Whether this is a view by asJsJson(). */
  readonly json: boolean;
  /** The record with which this one ends: itself, or that of which this is a view. */
  readonly ender: ProxyRecord;
  /** Proxies of attributes by the name's address, and views of inner values by the object's. */
  attributes: SharedProxies | undefined;
  rare: Rare | undefined;
  /** The FinalizationRegistry knows the proxy. */
  registered: boolean;
  /** The proxy itself, until it has its field (py_known.ts). */
  self: object | undefined;
  /** What the error of a use after the end tells. */
  reason: string | undefined;

  needRare(): Rare;
  needAttributes(): SharedProxies;
  /** The object's address. @throws Error when the proxy was destroyed. */
  need(): number;
  /** End the proxy, and the proxies of its attributes. Does nothing the second time. */
  destroy(reason?: string): void;

  /** What somebody gets for a value that comes out of the object: of a view, a view. */
  shown(value: unknown): unknown;
  /** len() of the object. */
  length(): number;
  /** Item of a sequence; undefined when there is none. */
  item(index: number): unknown;
  /** object[key]; undefined when there is none. */
  getItem(key: unknown): unknown;
  setItem(key: unknown, value: unknown): void;
  deleteItem(key: unknown): void;
  contains(key: unknown): boolean;
  /** An item of a dict by property name: JavaScript writes the key 3 as "3". */
  dictItem(key: string): unknown;
  dictHas(key: string): boolean;
  setDictItem(key: string, value: unknown): void;
  /** False when there is none. */
  deleteDictItem(key: string): boolean;
  /** The keys of a dict that are strings or ints, as property names. */
  dictKeys(): string[];
}

/** Proxies of one runtime with the same abilities. */
export interface Shape {
  readonly space: ProxySpace;
  readonly flags: number;
  readonly prototype: object;
  /** Name -> what learn() found. */
  readonly names: Map<string, number>;
  /**
   * What a property name means: 0 for one of the prototype, an address for a
   * Python attribute, -1 - i for item i of a sequence.
   */
  learn(key: string): number;
}

/** Who counts proxies. */
export interface TracedProxies {
  add(proxy: object, record: ProxyRecord): void;
  remove(record: ProxyRecord): void;
}

/** The way to settle a promise. */
export interface Settled {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Reject it as the runtime has ended, which is no news where nobody waits for it. */
  abandon(error: Error): void;
}

/** What the proxies of one runtime share. */
export interface ProxySpace {
  readonly bridge: Bridge;
  /** Live proxies. */
  readonly live: number;
  /** Proxies released by the collector. */
  readonly collected: number;
  /** Live records, with where they were made; in debug mode. */
  readonly origins: ReadonlySet<ProxyRecord> | undefined;
  /** Told of proxies that are made and that end, when somebody counts them. */
  traced: TracedProxies | undefined;
  /** Symbols among the own keys of every proxy; what they mean is on its class. */
  moreKeys: readonly symbol[];
  /** Enters a task; set by the runtime. Resolves when it has ended. */
  enterTask: ((task: number) => Promise<void>) | undefined;
  /** What a promising call waits for before its task is entered; undefined: it begins at once, as in Pyodide 0.29. */
  beforeTask: (() => Promise<void>) | undefined;
  /** Promises that Python will settle, by number. */
  readonly pending: Map<number, Settled>;
  lastPending: number;
  /** The runtime has ended. */
  readonly closed: boolean;

  shape(flags: number): Shape;
  /** Address of the interned Python string. */
  name(text: string): number;
  /** The value an export left in the first slot. @throws PythonError when the status says that it failed. */
  result(status: number): unknown;
  /** Take a new proxy into the nursery. */
  adopt(proxy: object, record: ProxyRecord): void;
  /** Leave a proxy that was taken out of the nursery to the collector after all. */
  leave(proxy: object, record: ProxyRecord): void;
  /** Whether nothing but destroy() and the collector ends a proxy: not the end of a call. */
  isLeftToCollector(record: ProxyRecord): boolean;
  /** Release a record's reference. */
  release(record: ProxyRecord): void;
  /** Before the arguments of a call are read: what is made from now on belongs to it. */
  beginArguments(): void;
  /**
   * What was made since beginArguments(), if anything. It belongs to the caller now: it is
   * destroyed by endArguments() of ffi/js_in_py/js_call.ts or not at all.
   */
  takeArguments(): ProxyRecord[] | undefined;
  /** The runtime has ended: nothing is released any more. */
  close(): void;
}
