/*
 * How the files of this folder add names to `pyodide._api` and `pyodide._module`, and what they are
 * given to make them of. Used by each client's file and by private_names.ts.
 */

import type { Pyodide, PyodideParts } from "../api/api.ts";

/** What a client's file makes its names of. */
export interface Inside {
  readonly pyodide: Pyodide;
  readonly parts: PyodideParts;
  /** `pyodide._api`. */
  readonly api: object;
  /** `pyodide._module`. */
  readonly module: object;
}

/** A name whose value is made when somebody asks for it first; it can be assigned. */
export function late(target: object, name: string, make: () => unknown): void {
  const keep = (value: unknown): void => {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  };
  Object.defineProperty(target, name, {
    get() {
      const value = make();
      keep(value);
      return value;
    },
    set: keep,
    enumerable: true,
    configurable: true,
  });
}

/** A name whose value is looked up each time. */
export function live(target: object, name: string, get: () => unknown): void {
  Object.defineProperty(target, name, { get, enumerable: true, configurable: true });
}
