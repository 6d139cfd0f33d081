/* convert.h - deep conversions and buffers, as the rest of the FFI sees them.
 *
 * A whole graph crosses as one tape: 32-bit words in the order a depth-first
 * walk meets the values, numbers and text in arrays of their own. to_js.c writes
 * tapes that ffi/convert/to_js.ts reads, ffi/convert/to_py.ts writes tapes that to_py.c reads.
 * ffi/abi/tape.ts has the same numbers. Included by js_proxy.c, to_js.c, to_py.c,
 * buffers.c.
 */
#ifndef SOSPESO_CONVERT_H
#define SOSPESO_CONVERT_H

#include "../bridge/bridge.h"

/* The low four bits of a word; the other 28 are its payload. */
enum {
    TAPE_UNDEFINED = 0,
    TAPE_NULL = 1,
    TAPE_FALSE = 2,
    TAPE_TRUE = 3,
    TAPE_SMALL = 4,    /* payload: the int */
    TAPE_NUMBER = 5,   /* the next of the numbers */
    TAPE_STRING8 = 6,  /* payload: length << 1 | ASCII; the next Latin-1 text */
    TAPE_STRING16 = 7, /* payload: length; the next UTF-16 text */
    TAPE_LIST = 8,     /* payload: how many values follow */
    TAPE_DICT = 9,     /* payload: entries << 1 | TAPE_ODD_KEYS */
    TAPE_REF = 10,     /* payload: number of a value that was noted before */
    TAPE_JS = 11,      /* payload: handle; towards Python a word with the kind follows */
    TAPE_PY = 12,      /* address and more words, see each side */
    TAPE_BIGINT = 13,  /* payload: length; its digits are the next Latin-1 text */
    TAPE_LONG = 14,    /* words: width and ASCII bit as in SLOT_STRING, address, length */
    TAPE_OTHER = 15    /* payload: one of those below */
};

enum {
    TAPE_NOTE = 0,    /* word: number under which the value that follows is noted */
    TAPE_SET = 1,     /* word: how many values follow */
    TAPE_BUFFER = 2,  /* words: type, address, bytes, dimensions, each dimension */
    TAPE_INTEGER = 3, /* towards Python: the next of the numbers, as an int */
    TAPE_PAIRS = 4    /* towards Python: a dict with any keys; word: entries */
};

/* A dict has keys that are no strings, or "__proto__". */
#define TAPE_ODD_KEYS 1

/* Words before the value of a dict entry: index << 1 of a key seen before on
 * this tape, or the index of a new one << 1 | 1 and then a string, or this and
 * then any value. */
#define TAPE_ANY_KEY (-1)

/* Element types of buffers, as in ffi/convert/buffers.ts. */
enum {
    BUFFER_I8,
    BUFFER_U8,
    BUFFER_U8_CLAMPED,
    BUFFER_I16,
    BUFFER_U16,
    BUFFER_I32,
    BUFFER_U32,
    BUFFER_I64,
    BUFFER_U64,
    BUFFER_F32,
    BUFFER_F64,
    BUFFER_F16,
    BUFFER_UNKNOWN = -1
};

/* The element type of a format string of the buffer protocol (NULL is "B"),
 * and whether its bytes are in the other order. */
int sospeso_buffer_type(const char *format, int *swapped);

/* pyodide.ffi.ConversionError, made on first use. Borrowed; NULL with an error. */
PyObject *sospeso_conversion_error(void);

/* Add ConversionError to the module `_sospeso_ffi`. */
int sospeso_convert_exec(PyObject *module);

/* JsProxy.to_py(): a new reference. default_converter may be NULL or None. */
PyObject *sospeso_js_to_py(int handle, int depth, PyObject *default_converter);

/* Methods of a JsProxy that wraps an ArrayBuffer or a view of one: assign,
 * assign_to, to_memoryview, to_bytes, to_file, from_file, _into_file, to_string. */
extern PyMethodDef sospeso_js_buffer_class_methods[];

/* Functions of the module `_sospeso_ffi`. */
extern PyMethodDef sospeso_to_js_methods[];
extern PyMethodDef sospeso_to_py_methods[];
extern PyMethodDef sospeso_buffer_methods[];

#endif
