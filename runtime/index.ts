/*
 * What `import ... from "sospeso.mjs"` offers, and under the drop-in name
 * `pyodide.mjs`. A test holds this list to what it says. This is also the one
 * place that puts the page's input dialog (console/), the private names that clients of Pyodide use
 * (clients/) and the runtime together.
 */

import { askInDialog, canAsk } from "../console/dialog.ts";
import type { Pyodide } from "./api/api.ts";
import { addPrivateNames } from "./clients/private_names.ts";
import { load, type LoadOptions } from "./load/load.ts";

export type { FfiStats } from "../ffi/bridge/stats.ts";
export type { TypedArray } from "../ffi/convert/buffers.ts";
export type { OutputOption, OutputOptions, StdinOption, StdinOptions } from "../polyfills/stdio/stdio.ts";
export type {
  CanvasInterface,
  Pyodide,
  Pyodide as PyodideAPI,
  Pyodide as PyodideInterface,
  RunOptions,
  RuntimeStats,
} from "./api/api.ts";
export { LoadError } from "./load/assets.ts";
export type { Lockfile, LockfileInfo, LockfilePackage } from "./api/lockfile.ts";
export type { ImportProgress } from "./api/imports.ts";
export type { LoadPackageOptions, PackageData } from "./api/packages.ts";
export type { FileName } from "./load/files.ts";
export type { FileContent, FileSource, GivenFiles } from "./load/given.ts";
export type { CoreChoice } from "./load/core.ts";
export type { NetworkOption } from "./load/network.ts";
export type { ServedApp, ServedSocket, ServeOptions } from "./serve/serve.ts";
export * as ffi from "./api/ffi.ts";
export {
  PyProxy,
  PythonError,
  type BufferType,
  type CallOptions,
  type PyAsyncGenerator,
  type PyAsyncIterable,
  type PyAsyncIterator,
  type PyAwaitable,
  type PyBuffer,
  type PyBufferView,
  type PyCallable,
  type PyDict,
  type PyGenerator,
  type PyIterable,
  type PyIterator,
  type PyMutableSequence,
  type PyProxyWithGet,
  type PyProxyWithHas,
  type PyProxyWithLength,
  type PyProxyWithSet,
  type PySequence,
  type ToJsConverter,
  type ToJsOptions,
  type ToPyConverter,
  type ToPyOptions,
} from "./api/ffi.ts";
export type { LoadOptions, LoadOptions as PyodideConfig } from "./load/load.ts";
/** The options with all of them given. */
export type PyodideConfigWithDefaults = Required<LoadOptions>;
export type { NativeFS } from "./api/native_fs.ts";
export { sospesoVersion, version } from "./load/version.ts";

/**
 * Load Python.
 * @returns a runtime that is ready to run code.
 * @throws LoadError when a file cannot be had or the engine cannot run the core.
 */
export async function loadPyodide(options: LoadOptions = {}): Promise<Pyodide> {
  return load(options, canAsk() ? askInDialog : undefined, addPrivateNames);
}
