/* js_proxy.c - a JavaScript value as a Python object: attributes, text, identity.
 *
 * Attribute names cross as small numbers: JavaScript keeps the text of each name
 * that C has numbered, so that reading an attribute moves two integers. Proxies
 * are made and ended in ffi/bridge/js_object.c. Methods that every proxy has are in
 * js_methods.c, calls in js_call.c, items and iteration in js_items.c, classes in
 * js_types.c, the module they are put into in ffi/ffi_module.c.
 *
 * Invariants
 *  1. names[i] keeps its string alive, so that an address stands for one text
 *     for as long as it is in the table. The table is bounded: a newcomer
 *     replaces who was there. The last number is for names used once.
 *  2. Names with two underscores at both ends belong to Python: they are kept
 *     by the proxy and never written to the JavaScript object.
 */
#include "js_proxy.h"

SOSPESO_IMPORT(js_name) extern int host_js_name(int index, const void *text, int length, int shape);
SOSPESO_IMPORT(js_get) extern int host_js_get(int handle, int name, sospeso_slot *result);
SOSPESO_IMPORT(js_set) extern int host_js_set(int handle, int name, sospeso_slot *value);
SOSPESO_IMPORT(js_delete) extern int host_js_delete(int handle, int name);
SOSPESO_IMPORT(js_same) extern int host_js_same(int one, int other);

/* ---- names ---------------------------------------------------------------------- */

#define LONGEST_NAME 64 /* longer ones do not stay */

static PyObject *names[JS_NAMES];

/* A trailing underscore frees a name that is a word of Python's: from_. */
static int is_reserved(const char *text, Py_ssize_t length)
{
    static const char *const words[] = {
        "False", "None",   "True",     "and",    "as",   "assert", "async",  "await", "break",
        "class", "continue", "def",    "del",    "elif", "else",   "except", "finally", "for",
        "from",  "global", "if",       "import", "in",   "is",     "lambda", "nonlocal", "not",
        "or",    "pass",   "raise",    "return", "try",  "while",  "with",   "yield",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strncmp(words[i], text, (size_t)length) == 0 && words[i][length] == '\0') {
            return 1;
        }
    }
    return 0;
}

static Py_ssize_t length_in_javascript(PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    if (length < 3 || !PyUnicode_IS_ASCII(name)) {
        return length;
    }
    const char *text = PyUnicode_DATA(name);
    Py_ssize_t word = length;
    while (word > 0 && text[word - 1] == '_') {
        word--;
    }
    return word < length && is_reserved(text, word) ? length - 1 : length;
}

static int teach_name(int index, PyObject *name)
{
    int shape = (int)PyUnicode_KIND(name) | (PyUnicode_IS_ASCII(name) ? SLOT_ASCII : 0);
    if (host_js_name(index, PyUnicode_DATA(name), (int)length_in_javascript(name), shape) < 0) {
        sospeso_raise_js_error();
        return -1;
    }
    return index;
}

int sospeso_js_name(PyObject *name)
{
    if (!PyUnicode_CHECK_INTERNED(name)) {
        return teach_name(JS_NAMES, name);
    }
    int at = (int)((((uintptr_t)name >> 3) ^ ((uintptr_t)name >> 13)) & (JS_NAMES - 1));
    if (names[at] == name) {
        return at;
    }
    if (PyUnicode_GET_LENGTH(name) > LONGEST_NAME) {
        return teach_name(JS_NAMES, name);
    }
    PyObject *before = names[at];
    names[at] = NULL;
    Py_XDECREF(before); /* an interned string: no code runs */
    if (teach_name(at, name) < 0) {
        return -1;
    }
    names[at] = Py_NewRef(name);
    return at;
}

static int is_dunder(PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    if (length < 5 || !PyUnicode_IS_ASCII(name)) {
        return 0;
    }
    const char *text = PyUnicode_DATA(name);
    return text[0] == '_' && text[1] == '_' && text[length - 1] == '_' && text[length - 2] == '_';
}

/* ---- attributes ------------------------------------------------------------------ */

static PyObject *no_attribute(PyObject *self, PyObject *name)
{
    /* Not the object's text: it may be long, and making it runs its code. */
    PyErr_Format(PyExc_AttributeError, "this JavaScript %s has no attribute '%U'",
                 sospeso_js_part(self)->kind & JS_CALLABLE ? "function" : "object", name);
    return NULL;
}

/* An exception has a name, message and stack also when what was thrown has not: a
 * string, say, or null. */
static PyObject *thrown_attribute(PyObject *self, PyObject *name)
{
    if (PyUnicode_EqualToUTF8(name, "message")) {
        return sospeso_js_op_object(JS_OP_TEXT, self, NULL, 0);
    }
    if (PyUnicode_EqualToUTF8(name, "name")) {
        return PyUnicode_FromString("Error");
    }
    return PyUnicode_EqualToUTF8(name, "stack") ? PyUnicode_FromString("") : no_attribute(self, name);
}

/* The attribute of a proxy that was bound to annotations. Takes the value over. */
static PyObject *as_annotated(PyObject *signature, PyObject *name, PyObject *value)
{
    if (value == NULL) {
        return NULL;
    }
    PyObject *converted = PyObject_CallMethod(signature, "attribute", "OO", name, value);
    Py_DECREF(value);
    return converted;
}

