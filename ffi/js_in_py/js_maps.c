/* js_maps.c - JavaScript mappings as Python's: what has get(), set() and has().
 *
 * Also as_object_map(), whose items are the own properties of an object. Rarer
 * methods are those of collections.abc, called with the proxy. The functions here
 * are slots and methods of the classes in js_types.c.
 */
#include "js_proxy.h"

#include <internal/pycore_pyerrors.h> /* internal: _PyErr_SetKeyError */

/* ---- mappings ------------------------------------------------------------------------- */

/* For as_object_map() the operations on own properties. */
static int map_op(PyObject *self, int op, int own_op, PyObject *key, PyObject *value, sospeso_slot *slot)
{
    const js_part *js = sospeso_js_self(self);
    if (js == NULL) {
        return -1;
    }
    PyObject *args[2] = {key, value};
    return sospeso_js_op(js->kind & JS_OBJECT_MAP ? own_op : op, self, args, value == NULL ? 1 : 2, slot);
}

int sospeso_js_contains(PyObject *self, PyObject *item)
{
    sospeso_slot slot;
    int status = map_op(self, JS_OP_MAP_HAS, JS_OP_OWN_HAS, item, NULL, &slot);
    return status < 0 ? -1 : slot.a != 0;
}

PyObject *sospeso_js_map_subscript(PyObject *self, PyObject *key)
{
    sospeso_slot slot;
    int status = map_op(self, JS_OP_MAP_GET, JS_OP_OWN_GET, key, NULL, &slot);
    if (status == 1) {
        _PyErr_SetKeyError(key);
    }
    if (status != 0) {
        return NULL;
    }
    return sospeso_js_inherit(self, sospeso_from_slot(&slot));
}

int sospeso_js_map_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    sospeso_slot slot;
    int status = value != NULL ? map_op(self, JS_OP_MAP_SET, JS_OP_OWN_SET, key, value, &slot)
                               : map_op(self, JS_OP_MAP_DELETE, JS_OP_OWN_DELETE, key, NULL, &slot);
    if (status == 1) {
        _PyErr_SetKeyError(key);
        status = -1;
    }
    return status;
}

/* A function of a class in collections.abc, called with the proxy as self. */
static PyObject *abc_call(const char *class, const char *name, PyObject *self, PyObject *const *args,
                          Py_ssize_t count, PyObject *kwnames)
{
    Py_ssize_t keywords = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    PyObject *module = PyImport_ImportModule("collections.abc");
    PyObject *type = module == NULL ? NULL : PyObject_GetAttrString(module, class);
    PyObject *function = type == NULL || name == NULL ? Py_XNewRef(type) : PyObject_GetAttrString(type, name);
    PyObject **all = function == NULL ? NULL : PyMem_New(PyObject *, (size_t)(1 + count + keywords));
    PyObject *result = NULL;
    if (all != NULL) {
        all[0] = self;
        memcpy(all + 1, args, (size_t)(count + keywords) * sizeof *args);
        result = PyObject_Vectorcall(function, all, (size_t)count + 1, kwnames);
    }
    PyMem_Free(all);
    Py_XDECREF(function);
    Py_XDECREF(type);
    Py_XDECREF(module);
    return result;
}

#define ABC_METHOD(class, name)                                                                   \
    static PyObject *map_##name(PyObject *self, PyObject *const *args, Py_ssize_t count,          \
                                PyObject *kwnames)                                                \
    {                                                                                             \
        return abc_call(class, #name, self, args, count, kwnames);                                \
    }
ABC_METHOD("Mapping", keys)
ABC_METHOD("Mapping", values)
ABC_METHOD("Mapping", items)
ABC_METHOD("Mapping", get)
ABC_METHOD("MutableMapping", popitem)
ABC_METHOD("MutableMapping", update)
ABC_METHOD("MutableMapping", setdefault)

/* MutableMapping.pop() uses an attribute of self for "no default". */
static PyObject *map_pop(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (sospeso_js_self(self) == NULL) {
        return NULL;
    }
    static char *words[] = {"key", "default", NULL};
    PyObject *key, *otherwise = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:pop", words, &key, &otherwise)) {
        return NULL;
    }
    PyObject *value = PyObject_GetItem(self, key);
    if (value == NULL && otherwise != NULL && PyErr_ExceptionMatches(PyExc_KeyError)) {
        PyErr_Clear();
        return Py_NewRef(otherwise);
    }
    if (value != NULL && PyObject_DelItem(self, key) < 0) {
        Py_CLEAR(value);
    }
    return value;
}

static PyObject *map_clear(PyObject *self, PyObject *unused)
{
    (void)unused;
    const js_part *js = sospeso_js_self(self);
    if (js == NULL) {
        return NULL;
    }
    if (js->kind & JS_OBJECT_MAP) {
        return abc_call("MutableMapping", "clear", self, NULL, 0, NULL);
    }
    sospeso_slot slot;
    return sospeso_js_op(JS_OP_MAP_CLEAR, self, NULL, 0, &slot) < 0 ? NULL : Py_NewRef(Py_None);
}

#define METHOD(name, doc) {#name, (PyCFunction)(void (*)(void))map_##name, METH_FASTCALL | METH_KEYWORDS, doc}

PyMethodDef sospeso_js_map_class_methods[] = {
    METHOD(keys, "keys()\n--\n\nA view of the keys."),
    METHOD(values, "values()\n--\n\nA view of the values."),
    METHOD(items, "items()\n--\n\nA view of the pairs."),
    METHOD(get, "get(key, default=None)\n--\n\nThe value of a key, or the default."),
    {NULL, NULL, 0, NULL},
};

PyMethodDef sospeso_js_mutable_map_class_methods[] = {
    {"pop", (PyCFunction)(void (*)(void))map_pop, METH_VARARGS | METH_KEYWORDS,
     "pop(key, default=...)\n--\n\nRemove a key and give its value."},
    METHOD(popitem, "popitem()\n--\n\nRemove a pair and give it."),
    METHOD(update, "update(other=(), /, **kwargs)\n--\n\nSet keys from a mapping or pairs."),
    METHOD(setdefault, "setdefault(key, default=None)\n--\n\nThe value of a key, set first if it is missing."),
    {"clear", map_clear, METH_NOARGS, "clear()\n--\n\nRemove everything."},
    {NULL, NULL, 0, NULL},
};
