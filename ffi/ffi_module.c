/* ffi_module.c - the builtin module _sospeso_ffi, and jsnull.
 *
 * Gathers what the other files of ffi/ give to Python: functions, the classes of
 * JsProxies, JavaScript's null. Registered and imported at the start by
 * cpython/embed/main.c; package pyodide.ffi gives the names their public place.
 */
#include "../js_in_py/js_proxy.h"

#include "../convert/convert.h"

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

/* ---- the module --------------------------------------------------------------------------- */

extern PyMethodDef sospeso_py_proxy_methods[];

static int ffi_exec(PyObject *module)
{
    PyMethodDef *const tables[] = {
        sospeso_run_sync_methods, sospeso_py_proxy_methods, sospeso_to_js_methods,
        sospeso_to_py_methods,    sospeso_buffer_methods,   sospeso_js_call_methods,
    };
    sospeso_describe_js_frame = sospeso_describe_outgoing;
    if (PyType_Ready(&null_type) < 0 || sospeso_js_types_ready() < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (PyModule_AddFunctions(module, tables[i]) < 0) {
            return -1;
        }
    }
    PyObject *internal = PyErr_NewExceptionWithDoc("pyodide.ffi.InternalError",
                                                   "A mistake of the bridge itself.", NULL, NULL);
    int status = internal == NULL ? -1 : PyModule_AddObjectRef(module, "InternalError", internal);
    Py_XDECREF(internal);
    if (status < 0 || PyModule_AddType(module, &null_type) < 0 ||
        PyModule_AddObjectRef(module, "jsnull", sospeso_jsnull) < 0 ||
        sospeso_js_types_exec(module) < 0) {
        return -1;
    }
    return sospeso_convert_exec(module);
}

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sospeso_ffi",
    .m_doc = "JavaScript objects in Python and the way back; public as pyodide.ffi.",
    .m_size = -1,
};

extern PyObject *PyInit__sospeso_ffi(void);

PyObject *PyInit__sospeso_ffi(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && ffi_exec(module) < 0) {
        Py_CLEAR(module);
    }
    return module;
}
