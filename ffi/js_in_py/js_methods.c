/* js_methods.c - the methods and properties that every JsProxy has.
 *
 * Conversions, Object.keys() and its kin, another view of the same object
 * (as_object_map, bind_sig, bind_class), dir(). The tables at the end go into
 * class JsProxy (js_types.c).
 *
 * Invariants
 *  1. A proxy made "again" has a handle of its own: the two end independently.
 */
#include "js_proxy.h"

#include "../convert/convert.h"

#include <internal/pycore_setobject.h> /* internal: _PySet_Update */

static PyObject *js_to_py(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *words[] = {"depth", "default_converter", NULL};
    int depth = -1;
    PyObject *converter = NULL;
    const js_part *js = sospeso_js_self(self);
    if (js == NULL || !PyArg_ParseTupleAndKeywords(args, kwargs, "|$iO:to_py", words, &depth, &converter)) {
        return NULL;
    }
    return sospeso_js_to_py(js->handle, depth, converter);
}

/* Another proxy of the same object, whose items are its own properties and whose
 * inner objects and arrays are proxies of this sort, too. */
static PyObject *js_as_py_json(PyObject *self, PyObject *unused)
{
    (void)unused;
    const js_part *js = sospeso_js_self(self);
    if (js == NULL) {
        return NULL;
    }
    return sospeso_js_again(self, sospeso_js_adaptor_kind(js->kind, 0));
}

static PyObject *js_object_keys(PyObject *self, PyObject *unused)
{
    (void)unused;
    return sospeso_js_op_object(JS_OP_KEYS, self, NULL, 0);
}

static PyObject *js_object_values(PyObject *self, PyObject *unused)
{
    (void)unused;
    return sospeso_js_op_object(JS_OP_VALUES, self, NULL, 0);
}

static PyObject *js_object_entries(PyObject *self, PyObject *unused)
{
    (void)unused;
    return sospeso_js_op_object(JS_OP_ENTRIES, self, NULL, 0);
}

static PyObject *js_to_weakref(PyObject *self, PyObject *unused)
{
    (void)unused;
    return sospeso_js_op_object(JS_OP_WEAK_REF, self, NULL, 0);
}

static PyObject *js_as_object_map(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *words[] = {"hereditary", NULL};
    int hereditary = 0;
    if (sospeso_js_self(self) == NULL ||
        !PyArg_ParseTupleAndKeywords(args, kwargs, "|$p:as_object_map", words, &hereditary)) {
        return NULL;
    }
    return sospeso_js_again(self, JS_OBJECT_MAP | (hereditary ? JS_HEREDITARY : 0));
}

/* As bind_sig() and bind_class(), by what a function of ffi/js_in_py/jsbind.py makes of the
 * annotations. */
static PyObject *bind(PyObject *self, const char *function, PyObject *signature)
{
    const js_part *js = sospeso_js_self(self);
    PyObject *module = js == NULL ? NULL : PyImport_ImportModule("_pyodide.jsbind");
    PyObject *binding = module == NULL ? NULL : PyObject_CallMethod(module, function, "O", signature);
    Py_XDECREF(module);
    PyObject *made = binding == NULL ? NULL : sospeso_js_again(self, js->kind);
    js_part *part = made == NULL ? NULL : sospeso_js_part(made);
    if (part != NULL) {
        Py_XSETREF(part->receiver, Py_XNewRef(js->receiver));
        Py_XSETREF(part->signature, Py_NewRef(binding));
    }
    Py_XDECREF(binding);
    return made;
}

static PyObject *js_bind_sig(PyObject *self, PyObject *signature)
{
    return bind(self, "binding", signature);
}

static PyObject *js_bind_class(PyObject *self, PyObject *cls)
{
    return bind(self, "class_binding", cls);
}

static PyObject *js_dir(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *names_array = sospeso_js_op_object(JS_OP_DIR, self, NULL, 0);
    PyObject *all = names_array == NULL ? NULL : PySet_New(names_array);
    Py_XDECREF(names_array);
    PyObject *own = all == NULL ? NULL : PyObject_CallMethod((PyObject *)&PyBaseObject_Type, "__dir__", "O", self);
    if (own == NULL || _PySet_Update(all, own) < 0) {
        Py_CLEAR(all);
    }
    Py_XDECREF(own);
    PyObject *list = all == NULL ? NULL : PySequence_List(all);
    Py_XDECREF(all);
    return list;
}