PyObject *sospeso_js_getattro(PyObject *self, PyObject *name)
{
    if (!PyUnicode_Check(name) || _PyType_Lookup(Py_TYPE(self), name) != NULL) {
        return PyObject_GenericGetAttr(self, name);
    }
    js_part *js = sospeso_js_part(self);
    if (PyUnicode_READ_CHAR(name, 0) == '_' && is_dunder(name)) {
        PyObject *found = js->names == NULL ? NULL : PyDict_GetItemWithError(js->names, name);
        if (found != NULL || PyErr_Occurred()) {
            return Py_XNewRef(found);
        }
        if (js->kind & JS_ERROR) {
            found = PyObject_GenericGetAttr(self, name); /* __notes__ */
            if (found != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError)) {
                return found;
            }
            PyErr_Clear();
        }
    }
    if ((js->kind & (JS_ARRAY | JS_ARRAY_LIKE | JS_NODE_LIST | JS_TYPED_ARRAY)) &&
        PyUnicode_EqualToUTF8(name, "keys")) {
        return no_attribute(self, name); /* by it dict() takes an object for a mapping */
    }
    PyThreadState *state = PyThreadState_GET();
    int number = sospeso_js_name(name);
    if (number < 0 || sospeso_enter_crossing(state) < 0) {
        return NULL;
    }
    sospeso_slot slot;
    sospeso_outgoing call;
    sospeso_push_outgoing(&call, 0, js->handle, "a getter");
    int status = host_js_get(js->handle, number, &slot);
    if (status < 0) {
        sospeso_raise_js_error();
    }
    sospeso_pop_outgoing(&call);
    sospeso_leave_crossing(state);
    if (status != 0) {
        return status < 0 ? NULL : js->kind & JS_ERROR ? thrown_attribute(self, name) : no_attribute(self, name);
    }
    PyObject *value = slot.kind == SLOT_JS && (slot.length & JS_CALLABLE)
                          ? sospeso_js_bound_new(slot.a, slot.length, self)
                          : sospeso_from_slot(&slot);
    return js->signature == NULL ? value : as_annotated(js->signature, name, value);
}

/* Names that the import system gives a module: they stay in Python, and no object of JavaScript
 * sees them. All others are the object's, as in Pyodide: PyScript's workers read what Python sets
 * as js.__polyscript_workers__. */
static int is_of_modules(PyObject *name)
{
    static const char *const names[] = {"__name__", "__package__", "__path__",
                                        "__loader__", "__spec__", "__all__"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (PyUnicode_EqualToUTF8(name, names[i])) {
            return 1;
        }
    }
    return 0;
}

static int set_dunder(js_part *js, PyObject *name, PyObject *value)
{
    if (value == NULL) {
        if (js->names == NULL) {
            PyErr_SetObject(PyExc_AttributeError, name);
            return -1;
        }
        int status = PyDict_DelItem(js->names, name);
        if (status < 0 && PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_SetObject(PyExc_AttributeError, name);
        }
        return status;
    }
    if (js->names == NULL && (js->names = PyDict_New()) == NULL) {
        return -1;
    }
    return PyDict_SetItem(js->names, name, value);
}

int sospeso_js_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    if (!PyUnicode_Check(name)) {
        return PyObject_GenericSetAttr(self, name, value);
    }
    js_part *js = sospeso_js_part(self);
    PyObject *found = _PyType_Lookup(Py_TYPE(self), name);
    if (found != NULL && Py_TYPE(found)->tp_descr_set != NULL) {
        return PyObject_GenericSetAttr(self, name, value);
    }
    if (is_dunder(name)) {
        if (js->kind & JS_ERROR) {
            return PyObject_GenericSetAttr(self, name, value);
        }
        if (is_of_modules(name)) {
            return set_dunder(js, name, value);
        }
    }
    sospeso_slot slot;
    PyObject *keep = NULL;
    if (value != NULL && sospeso_to_slot(value, &slot, &keep) < 0) {
        Py_XDECREF(keep);
        return -1;
    }
    PyThreadState *state = PyThreadState_GET();
    int number = sospeso_js_name(name);
    if (number < 0 || sospeso_enter_crossing(state) < 0) {
        if (value != NULL && slot.kind == SLOT_PY) {
            Py_DECREF((PyObject *)slot.a);
        }
        Py_XDECREF(keep);
        return -1;
    }
    sospeso_outgoing call;
    sospeso_push_outgoing(&call, 0, js->handle, "a setter");
    int status = value != NULL ? host_js_set(js->handle, number, &slot)
                               : host_js_delete(js->handle, number);
    if (status < 0) {
        sospeso_raise_js_error();
    }
    sospeso_pop_outgoing(&call);
    sospeso_leave_crossing(state);
    Py_XDECREF(keep);
    if (status == 1) {
        no_attribute(self, name);
        return -1;
    }
    return status;
}

/* ---- text, identity, truth ---------------------------------------------------------- */

PyObject *sospeso_js_repr(PyObject *self)
{
    return sospeso_js_op_object(JS_OP_TEXT, self, NULL, 0);
}

PyObject *sospeso_js_richcompare(PyObject *self, PyObject *other, int op)
{
    const js_part *one = sospeso_js_part(self);
    const js_part *two = sospeso_js_part(other);
    if ((op != Py_EQ && op != Py_NE) || one == NULL || two == NULL) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int same = self == other || host_js_same(one->handle, two->handle);
    return PyBool_FromLong(op == Py_EQ ? same : !same);
}

Py_hash_t sospeso_js_hash(PyObject *self)
{
    sospeso_slot result;
    if (sospeso_js_op(JS_OP_ID, self, NULL, 0, &result) < 0) {
        return -1;
    }
    /* Odd multipliers spread the consecutive numbers; -1 is no hash. */
    Py_hash_t hash = (Py_hash_t)((uint32_t)result.a * 2654435761u);
    return hash == -1 ? -2 : hash;
}

int sospeso_js_bool(PyObject *self)
{
    sospeso_slot result;
    if (sospeso_js_op(JS_OP_TRUTH, self, NULL, 0, &result) < 0) {
        return -1;
    }
    return result.a != 0;
}
