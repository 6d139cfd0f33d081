/* ffi_module.h - what cpython/embed/main.c calls of the FFI as a whole.
 */
#ifndef SOSPESO_FFI_MODULE_H
#define SOSPESO_FFI_MODULE_H

#include <Python.h>

/* To be called before Python starts: from now on JavaScript values can become
 * Python objects, also while the interpreter is being made. */
void sospeso_ffi_begin(void);

/* Makes the builtin module _sospeso_ffi. */
PyObject *PyInit__sospeso_ffi(void);

#endif
