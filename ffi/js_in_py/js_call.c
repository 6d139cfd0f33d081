/* js_call.c - calling JavaScript from Python: functions, methods, classes.
 *
 * The arguments are described in a row of slots on the C stack and decoded by
 * one import (ffi/js_in_py/js_call.ts), which calls the function and writes the result
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

#include "../wait/run_sync.h"

SOSPESO_IMPORT(js_call) extern int host_js_call(int function, int receiver, sospeso_slot *slots,
                                                int count, int keywords, sospeso_slot *result);
SOSPESO_IMPORT(js_new) extern int host_js_new(int function, sospeso_slot *slots, int count,
                                              int keywords, sospeso_slot *result);

/* Of ffi/py_in_js/py_create.ts. */
SOSPESO_IMPORT(py_destroy) extern int host_py_destroy(int handle);
SOSPESO_IMPORT(py_unwrap) extern PyObject *host_py_unwrap(int handle);
SOSPESO_IMPORT(py_create) extern int host_py_create(PyObject *object, unsigned flags, int how, sospeso_slot *out);

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
    PyObject *own = NULL;
    if (js->receiver != NULL && receiver == 0 && !construct) {
        /* A Python object, of whose class the function is an attribute: a proxy for this call. */
        sospeso_slot made;
        int failed_there = host_py_create(Py_NewRef(js->receiver), sospeso_proxy_flags(js->receiver), 0, &made);
        own = failed_there < 0 ? sospeso_raise_js_error() : sospeso_from_slot(&made);
        if (own == NULL) {
            drop_slots(slots, total);
            goto done;
        }
        receiver = sospeso_js_handle(own);
    }
    sospeso_slot slot;
    sospeso_outgoing record;
    sospeso_push_outgoing(&record, handle, receiver, NULL);
    int status = construct ? host_js_new(handle, slots, (int)given, keywords, &slot)
                           : host_js_call(handle, receiver, slots, (int)given, keywords, &slot);
    result = status < 0 ? sospeso_raise_js_error() : sospeso_from_slot(&slot);
    if (own != NULL && host_py_destroy(receiver) < 0 && result != NULL) {
        Py_CLEAR(result);
        sospeso_raise_js_error();
    }
    sospeso_pop_outgoing(&record);
    Py_XDECREF(own);
done:
    sospeso_leave_crossing(state);
    Py_XDECREF(keep);
    if (slots != few) {
        PyMem_Free(slots);
    }
    return result;
}

/* binding(self, *args, **kwargs): ffi/js_in_py/jsbind.py converts, and comes back through
 * apply_plainly(). */
static PyObject *call_annotated(PyObject *binding, PyObject *self, PyObject *const *args,
                                Py_ssize_t given, PyObject *kwnames)
{
    Py_ssize_t total = given + (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames));
    PyObject **all = PyMem_New(PyObject *, (size_t)total + 1);
    if (all == NULL) {
        return PyErr_NoMemory();
    }
    Py_INCREF(binding); /* the proxy may be bound anew meanwhile */
    all[0] = self;
    memcpy(all + 1, args, (size_t)total * sizeof *all);
    PyObject *result = PyObject_Vectorcall(binding, all, (size_t)given + 1, kwnames);
    Py_DECREF(binding);
    PyMem_Free(all);
    return result;
}

/* A promise that a call gave is a future in Python. One that is called as well is the remote
 * object of a library. */
static PyObject *promise_as_future(PyObject *result)
{
    const js_part *js = result == NULL ? NULL : sospeso_js_part(result);
    if (js == NULL || (js->kind & (JS_PROMISE | JS_CALLABLE)) != JS_PROMISE) {
        return result;
    }
    PyObject *future = sospeso_promise_future(result);
    Py_DECREF(result);
    return future;
}

PyObject *sospeso_js_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                                PyObject *kwnames)
{
    /* A once-callable may end itself in the call. */
    Py_INCREF(self);
    const js_part *js = sospeso_js_part(self);
    PyObject *result = js != NULL && js->signature != NULL
                           ? call_annotated(js->signature, self, args, PyVectorcall_NARGS(nargsf), kwnames)
                           : promise_as_future(call(self, args, PyVectorcall_NARGS(nargsf), kwnames, 0));
    Py_DECREF(self);
    return result;
}

/* As an attribute of a Python class: a method, whose `this` is the instance. */
PyObject *sospeso_js_descr_get(PyObject *self, PyObject *object, PyObject *type)
{
    (void)type;
    js_part *js = sospeso_js_part(self);
    if (js == NULL || object == NULL || object == Py_None) {
        return Py_NewRef(self);
    }
    PyObject *made = sospeso_js_again(self, js->kind);
    js_part *part = made == NULL ? NULL : sospeso_js_part(made);
    if (part != NULL) {
        Py_XSETREF(part->receiver, Py_NewRef(object));
        Py_XSETREF(part->signature, Py_XNewRef(js->signature));
    }
    return made;
}

static PyObject *callable_new(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *kwnames)
{
    return call(self, args, count, kwnames, 1);
}

static PyObject *apply_plainly(PyObject *module, PyObject *given)
{
    (void)module;
    PyObject *function, *positional, *keywords;
    int construct;
    if (!PyArg_ParseTuple(given, "OO!O!p:apply_plainly", &function, &PyTuple_Type, &positional,
                          &PyDict_Type, &keywords, &construct)) {
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(positional);
    Py_ssize_t named = PyDict_GET_SIZE(keywords);
    PyObject **all = PyMem_New(PyObject *, (size_t)(count + named) + 1);
    PyObject *kwnames = named == 0 ? NULL : PyTuple_New(named);
    PyObject *result = NULL;
    if (all == NULL || (named != 0 && kwnames == NULL)) {
        PyErr_NoMemory();
    }
    else {
        for (Py_ssize_t i = 0; i < count; i++) {
            all[i] = PyTuple_GET_ITEM(positional, i);
        }
        PyObject *name, *value;
        for (Py_ssize_t i = 0, at = 0; PyDict_Next(keywords, &at, &name, &value); i++) {
            PyTuple_SET_ITEM(kwnames, i, Py_NewRef(name));
            all[count + i] = value;
        }
        result = call(function, all, count, kwnames, construct);
    }
    Py_XDECREF(kwnames);
    PyMem_Free(all);
    return result;
}

PyMethodDef sospeso_js_call_methods[] = {
    {"apply_plainly", apply_plainly, METH_VARARGS,
     "apply_plainly($module, function, args, kwargs, construct, /)\n--\n\n"
     "Call a JavaScript function, or construct, without regard to what it was bound to."},
    {"as_js_json", sospeso_as_js_json, METH_O,
     "as_js_json($module, obj, /)\n--\n\n"
     "For an argument of a call: JavaScript gets the dict or list as asJsJson() shows it."},
    {NULL, NULL, 0, NULL},
};

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
