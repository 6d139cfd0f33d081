/* ffi_module.c - the builtin module _sospeso_ffi.
 *
 * Gathers what the folders of ffi/ give to Python: functions, the classes of
 * JsProxies, JavaScript's null. Registered and imported at the start by
 * cpython/embed/main.c; package pyodide.ffi gives the names their public place.
 */
#include "ffi_module.h"

#include "convert/convert.h"
#include "js_in_py/js_proxy.h"
#include "py_in_js/py_proxy.h"
#include "wait/run_sync.h"

void sospeso_ffi_begin(void)
{
    sospeso_js_types_begin();
}

static int ffi_exec(PyObject *module)
{
    PyMethodDef *const tables[] = {
        sospeso_run_sync_methods, sospeso_py_proxy_methods, sospeso_to_js_methods,
        sospeso_buffer_methods,   sospeso_js_call_methods,  sospeso_js_module_methods,
        sospeso_behavior_methods,
    };
    sospeso_describe_js_frame = sospeso_describe_outgoing;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (PyModule_AddFunctions(module, tables[i]) < 0) {
            return -1;
        }
    }
    PyObject *internal = PyErr_NewExceptionWithDoc("pyodide.ffi.InternalError",
                                                   "A mistake of the bridge itself.", NULL, NULL);
    int status = internal == NULL ? -1 : PyModule_AddObjectRef(module, "InternalError", internal);
    Py_XDECREF(internal);
    if (status < 0 || sospeso_js_primitives_exec(module) < 0 || sospeso_js_types_exec(module) < 0) {
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

PyObject *PyInit__sospeso_ffi(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && ffi_exec(module) < 0) {
        Py_CLEAR(module);
    }
    return module;
}
