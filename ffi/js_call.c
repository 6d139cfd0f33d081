/* js_call.c - calling JavaScript from Python: functions, methods, classes.
 *
 * The arguments are described in a row of slots on the C stack and decoded by
 * one import (ffi/js_call.ts), which calls the function and writes the result
 * back into a slot. Keyword arguments become one object, the last argument.
 * Also what create_proxy() gives, which is called like a function.
 *
 * Invariants
 *  1. The caller keeps the arguments alive during the call; a result that is
 *     another Python object comes with a reference or is kept by its PyProxy.
 *  2. The record of the outgoing call is in the chain exactly while JavaScript
 *     may be on the stack.
 */
#include "js_proxy.h"

SOSPESO_IMPORT(js_call) extern int host_js_call(int function, int receiver, sospeso_slot *slots,
                                                int count, int keywords, sospeso_slot *result);
SOSPESO_IMPORT(js_new) extern int host_js_new(int function, sospeso_slot *slots, int count,
                                              int keywords, sospeso_slot *result);

/* Of ffi/py_create.ts. */
SOSPESO_IMPORT(py_destroy) extern int host_py_destroy(int handle);
SOSPESO_IMPORT(py_unwrap) extern PyObject *host_py_unwrap(int handle);

/* js_call says: the SLOT_PY of the result gives a reference away. */
#define RESULT_OWNED 2

/* Slots on the C stack; a call with more arguments takes them from the heap. */
#define FEW_SLOTS 8

static void drop_slots(sospeso_slot *slots, int count)
{
    for (int i = 0; i < count; i++) {
        if (slots[i].kind == SLOT_PY) {
            Py_DECREF((PyObject *)slots[i].a);
        }
    }
}

/* As `new` if construct, else with the proxy's receiver as `this`. */
static PyObject *call(PyObject *self, PyObject *const *args, Py_ssize_t given, PyObject *kwnames,
                      int construct)
{
    js_part *js = sospeso_js_self(self);
    if (js == NULL) {
        return NULL;
    }
    int keywords = kwnames == NULL ? 0 : (int)PyTuple_GET_SIZE(kwnames);
    int total = (int)given + 2 * keywords;
    sospeso_slot few[FEW_SLOTS];
    sospeso_slot *slots = few;
    PyThreadState *state = PyThreadState_GET();
    if (sospeso_enter_crossing(state) < 0) {
        return NULL;
    }
    PyObject *keep = NULL;
    PyObject *result = NULL;
    if (total > FEW_SLOTS && (slots = PyMem_New(sospeso_slot, (size_t)total)) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    for (int i = 0; i < total; i++) {
        /* given values, keyword values, keyword names */
        PyObject *value = i < (int)given + keywords ? args[i]
                                                    : PyTuple_GET_ITEM(kwnames, i - given - keywords);
        if (sospeso_to_slot(value, &slots[i], &keep) < 0) {
            drop_slots(slots, i);
            goto done;
        }
    }
    int handle = js->handle;
    int receiver = js->receiver == NULL ? 0 : sospeso_js_handle(js->receiver);
    sospeso_slot slot;
    sospeso_outgoing record;
    sospeso_push_outgoing(&record, handle, receiver, NULL);
    int status = construct ? host_js_new(handle, slots, (int)given, keywords, &slot)
                           : host_js_call(handle, receiver, slots, (int)given, keywords, &slot);
    result = status < 0 ? sospeso_raise_js_error() : sospeso_from_slot(&slot);
    if (status == RESULT_OWNED) {
        Py_DECREF((PyObject *)slot.a);
    }
    sospeso_pop_outgoing(&record);
done:
    sospeso_leave_crossing(state);
    Py_XDECREF(keep);
    if (slots != few) {
        PyMem_Free(slots);
    }
    return result;
}

PyObject *sospeso_js_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                                PyObject *kwnames)
{
    /* A once-callable may end itself in the call. */
    Py_INCREF(self);
    PyObject *result = call(self, args, PyVectorcall_NARGS(nargsf), kwnames, 0);
    Py_DECREF(self);
    return result;
}

static PyObject *callable_new(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *kwnames)
{
    return call(self, args, count, kwnames, 1);
}

PyMethodDef sospeso_js_callable_class_methods[] = {
    {"new", (PyCFunction)(void (*)(void))callable_new, METH_FASTCALL | METH_KEYWORDS,
     "new(*args, **kwargs)\n--\n\nAn object made by this class: `new X(...)`."},
    {NULL, NULL, 0, NULL},
};

/* ---- what create_proxy() gives --------------------------------------------------- */

static PyObject *double_destroy(PyObject *self, PyObject *unused)
{
    (void)unused;
    const js_part *js = sospeso_js_self(self);
    if (js == NULL) {
        return NULL;
    }
    sospeso_outgoing record;
    sospeso_push_outgoing(&record, 0, js->handle, "destroy");
    int status = host_py_destroy(js->handle);
    if (status < 0) {
        sospeso_raise_js_error();
    }
    sospeso_pop_outgoing(&record);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *double_unwrap(PyObject *self, PyObject *unused)
{
    (void)unused;
    const js_part *js = sospeso_js_self(self);
    PyObject *object = js == NULL ? NULL : host_py_unwrap(js->handle);
    if (object == NULL && js != NULL) {
        PyErr_SetString(PyExc_ValueError, "this proxy was destroyed: its Python object is gone");
    }
    return Py_XNewRef(object);
}

PyMethodDef sospeso_js_double_class_methods[] = {
    {"destroy", double_destroy, METH_NOARGS,
     "destroy()\n--\n\nLet the Python object go; JavaScript can use the proxy no longer."},
    {"unwrap", double_unwrap, METH_NOARGS, "unwrap()\n--\n\nThe Python object."},
    {NULL, NULL, 0, NULL},
};
