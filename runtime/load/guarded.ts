/*
 * Nothing of JavaScript escapes into wasm. An exception that passes through wasm frames skips all their cleaning up
 * and ends the runtime; so each import's function is called inside a try here, and what it throws becomes the
 * answer by which that import says that it failed. The caller is core.ts, which has the whole table guarded.
 *
 * Invariants
 *  1. Every import is guarded, of whatever module, unless UNGUARDED names it with its reason.
 *  2. FS's ErrnoError, or an error with a code such as "ENOENT", becomes that errno. Anything else is EIO, is reported
 *     with its stack, and becomes the cause of Python's OSError (WaitingIo.noteFailure).
 *  3. What the bridge's imports throw is kept for Python, which raises it (Bridge.fail).
 *  4. When the runtime has ended, what is thrown ends the stacks that are left: it goes on.
 */

import { errnoOf } from "../../polyfills/files/errno.ts";
import type { AnyFunction } from "../../polyfills/jspi/index.ts";
import { ERRNO } from "../../polyfills/numbers.ts";

/** What the guard needs of a runtime. */
export interface Guarding {
  /** The runtime has ended. */
  ended(): boolean;
  /** Keeps an error that Python's caller will raise. */
  fail(error: unknown): void;
  /** Notes what becomes the cause of the OSError of this errno. */
  noteFailure(errno: number, error: unknown): void;
}

/** Not guarded, and why. */
export const UNGUARDED: Readonly<Record<string, string>> = {
  wait: "an error that it gives ends the stack on purpose: the runtime was destroyed",
  notify: "settles promises of our own tables; hot",
  new_key: "counts; hot",
  interrupt: "settles promises of our own tables",
  js_release: "frees an entry of our own table; hot",
  proc_exit: "ends the program by what it throws",
  exit: "ends the program by what it throws",
  emscripten_exit_with_live_runtime: "ends the program by what it throws",
  abort: "ends the runtime by what it throws",
  _abort_js: "ends the runtime by what it throws",
  __assert_fail: "ends the runtime by what it throws",
  ffi_call_js: "calls a function of wasm for ctypes: a trap in there ends the runtime",
  __call_sighandler: "calls a function of wasm, which may end the program",
};

/** Imports that answer 0, or -1 and the error that Python raises. */
const BRIDGED = new Set(
  (
    "js_get js_set js_delete js_item js_next js_name js_call js_new js_op js_module js_watch js_outcome js_settle to_js " +
    "py_create py_destroy py_stats buffer_describe buffer_read buffer_write buffer_decode"
  ).split(" "),
);

/** Imports of sospeso whose answer is no negative errno: what they give when they fail. */
const ANSWERS: Readonly<Record<string, number>> = {
  to_py: 0, // no object; the error is kept
  py_unwrap: 0, // there is none
  js_failure: 0, // asked again, see below
  js_frame_name: 0, // it has no name
  js_same: 0,
  js_unwatch: 0,
  py_settle: 0,
  io_failure: 0, // no cause is known
  io_pending: 0, // nothing to wait for
  io_resume: 0, // do not call again
  io_more: 0,
  io_held: 0,
  io_partial: 0,
  file_lock_end: 0,
  http_error: 0, // it did not fail
  http_absolute: 0, // no such address
  http_timeout: ERRNO.EIO,
  poll_watch: 0, // no key
  poll_unwatch: 0,
  files_watch: 1, // one is ready: the loop looks again
  slice: 0, // go on
  block: 0, // it is over
  dl_open: 0, // answered at once, with nothing
  dl_symbol: 0,
  dl_answer: 0,
};

/** How an import says that it failed. */
type Failing = (error: unknown, ...args: unknown[]) => number | bigint;

/** Imports of the C library whose answer has 64 bits: -1 when they fail, as there. */
const LONG = new Set(["_mktime_js", "_timegm_js"]);

function failing(module: string, name: string, fn: AnyFunction, guarding: Guarding): Failing {
  const report = (error: unknown): void => {
    // eslint-disable-next-line no-console
    console.error(`sospeso: the import ${name} failed; Python goes on.`, error);
  };
  const errno = (error: unknown): number => {
    const known = errnoOf(error, -1);
    if (known !== -1) return known;
    report(error);
    guarding.noteFailure(ERRNO.EIO, error);
    return ERRNO.EIO;
  };
  if (module !== "sospeso") {
    if (module === "wasi_snapshot_preview1") return errno;
    if (name.startsWith("__syscall_") || /^_(mmap|munmap|msync)_js$/.test(name)) return (error) => -errno(error);
    return (error) => {
      report(error);
      return LONG.has(name) ? -1n : 0;
    };
  }
  if (BRIDGED.has(name)) {
    return (error) => {
      guarding.fail(error);
      return -1;
    };
  }
  if (name === "to_py") {
    return (error) => {
      guarding.fail(error);
      return 0;
    };
  }
  if (name === "js_failure") {
    // It was telling of another error, which is gone; this one is told of instead.
    return (error, ...args) => {
      guarding.fail(error);
      return fn(...args) as number;
    };
  }
  if (name === "schedule") {
    // A step that nobody asks for again is lost, and with it the page's loop.
    return (error, ...args) => {
      report(error);
      fn(...args);
      return 0;
    };
  }
  if (name === "dl_fit") {
    return (error, slot) => {
      report(error);
      return slot as number;
    };
  }
  const answer = ANSWERS[name];
  if (answer === undefined) return (error) => -errno(error);
  return (error) => {
    report(error);
    return answer;
  };
}

/** One import with its guard. By how many arguments it takes, as spreading them costs more than the guard. */
function guarded(fn: AnyFunction, failed: Failing, ended: () => boolean): AnyFunction {
  const answer = (error: unknown, args: unknown[]): number | bigint => {
    if (ended()) throw error;
    return failed(error, ...args);
  };
  if (fn.length <= 3) {
    return (a: unknown, b: unknown, c: unknown): unknown => {
      try {
        return fn(a, b, c);
      } catch (error) {
        return answer(error, [a, b, c]);
      }
    };
  }
  if (fn.length <= 6) {
    return (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown): unknown => {
      try {
        return fn(a, b, c, d, e, f);
      } catch (error) {
        return answer(error, [a, b, c, d, e, f]);
      }
    };
  }
  return (...args: unknown[]): unknown => {
    try {
      return fn(...args);
    } catch (error) {
      return answer(error, args);
    }
  };
}

/** Tests put a function under this symbol of globalThis: it gets each import before it is guarded, and gives the one to call. */
const FAULTS = Symbol.for("sospeso.faults");

/** The functions of one import module, each with its guard. */
export function guardImports(
  module: string,
  functions: Readonly<Record<string, unknown>>,
  guarding: Guarding,
): Record<string, AnyFunction> {
  const faults = (globalThis as { [FAULTS]?: (module: string, name: string, fn: AnyFunction) => AnyFunction })[FAULTS];
  const all: Record<string, AnyFunction> = {};
  for (const [name, value] of Object.entries(functions)) {
    if (typeof value !== "function" || Object.hasOwn(UNGUARDED, name)) {
      all[name] = value as AnyFunction;
      continue;
    }
    const fn = faults?.(module, name, value as AnyFunction) ?? (value as AnyFunction);
    all[name] = guarded(fn, failing(module, name, fn, guarding), guarding.ended);
  }
  return all;
}
