/*
 * What `import type { ... } from "pyodide/ffi"` offers: types alone, as the classes are on the `pyodide`
 * object (pyodide.ffi) and in the package itself. cpython/build/bundle/javascript.py makes ffi.d.ts of it.
 */

export type { TypedArray } from "../ffi/convert/buffers.ts";
export type {
  PyAsyncGenerator,
  PyAsyncIterable,
  PyAsyncIterator,
  PyAwaitable,
  PyBuffer,
  PyBufferView,
  PyCallable,
  PyDict,
  PyGenerator,
  PyIterable,
  PyIterator,
  PyMutableSequence,
  PyProxy,
  PyProxyWithGet,
  PyProxyWithHas,
  PyProxyWithLength,
  PyProxyWithSet,
  PySequence,
  PythonError,
} from "./api/ffi.ts";
