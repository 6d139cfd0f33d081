/*
 * Deep conversions and buffers, gathered for the rest of the FFI: the exports
 * they call and the imports they give. Used by bridge.ts and runtime/load/load.ts.
 */

import type { Bridge } from "../bridge/bridge.ts";
import { bufferImports, type BufferExports } from "./buffers.ts";
import { toJsImports, type ToJsExports } from "./to_js.ts";
import { toPyImports, type ToPyExports } from "./to_py.ts";

/** Exports of to_js.c, to_py.c and buffers.c. */
export interface ConvertExports extends ToJsExports, ToPyExports, BufferExports {}

/** Imports of to_js.c, to_py.c and buffers.c, by name. */
export function convertImports(
  bridge: () => Bridge,
): ReturnType<typeof toJsImports> & ReturnType<typeof toPyImports> & ReturnType<typeof bufferImports> {
  return { ...toJsImports(bridge), ...toPyImports(bridge), ...bufferImports(bridge) };
}
