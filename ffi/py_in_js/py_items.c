/* py_items.c - items, lengths, iteration and generators of Python objects.
 *
 * What PyProxyWithGet and its kin, PyIterable, PyIterator and PyGenerator do,
 * one export for each step. Called by ffi/py_in_js/py_classes.ts and ffi/py_in_js/py_sequence.ts.
 *
 * Invariants: those of py_proxy.h.
 */
#include "py_proxy.h"

/* ---- items --------------------------------------------------------------------- */

static int nothing_there(sospeso_slot *out)
{
    if (!PyErr_ExceptionMatches(PyExc_KeyError) && !PyErr_ExceptionMatches(PyExc_IndexError)) {
        return sospeso_py_failed();
    }
    PyErr_Clear();
    out->kind = SLOT_NONE;
    return PY_DONE;
}

/* A missing key or index gives SLOT_NONE. key and out may be the same slot. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_getitem(PyObject *object, sospeso_slot *key, sospeso_slot *out)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *index = sospeso_from_slot(key);
    int status;
    if (index == NULL) {
        status = sospeso_py_failed();
    }
    else {
        Py_INCREF(object); /* what runs may destroy the proxy */
        PyObject *item = PyObject_GetItem(object, index);
        Py_DECREF(object);
        Py_DECREF(index);
        status = item == NULL ? nothing_there(out) : sospeso_py_result(item, out);
    }
    sospeso_leave_python(&entry);
    return status;
}

/* Item of a sequence; the index is not negative. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_item(PyObject *object, int index, sospeso_slot *out)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *item;
    if (PyList_CheckExact(object) && index < PyList_GET_SIZE(object)) {
        item = Py_NewRef(PyList_GET_ITEM(object, index));
    }
    else {
        Py_INCREF(object);
        item = PySequence_GetItem(object, index);
        Py_DECREF(object);
    }
    int status = item == NULL ? nothing_there(out) : sospeso_py_result(item, out);
    sospeso_leave_python(&entry);
    return status;
}

/* slots: key, value. Without a value the item is deleted. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_setitem(PyObject *object, sospeso_slot *slots, int has_value)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *given[2];
    int status = sospeso_py_arguments(slots, has_value ? 2 : 1, given);
    if (status == 0) {
        Py_INCREF(object);
        status = has_value ? PyObject_SetItem(object, given[0], given[1])
                           : PyObject_DelItem(object, given[0]);
        Py_DECREF(object);
        Py_DECREF(given[0]);
        if (has_value) {
            Py_DECREF(given[1]);
        }
    }
    if (status < 0) {
        status = sospeso_py_failed();
    }
    sospeso_leave_python(&entry);
    return status;
}

EMSCRIPTEN_KEEPALIVE int sospeso_py_contains(PyObject *object, sospeso_slot *key)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *item = sospeso_from_slot(key);
    Py_INCREF(object);
    int status = item == NULL ? -1 : PySequence_Contains(object, item);
    Py_DECREF(object);
    Py_XDECREF(item);
    if (status < 0) {
        status = sospeso_py_failed();
    }
    sospeso_leave_python(&entry);
    return status;
}

EMSCRIPTEN_KEEPALIVE int sospeso_py_length(PyObject *object)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(object);
    Py_ssize_t length = PyObject_Size(object);
    Py_DECREF(object);
    if (length < 0) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return (int)length;
}

/* A list of the items, a new reference; 0 with a kept error. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_py_list(PyObject *object)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(object);
    PyObject *list = PySequence_List(object);
    Py_DECREF(object);
    if (list == NULL) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return list;
}

/* object[start:stop] = items, for types that know slices and for those that have
 * only insert() and del (deque, array.array of another type). */
