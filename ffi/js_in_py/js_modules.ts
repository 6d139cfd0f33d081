/*
 * JavaScript objects that Python imports as modules: the import behind `js` and
 * `pyodide_js`. The import system's half is js_modules.py. Made by runtime/load/load.ts.
 */

import { HANDLE_API, HANDLE_GLOBAL, SLOT_JS } from "../abi/abi.ts";
import { jsKind } from "../abi/js_kind.ts";
import type { Bridge } from "../bridge/bridge_types.ts";

/** The modules of one runtime. */
export class JsModules {
  readonly #bridge: () => Bridge;

  constructor(bridge: () => Bridge) {
    this.#bridge = bridge;
  }

  /** Set what `js` and `pyodide_js` are. */
  install(globals: object, api: object): void {
    const { handles } = this.#bridge();
    handles.setConstant(HANDLE_GLOBAL, globals);
    handles.setConstant(HANDLE_API, api);
  }

  /** The wasm imports of js_modules.c. */
  imports(): { js_module(handle: number, slot: number): number } {
    return {
      js_module: (handle, slot) => {
        const bridge = this.#bridge();
        try {
          const kind = jsKind(bridge.handles.get(handle));
          const { i32 } = bridge;
          const at = slot >>> 2;
          i32[at] = SLOT_JS;
          i32[at + 1] = handle;
          i32[at + 3] = kind;
          return 0;
        } catch (error) {
          return bridge.fail(error);
        }
      },
    };
  }
}
