/*
 * The classes of PyProxy: what pyodide.ffi.PyCallable and the others are to
 * `instanceof`, and the methods that each ability of a Python object adds. A
 * proxy's prototype is made of those it has, once per combination. The bodies of
 * the longer ones are in py_iter.ts, py_sequence.ts and py_calls.ts.
 *
 * Invariants
 *  1. A class is a test of the record's flags; no proxy is ever constructed by one.
 *  2. Methods find their record by anyRecord(this): a foreign `this` is a TypeError.
 */

import * as flag from "../abi/abi.ts";
import type { CallStyle, ProxyRecord } from "../bridge/bridge_types.ts";
import { anyRecord, proxyRecord, recordOf } from "../bridge/py_known.ts";
import { getBuffer, type PyBufferView } from "../convert/buffers.ts";
import { toJs, type ToJsOptions } from "../convert/to_js.ts";
import { promiseOf } from "./py_async.ts";
import { callRecord, callWithOptions, type CallOptions } from "./py_calls.ts";
import {
  iterate,
  iterateAsync,
  PyAsyncGeneratorMethods,
  PyAsyncIteratorMethods,
  PyGeneratorMethods,
  PyIteratorMethods,
} from "./py_iter.ts";
import { asJsJson } from "./py_json.ts";
import { INSPECT, inspectProxy, makeProxy, makeView } from "./py_proxy.ts";
import type { ProxyPrototype } from "./py_record.ts";
import { PyMutableSequenceMethods, PySequenceMethods } from "./py_sequence.ts";

const { hasInstance } = Symbol;
const ordinaryHasInstance = (Function.prototype as unknown as Record<symbol, (value: unknown) => boolean>)[
  hasInstance
] as (value: unknown) => boolean;

function hasFlags(self: unknown, cls: unknown, value: unknown, flags: number): boolean {
  // A class that a page derives is no test of ours.
  if (self !== cls) return ordinaryHasInstance.call(self, value);
  const record = anyRecord(value);
  return record !== undefined && (record.flags & flags) === flags;
}

/** Options of PyProxy.destroy(). */
export interface DestroyOptions {
  /** What the error of a later use says. */
  message?: string;
  /** Whether a proxy made by create_proxy(roundtrip=True) is destroyed too; the default is true. */
  destroyRoundtrip?: boolean;
}

/** A Python object. Its attributes are properties; `$name` is the attribute `name` where JavaScript's is in the way. */
export class PyProxy {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  [attribute: string]: any;

  static [hasInstance](value: unknown): value is PyProxy {
    return hasFlags(this, PyProxy, value, 0);
  }

  constructor() {
    throw new TypeError("PyProxy is not a constructor");
  }

  get [Symbol.toStringTag](): string {
    return "PyProxy";
  }

  /** Name of the Python type, as its errors have it: that of a type made in C has the module before it. */
  get type(): string {
    return textOf(recordOf(this), flag.TEXT_TYPE);
  }

  /** str() of the object, or repr() if loadPyodide() was told so. */
  toString(): string {
    const record = recordOf(this);
    return textOf(record, record.bridge.compat.reprToString ? flag.TEXT_REPR : flag.TEXT_STR);
  }

  /** Release the Python object. Later uses throw; a second destroy() does nothing. */
  destroy(options?: DestroyOptions): void {
    const record = recordOf(this);
    if (record.roundtrip && options?.destroyRoundtrip === false) return;
    record.destroy(options?.message);
  }

  /** Another proxy of the same object, which is destroyed on its own. */
  copy(): PyProxy {
    const record = recordOf(this);
    const { bridge } = record;
    const object = record.need();
    bridge.exports.sospeso_py_retain(object);
    const proxy = makeProxy(bridge, object, record.flags, record.style);
    const made = proxyRecord(proxy) as ProxyRecord;
    made.attributes = record.ender.needAttributes();
    made.attributes.holders++;
    return (record.json ? asJsJson(proxy, made) : proxy) as PyProxy;
  }

  /** Convert deeply. */
  toJs(options: ToJsOptions = {}): unknown {
    const record = recordOf(this);
    return toJs(record.bridge, record.need(), options);
  }
}

// The bundler may rename a class that names itself.
Object.defineProperty(PyProxy, "name", { value: "PyProxy", configurable: true });
Object.defineProperty(PyProxy.prototype, INSPECT, { value: inspectProxy, configurable: true, writable: true });

if (typeof (Symbol as { dispose?: symbol }).dispose === "symbol") {
  Object.defineProperty(PyProxy.prototype, (Symbol as unknown as { dispose: symbol }).dispose, {
    value(this: unknown): void {
      recordOf(this).destroy();
    },
    configurable: true,
    writable: true,
  });
}