static PyObject *js_reduce(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    PyErr_SetString(PyExc_TypeError, "cannot pickle or copy a JavaScript object; convert it with to_py() first");
    return NULL;
}

PyMethodDef sospeso_js_proxy_class_methods[] = {
    {"to_py", (PyCFunction)(void (*)(void))js_to_py, METH_VARARGS | METH_KEYWORDS,
     "to_py(*, depth=-1, default_converter=None)\n--\n\n"
     "A Python object made from this one, deeply: Array to list, plain Object and Map to dict,\n"
     "Set to set. What has no counterpart stays a JsProxy, or becomes what\n"
     "default_converter(value, convert, cache) gives."},
    {"object_keys", js_object_keys, METH_NOARGS, "object_keys()\n--\n\nObject.keys() of this object."},
    {"object_values", js_object_values, METH_NOARGS,
     "object_values()\n--\n\nObject.values() of this object."},
    {"object_entries", js_object_entries, METH_NOARGS,
     "object_entries()\n--\n\nObject.entries() of this object."},
    {"to_weakref", js_to_weakref, METH_NOARGS, "to_weakref()\n--\n\nA WeakRef of this object."},
    {"bind_sig", js_bind_sig, METH_O,
     "bind_sig(signature)\n--\n\n"
     "The same object, converted to and from as annotations say: those of a function for its\n"
     "calls, those of a class for its attributes and methods. See _pyodide.jsbind."},
    {"bind_class", js_bind_class, METH_O,
     "bind_class(cls)\n--\n\nThe same class, whose calls make objects that follow bind_sig(cls)."},
    {"__dir__", js_dir, METH_NOARGS, "Names of the object's properties and of JsProxy's methods."},
    {"__reduce__", js_reduce, METH_NOARGS, "Raises TypeError."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "JsArray[int], for annotations."},
    {NULL, NULL, 0, NULL},
};

PyMethodDef sospeso_js_json_class_methods[] = {
    {"as_py_json", js_as_py_json, METH_NOARGS,
     "as_py_json()\n--\n\nThis object as a JSON adaptor: arrays as sequences, objects as mappings."},
    {NULL, NULL, 0, NULL},
};

PyMethodDef sospeso_js_object_class_methods[] = {
    {"as_object_map", (PyCFunction)(void (*)(void))js_as_object_map, METH_VARARGS | METH_KEYWORDS,
     "as_object_map(*, hereditary=False)\n--\n\n"
     "A mutable mapping of the object's own properties (deprecated: use as_py_json)."},
    {NULL, NULL, 0, NULL},
};

static PyObject *get_typeof(PyObject *self, void *closure)
{
    (void)closure;
    return sospeso_js_op_object(JS_OP_TYPEOF, self, NULL, 0);
}

static PyObject *get_id(PyObject *self, void *closure)
{
    (void)closure;
    return sospeso_js_op_object(JS_OP_ID, self, NULL, 0);
}

static PyObject *get_kind(PyObject *self, void *closure)
{
    (void)closure;
    const js_part *js = sospeso_js_self(self);
    return js == NULL ? NULL : PyLong_FromUnsignedLong(js->kind);
}

static PyObject *get_signature(PyObject *self, void *closure)
{
    (void)closure;
    const js_part *js = sospeso_js_self(self);
    if (js == NULL) {
        return NULL;
    }
    return js->signature == NULL ? Py_NewRef(Py_None) : PyObject_GetAttrString(js->signature, "signature");
}

PyGetSetDef sospeso_js_proxy_class_getset[] = {
    {"typeof", get_typeof, NULL, "JavaScript's typeof of this value.", NULL},
    {"js_id", get_id, NULL, "A number that is the same for each proxy of this object.", NULL},
    {"_sig", get_signature, NULL, "What bind_sig() was given, or None; private.", NULL},
    {"_js_type_flags", get_kind, NULL, "What the object can do, as bits; private.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