static int replace_slice(PyObject *object, Py_ssize_t start, Py_ssize_t stop, PyObject *items)
{
    if (PyList_Check(object) || PyByteArray_Check(object)) {
        return PySequence_SetSlice(object, start, stop, items);
    }
    for (Py_ssize_t i = start; i < stop; i++) {
        if (PySequence_DelItem(object, start) < 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        PyObject *done = PyObject_CallMethod(object, "insert", "nO", start + i,
                                             PyList_GET_ITEM(items, i));
        if (done == NULL) {
            return -1;
        }
        Py_DECREF(done);
    }
    return 0;
}

/* Replace object[start:stop] by what is in the slots; 0 or -1. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_splice(PyObject *object, int start, int stop,
                                           sospeso_slot *slots, int count)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(object);
    int status = -1;
    PyObject *items = PyList_New(0);
    int i = 0;
    for (; items != NULL && i < count; i++) {
        PyObject *item = sospeso_from_slot(&slots[i]);
        if (item == NULL || PyList_Append(items, item) < 0) {
            Py_CLEAR(items);
        }
        Py_XDECREF(item);
    }
    for (; i < count; i++) {
        sospeso_drop_slot(&slots[i]);
    }
    if (items != NULL) {
        status = replace_slice(object, start, stop, items);
        Py_DECREF(items);
    }
    Py_DECREF(object);
    if (status < 0) {
        status = sospeso_py_failed();
    }
    sospeso_leave_python(&entry);
    return status;
}

/* ---- iteration ------------------------------------------------------------------ */

/* iter(object), or aiter(object) when `async`: a new reference; 0 with a kept error. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_py_iter(PyObject *object, int async)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(object);
    PyObject *iterator = async ? PyObject_GetAIter(object) : PyObject_GetIter(object);
    Py_DECREF(object);
    if (iterator == NULL) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return iterator;
}

static int stopped(sospeso_slot *out)
{
    PyObject *value = NULL;
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
            return sospeso_py_failed();
        }
        PyObject *stop = PyErr_GetRaisedException();
        value = Py_XNewRef(((PyStopIterationObject *)stop)->value);
        Py_DECREF(stop);
    }
    int status = sospeso_py_result(value == NULL ? Py_NewRef(Py_None) : value, out);
    return status == PY_FAILED ? status : PY_RETURNED;
}

/* One step. PY_RETURNED at the end, with the value of StopIteration. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_next(PyObject *iterator, sospeso_slot *out)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    iternextfunc next = Py_TYPE(iterator)->tp_iternext;
    int status;
    if (next == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not an iterator",
                     Py_TYPE(iterator)->tp_name);
        status = sospeso_py_failed();
    }
    else {
        Py_INCREF(iterator);
        PyObject *item = next(iterator);
        Py_DECREF(iterator);
        status = item == NULL ? stopped(out) : sospeso_py_result(item, out);
    }
    sospeso_leave_python(&entry);
    return status;
}

/* generator.send(value); value and out may be the same slot. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_send(PyObject *generator, sospeso_slot *value, sospeso_slot *out)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *sent = sospeso_from_slot(value);
    int status;
    if (sent == NULL) {
        status = sospeso_py_failed();
    }
    else {
        PyObject *result = NULL;
        Py_INCREF(generator);
        PySendResult sending = PyIter_Send(generator, sent, &result);
        Py_DECREF(generator);
        Py_DECREF(sent);
        if (sending == PYGEN_ERROR) {
            status = sospeso_py_failed();
        }
        else {
            status = sospeso_py_result(result, out);
            if (sending == PYGEN_RETURN && status != PY_FAILED) {
                status = PY_RETURNED;
            }
        }
    }
    sospeso_leave_python(&entry);
    return status;
}

/* What is thrown into a generator: GeneratorExit; the Python exception of a
 * proxy; or what JavaScript has kept with Bridge.fail(). NULL with an exception when
 * it cannot be raised. */
static PyObject *exception_to_throw(PyObject *given, int exiting)
{
    if (exiting) {
        return PyObject_CallNoArgs(PyExc_GeneratorExit);
    }
    if (given != NULL) {
        if (PyExceptionInstance_Check(given)) {
            return Py_NewRef(given);
        }
        return PyErr_Format(PyExc_TypeError,
                            "exceptions must be classes or instances deriving from BaseException, "
                            "not %s", Py_TYPE(given)->tp_name);
    }
    sospeso_raise_js_error();
    return PyErr_GetRaisedException();
}

/* generator.throw(); `given` is an object, or NULL for what JavaScript kept.
 * Exiting, the end without a value is PY_RETURNED too. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_throw(PyObject *generator, PyObject *given, int exiting,
                                          sospeso_slot *out)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(generator);
    PyObject *exception = exception_to_throw(given, exiting);
    PyObject *throw = exception == NULL ? NULL : PyObject_GetAttrString(generator, "throw");
    PyObject *result = throw == NULL ? NULL : PyObject_CallOneArg(throw, exception);
    Py_XDECREF(throw);
    Py_XDECREF(exception);
    Py_DECREF(generator);
    int status;
    if (result != NULL) {
        status = sospeso_py_result(result, out);
    }
    else {
        if (exiting && PyErr_ExceptionMatches(PyExc_GeneratorExit)) {
            PyErr_Clear();
        }
        status = stopped(out);
    }
    sospeso_leave_python(&entry);
    return status;
}

/* A method of an async generator by PY_STEP_*, whose awaitable is a new reference. 0
 * with a kept error. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_py_async_step(PyObject *generator, int which,
                                                     PyObject *given, sospeso_slot *value)
{
    static const char *const names[] = {
        [PY_STEP_NEXT] = "__anext__",
        [PY_STEP_SEND] = "asend",
        [PY_STEP_THROW] = "athrow",
        [PY_STEP_EXIT] = "athrow",
    };
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(generator);
    PyObject *argument = NULL;
    if (which == PY_STEP_SEND) {
        argument = sospeso_from_slot(value);
    }
    else if (which == PY_STEP_THROW || which == PY_STEP_EXIT) {
        argument = exception_to_throw(given, which == PY_STEP_EXIT);
    }
    PyObject *awaitable = NULL;
    if (which == PY_STEP_NEXT || argument != NULL) {
        PyObject *method = NULL;
        if (which == PY_STEP_SEND &&
            !PyObject_HasAttrString(generator, names[which])) { /* no generator: it takes nothing */
            Py_CLEAR(argument);
            which = PY_STEP_NEXT;
        }
        method = PyObject_GetAttrString(generator, names[which]);
        if (method != NULL) {
            awaitable = argument == NULL ? PyObject_CallNoArgs(method)
                                         : PyObject_CallOneArg(method, argument);
            Py_DECREF(method);
        }
    }
    Py_XDECREF(argument);
    Py_DECREF(generator);
    if (awaitable == NULL) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return awaitable;
}
