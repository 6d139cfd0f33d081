/* js_modules.c - the modules js and pyodide_js, for the import system.
 *
 * ffi/js_in_py/js_modules.py finds modules that are JavaScript objects; these two are
 * not given to it by a call, it fetches them when they are first imported, so
 * that no start pays for them. A function of the builtin module _sospeso_ffi.
 */
#include "js_proxy.h"

SOSPESO_IMPORT(js_module) extern int host_js_module(int handle, sospeso_slot *slot);

static PyObject *js_module(PyObject *module, PyObject *name)
{
    (void)module;
    int is_js = PyUnicode_Check(name) && PyUnicode_EqualToUTF8(name, "js");
    if (!is_js && !(PyUnicode_Check(name) && PyUnicode_EqualToUTF8(name, "pyodide_js"))) {
        return PyErr_Format(PyExc_ValueError, "js_module(): %R is neither 'js' nor 'pyodide_js'", name);
    }
    sospeso_slot slot;
    if (host_js_module(is_js ? HANDLE_GLOBAL : HANDLE_API, &slot) < 0) {
        return sospeso_raise_js_error();
    }
    return sospeso_from_slot(&slot);
}

PyMethodDef sospeso_js_module_methods[] = {
    {"js_module", js_module, METH_O,
     "js_module(name): the object behind `js` or `pyodide_js`."},
    {NULL, NULL, 0, NULL},
};
