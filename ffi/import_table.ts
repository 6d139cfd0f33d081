/*
 * All wasm imports of ffi/, gathered for runtime/load/load.ts. Each file says what
 * its own imports do.
 */

import { errorImports } from "./bridge/errors.ts";
import type { Bridge } from "./bridge/bridge_types.ts";
import { convertImports } from "./convert/convert.ts";
import { jsCallImports } from "./js_in_py/js_call.ts";
import { jsOpImports } from "./js_in_py/js_ops.ts";
import { jsProxyImports } from "./js_in_py/js_proxy.ts";
import { pyProxyImports } from "./py_in_js/py_create.ts";
import { runSyncImports } from "./wait/run_sync.ts";

/** Every import of the FFI; the bridge is asked for when one is called. */
export function ffiImports(bridge: () => Bridge): Record<string, (...args: number[]) => unknown> {
  return {
    ...jsProxyImports(bridge),
    ...jsCallImports(bridge),
    ...jsOpImports(bridge),
    ...errorImports(bridge),
    ...runSyncImports(bridge),
    ...convertImports(bridge),
    ...pyProxyImports(bridge),
  };
}
