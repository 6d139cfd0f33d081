/* values.c - Python values as JavaScript sees them, and back.
 *
 * None, bool, int of any size, float and str cross by value; anything else as
 * a handle, which is the object's address with one reference owned by it.
 * Called by ffi/values.ts through the exports.
 *
 * Invariants
 *  1. Each export takes and gives back the GIL by itself, on whatever stack
 *     calls it, so JavaScript may call it inside or outside of a task.
 *  2. A handle given to JavaScript owns one reference until sospeso_release.
 *  3. Strings keep lone surrogates in both directions.
 */
#include "values.h"

#include <emscripten/emscripten.h>

/* Number.MAX_SAFE_INTEGER: beyond it a double skips integers. */
#define MAX_SAFE 9007199254740991LL

void sospeso_describe(PyObject *object, value_description *into)
{
    Py_CLEAR(into->keep);
    into->number = 0;
    if (object == NULL) {
        into->kind = VALUE_NULL;
    }
    else if (object == Py_None) {
        into->kind = VALUE_NONE;
    }
    else if (PyBool_Check(object)) {
        into->kind = VALUE_BOOL;
        into->number = object == Py_True;
    }
    else if (PyLong_CheckExact(object)) {
        int overflow;
        long long small = PyLong_AsLongLongAndOverflow(object, &overflow);
        if (!overflow && small >= -MAX_SAFE && small <= MAX_SAFE) {
            into->kind = VALUE_NUMBER;
            into->number = (double)small;
            return;
        }
        into->keep = PyNumber_ToBase(object, 16);
        if (into->keep == NULL) {
            PyErr_Clear(); /* out of memory: hand out the object itself */
            into->kind = VALUE_OBJECT;
            return;
        }
        into->kind = VALUE_BIGINT;
        into->width = 1;
        into->text = PyUnicode_DATA(into->keep);
        into->length = (int)PyUnicode_GET_LENGTH(into->keep);
    }
    else if (PyFloat_CheckExact(object)) {
        into->kind = VALUE_FLOAT;
        into->number = PyFloat_AS_DOUBLE(object);
    }
    else if (PyUnicode_CheckExact(object)) {
        into->kind = VALUE_STRING;
        into->keep = Py_NewRef(object);
        into->width = (int)PyUnicode_KIND(object);
        into->text = PyUnicode_DATA(object);
        into->length = (int)PyUnicode_GET_LENGTH(object);
    }
    else {
        into->kind = VALUE_OBJECT;
    }
}

static value_description scratch;

/* Describe a handle's object; the address of the one description. */
EMSCRIPTEN_KEEPALIVE value_description *sospeso_value(PyObject *object)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    sospeso_describe(object, &scratch);
    PyGILState_Release(gil);
    return &scratch;
}

EMSCRIPTEN_KEEPALIVE void sospeso_retain(PyObject *object)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    Py_INCREF(object);
    PyGILState_Release(gil);
}

EMSCRIPTEN_KEEPALIVE void sospeso_release(PyObject *object)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    Py_DECREF(object);
    PyGILState_Release(gil);
}

/* A new handle from what JavaScript wrote: kinds as above; text is UTF-16 for
 * a string, hexadecimal ASCII for a big integer. NULL when memory is out. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_make(int kind, double number, const char *text, int length)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *made = NULL;
    int little_endian = -1;
    switch (kind) {
    case VALUE_NONE:
        made = Py_NewRef(Py_None);
        break;
    case VALUE_BOOL:
        made = PyBool_FromLong(number != 0);
        break;
    case VALUE_NUMBER:
        made = PyLong_FromDouble(number);
        break;
    case VALUE_FLOAT:
        made = PyFloat_FromDouble(number);
        break;
    case VALUE_BIGINT:
        made = PyLong_FromString(text, NULL, 16);
        break;
    case VALUE_STRING:
        made = PyUnicode_DecodeUTF16(text, (Py_ssize_t)length * 2, "surrogatepass", &little_endian);
        break;
    }
    if (made == NULL) {
        PyErr_Clear();
    }
    PyGILState_Release(gil);
    return made;
}

/* str(object), or type(object).__name__ when which is 1; a new handle. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_text(PyObject *object, int which)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *text = which ? PyType_GetName(Py_TYPE(object)) : PyObject_Str(object);
    if (text == NULL) {
        PyErr_Clear();
        text = PyUnicode_FromFormat("<%s object: its __str__ raised>", Py_TYPE(object)->tp_name);
    }
    PyGILState_Release(gil);
    return text;
}

EMSCRIPTEN_KEEPALIVE PyObject *sospeso_dict_new(void)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *dict = PyDict_New();
    PyGILState_Release(gil);
    return dict;
}

EMSCRIPTEN_KEEPALIVE int sospeso_is_dict(PyObject *object)
{
    return PyDict_Check(object);
}

/* Item of a dict as a new handle, or NULL when there is none. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_dict_get(PyObject *dict, PyObject *key)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *item = PyDict_GetItemWithError(dict, key);
    if (item == NULL) {
        PyErr_Clear();
    }
    Py_XINCREF(item);
    PyGILState_Release(gil);
    return item;
}

/* Set an item, or delete it when value is NULL; -1 when it failed. */
EMSCRIPTEN_KEEPALIVE int sospeso_dict_set(PyObject *dict, PyObject *key, PyObject *value)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    int status = value == NULL ? PyDict_DelItem(dict, key) : PyDict_SetItem(dict, key, value);
    if (status < 0) {
        PyErr_Clear();
    }
    PyGILState_Release(gil);
    return status;
}
