/* js_items.c - JavaScript collections as Python's: length, iteration, generators.
 *
 * What has Symbol.iterator can be iterated; arrays are in js_arrays.c, mappings in
 * js_maps.c. The functions here are slots and methods of the classes in js_types.c.
 */
#include "js_proxy.h"

#include <internal/pycore_genobject.h> /* internal: _PyGen_SetStopIterationValue */

SOSPESO_IMPORT(js_next) extern int host_js_next(int handle, sospeso_slot *result);

Py_ssize_t sospeso_js_length(PyObject *self)
{
    sospeso_slot result;
    const js_part *js = sospeso_js_self(self);
    int op = js != NULL && js->kind & JS_OBJECT_MAP ? JS_OP_OWN_LENGTH : JS_OP_LENGTH;
    int status = js == NULL ? -1 : sospeso_js_op(op, self, NULL, 0, &result);
    if (status < 0) {
        return -1;
    }
    if (status == 0 && result.kind == SLOT_INT) {
        return result.a;
    }
    PyObject *text = status == 0 ? sospeso_from_slot(&result) : NULL;
    if (status == 1) {
        PyErr_SetString(PyExc_TypeError, "object does not have a valid length");
    }
    else if (text != NULL && PyUnicode_READ_CHAR(text, 0) == '-') {
        PyErr_Format(PyExc_ValueError, "length %U of object is negative", text);
    }
    else if (text != NULL) {
        PyErr_Format(PyExc_OverflowError, "length %U of object is larger than INT_MAX (%d)", text, INT32_MAX);
    }
    Py_XDECREF(text);
    return -1;
}

#define ADAPTOR (JS_HEREDITARY | JS_JSON_DICT | JS_JSON_SEQUENCE)

unsigned sospeso_js_adaptor_kind(unsigned kind, unsigned how)
{
    if (kind & (JS_CALLABLE | JS_ERROR | JS_BUFFER | JS_ITERATOR | JS_NODE_LIST)) {
        return kind;
    }
    if (how & JS_HEREDITARY) {
        return kind & JS_ARRAY ? kind : JS_OBJECT_MAP | JS_HEREDITARY;
    }
    return kind & JS_ARRAY ? kind | JS_JSON_SEQUENCE : JS_OBJECT_MAP | JS_JSON_DICT;
}

/* What comes out of the view of an object that as_py_json() or as_object_map(hereditary=True)
 * has made is such a view, too. Takes the value over. */
PyObject *sospeso_js_inherit(PyObject *self, PyObject *value)
{
    const js_part *js = sospeso_js_part(self);
    const js_part *part = value == NULL || js == NULL || !(js->kind & ADAPTOR) ? NULL : sospeso_js_part(value);
    unsigned kind = part == NULL ? 0 : sospeso_js_adaptor_kind(part->kind, js->kind);
    if (part == NULL || kind == part->kind) {
        return value;
    }
    PyObject *made = sospeso_js_again(value, kind);
    Py_DECREF(value);
    return made;
}

/* ---- iteration ------------------------------------------------------------------ */

PyObject *sospeso_js_iter(PyObject *self)
{
    const js_part *js = sospeso_js_self(self);
    if (js == NULL) {
        return NULL;
    }
    int op = js->kind & JS_OBJECT_MAP ? JS_OP_OWN_KEYS : (js->kind & JS_MAP) == JS_MAP ? JS_OP_MAP_KEYS : JS_OP_ITER;
    PyObject *iterator = sospeso_js_op_object(op, self, NULL, 0);
    if (iterator != NULL && !PyIter_Check(iterator)) {
        if (op == JS_OP_OWN_KEYS) {
            PyObject *made = PyObject_GetIter(iterator);
            Py_DECREF(iterator);
            return made;
        }
        PyErr_Format(PyExc_TypeError, "iter() returned non-iterator of type '%s'", Py_TYPE(iterator)->tp_name);
        Py_CLEAR(iterator);
    }
    const js_part *part = iterator == NULL || !(js->kind & ADAPTOR) ? NULL : sospeso_js_part(iterator);
    if (part != NULL) {
        Py_SETREF(iterator, sospeso_js_again(iterator, part->kind | (js->kind & ADAPTOR)));
    }
    return iterator;
}

