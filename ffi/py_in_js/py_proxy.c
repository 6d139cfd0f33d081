/* py_proxy.c - attributes of a Python object that JavaScript holds.
 *
 * Attribute access by interned names, str() and type names, and the one place
 * where results become slots. Called by ffi/py_in_js/py_traps.ts and
 * ffi/py_in_js/py_classes.ts.
 *
 * Invariants
 *  1. `kept` is the only owner of what the last result's text points into; it
 *     is dropped before the next slot is filled, never after.
 *  2. sospeso_py_release() takes no thread state when the object survives.
 */
#include "py_proxy.h"

/* internal/pycore_object.h, which does not compile under -Wextra: 1 when the
 * attribute is a function that is still to be bound. A new reference. */
extern int _PyObject_GetMethod(PyObject *object, PyObject *name, PyObject **method);

/* ---- results ------------------------------------------------------------------- */

/* Text above this is not kept until the next result comes along. */
#define LARGE_TEXT 4096

static PyObject *kept;

int sospeso_py_failed(void)
{
    sospeso_keep_error();
    return PY_FAILED;
}

int sospeso_py_result(PyObject *result, sospeso_slot *out)
{
    if (result == NULL) {
        return sospeso_py_failed();
    }
    Py_CLEAR(kept); /* may run code, so it comes before the slot */
    PyObject *keep = NULL;
    if (sospeso_to_slot(result, out, &keep) < 0) {
        Py_DECREF(result);
        return sospeso_py_failed();
    }
    int status = PY_DONE;
    if (keep != NULL) {
        kept = keep;
    }
    else if (Py_REFCNT(result) == 1 && (out->kind == SLOT_JS || out->kind == SLOT_STRING)) {
        kept = result;
        return out->kind == SLOT_JS || out->length > LARGE_TEXT ? PY_KEPT : PY_DONE;
    }
    Py_DECREF(result); /* somebody else's too, or a SLOT_PY has its own reference */
    return status;
}

/* JavaScript has read a PY_KEPT result. */
EMSCRIPTEN_KEEPALIVE void sospeso_py_let_go(void)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_CLEAR(kept);
    sospeso_leave_python(&entry);
}

int sospeso_py_arguments(sospeso_slot *slots, int count, PyObject **into)
{
    for (int i = 0; i < count; i++) {
        into[i] = sospeso_from_slot(&slots[i]);
        if (into[i] == NULL) {
            for (int rest = i + 1; rest < count; rest++) {
                sospeso_drop_slot(&slots[rest]);
            }
            while (--i >= 0) {
                Py_DECREF(into[i]);
            }
            return -1;
        }
    }
    return 0;
}

/* ---- attributes ---------------------------------------------------------------- */

/* An interned string for the name cache, a new reference; 0 with a kept error. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_py_name(sospeso_slot *text)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *name = sospeso_from_slot(text);
    if (name == NULL) {
        sospeso_keep_error();
    }
    else {
        PyUnicode_InternInPlace(&name);
    }
    sospeso_leave_python(&entry);
    return name;
}

/* Is `cached` the method that binding this function to the object would give? */
static int same_method(PyObject *object, PyObject *function, PyObject *cached)
{
    if (PyMethod_Check(cached)) {
        return PyMethod_GET_SELF(cached) == object && PyMethod_GET_FUNCTION(cached) == function;
    }
    return PyCFunction_Check(cached) && Py_IS_TYPE(function, &PyMethodDescr_Type) &&
           PyCFunction_GET_SELF(cached) == object &&
           ((PyCFunctionObject *)cached)->m_ml == ((PyMethodDescrObject *)function)->d_method;
}

static int get_attribute(PyObject *object, PyObject *name, PyObject *cached, PyObject **value)
{
    if (cached == NULL) {
        return PyObject_GetOptionalAttr(object, name, value);
    }
    PyObject *found = NULL;
    if (_PyObject_GetMethod(object, name, &found)) {
        if (same_method(object, found, cached)) {
            Py_DECREF(found);
            return PY_SAME;
        }
        *value = Py_TYPE(found)->tp_descr_get(found, object, (PyObject *)Py_TYPE(object));
        Py_DECREF(found);
        return *value == NULL ? -1 : 1;
    }
    if (found == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    if (found == cached) {
        Py_DECREF(found);
        return PY_SAME;
    }
    *value = found;
    return 1;
}

/* `cached` is the object JavaScript has a proxy of from the last time, or NULL.
 * A missing attribute gives SLOT_NONE. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_getattr(PyObject *object, PyObject *name, PyObject *cached,
                                            sospeso_slot *out)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    /* What runs may destroy the proxy, or empty the cache of names. */
    Py_INCREF(object);
    Py_INCREF(name);
    Py_XINCREF(cached);
    PyObject *value = NULL;
    int status = get_attribute(object, name, cached, &value);
    Py_XDECREF(cached);
    Py_DECREF(name);
    Py_DECREF(object);
    if (status == 1) {
        status = sospeso_py_result(value, out);
    }
    else if (status == 0) {
        out->kind = SLOT_NONE;
    }
    else if (status < 0) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return status;
}

