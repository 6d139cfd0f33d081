/*
 * Which JavaScript Promise Integration API this engine has, found by using it:
 * a tiny module calls a suspending import, so that a name that is there but
 * does not work (a half-finished implementation, a deleted `promising`) is told
 * apart. Three answers, as there were three eras: the final API, what Chrome's
 * origin trial had, nothing. Called by the runtime to choose between the JSPI
 * core and the Asyncify core, and to say why (`pyodide.core.reason`).
 */

export interface JspiSupport {
  /**
   * - `final`: `Suspending`, `promising` and `SuspendError` as standardised;
   * - `origin-trial`: an API of Chrome's trial (`WebAssembly.Suspender` with
   *   `WebAssembly.Function`, or `Suspending` without `SuspendError`);
   * - `none`.
   */
  readonly api: "final" | "origin-trial" | "none";
  /** Whether `WebAssembly.Suspending` and `WebAssembly.promising` do suspend here. */
  readonly usable: boolean;
  /** False when not even a tiny module compiles here (no WebAssembly, or a CSP that forbids it): then no core can run. */
  readonly wasm: boolean;
  /** One sentence for people; names the cure when there is one. */
  readonly reason: string;
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

/** Looks at the engine; takes well below a millisecond and leaves nothing behind. */
export function detectJspi(): JspiSupport {
  if (typeof WebAssembly !== "object") {
    return { api: "none", usable: false, wasm: false, reason: "this engine has no WebAssembly" };
  }
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(PROBE);
  } catch (error) {
    const text = message(error);
    const cure = /content security policy|csp|unsafe-eval|refused/i.test(text)
      ? "the page's Content-Security-Policy forbids WebAssembly (add 'wasm-unsafe-eval' to script-src)"
      : "this engine refuses to compile WebAssembly";
    return { api: "none", usable: false, wasm: false, reason: `${cure}: ${text}` };
  }
  const { Suspending, promising, SuspendError, Suspender } = WebAssembly as unknown as JspiNamespace;
  const old = typeof Suspender === "function"; // WebAssembly.Function alone is type reflection, not JSPI
  if (typeof Suspending !== "function" || typeof promising !== "function") {
    return old
      ? {
          api: "origin-trial",
          usable: false,
          wasm: true,
          reason: "this engine has only the API of the first JSPI origin trial (WebAssembly.Suspender)",
        }
      : { api: "none", usable: false, wasm: true, reason: "this engine has no WebAssembly.Suspending and promising" };
  }
  const api = typeof SuspendError === "function" ? "final" : "origin-trial";
  try {
    const { exports } = new WebAssembly.Instance(module, {
      m: { s: new Suspending(() => Promise.resolve()) as unknown as AnyFunction },
    });
    const result = promising(exports["f"] as unknown as AnyFunction)();
    if (!(result instanceof Promise)) {
      throw new TypeError("promising() returned no promise");
    }
    result.catch(() => undefined);
  } catch (error) {
    return {
      api,
      usable: false,
      wasm: true,
      reason: `this engine's WebAssembly.Suspending and promising do not work: ${message(error)}`,
    };
  }
  return api === "final"
    ? { api, usable: true, wasm: true, reason: "this engine has JSPI (WebAssembly.Suspending and promising)" }
    : {
        api,
        usable: true,
        wasm: true,
        reason: "this engine has JSPI as of the later origin trial (Suspending and promising, but no SuspendError)",
      };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
