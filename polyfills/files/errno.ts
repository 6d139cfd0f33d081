// errno.ts - which error number an arbitrary JavaScript error stands for.
//
// Handlers written by users and errors of Node carry names ("EPIPE"); the wasm side wants
// numbers. Used by the devices (device.ts, stdio.ts), the system calls and polyfills/http.

import { ERRNO } from "../numbers.ts";

/** A name that {@link ERRNO} knows. */
export type ErrnoName = keyof typeof ERRNO;

/**
 * The errno that a JavaScript error stands for: its `code` ("EPIPE"), else its `errno` when it is
 * an `FS.ErrnoError` (Node's own `errno` is the host's, negative, and is not used), else `fallback`.
 */
export function errnoOf(error: unknown, fallback: number = ERRNO.EIO): number {
  if (typeof error !== "object" || error === null) return fallback;
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  if (typeof code === "string" && Object.hasOwn(ERRNO, code)) return ERRNO[code as ErrnoName];
  if (typeof errno === "number" && errno > 0) return errno;
  return fallback;
}