/* 0: the next value is in *slot; 1: it is done, *slot is what it returned. -1 with an exception. */
static int next(PyObject *self, sospeso_slot *slot)
{
    const js_part *js = sospeso_js_self(self);
    if (js == NULL) {
        return -1;
    }
    PyThreadState *state = PyThreadState_GET();
    if (sospeso_enter_crossing(state) < 0) {
        return -1;
    }
    sospeso_outgoing call;
    sospeso_push_outgoing(&call, 0, js->handle, "next");
    int status = host_js_next(js->handle, slot);
    if (status < 0) {
        sospeso_raise_js_error();
    }
    else if (status == 2) {
        status = sospeso_raise_type_error(slot);
    }
    sospeso_pop_outgoing(&call);
    sospeso_leave_crossing(state);
    return status;
}

static PyObject *stop(PyObject *value)
{
    if (value != NULL) {
        _PyGen_SetStopIterationValue(value);
        Py_DECREF(value);
    }
    return NULL;
}

PyObject *sospeso_js_iternext(PyObject *self)
{
    sospeso_slot slot;
    int status = next(self, &slot);
    if (status < 0) {
        return NULL;
    }
    if (status == 0) {
        return sospeso_js_inherit(self, sospeso_from_slot(&slot));
    }
    if (slot.kind == SLOT_UNDEFINED) {
        return NULL; /* the usual end needs no exception */
    }
    return stop(sospeso_from_slot(&slot));
}

static PyObject *generator_op(int op, PyObject *self, PyObject *value)
{
    sospeso_slot slot;
    int status = sospeso_js_op(op, self, &value, 1, &slot);
    if (status < 0) {
        return NULL;
    }
    PyObject *result = sospeso_from_slot(&slot);
    return status == 0 ? result : stop(result);
}

static PyObject *generator_send(PyObject *self, PyObject *value)
{
    return generator_op(JS_OP_SEND, self, value);
}

static PyObject *generator_throw(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    PyObject *error = sospeso_exception_to_throw("throw", args, count);
    if (error == NULL) {
        return NULL;
    }
    sospeso_slot slot;
    int status;
    if (sospeso_js_handle(error) != 0) {
        status = sospeso_js_op(JS_OP_THROW, self, &error, 1, &slot);
        Py_DECREF(error);
    }
    else { /* JavaScript takes it from errors.c, as a PythonError */
        PyErr_SetRaisedException(error);
        sospeso_keep_error();
        status = sospeso_js_op(JS_OP_THROW, self, NULL, 0, &slot);
    }
    PyObject *result = status < 0 ? NULL : sospeso_from_slot(&slot);
    return status == 0 ? result : stop(result);
}

static PyObject *generator_close(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *none = Py_None;
    sospeso_slot slot;
    int status = sospeso_js_op(JS_OP_RETURN, self, &none, 1, &slot);
    if (status < 0) {
        return NULL;
    }
    sospeso_drop_slot(&slot);
    if (status == 0) {
        PyErr_SetString(PyExc_RuntimeError, "JavaScript generator ignored return");
        return NULL;
    }
    Py_RETURN_NONE;
}

PyMethodDef sospeso_js_iterator_class_methods[] = {
    {"send", generator_send, METH_O, "send(value)\n--\n\nThe next value, by next(value)."},
    {NULL, NULL, 0, NULL},
};

PyMethodDef sospeso_js_generator_class_methods[] = {
    {"send", generator_send, METH_O, "send(value)\n--\n\nResume the generator; its next value."},
    {"throw", (PyCFunction)(void (*)(void))generator_throw, METH_FASTCALL,
     "throw(error)\n--\n\nRaise in the generator; its next value."},
    {"close", generator_close, METH_NOARGS, "close()\n--\n\nEnd the generator."},
    {NULL, NULL, 0, NULL},
};
