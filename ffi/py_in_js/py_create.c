/* py_create.c - proxies that Python asks for: create_proxy() and its kin.
 *
 * A PyProxy made here belongs to Python, as a JsProxy around it, until somebody
 * destroys it; it is how a Python function is given to JavaScript for longer
 * than one call. The functions are in module _sospeso_ffi; package pyodide.ffi
 * (runtime/python/pyodide/ffi/__init__.py) has them under their public names.
 *
 * Invariants
 *  1. py_create takes over the reference it is given, also when it fails.
 *  2. The imports that may meet an object of the user's run under an outgoing
 *     record, so that a wait below them names this file's functions.
 */
#include "py_proxy.h"

/* `how`: CREATE_* */
SOSPESO_IMPORT(py_create) extern int host_create(PyObject *object, unsigned flags, int how,
                                                 sospeso_slot *out);
SOSPESO_IMPORT(py_destroy) extern int host_destroy(int handle);
SOSPESO_IMPORT(py_unwrap) extern PyObject *host_unwrap(int handle);
SOSPESO_IMPORT(py_stats) extern int host_stats(sospeso_slot *out);

static PyObject *create(PyObject *object, int how)
{
    sospeso_slot slot;
    if (host_create(Py_NewRef(object), sospeso_proxy_flags(object), how, &slot) < 0) {
        return sospeso_raise_js_error();
    }
    return sospeso_from_slot(&slot);
}

PyDoc_STRVAR(create_proxy_doc,
"create_proxy($module, obj, /, *, capture_this=False, roundtrip=True, promising=False)\n--\n\n"
"A JsProxy of a PyProxy of the object, which lives until its destroy() is called.\n\n"
"capture_this: pass JavaScript's `this` as the first argument of each call.\n"
"roundtrip: back in Python, the proxy stays a proxy instead of becoming the object.\n"
"promising: each call runs on a task of its own, so that it may wait, and gives a promise.");

static PyObject *create_proxy(PyObject *module, PyObject *const *args, Py_ssize_t count,
                              PyObject *names)
{
    (void)module;
    /* The last one is for runtime/python/pyodide/ffi/wrappers.py. */
    static const char *const options[] = {"capture_this", "roundtrip", "promising", "_listener"};
    static const int bits[] = {CREATE_CAPTURE_THIS, CREATE_ROUNDTRIP, CREATE_PROMISING, CREATE_LISTENER};
    const size_t most = sizeof bits / sizeof *bits;
    if (count != 1) {
        return PyErr_Format(PyExc_TypeError,
                            "create_proxy() takes exactly 1 positional argument (%zd given)", count);
    }
    int how = CREATE_ROUNDTRIP;
    for (Py_ssize_t i = 0; names != NULL && i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        size_t which = 0;
        while (which < most && !PyUnicode_EqualToUTF8(name, options[which])) {
            which++;
        }
        if (which == most) {
            return PyErr_Format(PyExc_TypeError,
                                "create_proxy() got an unexpected keyword argument %R", name);
        }
        int on = PyObject_IsTrue(args[1 + i]);
        if (on < 0) {
            return NULL;
        }
        how = on ? how | bits[which] : how & ~bits[which];
    }
    if ((how & CREATE_PROMISING) && !PyCallable_Check(args[0])) {
        return PyErr_Format(PyExc_TypeError, "create_proxy(): promising needs a callable, not %T",
                            args[0]);
    }
    return create(args[0], how);
}

PyDoc_STRVAR(create_once_callable_doc,
"create_once_callable($module, obj, /, *, _may_syncify=False)\n--\n\n"
"A JavaScript function that calls the object the first time it is called and\n"
"releases it then. A second call raises an error. destroy() releases it uncalled.\n\n"
"_may_syncify: the call runs on a task of its own, so that it may wait, and gives a promise.");

