/*
 * Names for polyscript, which PyScript is made of.
 */

import { anyRecord } from "../../ffi/bridge/py_known.ts";
import { PyProxy } from "../../ffi/py_in_js/py_classes.ts";
import type { PyodideParts } from "../api/api.ts";

/**
 * With the setting experimental_create_proxy: "auto" polyscript looks for a symbol of this description
 * among the own keys of a PyProxy, and makes a lasting proxy of each argument of a function whose
 * `shared.gcRegistered` is false: one that would be destroyed when the call is over. `ptr` is 0 after the end of a proxy.
 */
const ATTRS = Symbol("pyproxy.attrs");

Object.defineProperty(PyProxy.prototype, ATTRS, {
  get(this: unknown) {
    const record = anyRecord(this);
    if (record === undefined) return undefined;
    const gcRegistered = record.shape.space.isLeftToCollector(record);
    return { shared: { gcRegistered, ptr: record.object }, props: { roundtrip: record.roundtrip } };
  },
  configurable: true,
});

export function addPolyscriptNames(parts: PyodideParts): void {
  // _module.PATH_FS (resolve, relative), for the settings `files` and `fetch`, is Emscripten's own and
  // exported by the link.
  parts.bridge.space.moreKeys = [ATTRS];
}
