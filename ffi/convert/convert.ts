/*
 * The imports of deep conversions and buffers, gathered for ffi/import_table.ts.
 */

import type { Bridge } from "../bridge/bridge_types.ts";
import { bufferImports } from "./buffers.ts";
import { toJsImports } from "./to_js.ts";
import { toPyImports } from "./to_py.ts";

/** Imports of to_js.c, to_py.c and buffers.c, by name. */
export function convertImports(
  bridge: () => Bridge,
): ReturnType<typeof toJsImports> & ReturnType<typeof toPyImports> & ReturnType<typeof bufferImports> {
  return { ...toJsImports(bridge), ...toPyImports(bridge), ...bufferImports(bridge) };
}