function textOf(record: ProxyRecord, which: number): string {
  const { space } = record.shape;
  return space.result(space.bridge.exports.sospeso_py_text(record.need(), which, space.bridge.slots)) as string;
}

class PyLengthMethods {
  /** len() of the object. */
  get length(): number {
    return recordOf(this).length();
  }
}

class PyGetItemMethods {
  /** object[key]; undefined when there is no such key or index. */
  get(key: unknown): unknown {
    return recordOf(this).getItem(key);
  }

  /** A view of dicts and lists that behaves like parsed JSON. */
  asJsJson(): unknown {
    const record = recordOf(this);
    record.need();
    return asJsJson(this, record);
  }
}

class PySetItemMethods {
  /** object[key] = value */
  set(key: unknown, value: unknown): void {
    recordOf(this).setItem(key, value);
  }

  /** del object[key]. @throws PythonError KeyError when there is none. */
  delete(key: unknown): void {
    recordOf(this).deleteItem(key);
  }
}

class PyContainsMethods {
  /** key in object */
  has(key: unknown): boolean {
    return recordOf(this).contains(key);
  }
}

class PyIterableMethods {
  /** Iterate as Python does. */
  [Symbol.iterator](): Iterator<unknown, unknown, unknown> {
    return iterate(recordOf(this));
  }
}

class PyAsyncIterableMethods {
  /** Iterate as `async for` does. */
  [Symbol.asyncIterator](): AsyncIterator<unknown, unknown, unknown> {
    return iterateAsync(recordOf(this));
  }
}

class PyAwaitableMethods {
  // eslint-disable-next-line unicorn/no-thenable
  then<A, B>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<unknown> {
    return promiseOf(this, recordOf(this)).then(onFulfilled, onRejected);
  }

  catch<B>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<unknown> {
    return promiseOf(this, recordOf(this)).catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<unknown> {
    return promiseOf(this, recordOf(this)).finally(onFinally);
  }
}

const PLAIN_STYLE: CallStyle = {
  captureThis: false,
  promising: false,
  bound: false,
  boundThis: undefined,
  boundArgs: [],
};

/** What apply() passes on, as the language makes it of an object with a length. */
function listOf(...args: unknown[]): unknown[] {
  return args;
}

class PyCallableMethods {
  apply(self: unknown, args: ArrayLike<unknown> | null | undefined): unknown {
    return callRecord(recordOf(this), self, Reflect.apply(listOf, undefined, args ?? []));
  }

  call(self: unknown, ...args: unknown[]): unknown {
    return callRecord(recordOf(this), self, args);
  }

  /** Call with any of: keyword arguments in a last object, extra arguments left out, on a task of its own. */
  callWithOptions(options: CallOptions, ...args: unknown[]): unknown {
    return callWithOptions(recordOf(this), options, undefined, args);
  }

  /** Call with keyword arguments, in a last object. */
  callKwargs(...args: unknown[]): unknown {
    return callWithOptions(recordOf(this), { kwargs: true }, undefined, args, "callKwargs");
  }

  /** Call without the arguments that are too many. */
  callRelaxed(...args: unknown[]): unknown {
    return callWithOptions(recordOf(this), { relaxed: true }, undefined, args);
  }

  callKwargsRelaxed(...args: unknown[]): unknown {
    return callWithOptions(recordOf(this), { relaxed: true, kwargs: true }, undefined, args, "callKwargs");
  }

  /** Call on a task of its own: what runs there may wait. Rejects with what Python raised. */
  callPromising(...args: unknown[]): Promise<unknown> {
    return callWithOptions(recordOf(this), { promising: true }, undefined, args) as Promise<unknown>;
  }

  callPromisingKwargs(...args: unknown[]): Promise<unknown> {
    return callWithOptions(
      recordOf(this),
      { promising: true, kwargs: true },
      undefined,
      args,
      "callKwargs",
    ) as Promise<unknown>;
  }

  /** As Function.prototype.bind(). The result is destroyed with this proxy, and the other way round. */
  bind(self: unknown, ...args: unknown[]): unknown {
    const record = recordOf(this);
    record.need();
    const style = record.style ?? PLAIN_STYLE;
    return makeView(this, record, {
      ...style,
      boundThis: style.bound ? style.boundThis : self,
      bound: true,
      boundArgs: [...style.boundArgs, ...args],
    });
  }

