/* js_classes.c - the class of JsProxy's classes: what issubclass() and isinstance() go by.
 *
 * A class is a subclass of another one when it has the abilities (JS_*) that the other one stands
 * for, whatever its bases are; so JsPromise is a subclass of the class of a promise, and
 * the other way round. Also refuses to make instances, in words. Used by js_types.c.
 *
 * Invariants
 *  1. A class that Python code derives from one of ours is of this metaclass, too, but has no
 *     abilities noted (`way` is 0): for it the bases count, as for any class.
 */
#include "js_proxy.h"

typedef struct {
    PyHeapTypeObject type;
    unsigned kind; /* abilities: all of them make a subclass, or one of them */
    int way;       /* SOSPESO_JS_*, or 0: none are noted */
} js_class;

static PyTypeObject *metaclass;

static const js_class *class_of(PyObject *object)
{
    return metaclass != NULL && PyObject_TypeCheck(object, metaclass) ? (const js_class *)object : NULL;
}

static int is_subclass(PyObject *class, PyObject *derived)
{
    const js_class *wanted = class_of(class);
    const js_class *given = class_of(derived);
    if (PyType_Check(derived) && PyType_IsSubtype((PyTypeObject *)derived, (PyTypeObject *)class)) {
        return 1;
    }
    if (wanted == NULL || given == NULL || wanted->way == 0 || given->way == 0) {
        return 0;
    }
    if (wanted->way == SOSPESO_JS_ONE_OF) {
        return (given->kind & wanted->kind) != 0;
    }
    return given->way != SOSPESO_JS_ONE_OF ? (wanted->kind & ~given->kind) == 0 : wanted->kind == 0;
}

static PyObject *subclasscheck(PyObject *class, PyObject *derived)
{
    if (!PyType_Check(derived)) {
        return PyObject_CallMethod((PyObject *)&PyType_Type, "__subclasscheck__", "OO", class, derived);
    }
    return PyBool_FromLong(is_subclass(class, derived));
}

static PyObject *instancecheck(PyObject *class, PyObject *object)
{
    if (is_subclass(class, (PyObject *)Py_TYPE(object))) {
        Py_RETURN_TRUE;
    }
    return PyObject_CallMethod((PyObject *)&PyType_Type, "__instancecheck__", "OO", class, object);
}

static PyObject *make_instance(PyObject *class, PyObject *args, PyObject *kwargs)
{
    const js_class *wanted = class_of(class);
    if (wanted != NULL && wanted->way != 0 && !PyType_IsSubtype((PyTypeObject *)class, (PyTypeObject *)PyExc_BaseException)) {
        return PyErr_Format(PyExc_TypeError, "%s cannot be instantiated.", _PyType_Name((PyTypeObject *)class));
    }
    return PyType_Type.tp_call(class, args, kwargs);
}

static PyMethodDef methods[] = {
    {"__subclasscheck__", subclasscheck, METH_O, "Whether a class has the abilities that this one stands for."},
    {"__instancecheck__", instancecheck, METH_O, "Whether an object's class has them."},
    {NULL, NULL, 0, NULL},
};

static int ready(void)
{
    PyType_Slot slots[] = {
        {Py_tp_doc, "The class of JsProxy and of the classes below it."},
        {Py_tp_methods, methods},
        {Py_tp_call, make_instance},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "pyodide.ffi._JsProxyMetaClass",
        .basicsize = sizeof(js_class),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
        .slots = slots,
    };
    metaclass = (PyTypeObject *)PyType_FromSpecWithBases(&spec, (PyObject *)&PyType_Type);
    return metaclass == NULL ? -1 : 0;
}

PyObject *sospeso_js_class(PyType_Spec *spec, PyObject *bases, unsigned kind, int way)
{
    if (metaclass == NULL && ready() < 0) {
        return NULL;
    }
    PyObject *made = PyType_FromMetaclass(metaclass, NULL, spec, bases);
    if (made != NULL) {
        ((js_class *)made)->kind = kind;
        ((js_class *)made)->way = way;
    }
    return made;
}
