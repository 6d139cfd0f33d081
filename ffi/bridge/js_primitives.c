/* js_primitives.c - JavaScript's primitives for which Python has no type: null and
 * bigint.
 *
 * jsnull is null. JsBigInt is an int that goes back as a BigInt. values.c and
 * ffi/convert/ look for both; ffi/ffi_module.c puts them into its module.
 */
#include "js_object.h"

/* ---- null ------------------------------------------------------------------------------ */

static PyObject *null_repr(PyObject *self)
{
    (void)self;
    return PyUnicode_FromString("jsnull");
}

static int null_bool(PyObject *self)
{
    (void)self;
    return 0;
}

static PyObject *null_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)type;
    if (PyTuple_GET_SIZE(args) != 0 || (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0)) {
        PyErr_SetString(PyExc_TypeError, "JsNull takes no arguments");
        return NULL;
    }
    return Py_NewRef(sospeso_jsnull);
}

static PyObject *null_get_typeof(PyObject *self, void *closure)
{
    (void)self;
    (void)closure;
    return PyUnicode_FromString("object");
}

static PyObject *null_reduce(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyUnicode_FromString("jsnull"); /* the global of that name in this type's module */
}

static PyNumberMethods null_number = {.nb_bool = null_bool};
static PyMethodDef null_methods[] = {
    {"__reduce__", null_reduce, METH_NOARGS, "A copy is the same object."},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef null_getset[] = {
    {"typeof", null_get_typeof, NULL, "JavaScript's typeof of null.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyTypeObject null_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "pyodide.ffi.JsNull",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "The class of jsnull, which is JavaScript's null.",
    .tp_repr = null_repr,
    .tp_as_number = &null_number,
    .tp_methods = null_methods,
    .tp_getset = null_getset,
    .tp_new = null_new,
};
static PyObject null_object = {.ob_type = &null_type, .ob_refcnt = _Py_IMMORTAL_REFCNT};
PyObject *sospeso_jsnull = &null_object;

/* ---- JsBigInt ---------------------------------------------------------------------- */

PyTypeObject *sospeso_js_bigint_type;

static PyObject *make_bigint_class(void)
{
    PyType_Slot slots[] = {
        {Py_tp_doc, "An int that is a BigInt in JavaScript, however small it is."},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "pyodide.ffi.JsBigInt",
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
        .slots = slots,
    };
    return PyType_FromSpecWithBases(&spec, (PyObject *)&PyLong_Type);
}

/* ---- both, in the module ------------------------------------------------------------- */

int sospeso_js_primitives_exec(PyObject *module)
{
    if (sospeso_js_bigint_type == NULL &&
        (sospeso_js_bigint_type = (PyTypeObject *)make_bigint_class()) == NULL) {
        return -1;
    }
    if (PyType_Ready(&null_type) < 0 || PyModule_AddType(module, &null_type) < 0 ||
        PyModule_AddObjectRef(module, "jsnull", sospeso_jsnull) < 0) {
        return -1;
    }
    return PyModule_AddType(module, sospeso_js_bigint_type);
}
