/* foreign_call.c - ctypes' calls, marked as frames of JavaScript.
 *
 * libffi on wasm makes every call, and enters every callback, through a
 * JavaScript function. A wait below one would trap the engine and end the
 * runtime; marked, it raises RuntimeError. Called by CPython's _ctypes in place
 * of ffi_call() (renamed by jspi/jspi.h).
 */
#include "../../jspi/jspi.h"

#undef ffi_call

/* libffi's own; the struct is opaque here, which spares us its headers. */
typedef struct sospeso_cif ffi_cif;
extern void ffi_call(ffi_cif *cif, void (*function)(void), void *result, void **arguments);

extern void sospeso_ffi_call(ffi_cif *cif, void (*function)(void), void *result, void **arguments);

void sospeso_ffi_call(ffi_cif *cif, void (*function)(void), void *result, void **arguments)
{
    sospeso_enter_js("cannot wait here: JavaScript frame \"ffi_call\" of ctypes is on the stack; "
                     "wait before or after the foreign call, not in its callback");
    ffi_call(cif, function, result, arguments);
    sospeso_leave_js();
}
