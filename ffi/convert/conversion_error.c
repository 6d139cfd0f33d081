/* conversion_error.c - pyodide.ffi.ConversionError.
 *
 * What has no counterpart on the other side raises it. Called by to_js.c, to_py.c
 * and, for what to_js.ts and to_py.ts find, through an export of to_js_entry.c.
 */
#include "convert.h"

static PyObject *conversion_error;

PyObject *sospeso_conversion_error(void)
{
    if (conversion_error == NULL) {
        conversion_error = PyErr_NewExceptionWithDoc(
            "pyodide.ffi.ConversionError",
            "A value could not be converted between Python and JavaScript.", NULL, NULL);
    }
    return conversion_error;
}

int sospeso_raise_conversion_error(const char *format, PyObject *object)
{
    PyObject *type = sospeso_conversion_error();
    if (type != NULL) {
        PyErr_Format(type, format, object);
    }
    return -1;
}

int sospeso_raise_no_conversion(PyObject *object)
{
    sospeso_raise_conversion_error("No conversion known for x.", NULL);
    PyObject *error = PyErr_GetRaisedException();
    PyObject *note = PyUnicode_FromFormat("x is %R, and create_pyproxies is False", object);
    PyObject *done = note == NULL ? NULL : PyObject_CallMethod(error, "add_note", "O", note);
    if (done == NULL) {
        PyErr_Clear(); /* a __repr__ that fails: the error itself matters more */
    }
    Py_XDECREF(done);
    Py_XDECREF(note);
    PyErr_SetRaisedException(error);
    return -1;
}

int sospeso_convert_exec(PyObject *module)
{
    PyObject *type = sospeso_conversion_error();
    return type == NULL ? -1 : PyModule_AddObjectRef(module, "ConversionError", type);
}
