/* pytest_pyodide.c - C functions by which test harnesses look into Python.
 *
 * pytest-pyodide calls functions of CPython by their names on pyodide._module, between two runs of Python
 * and from below JavaScript that Python called. CPython wants a thread state for each of them; these
 * attach one. Called by pytest_pyodide.ts, which gives them the names.
 */
#include "../../ffi/bridge/bridge.h"

#include <Python.h>
#include <emscripten/emscripten.h>

/* Address of the class of the exception that is set, or NULL. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_client_error_occurred(void)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *type = PyErr_Occurred();
    sospeso_leave_python(&entry);
    return type;
}

/* Keep the exception that is set for Bridge.throwPython(); 0 when there is none. */
EMSCRIPTEN_KEEPALIVE int sospeso_client_keep_error(void)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    int is_set = PyErr_Occurred() != NULL;
    if (is_set) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return is_set;
}

EMSCRIPTEN_KEEPALIVE void sospeso_client_clear_error(void)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyErr_Clear();
    sospeso_leave_python(&entry);
}

/* PyDict_SetItem(); of -1 the exception is kept for Bridge.throwPython(). */
EMSCRIPTEN_KEEPALIVE int sospeso_client_dict_set(PyObject *dict, PyObject *key, PyObject *value)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    int status = PyDict_SetItem(dict, key, value);
    if (status < 0) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return status;
}
