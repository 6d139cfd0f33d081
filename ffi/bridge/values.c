/* values.c - one value in or out of a slot.
 *
 * None, bool, int of any size, float and str cross by value, JsProxies and
 * PyProxies as what they stand for, anything else as a handle of the other
 * side. Called by every C file of ffi/.
 *
 * Invariants
 *  1. Nothing here runs Python code: subclasses of int, float and str cross by
 *     their value; deallocation aside nothing is called.
 *  2. Text towards JavaScript points into the object itself, which the caller
 *     keeps alive until it was read, or into one on the keep list.
 */
#include "js_object.h"

#include <stdlib.h>

static int keep_object(PyObject **keep, PyObject *object)
{
    if (*keep == NULL && (*keep = PyList_New(0)) == NULL) {
        Py_DECREF(object);
        return -1;
    }
    int status = PyList_Append(*keep, object);
    Py_DECREF(object);
    return status;
}

static int bigint_to_slot(PyObject *object, sospeso_slot *slot, PyObject **keep)
{
    PyObject *digits = PyNumber_ToBase(object, 16);
    if (digits == NULL) {
        return -1;
    }
    slot->kind = SLOT_BIGINT;
    slot->a = 1 | SLOT_ASCII;
    slot->text = (uint32_t)PyUnicode_DATA(digits);
    slot->length = (uint32_t)PyUnicode_GET_LENGTH(digits);
    return keep_object(keep, digits);
}

static int long_to_slot(PyObject *object, sospeso_slot *slot, PyObject **keep)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (!overflow && value == (int32_t)value) {
        slot->kind = SLOT_INT;
        slot->a = (int32_t)value;
        return 0;
    }
    if (!overflow && value >= -SOSPESO_MAX_SAFE && value <= SOSPESO_MAX_SAFE) {
        slot->kind = SLOT_INTEGER;
        slot->number = (double)value;
        return 0;
    }
    return bigint_to_slot(object, slot, keep);
}

int sospeso_to_proxy_slot(PyObject *object, sospeso_slot *slot)
{
    slot->kind = SLOT_PY;
    slot->a = (int32_t)Py_NewRef(object);
    slot->length = sospeso_proxy_flags(object);
    return 0;
}

/* ---- an object that JavaScript is to see as JSON ---------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *object;
} json_view;

static void json_view_dealloc(PyObject *self)
{
    Py_DECREF(((json_view *)self)->object);
    PyObject_Free(self);
}

static PyTypeObject json_view_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "_sospeso_ffi.JsonView",
    .tp_basicsize = sizeof(json_view),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "An argument on its way to JavaScript.",
    .tp_dealloc = json_view_dealloc,
};

PyObject *sospeso_as_js_json(PyObject *module, PyObject *object)
{
    (void)module;
    json_view *made = PyType_Ready(&json_view_type) < 0 ? NULL : PyObject_New(json_view, &json_view_type);
    if (made != NULL) {
        made->object = Py_NewRef(object);
    }
    return (PyObject *)made;
}

static int json_view_to_slot(PyObject *view, sospeso_slot *slot, PyObject **keep)
{
    int status = sospeso_to_slot(((json_view *)view)->object, slot, keep);
    if (status == 0 && slot->kind == SLOT_PY) {
        slot->length |= SLOT_AS_JSON;
    }
    return status;
}

/* ---- any object ----------------------------------------------------------------- */

