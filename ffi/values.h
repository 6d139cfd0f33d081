/* values.h - Python values as JavaScript sees them, and back.
 *
 * The C half of the FFI: what crosses by value in this version. Used by
 * cpython/main.c for results; the rest is exported to ffi/values.ts.
 */
#ifndef SOSPESO_VALUES_H
#define SOSPESO_VALUES_H

#include <Python.h>

/* Kinds of a described value; ffi/values.ts has the same list. */
enum {
    VALUE_NULL = -1, /* no object: an error was raised */
    VALUE_NONE = 0,
    VALUE_BOOL = 1,   /* number is 0 or 1 */
    VALUE_NUMBER = 2, /* an int that a double holds exactly */
    VALUE_BIGINT = 3, /* text holds hexadecimal digits, with a sign */
    VALUE_FLOAT = 4,
    VALUE_STRING = 5, /* text holds code units of `width` bytes */
    VALUE_OBJECT = 6  /* crosses as a handle */
};

/* Layout read by ffi/values.ts at these offsets (bytes). */
typedef struct {
    int kind;         /* 0 */
    int width;        /* 4: bytes per code unit of text: 1, 2 or 4 */
    const void *text; /* 8 */
    int length;       /* 12: code units */
    double number;    /* 16 */
    PyObject *keep;   /* 24: owns text; released by the next description */
} value_description;

/* Fill *into from a borrowed object; needs the GIL. Never raises. */
void sospeso_describe(PyObject *object, value_description *into);

#endif
