/*
 * Errors that cross: PythonError is a Python exception as JavaScript sees it; its
 * message is the whole formatted traceback, as with Pyodide, so that an uncaught
 * one can be read in any console. In the other direction js_failure describes
 * what JavaScript threw, with the JavaScript frames, for Python's traceback.
 * The C side is ffi/bridge/errors.c.
 *
 * Invariants
 *  1. A PythonError remembers the number under which Python may still have the
 *     exception itself; Python forgets it when the turn of the event loop has ended.
 *  2. Describing an error never throws, whatever was thrown.
 */

import { engineHost } from "../../jspi/scheduler.ts";
import {
  FAILED_COPY,
  FAILED_DEPTH,
  FAILED_HAS_CAUSE,
  FAILED_PROXY,
  FAILED_PYTHON,
  FAILED_VALUE,
  JS_ERROR,
  SLOT_INT,
  SLOT_JS,
  SLOT_NONE,
  SLOT_PY,
  SLOT_SIZE,
} from "../abi/abi.ts";
import { isError, jsKind } from "../abi/js_kind.ts";
import type { AnyImport, Bridge } from "./bridge_types.ts";
import { proxyRecord } from "./py_known.ts";

/** A Python exception that reached JavaScript. */
export class PythonError extends Error {
  static {
    Object.defineProperty(this.prototype, "name", { value: "PythonError", configurable: true, writable: true });
    Object.defineProperty(this, "name", { value: "PythonError", configurable: true }); // bundlers rename classes
  }
  /** Name of the exception's class, such as "ValueError". */
  readonly type: string;
  /** For SystemExit: the status the program would have ended with (0 to 255). */
  readonly exitCode: number | undefined;
  #origin: Bridge | undefined;
  #serial = 0;

  /**
   * @param type name of the Python class.
   * @param message the formatted traceback, ending in a newline.
   */
  constructor(type: string, message: string, exitCode?: number) {
    super(message);
    this.type = type;
    this.exitCode = exitCode;
  }

  /** @internal Note which exception of which runtime this is. */
  static remember(error: PythonError, bridge: Bridge, serial: number): void {
    error.#origin = bridge;
    error.#serial = serial;
  }

  /** @internal Number of the exception if it is one of this runtime, else 0. */
  static serialIn(error: unknown, bridge: Bridge): number {
    return typeof error === "object" && error !== null && #serial in error && error.#origin === bridge
      ? error.#serial
      : 0;
  }
}

/** Throw the exception that an export has kept. */
export function throwPythonError(bridge: Bridge): never {
  throw takePythonError(bridge);
}

/** The exception that an export has kept, as an error to throw or to reject with. */
export function takePythonError(bridge: Bridge): PythonError {
  const { exports, slots } = bridge;
  const serial = exports.sospeso_error_take(slots);
  if (serial === 0) return new PythonError("MemoryError", "MemoryError: no memory to describe the exception\n");
  const type = String(bridge.readSlot(slots));
  const message = String(bridge.readSlot(slots + SLOT_SIZE));
  const status = bridge.readSlot(slots + 2 * SLOT_SIZE);
  const hasCause = bridge.i32[(slots + 3 * SLOT_SIZE) >>> 2] !== SLOT_NONE;
  const cause = hasCause ? bridge.readSlot(slots + 3 * SLOT_SIZE) : undefined;
  exports.sospeso_error_taken();
  const error = new PythonError(type, message, typeof status === "number" ? status : undefined);
  PythonError.remember(error, bridge, serial);
  if (exports.sospeso_errors_passing() !== 0) forgetLater(bridge);
  if (hasCause) Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
  return error;
}

let host: ReturnType<typeof engineHost> | undefined;
/** The runtimes that forget their errors when this turn of the event loop ends. */
const forgetting = new Set<Bridge>();

function forgetLater(bridge: Bridge): void {
  if (forgetting.has(bridge)) return;
  forgetting.add(bridge);
  host ??= engineHost();
  host.soon(() => {
    forgetting.delete(bridge);
    if (!bridge.space.closed) bridge.exports.sospeso_errors_forget();
  });
}

/** For Bridge.fail(): a PyProxy that was thrown, copied because its call has ended it. */
export class ThrownCopy {
  readonly proxy: unknown;
  constructor(proxy: unknown) {
    this.proxy = proxy;
  }
}

/** Imports of ffi/bridge/errors.c. */
export function errorImports(bridge: () => Bridge): Record<string, AnyImport> {
  return {
    js_failure: (address) => {
      const b = bridge();
      const slots = (address as number) >>> 0;
      const failure = b.takeFailure();
      const copied = failure instanceof ThrownCopy;
      const thrown = copied ? failure.proxy : failure;
      const serial = PythonError.serialIn(thrown, b);
      const record = proxyRecord(thrown);
      const odd = record === undefined && !isThrowable(thrown);
      const error = odd ? standIn(thrown) : thrown;
      let kind = JS_ERROR;
      let frames = "";
      let status = FAILED_VALUE;
      try {
        kind |= jsKind(error);
        if (serial !== 0) status = FAILED_PYTHON;
        else if (isOverflow(error)) status = FAILED_DEPTH;
        else if (record !== undefined && record.bridge === b && record.object !== 0) status = FAILED_PROXY;
        else if (!odd && isError(error) && (error as Error).cause !== undefined) status = FAILED_VALUE | FAILED_HAS_CAUSE;
        if (!odd && status !== FAILED_DEPTH && isError(error)) frames = describeFrames((error as Error).stack, serial !== 0);
      } catch {
        // a hostile object: it has no frames and no cause
      }
      const handle = b.handles.add(error);
      b.beginText();
      try {
        b.writeSlot(slots + SLOT_SIZE, frames);
      } catch {
        b.writeSlot(slots + SLOT_SIZE, "");
      }
      const { i32 } = b;
      const at = slots >>> 2;
      if (status === FAILED_PROXY) {
        i32[at] = SLOT_PY;
        i32[at + 1] = record?.object ?? 0;
      } else {
        i32[at] = SLOT_INT;
        i32[at + 1] = serial;
      }
      i32[at + 8] = SLOT_JS;
      i32[at + 9] = handle;
      i32[at + 11] = kind;
      return copied ? status | FAILED_COPY : status;
    },

    js_frame_name: (fn, receiver, into, size) => {
      const b = bridge();
      let name = "(anonymous)";
      try {
        name = frameName(b.handles.get(fn as number), receiver === 0 ? undefined : b.handles.get(receiver as number));
      } catch {
        // a hostile name
      }
      const room = b.u8.subarray((into as number) >>> 0, ((into as number) >>> 0) + (size as number) - 1);
      const { written } = new TextEncoder().encodeInto(name, room);
      b.u8[((into as number) >>> 0) + written] = 0;
      return written;
    },
  };
}