static PyObject *create_once_callable(PyObject *module, PyObject *const *args, Py_ssize_t count,
                                      PyObject *names)
{
    (void)module;
    if (count != 1) {
        return PyErr_Format(PyExc_TypeError,
                            "create_once_callable() takes exactly 1 positional argument (%zd given)",
                            count);
    }
    int how = CREATE_ONCE;
    for (Py_ssize_t i = 0; names != NULL && i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        if (!PyUnicode_EqualToUTF8(name, "_may_syncify")) {
            return PyErr_Format(PyExc_TypeError,
                                "create_once_callable() got an unexpected keyword argument %R",
                                name);
        }
        int on = PyObject_IsTrue(args[1 + i]);
        if (on < 0) {
            return NULL;
        }
        how |= on ? CREATE_PROMISING : 0;
    }
    if (!PyCallable_Check(args[0])) {
        return PyErr_Format(PyExc_TypeError, "create_once_callable() needs a callable, not %T",
                            args[0]);
    }
    return create(args[0], how);
}

static int destroy_behind(PyObject *item)
{
    int handle = sospeso_js_handle(item);
    if (handle == 0) {
        PyErr_SetString(PyExc_TypeError, "Expected a JsProxy for the argument");
        return -1;
    }
    sospeso_outgoing outgoing = {.what = "destroy_proxies", .below = sospeso_outgoing_top};
    sospeso_outgoing_top = &outgoing;
    int status = host_destroy(handle);
    sospeso_outgoing_top = outgoing.below;
    if (status < 0) {
        sospeso_raise_js_error();
    }
    else if (status > 0) {
        PyErr_SetString(PyExc_TypeError, "Expected a Js Array for the pyproxies argument");
        status = -1;
    }
    return status;
}

PyDoc_STRVAR(destroy_proxies_doc,
"destroy_proxies($module, pyproxies, /)\n--\n\n"
"Destroy every PyProxy in a JavaScript array, or in an iterable of JsProxies.");

static PyObject *destroy_proxies(PyObject *module, PyObject *items)
{
    (void)module;
    if (sospeso_js_handle(items) != 0) {
        return destroy_behind(items) < 0 ? NULL : Py_NewRef(Py_None);
    }
    PyObject *iterator = PyObject_GetIter(items);
    if (iterator == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, "Expected a JsProxy for the argument");
        }
        return NULL;
    }
    PyObject *item;
    int status = 0;
    while (status >= 0 && (item = PyIter_Next(iterator)) != NULL) {
        status = destroy_behind(item);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return status < 0 || PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

PyDoc_STRVAR(unwrap_proxy_doc,
"unwrap_proxy($module, proxy, /)\n--\n\n"
"The Python object behind a JsProxy of a PyProxy.");

static PyObject *unwrap_proxy(PyObject *module, PyObject *proxy)
{
    (void)module;
    int handle = sospeso_js_handle(proxy);
    PyObject *object = handle == 0 ? NULL : host_unwrap(handle);
    if (object == NULL) {
        return PyErr_Format(PyExc_TypeError, "no live proxy of a Python object: %R", proxy);
    }
    return Py_NewRef(object);
}

PyDoc_STRVAR(ffi_stats_doc,
"ffi_stats($module, /)\n--\n\n"
"What is alive in the bridge: a dict with the same names as pyodide.ffiStats().");

static PyObject *ffi_stats(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    sospeso_slot slot;
    if (host_stats(&slot) < 0) {
        return sospeso_raise_js_error();
    }
    PyObject *text = sospeso_from_slot(&slot);
    PyObject *json = text == NULL ? NULL : PyImport_ImportModule("json");
    PyObject *stats = json == NULL ? NULL : PyObject_CallMethod(json, "loads", "O", text);
    Py_XDECREF(json);
    Py_XDECREF(text);
    return stats;
}

PyMethodDef sospeso_py_proxy_methods[] = {
    {"create_proxy", (PyCFunction)(void (*)(void))create_proxy, METH_FASTCALL | METH_KEYWORDS,
     create_proxy_doc},
    {"create_once_callable", (PyCFunction)(void (*)(void))create_once_callable,
     METH_FASTCALL | METH_KEYWORDS, create_once_callable_doc},
    {"destroy_proxies", destroy_proxies, METH_O, destroy_proxies_doc},
    {"unwrap_proxy", unwrap_proxy, METH_O, unwrap_proxy_doc},
    {"ffi_stats", ffi_stats, METH_NOARGS, ffi_stats_doc},
    {NULL, NULL, 0, NULL},
};
