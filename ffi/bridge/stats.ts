/*
 * What is alive in the bridge, for pyodide.ffiStats() and ffi_stats(): how many
 * values each side holds of the other, and in debug mode where each was made.
 * The leak check of every test reads it.
 */

import { STAT_REGION_BYTES, STAT_TASKS } from "../../jspi/numbers.ts";
import { TEXT_TYPE } from "../abi/abi.ts";
import type { Bridge } from "./bridge_types.ts";

/** One living thing, in debug mode. */
export interface Origin {
  /** A JavaScript value that Python holds, or a Python object that JavaScript holds. */
  readonly side: "handle" | "proxy";
  /** Its type: typeof and constructor, or the Python type. */
  readonly type: string;
  /** The JavaScript stack at its making; empty when debug mode was off then. */
  readonly origin: string;
}

/** What is alive in the bridge of one runtime. */
export interface FfiStats {
  /** JavaScript values that Python holds. */
  readonly handles: number;
  /** PyProxies that were not destroyed. */
  readonly proxies: number;
  /** PyProxies that were never destroyed and that the collector found. */
  readonly collected: number;
  /** Promises that wait for a Python awaitable. */
  readonly promises: number;
  /** Tasks entered and not finished, threads included. */
  readonly tasks: number;
  /** Bytes of C stack regions, live and pooled. */
  readonly stackBytes: number;
  /** Each living handle and proxy; only in debug mode (setDebug). */
  readonly origins?: readonly Origin[];
}

/** Most things that are listed by origin. */
const MOST_ORIGINS = 1000;

/** Count what is alive. */
export function ffiStats(bridge: Bridge): FfiStats {
  const { exports, handles, space } = bridge;
  const counts = {
    handles: handles.size,
    proxies: space.live,
    collected: space.collected,
    promises: space.pending.size,
    tasks: exports.sospeso_task_stat(STAT_TASKS),
    stackBytes: exports.sospeso_task_stat(STAT_REGION_BYTES),
  };
  return bridge.debug ? { ...counts, origins: origins(bridge) } : counts;
}

function origins(bridge: Bridge): Origin[] {
  const found: Origin[] = [];
  for (const { value, origin } of bridge.handles.live()) {
    if (found.length >= MOST_ORIGINS) return found;
    found.push({ side: "handle", type: kindOf(value), origin: origin ?? "" });
  }
  const { space } = bridge;
  for (const record of [...(space.origins ?? [])]) {
    if (found.length >= MOST_ORIGINS) break;
    if (record.object === 0) continue;
    let type = "?";
    try {
      type = String(space.result(bridge.exports.sospeso_py_text(record.object, TEXT_TYPE, bridge.slots)));
    } catch {
      // A type whose name cannot be told is still listed.
    }
    found.push({ side: "proxy", type, origin: record.rare?.origin ?? "" });
  }
  return found;
}

/** typeof and the constructor's name; runs nothing that could throw. */
function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  try {
    const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
    return typeof name === "string" && name !== "" ? name : "object";
  } catch {
    return "object";
  }
}
