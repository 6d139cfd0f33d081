/* behavior.c - which Pyodide the FFI behaves as, where 0.29 and 314 contradict each other.
 *
 * The default is 0.29. What 314 only added is there in both; docs/pyodide.md has the list. The
 * option behaveAs of loadPyodide() (runtime/load/load.ts) sets it, once, before any program runs;
 * js_primitives.c and js_in_py/js_arrays.c look at it.
 */
#include "js_object.h"

int sospeso_as_314;

static PyObject *behave_as_314(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    sospeso_as_314 = 1;
    Py_RETURN_NONE;
}

PyMethodDef sospeso_behavior_methods[] = {
    {"behave_as_314", behave_as_314, METH_NOARGS,
     "behave_as_314(): from now on, where Pyodide 0.29 and 314 contradict each other, follow 314."},
    {NULL, NULL, 0, NULL},
};