/** "Array.map", "setTimeout", "(anonymous)". */
function frameName(fn: unknown, receiver: unknown): string {
  const own = (value: unknown): string => {
    const name: unknown = (value as { name?: unknown } | null | undefined)?.name;
    return typeof name === "string" ? name : "";
  };
  const name = own(fn) || "(anonymous)";
  if (receiver === undefined || receiver === null || receiver === globalThis) return name;
  const owner = typeof receiver === "function" ? own(receiver) : own((receiver as object).constructor);
  return owner === "" || owner === "Object" ? name : `${owner}.${name}`;
}

/** Does Python take it as it is: an Error, or an object that has all of one? */
function isThrowable(thrown: unknown): boolean {
  try {
    if (isError(thrown)) return true;
    if (typeof thrown !== "object" || thrown === null) return false;
    const { name, message, stack } = thrown as Partial<Error>;
    return typeof name === "string" && typeof message === "string" && typeof stack === "string";
  } catch {
    return false;
  }
}

/** The error that stands for anything else that was thrown, which is its cause. Programs match the text. */
function standIn(thrown: unknown): Error {
  if (typeof thrown === "string") return new Error(thrown, { cause: thrown });
  const attempt = (show: () => string, otherwise: string): string => {
    try {
      return show();
    } catch {
      return otherwise;
    }
  };
  const value = thrown as { toString(): unknown };
  const tag = attempt(() => Object.prototype.toString.call(thrown), "[object Object]");
  const lines = [
    `A value of type ${typeof thrown} with tag ${tag} was thrown as an error!`,
    attempt(
      () => `String interpolation of the thrown value gives """${value as unknown as string}""".`,
      "String interpolation of the thrown value fails.",
    ),
    attempt(
      () => `The thrown value's toString method returns """${value.toString() as string}""".`,
      "The thrown value's toString method fails.",
    ),
  ];
  return new Error(lines.join("\n"), { cause: thrown });
}

/** An error by its parts, of the class that has this name: what JsException() and pickle make. */
export function errorOf(name: string, message: string, stack: string | undefined): Error {
  const Type = (globalThis as Record<string, unknown>)[name] as ErrorConstructor | undefined;
  // The classes with other arguments than a message have another length.
  const known = typeof Type === "function" && (Type === Error || Type.prototype instanceof Error) && Type.length === 1;
  const error = known ? new Type(message) : new Error(message);
  const set = (key: string, value: string): void => {
    Object.defineProperty(error, key, { value, configurable: true, writable: true });
  };
  if (error.name !== name) set("name", name);
  if (stack !== undefined) set("stack", stack);
  return error;
}

function isOverflow(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    (error instanceof RangeError && error.message.startsWith("Maximum call stack size")) ||
    error.message === "too much recursion"
  );
}

const V8_FRAME = /^\s*at (?:(.*?) \()?(.*?)(?::(\d+):\d+)?\)?$/;
const OTHER_FRAME = /^(.*?)@(.*?)(?::(\d+):\d+)?$/;

interface Frame {
  readonly name: string;
  readonly file: string;
  readonly line: string;
}

function parseFrames(stack: string): Frame[] {
  const frames: Frame[] = [];
  // A message may have lines with an @; an engine writes all frames in one way.
  const shape = /\n\s+at /.test(stack) ? V8_FRAME : OTHER_FRAME;
  for (const text of stack.split("\n")) {
    const match = shape.exec(text);
    if (match === null) continue;
    const [, name = "", place = "", line = "0"] = match;
    // Code made by eval() names the place of the eval() first.
    const file = place.startsWith("eval at ") ? place.slice(place.lastIndexOf(", ") + 2) : place;
    frames.push({ name: name === "" ? "<anonymous>" : name, file, line });
  }
  return frames;
}

/** File of this code: its frames are the bridge's, not the user's. */
const OWN_FILE = parseFrames(new Error("here").stack ?? "")[0]?.file ?? "";

function isOurs(frame: Frame): boolean {
  return frame.file === OWN_FILE || frame.file.startsWith("wasm://") || /wasm-function|\.wasm\b/.test(frame.file);
}

/** The user's frames between two crossings, innermost first, as C reads them. */
function describeFrames(stack: unknown, fromPython: boolean): string {
  if (typeof stack !== "string") return "";
  const frames = parseFrames(stack);
  let first = 0;
  if (fromPython) {
    while (first < frames.length && isOurs(frames[first] as Frame)) first++;
  }
  let text = "";
  for (const frame of frames.slice(first)) {
    if (isOurs(frame)) break;
    text += `${frame.name}\x01${frame.file}\x01${frame.line}\n`;
  }
  return text;
}