/* `value` NULL deletes. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_setattr(PyObject *object, PyObject *name, sospeso_slot *value)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *given = value == NULL ? NULL : sospeso_from_slot(value);
    Py_INCREF(object);
    Py_INCREF(name);
    int status = value != NULL && given == NULL ? -1 : PyObject_SetAttr(object, name, given);
    Py_XDECREF(given);
    Py_DECREF(name);
    Py_DECREF(object);
    if (status < 0) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return status;
}

EMSCRIPTEN_KEEPALIVE int sospeso_py_hasattr(PyObject *object, PyObject *name)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(object);
    Py_INCREF(name);
    int status = PyObject_HasAttrWithError(object, name);
    if (status < 0) {
        /* A property of the class that raises is there all the same. */
        PyObject *exception = PyErr_GetRaisedException();
        if (_PyType_Lookup(Py_TYPE(object), name) != NULL) {
            Py_DECREF(exception);
            status = 1;
        }
        else {
            PyErr_SetRaisedException(exception);
            sospeso_keep_error();
        }
    }
    Py_DECREF(name);
    Py_DECREF(object);
    sospeso_leave_python(&entry);
    return status;
}

/* A name as it is joined: NUL, which separates names, is "\1a" in it, and "\1" is "\1b". A new reference. */
static PyObject *escaped(PyObject *name)
{
    static const char *const instead[] = {"\1b", "\1a"};
    PyObject *text = PyUnicode_FromObject(name);
    for (Py_UCS4 control = 2; text != NULL && control-- > 0;) {
        if (PyUnicode_FindChar(text, control, 0, PyUnicode_GET_LENGTH(text), 1) < 0) {
            continue;
        }
        PyObject *from = PyUnicode_FromOrdinal((int)control);
        PyObject *to = PyUnicode_FromString(instead[control == 0]);
        PyObject *made = from == NULL || to == NULL ? NULL : PyUnicode_Replace(text, from, to, -1);
        Py_XDECREF(from);
        Py_XDECREF(to);
        Py_SETREF(text, made);
    }
    return text;
}

/* Append the strings among the items (numbers too, as their text, when
 * `numbers`), as JavaScript's property keys are strings. */
static int append_names(PyObject *names, PyObject *items, int numbers)
{
    PyObject *iterator = PyObject_GetIter(items);
    if (iterator == NULL) {
        return -1;
    }
    PyObject *item;
    int status = 0;
    while (status == 0 && (item = PyIter_Next(iterator)) != NULL) {
        if (PyUnicode_Check(item)) {
            PyObject *text = escaped(item);
            status = text == NULL ? -1 : PyList_Append(names, text);
            Py_XDECREF(text);
        }
        else if (numbers && PyLong_CheckExact(item)) {
            PyObject *text = PyObject_Str(item);
            status = text == NULL ? -1 : PyList_Append(names, text);
            Py_XDECREF(text);
        }
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return status < 0 || PyErr_Occurred() ? -1 : 0;
}

static PyObject *property_names(PyObject *object, int which)
{
    PyObject *names = PyList_New(0);
    PyObject *attributes = names != NULL && (which & DIR_ATTRIBUTES) ? PyObject_Dir(object) : NULL;
    PyObject *joined = NULL;
    if (names != NULL && (attributes != NULL || !(which & DIR_ATTRIBUTES)) &&
        (attributes == NULL || append_names(names, attributes, 0) == 0) &&
        (!(which & DIR_ITEMS) || append_names(names, object, 1) == 0)) {
        PyObject *zero = PyUnicode_FromOrdinal(0);
        joined = zero == NULL ? NULL : PyUnicode_Join(zero, names);
        Py_XDECREF(zero);
    }
    Py_XDECREF(attributes);
    Py_XDECREF(names);
    return joined;
}

/* Names of attributes and of string and int keys of a dict, by the bits DIR_*, joined
 * by NUL, each escaped. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_dir(PyObject *object, int which, sospeso_slot *out)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(object);
    PyObject *names = property_names(object, which);
    Py_DECREF(object);
    int status = sospeso_py_result(names, out);
    sospeso_leave_python(&entry);
    return status;
}

/* ---- text and ends ------------------------------------------------------------- */

/* which: TEXT_STR, TEXT_REPR or TEXT_TYPE. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_text(PyObject *object, int which, sospeso_slot *out)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(object);
    PyObject *text = which == TEXT_STR    ? PyObject_Str(object)
                     : which == TEXT_REPR ? PyObject_Repr(object)
                                          : PyUnicode_FromString(Py_TYPE(object)->tp_name);
    if (text != NULL && !PyUnicode_CheckExact(text)) {
        /* A subclass of str would cross as a proxy. */
        Py_SETREF(text, PyUnicode_FromObject(text));
    }
    Py_DECREF(object);
    int status = sospeso_py_result(text, out);
    sospeso_leave_python(&entry);
    return status;
}

EMSCRIPTEN_KEEPALIVE void sospeso_py_release(PyObject *object)
{
    if (Py_REFCNT(object) > 1) {
        Py_DECREF(object);
        return;
    }
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_DECREF(object);
    sospeso_leave_python(&entry);
}

/* No code runs, so no thread state is needed. */
EMSCRIPTEN_KEEPALIVE void sospeso_py_retain(PyObject *object)
{
    Py_INCREF(object);
}

/* How many names, types and exceptions hold this object too; for debug output. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_refcount(PyObject *object)
{
    return (int)Py_REFCNT(object);
}