  /** A proxy whose calls pass `this` as the first argument. Destroyed together with this one. */
  captureThis(): unknown {
    const record = recordOf(this);
    record.need();
    return makeView(this, record, { ...(record.style ?? PLAIN_STYLE), captureThis: true });
  }
}

class PyBufferMethods {
  /** The memory of the object as a typed array; release() the view when done. */
  getBuffer(type?: string): PyBufferView {
    const record = recordOf(this);
    return getBuffer(record.bridge, record.need(), type);
  }
}

// ---- the classes by name --------------------------------------------------------------

/** A class whose instances are the proxies with these flags. */
function classFor(name: string, flags: number): typeof PyProxy {
  const made = class extends PyProxy {
    static [hasInstance](value: unknown): value is PyProxy {
      return hasFlags(this, made, value, flags);
    }
  };
  Object.defineProperty(made, "name", { value: name, configurable: true });
  return made;
}

export const PyProxyWithLength = classFor("PyProxyWithLength", flag.PROXY_LENGTH);
export const PyProxyWithGet = classFor("PyProxyWithGet", flag.PROXY_GET);
export const PyProxyWithSet = classFor("PyProxyWithSet", flag.PROXY_SET);
export const PyProxyWithHas = classFor("PyProxyWithHas", flag.PROXY_HAS);
export const PyIterable = classFor("PyIterable", flag.PROXY_ITERABLE);
export const PyIterator = classFor("PyIterator", flag.PROXY_ITERATOR);
export const PyGenerator = classFor("PyGenerator", flag.PROXY_GENERATOR);
export const PyAsyncIterable = classFor("PyAsyncIterable", flag.PROXY_ASYNC_ITERABLE);
export const PyAsyncIterator = classFor("PyAsyncIterator", flag.PROXY_ASYNC_ITERATOR);
export const PyAsyncGenerator = classFor("PyAsyncGenerator", flag.PROXY_ASYNC_GENERATOR);
export const PyAwaitable = classFor("PyAwaitable", flag.PROXY_AWAITABLE);
export const PyCallable = classFor("PyCallable", flag.PROXY_CALLABLE);
export const PyBuffer = classFor("PyBuffer", flag.PROXY_BUFFER);
export const PyDict = classFor("PyDict", flag.PROXY_DICT);
export const PySequence = classFor("PySequence", flag.PROXY_SEQUENCE);
export const PyMutableSequence = classFor("PyMutableSequence", flag.PROXY_MUTABLE_SEQUENCE);

/** Later ones take precedence. */
const METHODS: readonly (readonly [number, { readonly prototype: object }])[] = [
  [flag.PROXY_LENGTH, PyLengthMethods],
  [flag.PROXY_GET, PyGetItemMethods],
  [flag.PROXY_SET, PySetItemMethods],
  [flag.PROXY_HAS, PyContainsMethods],
  [flag.PROXY_ITERABLE, PyIterableMethods],
  [flag.PROXY_ASYNC_ITERABLE, PyAsyncIterableMethods],
  [flag.PROXY_ITERATOR, PyIteratorMethods],
  [flag.PROXY_GENERATOR, PyGeneratorMethods],
  [flag.PROXY_ASYNC_ITERATOR, PyAsyncIteratorMethods],
  [flag.PROXY_ASYNC_GENERATOR, PyAsyncGeneratorMethods],
  [flag.PROXY_AWAITABLE, PyAwaitableMethods],
  [flag.PROXY_SEQUENCE, PySequenceMethods],
  [flag.PROXY_MUTABLE_SEQUENCE, PyMutableSequenceMethods],
  [flag.PROXY_CALLABLE, PyCallableMethods],
  [flag.PROXY_BUFFER, PyBufferMethods],
];

const prototypes = new Map<number, ProxyPrototype>();

/** Made once per combination; given to the records' shapes by ffi/wasm_bridge.ts. */
export function prototypeFor(flags: number): ProxyPrototype {
  let made = prototypes.get(flags);
  if (made === undefined) {
    made = build(flags);
    prototypes.set(flags, made);
  }
  return made;
}

function build(flags: number): ProxyPrototype {
  const callable = (flags & flag.PROXY_CALLABLE) !== 0;
  // What can be called is a Function too; PyProxy's own are copied then.
  const prototype = Object.create(callable ? Function.prototype : PyProxy.prototype) as object;
  if (callable) copyInto(prototype, PyProxy.prototype, true);
  for (const [bit, { prototype: methods }] of METHODS) {
    if ((flags & bit) !== 0) copyInto(prototype, methods, false);
  }
  const names = new Set<string>();
  for (const holder of [prototype, PyProxy.prototype, Object.prototype]) {
    for (const name of Object.getOwnPropertyNames(holder)) names.add(name);
  }
  return { prototype, names };
}

function copyInto(target: object, source: object, withConstructor: boolean): void {
  for (const key of Reflect.ownKeys(source)) {
    if (key === "constructor" && !withConstructor) continue;
    Object.defineProperty(target, key, Object.getOwnPropertyDescriptor(source, key) as PropertyDescriptor);
  }
}
