/* py_await.c - awaiting a Python awaitable from JavaScript.
 *
 * `await proxy` in JavaScript makes an asyncio task (or takes the future that
 * the object is) and settles a promise when it is done. Called by
 * ffi/py_in_js/py_async.ts, which keeps the promise's two functions under a number.
 *
 * Invariants
 *  1. Each number that sospeso_py_schedule() accepts is settled once, by the
 *     callback of the future.
 *  2. The settling import runs no code of the user's: JavaScript resolves the
 *     promise later, from its queue of microtasks.
 */
#include "py_proxy.h"

SOSPESO_IMPORT(py_settle) extern void host_settle(int number, int how, sospeso_slot *value);

static PyObject *future_done(PyObject *number, PyObject *future)
{
    sospeso_slot slot = {.kind = SLOT_UNDEFINED};
    PyObject *keep = NULL;
    int how = SETTLE_VALUE;
    PyObject *result = PyObject_CallMethod(future, "result", NULL);
    if (result == NULL || sospeso_to_slot(result, &slot, &keep) < 0) {
        sospeso_keep_error();
        how = SETTLE_ERROR;
    }
    host_settle((int)PyLong_AsLong(number), how, &slot);
    Py_XDECREF(keep);
    Py_XDECREF(result);
    Py_RETURN_NONE;
}

static PyMethodDef done_method = {"settle_promise", future_done, METH_O, NULL};

static PyObject *ensure_future(PyObject *awaitable)
{
    static PyObject *function;
    if (function == NULL) {
        PyObject *module = PyImport_ImportModule("asyncio");
        if (module != NULL) {
            function = PyObject_GetAttrString(module, "ensure_future");
            Py_DECREF(module);
        }
    }
    return function == NULL ? NULL : PyObject_CallOneArg(function, awaitable);
}

/* asyncio takes coroutines, futures and objects with __await__; what an async
 * generator gives has __await__ too, but is no coroutine. */
static int schedule(PyObject *awaitable, int number)
{
    PyObject *future = ensure_future(awaitable);
    PyObject *id = future == NULL ? NULL : PyLong_FromLong(number);
    PyObject *callback = id == NULL ? NULL : PyCFunction_New(&done_method, id);
    PyObject *added = NULL;
    if (callback != NULL) {
        added = PyObject_CallMethod(future, "add_done_callback", "O", callback);
    }
    Py_XDECREF(added);
    Py_XDECREF(callback);
    Py_XDECREF(id);
    Py_XDECREF(future);
    return added == NULL ? -1 : 0;
}

/* Settle promise `number` when the awaitable is done. 0, or -1. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_schedule(PyObject *awaitable, int number)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(awaitable);
    int status = schedule(awaitable, number);
    Py_DECREF(awaitable);
    if (status < 0) {
        status = sospeso_py_failed();
    }
    sospeso_leave_python(&entry);
    return status;
}
