/*
 * Which JavaScript Promise Integration API this engine has, and a sentence that
 * says so. Three answers, as there were three eras: the final API, what Chrome's
 * origin trial had, nothing. The facts are probe.ts's; the sentences are here
 * because the detector that is published alone (detect_entry.ts) has no room
 * for them. Called by the runtime to choose between the JSPI core and the
 * Asyncify core, and to say why (`pyodide.core.reason`).
 */

import { probeJspi, type JspiFacts } from "./probe.ts";

export interface JspiSupport extends Omit<JspiFacts, "error"> {
  /** One sentence for people; names the cure when there is one. */
  readonly reason: string;
}

/** Looks at the engine; takes well below a millisecond and leaves nothing behind. */
export function detectJspi(): JspiSupport {
  const { error, ...facts } = probeJspi();
  return { ...facts, reason: sentence({ ...facts, error }) };
}

function sentence({ api, usable, wasm, error }: JspiFacts): string {
  if (!wasm) {
    if (!error) {
      return "this engine has no WebAssembly";
    }
    const cure = /content security policy|csp|unsafe-eval|refused/i.test(error)
      ? "the page's Content-Security-Policy forbids WebAssembly (add 'wasm-unsafe-eval' to script-src)"
      : "this engine refuses to compile WebAssembly";
    return `${cure}: ${error}`;
  }
  if (error) {
    return `this engine's WebAssembly.Suspending and promising do not work: ${error}`;
  }
  switch (api) {
    case "none":
      return "this engine has no WebAssembly.Suspending and promising";
    case "origin-trial":
      return usable
        ? "this engine has JSPI as of the later origin trial (Suspending and promising, but no SuspendError)"
        : "this engine has only the API of the first JSPI origin trial (WebAssembly.Suspender)";
    case "final":
      return "this engine has JSPI (WebAssembly.Suspending and promising)";
  }
}
