/*
 * `pyodide.ffi`: the classes of what comes from Python, by their public names
 * and with complete types. At run time they are those of ffi/; what a proxy can
 * do is found out from the Python object, which no type could say by itself:
 * hence interfaces, and classes that are only tests for `instanceof`.
 * Used by api.ts and index.ts.
 */

import { PyBufferView } from "../../ffi/convert/buffers.ts";
import { PythonError } from "../../ffi/bridge/errors.ts";
import * as classes from "../../ffi/py_in_js/py_classes.ts";
import type { ToJsConverter, ToJsOptions } from "../../ffi/convert/to_js.ts";
import type { ToPyConverter, ToPyOptions } from "../../ffi/convert/to_py.ts";

export { PyBufferView, PythonError };
export type { ToJsConverter, ToJsOptions, ToPyConverter, ToPyOptions };

/* eslint-disable @typescript-eslint/no-explicit-any */

declare global {
  /** For programs that are checked with the library of an older ECMAScript. */
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/** A class that is a test: its right-hand side of `instanceof` narrows to T. Nobody makes objects of it. */
export type ProxyClass<T> = (abstract new (...nothing: never[]) => T) & {
  readonly name: string;
  readonly prototype: T;
  [Symbol.hasInstance](value: unknown): value is T;
};

/** A Python object. Its attributes are properties; `$name` is the attribute `name` where JavaScript's is in the way. */
export interface PyProxy {
  [attribute: string]: any;
  readonly [Symbol.toStringTag]: string;
  /** Name of the Python type. */
  readonly type: string;
  /** Python's str() of the object. */
  toString(): string;
  /**
   * Release the Python object. Later uses throw; a second destroy() does nothing.
   * @param options.message what the error of a later use says.
   * @param options.destroyRoundtrip false spares proxies made by create_proxy(roundtrip=True).
   */
  destroy(options?: { message?: string; destroyRoundtrip?: boolean }): void;
  [Symbol.dispose](): void;
  /** Another proxy of the same object, which is destroyed on its own. */
  copy(): this;
  /**
   * Convert deeply: list and tuple to Array, dict to an object, set to Set, buffers to typed arrays.
   * @throws PythonError of type ConversionError.
   */
  toJs(options?: ToJsOptions): any;
}

/** A Python object with `__len__`. */
export interface PyProxyWithLength extends PyProxy {
  readonly length: number;
}

/** A Python object with `__getitem__`. */
export interface PyProxyWithGet extends PyProxy {
  /** object[key]; undefined when there is none. */
  get(key: any): any;
  /** A view of dicts and lists that behaves like parsed JSON. */
  asJsJson(): any;
}

/** A Python object with `__setitem__` or `__delitem__`. */
export interface PyProxyWithSet extends PyProxy {
  set(key: any, value: any): void;
  /** @throws PythonError of type KeyError or IndexError when there is none. */
  delete(key: any): void;
}

/** A Python object with `__contains__`. */
export interface PyProxyWithHas extends PyProxy {
  has(key: any): boolean;
}

/** A Python object that iter() takes. */
export interface PyIterable extends PyProxy {
  [Symbol.iterator](): Iterator<any, any, any>;
}

/** A Python dict. Items are properties too, where no attribute has the name. */
export interface PyDict extends PyProxyWithGet, PyProxyWithSet, PyProxyWithHas, PyProxyWithLength, PyIterable {}

/** A Python iterator. */
export interface PyIterator extends PyProxy {
  [Symbol.iterator](): this;
  /** @param value what a generator's `yield` gives. */
  next(value?: any): IteratorResult<any, any>;
}

/** A Python generator. */
export interface PyGenerator extends PyIterator {
  /** Raise an exception in the generator. */
  throw(error: any): IteratorResult<any, any>;
  /** Have the generator return the value, by raising GeneratorExit in it. */
  return(value?: any): IteratorResult<any, any>;
}

/** A Python object that `async for` takes. */
export interface PyAsyncIterable extends PyProxy {
  [Symbol.asyncIterator](): AsyncIterator<any, any, any>;
}

/** A Python asynchronous iterator. */
export interface PyAsyncIterator extends PyProxy {
  [Symbol.asyncIterator](): this;
  next(value?: any): Promise<IteratorResult<any, any>>;
}

/** A Python asynchronous generator. */
export interface PyAsyncGenerator extends PyAsyncIterator {
  throw(error: any): Promise<IteratorResult<any, any>>;
  return(value?: any): Promise<IteratorResult<any, any>>;
}

/** A Python awaitable: a promise for JavaScript. */
export interface PyAwaitable extends PyProxy, Promise<any> {
  readonly [Symbol.toStringTag]: string;
}

/** How PyCallable.callWithOptions() calls. */
export interface CallOptions {
  /** The last argument is an object of keyword arguments. */
  kwargs?: boolean;
  /** Arguments beyond those the function takes are dropped. */
  relaxed?: boolean;
  /** The call runs on a task of its own and gives a promise: it may wait. */
  promising?: boolean;
}

/** A Python object that can be called. */
export interface PyCallable extends PyProxy {
  (...args: any[]): any;
  apply(thisArg: any, args?: ArrayLike<any> | null): any;
  call(thisArg: any, ...args: any[]): any;
  /** Destroyed together with this proxy, and the other way round. */
  bind(thisArg: any, ...args: any[]): PyCallable;
  /** Call with keyword arguments, in a last object. */
  callKwargs(...args: any[]): any;
  /** Call without the arguments that are too many. */
  callRelaxed(...args: any[]): any;
  callKwargsRelaxed(...args: any[]): any;
  /** Call on a task of its own: what runs there may wait. Rejects with what Python raised. */
  callPromising(...args: any[]): Promise<any>;
  callPromisingKwargs(...args: any[]): Promise<any>;
  callWithOptions(options: CallOptions, ...args: any[]): any;
  /** A proxy whose calls pass `this` as the first argument. Destroyed together with this one. */
  captureThis(): PyCallable;
}

/** Element types of PyBuffer.getBuffer(). */
export type BufferType =
  | "i8" | "u8" | "u8clamped" | "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "f32" | "f64" | "dataview";

/** A Python object with memory of its own, such as bytes, array and memoryview. */
export interface PyBuffer extends PyProxy {
  /** The memory itself, not a copy; release() it when done. */
  getBuffer(type?: BufferType | (string & {})): PyBufferView;
}

/** A Python sequence, with Array's methods that change nothing. */
export interface PySequence extends PyProxyWithLength, PyProxyWithGet, PyProxyWithHas, PyIterable {
  join(separator?: string): string;
  slice(start?: number, end?: number): any[];
  lastIndexOf(value: any, fromIndex?: number): number;
  indexOf(value: any, fromIndex?: number): number;
  includes(value: any, fromIndex?: number): boolean;
  forEach(callback: (value: any, index: number, array: any) => void, thisArg?: any): void;
  map<U>(callback: (value: any, index: number, array: any) => U, thisArg?: any): U[];
  filter(callback: (value: any, index: number, array: any) => unknown, thisArg?: any): any[];
  some(callback: (value: any, index: number, array: any) => unknown, thisArg?: any): boolean;
  every(callback: (value: any, index: number, array: any) => unknown, thisArg?: any): boolean;
  reduce(callback: (before: any, value: any, index: number, array: any) => any, initial?: any): any;
  reduceRight(callback: (before: any, value: any, index: number, array: any) => any, initial?: any): any;
  at(index: number): any;
  concat(...others: (ConcatArray<any> | any)[]): any[];
  entries(): IterableIterator<[number, any]>;
  keys(): IterableIterator<number>;
  values(): IterableIterator<any>;
  find(callback: (value: any, index: number, array: any) => unknown, thisArg?: any): any;
  findIndex(callback: (value: any, index: number, array: any) => unknown, thisArg?: any): number;
  toJSON(): unknown[];
}

/** A Python sequence that can be changed, with all of Array's methods. */
export interface PyMutableSequence extends PySequence, PyProxyWithSet {
  reverse(): PyMutableSequence;
  sort(compare?: (a: any, b: any) => number): PyMutableSequence;
  splice(start: number, deleteCount?: number, ...items: any[]): any[];
  push(...items: any[]): number;
  pop(): any;
  shift(): any;
  unshift(...items: any[]): number;
  copyWithin(target: number, start?: number, end?: number): any;
  fill(value: any, start?: number, end?: number): any;
}

const as = <T>(made: unknown): ProxyClass<T> => made as ProxyClass<T>;

export const PyProxy: ProxyClass<PyProxy> = as(classes.PyProxy);
export const PyProxyWithLength: ProxyClass<PyProxyWithLength> = as(classes.PyProxyWithLength);
export const PyProxyWithGet: ProxyClass<PyProxyWithGet> = as(classes.PyProxyWithGet);
export const PyProxyWithSet: ProxyClass<PyProxyWithSet> = as(classes.PyProxyWithSet);
export const PyProxyWithHas: ProxyClass<PyProxyWithHas> = as(classes.PyProxyWithHas);
export const PyDict: ProxyClass<PyDict> = as(classes.PyDict);
export const PyIterable: ProxyClass<PyIterable> = as(classes.PyIterable);
export const PyIterator: ProxyClass<PyIterator> = as(classes.PyIterator);
export const PyGenerator: ProxyClass<PyGenerator> = as(classes.PyGenerator);
export const PyAsyncIterable: ProxyClass<PyAsyncIterable> = as(classes.PyAsyncIterable);
export const PyAsyncIterator: ProxyClass<PyAsyncIterator> = as(classes.PyAsyncIterator);
export const PyAsyncGenerator: ProxyClass<PyAsyncGenerator> = as(classes.PyAsyncGenerator);
export const PyAwaitable: ProxyClass<PyAwaitable> = as(classes.PyAwaitable);
export const PyCallable: ProxyClass<PyCallable> = as(classes.PyCallable);
export const PyBuffer: ProxyClass<PyBuffer> = as(classes.PyBuffer);
export const PySequence: ProxyClass<PySequence> = as(classes.PySequence);
export const PyMutableSequence: ProxyClass<PyMutableSequence> = as(classes.PyMutableSequence);
