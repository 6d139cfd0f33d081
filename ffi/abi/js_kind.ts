/*
 * What a JavaScript value can do, as bits: the kind, which crosses with each object
 * in a SLOT_JS and chooses the class of its proxy in Python. Used by all of ffi/ that
 * gives values to Python.
 *
 * Invariants
 *  1. jsKind() never throws: a hostile object has no kind bits.
 */

import {
  JS_ARRAY,
  JS_ARRAY_LIKE,
  JS_ASYNC_DISPOSABLE,
  JS_ASYNC_GENERATOR,
  JS_ASYNC_ITERABLE,
  JS_ASYNC_ITERATOR,
  JS_BUFFER,
  JS_CALLABLE,
  JS_DELETE,
  JS_DISPOSABLE,
  JS_DOM,
  JS_ERROR,
  JS_GENERATOR,
  JS_GET,
  JS_HAS,
  JS_ITERABLE,
  JS_ITERATOR,
  JS_LENGTH,
  JS_PROMISE,
  JS_RESPONSE,
  JS_SET,
  JS_TYPED_ARRAY,
  JS_WEAK_REF,
} from "./abi.ts";

// Symbols of a proposal that not every engine has yet.
const dispose = (Symbol as { dispose?: symbol }).dispose;
const asyncDispose = (Symbol as { asyncDispose?: symbol }).asyncDispose;

const functionPrototype = Function.prototype;
const TypedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

type Named = Readonly<Record<PropertyKey, unknown>>;

/** What remote objects of a library answer to (Comlink.createEndpoint). */
let remoteMark: symbol | undefined;

/** From now on a function with this property is the remote object of a library, which has every property. */
export function setRemoteMark(mark: symbol | undefined): void {
  remoteMark = mark;
}

/**
 * What a value can do, as bits JS_*. For primitives 0. An object's traps
 * and getters may run, but nothing they throw comes out.
 */
export function jsKind(value: unknown): number {
  try {
    if (typeof value === "function") {
      if (remoteMark !== undefined && (value as unknown as Named)[remoteMark]) return JS_CALLABLE | JS_PROMISE;
      return Object.getPrototypeOf(value) === functionPrototype && !(Symbol.iterator in value)
        ? JS_CALLABLE
        : JS_CALLABLE | (objectKind(value as unknown as Named) & ~JS_LENGTH);
    }
    if (typeof value !== "object" || value === null) return 0;
    if (Array.isArray(value)) return JS_ARRAY | JS_ITERABLE | JS_LENGTH;
    if (ArrayBuffer.isView(value)) {
      return TypedArray.isPrototypeOf(value) ? JS_TYPED_ARRAY | JS_BUFFER | JS_ITERABLE | JS_LENGTH : JS_BUFFER;
    }
    return objectKind(value as Named);
  } catch {
    return typeof value === "function" ? JS_CALLABLE : 0;
  }
}

function isFunction(value: Named, name: PropertyKey): boolean {
  return name in value && typeof value[name] === "function";
}

function objectKind(value: Named): number {
  let kind = 0;
  if (isFunction(value, Symbol.iterator)) kind |= JS_ITERABLE;
  if (isFunction(value, Symbol.asyncIterator)) kind |= JS_ASYNC_ITERABLE;
  if (isFunction(value, "next")) kind |= iteratorKind(value, kind);
  if (isFunction(value, "then")) kind |= JS_PROMISE;
  if ("length" in value ? typeof value["length"] === "number" : "size" in value && typeof value["size"] === "number") {
    kind |= JS_LENGTH;
    if ((kind & JS_ITERABLE) !== 0 && isFunction(value, "item")) kind |= JS_ARRAY_LIKE;
  }
  if (isFunction(value, "get")) kind |= JS_GET;
  if (isFunction(value, "has") || isFunction(value, "includes")) kind |= JS_HAS;
  if ((kind & (JS_GET | JS_HAS)) !== 0) {
    if (isFunction(value, "set")) kind |= JS_SET;
    if (isFunction(value, "delete")) kind |= JS_DELETE;
  }
  if (dispose !== undefined && isFunction(value, dispose)) kind |= JS_DISPOSABLE;
  if (asyncDispose !== undefined && isFunction(value, asyncDispose)) kind |= JS_ASYNC_DISPOSABLE;
  if (Object.getPrototypeOf(value) !== Object.prototype) kind |= classKind(value);
  return kind;
}

function iteratorKind(value: Named, kind: number): number {
  const generator = isFunction(value, "return") && isFunction(value, "throw");
  return (kind & JS_ASYNC_ITERABLE) !== 0
    ? JS_ASYNC_ITERATOR | (generator ? JS_ASYNC_GENERATOR : 0)
    : JS_ITERATOR | (generator ? JS_GENERATOR : 0);
}

/** Classes of the platform; by tag too, for objects of another realm (a frame, node:vm). */
function classKind(value: object): number {
  if (isError(value)) return JS_ERROR;
  if (value instanceof ArrayBuffer) return JS_BUFFER;
  if (typeof WeakRef === "function" && value instanceof WeakRef) return JS_WEAK_REF;
  if (typeof Element === "function" && value instanceof Element) return JS_DOM;
  const tag: unknown = (value as Named)[Symbol.toStringTag];
  // By tag first: in Node the first use of the name loads all of fetch, which takes 100 ms.
  if (tag === "Response" && typeof Response === "function" && value instanceof Response) return JS_RESPONSE;
  return tag === "ArrayBuffer" || tag === "SharedArrayBuffer" ? JS_BUFFER : 0;
}

/** Whether Python should be able to raise the value as it is. */
export function isError(value: unknown): boolean {
  return (
    value instanceof Error ||
    (typeof value === "object" && value !== null && Object.prototype.toString.call(value) === "[object Error]")
  );
}