int sospeso_to_slot(PyObject *object, sospeso_slot *slot, PyObject **keep)
{
    if (PyLong_CheckExact(object)) {
        return long_to_slot(object, slot, keep);
    }
    if (PyUnicode_Check(object)) {
        slot->kind = SLOT_STRING;
        slot->a = (int32_t)PyUnicode_KIND(object) | (PyUnicode_IS_ASCII(object) ? SLOT_ASCII : 0);
        slot->text = (uint32_t)PyUnicode_DATA(object);
        slot->length = (uint32_t)PyUnicode_GET_LENGTH(object);
        return 0;
    }
    if (object == Py_None) {
        slot->kind = SLOT_UNDEFINED;
        return 0;
    }
    if (PyBool_Check(object)) {
        slot->kind = SLOT_BOOL;
        slot->a = object == Py_True;
        return 0;
    }
    if (PyFloat_Check(object)) {
        slot->kind = SLOT_FLOAT;
        slot->number = PyFloat_AS_DOUBLE(object);
        return 0;
    }
    if (PyLong_Check(object)) { /* a subclass, such as an IntEnum */
        return Py_TYPE(object) == sospeso_js_bigint_type ? bigint_to_slot(object, slot, keep)
                                                         : long_to_slot(object, slot, keep);
    }
    int handle = sospeso_js_handle(object);
    if (handle != 0) {
        slot->kind = SLOT_JS;
        slot->a = handle;
        return 0;
    }
    if (object == sospeso_jsnull) {
        slot->kind = SLOT_NULL;
        return 0;
    }
    if (Py_TYPE(object) == &json_view_type) {
        return json_view_to_slot(object, slot, keep);
    }
    return sospeso_to_proxy_slot(object, slot);
}

static PyObject *string_from_slot(const sospeso_slot *slot)
{
    const char *text = (const char *)slot->text;
    Py_ssize_t length = (Py_ssize_t)slot->length;
    if (slot->a & SLOT_ASCII) {
        PyObject *made = PyUnicode_New(length, 127);
        if (made != NULL && length > 1) {
            memcpy(PyUnicode_1BYTE_DATA(made), text, length);
        }
        else if (made != NULL && length == 1) {
            Py_DECREF(made); /* single characters are shared */
            made = PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, text, 1);
        }
        return made;
    }
    if ((slot->a & SLOT_WIDTH) == 1) {
        return PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, text, length);
    }
    int little_endian = -1;
    return PyUnicode_DecodeUTF16(text, length * 2, "surrogatepass", &little_endian);
}

static PyObject *long_from_slot(const sospeso_slot *slot)
{
    /* Digits are ASCII without an end mark; PyLong_FromString wants one. */
    char small[64];
    char *digits = slot->length < sizeof small ? small : malloc(slot->length + 1);
    if (digits == NULL) {
        return PyErr_NoMemory();
    }
    memcpy(digits, (const char *)slot->text, slot->length);
    digits[slot->length] = '\0';
    PyObject *made = PyLong_FromString(digits, NULL, 16);
    if (digits != small) {
        free(digits);
    }
    if (made != NULL && sospeso_js_bigint_type != NULL) {
        /* A BigInt goes back as one, however small it is. */
        Py_SETREF(made, PyObject_CallOneArg((PyObject *)sospeso_js_bigint_type, made));
    }
    return made;
}

void sospeso_drop_slot(sospeso_slot *slot)
{
    if ((slot->kind == SLOT_STRING || slot->kind == SLOT_BIGINT) && (slot->a & SLOT_OWNED)) {
        free((void *)slot->text);
    }
    else if (slot->kind == SLOT_GIVEN) {
        Py_DECREF((PyObject *)slot->a);
    }
    else if (slot->kind == SLOT_JS) {
        Py_XDECREF(sospeso_js_proxy_new(slot->a, slot->length));
    }
    slot->kind = SLOT_UNDEFINED;
}

PyObject *sospeso_from_slot(sospeso_slot *slot)
{
    PyObject *made;
    switch (slot->kind) {
    case SLOT_INT:
        return PyLong_FromLong(slot->a);
    case SLOT_STRING:
        made = string_from_slot(slot);
        if (slot->a & SLOT_OWNED) {
            free((void *)slot->text);
        }
        return made;
    case SLOT_JS:
        return sospeso_js_proxy_new(slot->a, slot->length);
    case SLOT_PY:
        return Py_NewRef((PyObject *)slot->a);
    case SLOT_GIVEN:
        return (PyObject *)slot->a;
    case SLOT_INTEGER:
        return PyLong_FromDouble(slot->number);
    case SLOT_FLOAT:
        return PyFloat_FromDouble(slot->number);
    case SLOT_BOOL:
        return PyBool_FromLong(slot->a);
    case SLOT_NULL:
        return Py_NewRef(sospeso_jsnull);
    case SLOT_BIGINT:
        made = long_from_slot(slot);
        if (slot->a & SLOT_OWNED) {
            free((void *)slot->text);
        }
        return made;
    default:
        Py_RETURN_NONE;
    }
}
