/*
 * Which JavaScript Promise Integration API this engine has, found by using it:
 * a tiny module calls a suspending import, so that a name that is there but
 * does not work (a half-finished implementation, a deleted `promising`) is told
 * apart. Facts only, so that dist/detect.mjs stays tiny: detect.ts makes
 * sentences of them for the runtime. Called by detect.ts, and by users as the
 * `detectJspi` of dist/detect.mjs (detect_entry.ts).
 */

export interface JspiFacts {
  /**
   * - `final`: `Suspending`, `promising` and `SuspendError` as standardised;
   * - `origin-trial`: an API of Chrome's trial (`WebAssembly.Suspender` with
   *   `WebAssembly.Function`, or `Suspending` without `SuspendError`, whose
   *   imports suspend only when they return a promise);
   * - `none`.
   */
  readonly api: "final" | "origin-trial" | "none";
  /** Whether `WebAssembly.Suspending` and `WebAssembly.promising` do suspend here. */
  readonly usable: boolean;
  /** False when not even a tiny module compiles here (no WebAssembly, or a CSP that forbids it): then no core can run. */
  readonly wasm: boolean;
  /** What the engine said when the module did not compile or did not suspend; else "". */
  readonly error: string;
}

type AnyFunction = (...args: unknown[]) => unknown;

interface JspiNamespace {
  readonly Suspending?: new (fn: AnyFunction) => object;
  readonly promising?: (exported: AnyFunction) => () => Promise<unknown>;
  readonly SuspendError?: unknown;
  readonly Suspender?: unknown;
}

/*
 * (module
 *   (import "m" "s" (func))
 *   (func (export "f") call 0))
 */
// prettier-ignore
const PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, // \0asm, version 1
  1, 4, 1, 96, 0, 0, // types: [] -> []
  2, 7, 1, 1, 109, 1, 115, 0, 0, // import m.s, a function of type 0
  3, 2, 1, 0, // one function of type 0
  7, 5, 1, 1, 102, 0, 1, // export it as f
  10, 6, 1, 4, 0, 16, 0, 11, // body: call 0
]);

/** Looks at the engine; never throws, takes well below a millisecond and leaves nothing behind. */
export function probeJspi(): JspiFacts {
  const facts = { api: "none" as JspiFacts["api"], usable: false, wasm: false, error: "" };
  if (typeof WebAssembly !== "object") {
    return facts;
  }
  try {
    const module = new WebAssembly.Module(PROBE);
    facts.wasm = true;
    const { Suspending, promising, SuspendError, Suspender } = WebAssembly as unknown as JspiNamespace;
    if (typeof Suspending === "function" && typeof promising === "function") {
      facts.api = typeof SuspendError === "function" ? "final" : "origin-trial";
      const { exports } = new WebAssembly.Instance(module, {
        // A promise: what is returned plainly did not suspend in the origin trial.
        m: { s: new Suspending(() => Promise.resolve()) as unknown as AnyFunction },
      });
      const result = promising(exports["f"] as unknown as AnyFunction)();
      if (!(result instanceof Promise)) {
        throw new TypeError("promising() returned no promise");
      }
      result.catch(() => undefined);
      facts.usable = true;
    } else if (typeof Suspender === "function") {
      facts.api = "origin-trial"; // WebAssembly.Function alone is type reflection, not JSPI
    }
  } catch (error) {
    facts.error = (error instanceof Error && error.message) || String(error);
  }
  return facts;
}
