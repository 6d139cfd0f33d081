/*
 * What `import ... from "sospeso.mjs"` offers, and under the drop-in name
 * `pyodide.mjs`. A test holds this list to what it says.
 */

export type { FfiStats } from "../ffi/stats.ts";
export type { OutputOption, OutputOptions, StdinOption, StdinOptions } from "../polyfills/io/stdio.ts";
export type {
  CanvasInterface,
  Pyodide,
  Pyodide as PyodideInterface,
  RunOptions,
  RuntimeStats,
  TypedArray,
} from "./api.ts";
export { LoadError } from "./assets.ts";
export type { LoadPackageOptions, LockedPackage, Lockfile, PackageData } from "./packages.ts";
export type { CoreChoice } from "./core.ts";
export * as ffi from "./ffi.ts";
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
} from "./ffi.ts";
export { loadPyodide, type LoadOptions, type LoadOptions as PyodideConfig } from "./load.ts";
export type { NativeFS } from "./native_fs.ts";
export { version } from "./version.ts";
