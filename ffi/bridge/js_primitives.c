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

/* The result of an operator, which takes over the reference: an int or, as 314, a JsBigInt when
 * the left operand is one. */
static PyObject *operated(PyObject *left, PyObject *made)
{
    if (!sospeso_as_314 || made == NULL || !PyLong_CheckExact(made) ||
        !PyObject_TypeCheck(left, sospeso_js_bigint_type)) {
        return made;
    }
    PyObject *kept = PyObject_CallOneArg((PyObject *)sospeso_js_bigint_type, made);
    Py_DECREF(made);
    return kept;
}

#define BINARY(name)                                                                 \
    static PyObject *bigint_##name(PyObject *left, PyObject *right)                  \
    {                                                                                \
        return operated(left, PyLong_Type.tp_as_number->nb_##name(left, right));     \
    }
#define UNARY(name)                                                                  \
    static PyObject *bigint_##name(PyObject *self)                                   \
    {                                                                                \
        return operated(self, PyLong_Type.tp_as_number->nb_##name(self));            \
    }
BINARY(add)
BINARY(subtract)
BINARY(multiply)
BINARY(floor_divide)
BINARY(remainder)
BINARY(lshift)
BINARY(rshift)
BINARY(and)
BINARY(or)
BINARY(xor)
UNARY(absolute)
UNARY(invert)
UNARY(negative)
UNARY(positive)

static PyObject *bigint_power(PyObject *base, PyObject *exponent, PyObject *modulus)
{
    return operated(base, PyLong_Type.tp_as_number->nb_power(base, exponent, modulus));
}

#define OPERATOR(name) {Py_nb_##name, (void *)bigint_##name}

static PyObject *make_bigint_class(void)
{
    PyType_Slot slots[] = {
        OPERATOR(add),
        OPERATOR(subtract),
        OPERATOR(multiply),
        OPERATOR(floor_divide),
        OPERATOR(remainder),
        OPERATOR(lshift),
        OPERATOR(rshift),
        OPERATOR(and),
        OPERATOR(or),
        OPERATOR(xor),
        OPERATOR(absolute),
        OPERATOR(invert),
        OPERATOR(negative),
        OPERATOR(positive),
        OPERATOR(power),
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
