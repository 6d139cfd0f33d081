/*
 * The version of Sospeso, from the one place that has it. The core carries the
 * same one (cpython/embed/main.c), and load.ts refuses to mix them.
 */

import { version as packageVersion } from "../../package.json";

/** Version of Sospeso, as in its package.json. */
export const version: string = packageVersion;
