/* convert.h - deep conversions and buffers, as the rest of the FFI sees them.
 *
 * A whole graph crosses as one tape: 32-bit words in the order a depth-first walk
 * meets the values (TAPE_* of ffi/abi/numbers.toml), numbers and text in arrays of their
 * own. to_js.c writes tapes that to_js.ts reads, to_py.ts writes tapes that to_py.c
 * reads. Included by the C files of this folder, by those of ffi/js_in_py/ that give
 * JsProxies the methods, and by ffi/ffi_module.c.
 */
#ifndef SOSPESO_CONVERT_H
#define SOSPESO_CONVERT_H

#include "../bridge/bridge.h"

/* The element type (BUFFER_*) of a format string of the buffer protocol (NULL is "B"),
 * and whether its bytes are in the other order. */
int sospeso_buffer_type(const char *format, int *swapped);

/* pyodide.ffi.ConversionError, made on first use. Borrowed; NULL with an error. */
PyObject *sospeso_conversion_error(void);

/* Raise ConversionError; the format takes one object. Always -1. */
int sospeso_raise_conversion_error(const char *format, PyObject *object);

/* Raise ConversionError for an object that would need a PyProxy when none may be made. Always
 * -1. The text is one that programs compare, so the object is in a note. */
int sospeso_raise_no_conversion(PyObject *object);

/* Add ConversionError to the module `_sospeso_ffi`. */
int sospeso_convert_exec(PyObject *module);

/* JsProxy.to_py(): a new reference. default_converter may be NULL or None. */
PyObject *sospeso_js_to_py(int handle, int depth, PyObject *default_converter);

/* Methods of a JsProxy that wraps an ArrayBuffer or a view of one: assign,
 * assign_to, to_memoryview, to_bytes, to_file, from_file, _into_file, to_string. */
extern PyMethodDef sospeso_js_buffer_class_methods[];

/* Functions of the module `_sospeso_ffi`. */
extern PyMethodDef sospeso_to_js_methods[];
extern PyMethodDef sospeso_buffer_methods[];

#endif
