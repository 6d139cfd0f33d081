/* js_object.c - JsProxies as objects: making and ending them, and the class that
 * one gets.
 *
 * What a proxy can do is in ffi/js_in_py/, which gives the classes. Called by
 * values.c and errors.c for each JavaScript value that comes to Python, and by
 * all who take proxies apart.
 *
 * Invariants
 *  1. A proxy's handle is released once, in its dealloc.
 *  2. A class once made for a kind stays: proxies need no reference to keep it,
 *     and there are as many as combinations were met.
 */
#include "js_object.h"

SOSPESO_IMPORT(js_release) extern void host_js_release(int handle);

/* ---- classes -------------------------------------------------------------------- */

sospeso_js_class_maker sospeso_js_classes;

#define CACHE 64

/* The last class found per hash; all of them are in the dict. */
static struct {
    unsigned kind;
    PyTypeObject *type;
} cache[CACHE];
static PyObject *all_types;

PyTypeObject *sospeso_js_type(unsigned kind)
{
    unsigned at = (kind ^ (kind >> 6) ^ (kind >> 13) ^ (kind >> 20)) & (CACHE - 1);
    if (cache[at].type != NULL && cache[at].kind == kind) {
        return cache[at].type;
    }
    if (all_types == NULL && (all_types = PyDict_New()) == NULL) {
        return NULL;
    }
    PyObject *key = PyLong_FromUnsignedLong(kind);
    if (key == NULL) {
        return NULL;
    }
    PyObject *type = PyDict_GetItemWithError(all_types, key);
    if (type == NULL && !PyErr_Occurred()) {
        type = (PyObject *)sospeso_js_classes.make(kind);
        if (type != NULL) {
            int status = PyDict_SetItem(all_types, key, type);
            Py_DECREF(type);
            type = status < 0 ? NULL : type;
        }
    }
    Py_DECREF(key);
    if (type != NULL) {
        cache[at].kind = kind;
        cache[at].type = (PyTypeObject *)type;
    }
    return (PyTypeObject *)type;
}

/* ---- making and ending ------------------------------------------------------- */

#define SPARE_PROXIES 64

/* Memory of ended proxies, linked through js.receiver: a method call makes one
 * proxy and ends it at once. */
static js_proxy *spare;
static int spare_count;

static js_proxy *new_proxy(int handle, unsigned kind)
{
    PyTypeObject *type = sospeso_js_type(kind);
    if (type == NULL) {
        host_js_release(handle);
        return NULL;
    }
    js_proxy *made = spare;
    if (made != NULL) {
        spare = (js_proxy *)made->js.receiver;
        spare_count--;
    }
    else if ((made = PyObject_Malloc(sizeof *made)) == NULL) {
        host_js_release(handle);
        PyErr_NoMemory();
        return NULL;
    }
    PyObject_Init((PyObject *)made, type);
    made->vectorcall = sospeso_js_classes.call;
    made->weakrefs = NULL;
    made->js = (js_part){.handle = handle, .kind = kind};
    return made;
}

PyObject *sospeso_js_proxy_new(int handle, unsigned kind)
{
    if (kind & JS_ERROR) {
        return sospeso_js_exception_new(handle, kind);
    }
    return (PyObject *)new_proxy(handle, kind);
}

PyObject *sospeso_js_bound_new(int handle, unsigned kind, PyObject *receiver)
{
    js_proxy *made = new_proxy(handle, kind & ~(unsigned)JS_ERROR);
    if (made != NULL) {
        made->js.receiver = Py_NewRef(receiver);
    }
    return (PyObject *)made;
}

static void end_part(js_part *js)
{
    host_js_release(js->handle);
    js->handle = 0;
    Py_CLEAR(js->receiver);
    Py_CLEAR(js->names);
    Py_CLEAR(js->signature);
}

void sospeso_js_dealloc(PyObject *self)
{
    js_proxy *proxy = (js_proxy *)self;
    PyTypeObject *type = Py_TYPE(self);
    if (proxy->weakrefs != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    end_part(&proxy->js);
    if (spare_count < SPARE_PROXIES) {
        proxy->js.receiver = (PyObject *)spare;
        spare = proxy;
        spare_count++;
    }
    else {
        PyObject_Free(self);
    }
    Py_DECREF(type);
}

void sospeso_js_exception_dealloc(PyObject *self)
{
    js_exception *error = (js_exception *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, sospeso_js_exception_dealloc)
    if (error->weakrefs != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    end_part(&error->js);
    ((PyTypeObject *)PyExc_BaseException)->tp_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

PyObject *sospeso_js_exception_new(int handle, unsigned kind)
{
    PyTypeObject *type = sospeso_js_type(kind | JS_ERROR);
    PyObject *none = type == NULL ? NULL : PyTuple_New(0);
    PyObject *made = NULL;
    if (none != NULL) {
        made = ((PyTypeObject *)PyExc_BaseException)->tp_new(type, none, NULL);
        Py_DECREF(none);
    }
    if (made == NULL) {
        host_js_release(handle);
        return NULL;
    }
    ((js_exception *)made)->js = (js_part){.handle = handle, .kind = kind | JS_ERROR};
    return made;
}

int sospeso_js_handle(PyObject *object)
{
    const js_part *js = sospeso_js_part(object);
    return js == NULL ? 0 : js->handle;
}

js_part *sospeso_js_self(PyObject *self)
{
    js_part *js = sospeso_js_part(self);
    if (js == NULL) {
        PyErr_Format(PyExc_TypeError, "a JavaScript object is needed here, not a Python %s",
                     Py_TYPE(self)->tp_name);
    }
    return js;
}
