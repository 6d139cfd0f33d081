// checks.mjs - every check of the matrix, as [feature, name, async (tools) => reason | undefined].
//
// A check throws when something is wrong, and leaves nothing behind: the last one counts. `tools` are
// those of suite.mjs. No check depends on how fast the engine is, only on what happens before what.

import { CONCURRENCY } from "./checks_concurrency.mjs";
import { ERRORS } from "./checks_errors.mjs";
import { FFI } from "./checks_ffi.mjs";
import { WAITS } from "./checks_waits.mjs";

/** @type {any[][]} */
export const CHECKS = [...WAITS, ...FFI, ...CONCURRENCY, ...ERRORS];
