/* run_sync.h - promises as Python sees them: slots and methods that ffi/wait/run_sync.c
 * gives to the classes of JsProxies (ffi/js_in_py/js_types.c).
 */
#ifndef SOSPESO_RUN_SYNC_H
#define SOSPESO_RUN_SYNC_H

#include <Python.h>

PyObject *sospeso_js_await(PyObject *self);

/* What a call gives that returned this promise: a future of the running loop, or of the page's,
 * that gets what the promise gives. A new reference, NULL with an exception. */
PyObject *sospeso_promise_future(PyObject *promise);

PyObject *sospeso_js_aiter(PyObject *self);
PyObject *sospeso_js_anext(PyObject *self);
extern PyMethodDef sospeso_js_promise_class_methods[];
extern PyMethodDef sospeso_js_async_iterator_class_methods[];
extern PyMethodDef sospeso_js_async_generator_class_methods[];
extern PyMethodDef sospeso_js_disposable_class_methods[];
extern PyMethodDef sospeso_js_async_disposable_class_methods[];
/* Functions of the module `_sospeso_ffi`. */
extern PyMethodDef sospeso_run_sync_methods[];

#endif
