/* js_object.h - a JavaScript value as a Python object: what a JsProxy is made of,
 * how one is made, taken apart and asked.
 *
 * A JsProxy is a Python object that owns one handle. Its class depends on what
 * the value can do (bits JS_*); ffi/js_in_py/ makes the classes, which is where
 * attributes, calls, items and methods are. Included by the C files of ffi/ that
 * look into a proxy; bridge.h is enough for the others.
 *
 * Invariants
 *  1. Only objects whose tp_dealloc is one of the two below have a js_part:
 *     classes that Python code derives from JsProxy do not. Ask sospeso_js_part().
 *  2. A proxy owns its handle from its making to its end.
 */
#ifndef SOSPESO_JS_OBJECT_H
#define SOSPESO_JS_OBJECT_H

#include "bridge.h"

/* Kinds with a name of their own; the others are in ffi/abi/numbers.toml. */
#define JS_MAP (JS_GET | JS_LENGTH | JS_ITERABLE)
#define JS_MUTABLE_MAP (JS_MAP | JS_SET | JS_HAS | JS_DELETE)

typedef struct {
    int handle;
    unsigned kind;
    PyObject *receiver; /* `this` of calls: a JsProxy, or NULL */
    PyObject *names;    /* dict of __dunder__ attributes that Python set, or NULL */
    PyObject *signature; /* of bind_sig(): a Binding of ffi/js_in_py/jsbind.py, or NULL */
} js_part;

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *weakrefs;
    js_part js;
} js_proxy;

/* Errors are exceptions too, so that Python can raise them. */
typedef struct {
    PyBaseExceptionObject exception;
    PyObject *weakrefs;
    js_part js;
} js_exception;

void sospeso_js_dealloc(PyObject *self);
void sospeso_js_exception_dealloc(PyObject *self);

/* The proxy's own part, or NULL (no exception) for any other object. */
static inline js_part *sospeso_js_part(PyObject *self)
{
    destructor dealloc = Py_TYPE(self)->tp_dealloc;
    if (dealloc == sospeso_js_dealloc) {
        return &((js_proxy *)self)->js;
    }
    return dealloc == sospeso_js_exception_dealloc ? &((js_exception *)self)->js : NULL;
}

/* The same, with TypeError. */
js_part *sospeso_js_self(PyObject *self);

/* A proxy of a function that is called with `receiver` as `this`. Owns the
 * handle; borrows the receiver. */
PyObject *sospeso_js_bound_new(int handle, unsigned kind, PyObject *receiver);

/* Another proxy of the same value, as if the value were of another kind. */
PyObject *sospeso_js_again(PyObject *self, unsigned kind);

/* A JsException that owns the handle of whatever was thrown. */
PyObject *sospeso_js_exception_new(int handle, unsigned kind);

/* ---- its class --------------------------------------------------------------- */

/* What ffi/js_in_py/js_types.c gives before Python starts. The files that make
 * proxies lie below those that say what a proxy can do. */
typedef struct {
    PyTypeObject *(*make)(unsigned kind); /* the class for a kind: borrowed, NULL with an exception */
    vectorcallfunc call;                  /* how proxies are called */
} sospeso_js_class_maker;

extern sospeso_js_class_maker sospeso_js_classes;

/* The class for a kind, which is made once. Borrowed; NULL with an exception. */
PyTypeObject *sospeso_js_type(unsigned kind);

/* ---- operations by number (js_ops.c) ------------------------------------------- */

SOSPESO_IMPORT(js_op) extern int host_js_op(int op, int handle, sospeso_slot *args, int count,
                                            sospeso_slot *result);

/* Do one whose arguments are described already: 0, 1 (see ffi/abi/numbers.toml), or -1 with an
 * exception. `what` names it for a wait that finds it on the stack. Here, because
 * errors.c asks for the cause of an error by it, and js_ops.c raises by errors.c. */
static inline int sospeso_js_op_slots(int op, int handle, const char *what, sospeso_slot *slots,
                                      int count, sospeso_slot *result)
{
    PyThreadState *state = PyThreadState_GET();
    if (sospeso_enter_crossing(state) < 0) {
        return -1;
    }
    sospeso_outgoing call;
    sospeso_push_outgoing(&call, 0, handle, what);
    int status = host_js_op(op, handle, slots, count, result);
    if (status < 0) {
        sospeso_raise_js_error();
    }
    else if (status == 2) {
        status = sospeso_raise_type_error(result);
    }
    sospeso_pop_outgoing(&call);
    sospeso_leave_crossing(state);
    return status;
}

/* Do one: 0, 1, or -1 with an exception. The result is in *result;
 * the caller takes what it owns with sospeso_from_slot(). */
int sospeso_js_op(int op, PyObject *self, PyObject *const *args, int count, sospeso_slot *result);

/* Do it and give the result as an object; 1 counts as success. */
PyObject *sospeso_js_op_object(int op, PyObject *self, PyObject *const *args, int count);

/* ---- which Pyodide to behave as (behavior.c) ------------------------------------ */

extern int sospeso_as_314; /* 0: as 0.29 */
extern PyMethodDef sospeso_behavior_methods[];

/* ---- JavaScript's primitives that Python has no type for (js_primitives.c) ------- */

extern PyTypeObject *sospeso_js_bigint_type; /* JsBigInt, once ready */

/* Make JsNull, jsnull and JsBigInt, and add them to the module. */
int sospeso_js_primitives_exec(PyObject *module);

#endif
