/*
 * JavaScript values seen from Python: the imports on the hot paths, which are
 * reading and setting attributes by cached names, array items, iteration. The
 * rest is in js_ops.ts and js_call.ts. The C side is ffi/js_in_py/js_proxy.c and
 * js_items.c, and ffi/bridge/js_object.c for what ends a proxy.
 *
 * Invariants
 *  1. names[i] is the text of what C calls name i; the last one is for names
 *     that are used once. An import reads it before any other code runs.
 */

import { JS_NAMES, SLOT_PY } from "../abi/abi.ts";
import type { AnyImport, Bridge } from "../bridge/bridge_types.ts";
import { giveBack } from "./js_call.ts";

/** What an attribute is read from and written to. */
type Named = Readonly<Record<PropertyKey, unknown>>;

/** What is wrong with what next(), throw() or return() of an iterator gave, or undefined: it is a step. */
export function wrongStep(step: unknown): string | undefined {
  if (typeof step !== "object" || step === null) {
    return `Result should have type "object" not "${step === null ? "null" : typeof step}"`;
  }
  const { done, then } = step as { done?: unknown; then?: unknown };
  if (done !== undefined) return undefined;
  return typeof then === "function"
    ? "Result was a promise, use anext() / asend() / athrow() instead."
    : 'Result has no "done" field.';
}

/** Imports of ffi/js_in_py/js_proxy.c, js_items.c and ffi/bridge/js_object.c. */
export function jsProxyImports(bridge: () => Bridge): Record<string, AnyImport> {
  const names = new Array<string>(JS_NAMES + 1).fill("");
  return {
    js_release: (handle) => bridge().handles.release(handle as number),

    js_name: (index, address, length, shape) => {
      try {
        names[index as number] = bridge().readString((address as number) >>> 0, length as number, shape as number);
        return 0;
      } catch (error) {
        return bridge().fail(error);
      }
    },

    // 0: there it is; 1: there is no such attribute
    js_get: (handle, name, result) => {
      const b = bridge();
      try {
        const target = b.handles.get(handle as number) as Named | null | undefined;
        if (target === null || target === undefined) return 1; // what was thrown may be that
        const key = names[name as number] as string;
        const value = target[key];
        if (value === undefined && !(key in Object(target))) return 1;
        b.beginText();
        b.writeSlot((result as number) >>> 0, value);
        return 0;
      } catch (error) {
        return b.fail(error);
      }
    },

    js_set: (handle, name, slot) => {
      const b = bridge();
      try {
        const target = b.handles.get(handle as number) as Record<string, unknown>;
        const key = names[name as number] as string;
        const value = b.readSlot((slot as number) >>> 0);
        try {
          target[key] = value;
        } catch (error) {
          // Python's import of a.b sets b of a to what it is, also where a is an ES module.
          if (!Object.is(target[key], value)) throw error;
        }
        return 0;
      } catch (error) {
        return b.fail(error);
      }
    },

    // 1: there is none
    js_delete: (handle, name) => {
      const b = bridge();
      try {
        const target = Object(b.handles.get(handle as number)) as Record<string, unknown>;
        const key = names[name as number] as string;
        if (!(key in target)) return 1;
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
        delete target[key]; // strict mode: throws when it cannot
        return 0;
      } catch (error) {
        return b.fail(error);
      }
    },

    js_same: (one, other) => {
      const { handles } = bridge();
      return handles.get(one as number) === handles.get(other as number) ? 1 : 0;
    },

    // Array-likes: the item at an index, or 1 when it is out of range (negative: from the end)
    js_item: (handle, index, result) => {
      const b = bridge();
      try {
        const target = b.handles.get(handle as number) as { readonly length: number; readonly [i: number]: unknown };
        const { length } = target;
        let at = index as number;
        if (at < 0) at += length;
        if (at < 0 || at >= length) return 1;
        const value = target[at];
        if (value === undefined && !(at in target)) return 1; // an Array may have holes
        b.beginText();
        b.writeSlot((result as number) >>> 0, value);
        return 0;
      } catch (error) {
        return b.fail(error);
      }
    },

    // 1: it is done, and the result is what it returned; 2: it is no step, and the result says why
    js_next: (handle, result) => {
      const b = bridge();
      try {
        const step = (b.handles.get(handle as number) as Iterator<unknown>).next();
        const done: unknown = (step as IteratorResult<unknown> | null | undefined)?.done;
        if (done === undefined || typeof step !== "object") {
          b.beginText();
          b.writeSlot((result as number) >>> 0, wrongStep(step));
          return 2;
        }
        const { value } = step;
        const slot = (result as number) >>> 0;
        b.beginText();
        b.writeSlot(slot, value);
        if (!done) return 0;
        // What a generator returns is as what a call returns.
        if (b.i32[slot >>> 2] === SLOT_PY) giveBack(b, value, slot, [], true);
        return 1;
      } catch (error) {
        return b.fail(error);
      }
    },
  };
}
