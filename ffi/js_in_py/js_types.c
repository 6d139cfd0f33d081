/* js_types.c - the classes of JsProxies.
 *
 * The public classes (JsArray, JsMap ...) hold the methods and serve
 * isinstance(); none of them has instances of its own. The class of a proxy is
 * made from them on demand, one per combination of abilities, with the slots
 * (subscripts, iteration, calls) that fit. Called through sospeso_js_classes
 * (ffi/bridge/js_object.h).
 *
 * Invariants
 *  1. The public classes add no memory to an instance, so that they can be
 *     combined with each other and with Exception.
 */
#include "js_proxy.h"

#include "../convert/convert.h"
#include "../wait/run_sync.h"

#include <stddef.h>

static PyObject *exception_type; /* JsException, once ready */

/* ---- the public classes ------------------------------------------------------- */

enum {
    C_PROXY, C_ITERABLE, C_ASYNC_ITERABLE, C_ITERATOR, C_ASYNC_ITERATOR, C_GENERATOR,
    C_ASYNC_GENERATOR, C_CALLABLE, C_ONCE, C_PROMISE, C_BUFFER, C_ARRAY, C_TYPED_ARRAY, C_MAP,
    C_MUTABLE_MAP, C_DOUBLE, C_CALLABLE_DOUBLE, C_WEAK_REF, C_DOM, C_RESPONSE, C_DISPOSABLE, C_ASYNC_DISPOSABLE,
    C_MOST
};

typedef struct {
    const char *name;
    const char *doc;
    int bases[2]; /* the first is C_PROXY or a class above; 0 ends */
    unsigned kind; /* all these bits */
    PyMethodDef *methods;
} public_class;

static PyObject *classes[C_MOST];

#define HIDDEN_NAME(name) ((name)[12] == '_')

/* A class stands below those it derives from. */
static const public_class table[C_MOST] = {
    [C_PROXY] = {"pyodide.ffi.JsProxy", "A JavaScript object.", {0}, 0, sospeso_js_proxy_class_methods},
    [C_ITERABLE] = {"pyodide.ffi.JsIterable", "Has Symbol.iterator.", {C_PROXY}, JS_ITERABLE, NULL},
    [C_ASYNC_ITERABLE] = {"pyodide.ffi.JsAsyncIterable", "Has Symbol.asyncIterator.", {C_PROXY},
                          JS_ASYNC_ITERABLE, NULL},
    [C_ITERATOR] = {"pyodide.ffi.JsIterator", "Has next().", {C_PROXY}, JS_ITERATOR, NULL},
    [C_ASYNC_ITERATOR] = {"pyodide.ffi.JsAsyncIterator", "Has a next() that gives promises.", {C_PROXY},
                          JS_ASYNC_ITERATOR, NULL},
    [C_GENERATOR] = {"pyodide.ffi.JsGenerator", "A generator.", {C_ITERABLE}, JS_ITERABLE | JS_GENERATOR,
                     sospeso_js_generator_class_methods},
    [C_ASYNC_GENERATOR] = {"pyodide.ffi.JsAsyncGenerator", "An asynchronous generator.",
                           {C_ASYNC_ITERABLE}, JS_ASYNC_ITERABLE | JS_ASYNC_GENERATOR,
                           sospeso_js_async_generator_class_methods},
    [C_CALLABLE] = {"pyodide.ffi.JsCallable", "A function or class.", {C_PROXY}, JS_CALLABLE,
                    sospeso_js_callable_class_methods},
    [C_ONCE] = {"pyodide.ffi.JsOnceCallable", "Made by create_once_callable().", {C_CALLABLE},
                JS_CALLABLE | JS_ONCE, sospeso_js_double_class_methods},
    [C_PROMISE] = {"pyodide.ffi.JsPromise", "Has then(); can be awaited.", {C_PROXY}, JS_PROMISE,
                   sospeso_js_promise_class_methods},
    [C_BUFFER] = {"pyodide.ffi.JsBuffer", "An ArrayBuffer or a view of one.", {C_PROXY}, JS_BUFFER,
                  sospeso_js_buffer_class_methods},
    [C_ARRAY] = {"pyodide.ffi.JsArray", "An Array, or something with its index and length.",
                 {C_ITERABLE}, 0, sospeso_js_array_class_methods},
    [C_TYPED_ARRAY] = {"pyodide.ffi.JsTypedArray", "A view of an ArrayBuffer as numbers.",
                       {C_BUFFER, C_ARRAY}, JS_TYPED_ARRAY, NULL},
    [C_MAP] = {"pyodide.ffi.JsMap", "Has get() and a size, and is iterable.", {C_ITERABLE}, JS_MAP,
               sospeso_js_map_class_methods},
    [C_MUTABLE_MAP] = {"pyodide.ffi.JsMutableMap", "A JsMap with set(), has() and delete().", {C_MAP},
                       JS_MUTABLE_MAP, sospeso_js_mutable_map_class_methods},
    [C_DOUBLE] = {"pyodide.ffi.JsDoubleProxy", "Made by create_proxy().", {C_PROXY}, JS_DOUBLE,
                  sospeso_js_double_class_methods},
    [C_CALLABLE_DOUBLE] = {"pyodide.ffi.JsCallableDoubleProxy", "Made by create_proxy() of a callable.",
                           {C_DOUBLE, C_CALLABLE}, JS_DOUBLE | JS_CALLABLE, NULL},
    [C_WEAK_REF] = {"pyodide.ffi.JsWeakRef", "A WeakRef: deref() gives the object or None.", {C_PROXY},
                    JS_WEAK_REF, NULL},
    [C_DOM] = {"pyodide.ffi.JsDomElement", "An element of the page.", {C_PROXY}, JS_DOM, NULL},
    [C_RESPONSE] = {"pyodide.ffi.JsFetchResponse", "What JavaScript's fetch() gives.", {C_PROXY},
                    JS_RESPONSE, NULL},
    [C_DISPOSABLE] = {"pyodide.ffi._JsDisposable", "Has Symbol.dispose: a context manager.", {C_PROXY},
                      JS_DISPOSABLE, sospeso_js_disposable_class_methods},
    [C_ASYNC_DISPOSABLE] = {"pyodide.ffi._JsAsyncDisposable",
                            "Has Symbol.asyncDispose: an asynchronous context manager.", {C_PROXY},
                            JS_ASYNC_DISPOSABLE, sospeso_js_async_disposable_class_methods},
};

/* Most derived first, so that bases given in this order can be put in line. */
static const int order[] = {
    C_ONCE, C_CALLABLE_DOUBLE, C_TYPED_ARRAY, C_MUTABLE_MAP, C_GENERATOR, C_ASYNC_GENERATOR, C_DOUBLE, C_CALLABLE,
    C_PROMISE, C_BUFFER, C_ARRAY, C_MAP, C_ITERATOR, C_ASYNC_ITERATOR, C_DISPOSABLE,
    C_ASYNC_DISPOSABLE, C_WEAK_REF, C_DOM, C_RESPONSE, C_ITERABLE, C_ASYNC_ITERABLE,
};

static PyObject *make_class(const public_class *entry)
{
    PyType_Slot slots[4] = {{Py_tp_doc, (void *)entry->doc}};
    int count = 1;
    if (entry->methods != NULL) {
        slots[count++] = (PyType_Slot){Py_tp_methods, entry->methods};
    }
    if (entry == &table[C_PROXY]) {
        slots[count++] = (PyType_Slot){Py_tp_getset, sospeso_js_proxy_class_getset};
    }
    slots[count] = (PyType_Slot){0, NULL};
    PyType_Spec spec = {
        .name = entry->name,
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    if (entry == &table[C_PROXY]) {
        return PyType_FromSpec(&spec);
    }
    PyObject *bases = entry->bases[1] != 0
                          ? PyTuple_Pack(2, classes[entry->bases[0]], classes[entry->bases[1]])
                          : PyTuple_Pack(1, classes[entry->bases[0]]);
    PyObject *made = bases == NULL ? NULL : PyType_FromSpecWithBases(&spec, bases);
    Py_XDECREF(bases);
    return made;
}

/* ---- JsException ----------------------------------------------------------------- */

/* JsException(value): for raising a JavaScript value that is no Error. */
static PyObject *exception_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)type;
    PyObject *value;
    if ((kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0) || !PyArg_UnpackTuple(args, "JsException", 1, 1, &value)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "JsException takes one JavaScript value and no keywords");
        }
        return NULL;
    }
    sospeso_slot slot;
    if (sospeso_js_op(JS_OP_ERROR, NULL, &value, 1, &slot) < 0) {
        return NULL;
    }
    return sospeso_js_exception_new(slot.a, slot.length);
}

static int exception_traverse(PyObject *self, visitproc visit, void *arg)
{
    const js_part *js = sospeso_js_part(self);
    Py_VISIT(Py_TYPE(self));
    if (js != NULL) {
        Py_VISIT(js->names);
        Py_VISIT(js->receiver);
        Py_VISIT(js->signature);
    }
    return ((PyTypeObject *)PyExc_BaseException)->tp_traverse(self, visit, arg);
}

static int exception_clear(PyObject *self)
{
    return ((PyTypeObject *)PyExc_BaseException)->tp_clear(self);
}

static PyObject *exception_get_error(PyObject *self, void *closure)
{
    (void)closure;
    return sospeso_js_op_object(JS_OP_SELF, self, NULL, 0);
}

static PyGetSetDef exception_getset[] = {
    {"js_error", exception_get_error, NULL,
     "What was thrown; differs from the exception itself when that was no Error.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef exception_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(js_exception, weakrefs), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyObject *make_exception_class(void)
{
    PyType_Slot slots[] = {
        {Py_tp_doc, "What JavaScript threw. An Error of JavaScript's is an instance, too: it can be raised."},
        {Py_tp_new, exception_new},
        {Py_tp_traverse, exception_traverse},
        {Py_tp_clear, exception_clear},
        {Py_tp_getset, exception_getset},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "pyodide.ffi.JsException",
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
        .slots = slots,
    };
    PyObject *bases = PyTuple_Pack(2, classes[C_PROXY], PyExc_Exception);
    PyObject *made = bases == NULL ? NULL : PyType_FromSpecWithBases(&spec, bases);
    Py_XDECREF(bases);
    return made;
}

/* ---- the module ---------------------------------------------------------------------- */

/* Make the public classes if that has not happened yet. */
static int ready(void)
{
    if (exception_type != NULL) {
        return 0;
    }
    for (int i = 0; i < C_MOST; i++) {
        if (classes[i] == NULL && (classes[i] = make_class(&table[i])) == NULL) {
            return -1;
        }
    }
    exception_type = make_exception_class();
    return exception_type == NULL ? -1 : 0;
}

/* isinstance(array, collections.abc.MutableSequence) and the like; what else there
 * is in collections.abc looks at methods. */
static int register_with_abc(void)
{
    static const struct {
        const char *name;
        int class;
    } known[] = {
        {"MutableSequence", C_ARRAY}, {"Mapping", C_MAP}, {"MutableMapping", C_MUTABLE_MAP},
    };
    PyObject *abc = PyImport_ImportModule("_collections_abc"); /* frozen, and imported at each start */
    int status = abc == NULL ? -1 : 0;
    for (size_t i = 0; status == 0 && i < sizeof known / sizeof *known; i++) {
        PyObject *base = PyObject_GetAttrString(abc, known[i].name);
        PyObject *done = base == NULL ? NULL : PyObject_CallMethod(base, "register", "O", classes[known[i].class]);
        status = done == NULL ? -1 : 0;
        Py_XDECREF(done);
        Py_XDECREF(base);
    }
    Py_XDECREF(abc);
    return status;
}

int sospeso_js_types_exec(PyObject *module)
{
    if (ready() < 0 || register_with_abc() < 0) {
        return -1;
    }
    for (int i = 0; i < C_MOST; i++) {
        if (!HIDDEN_NAME(table[i].name) && PyModule_AddType(module, (PyTypeObject *)classes[i]) < 0) {
            return -1;
        }
    }
    return PyModule_AddType(module, (PyTypeObject *)exception_type);
}

/* ---- the class of a proxy -------------------------------------------------------------- */

static int fits(int which, unsigned kind)
{
    switch (which) {
    case C_ARRAY:
        return (kind & (JS_ARRAY | JS_ARRAY_LIKE | JS_TYPED_ARRAY)) != 0;
    case C_MAP:
        return (kind & JS_MAP) == JS_MAP;
    case C_MUTABLE_MAP:
        return (kind & JS_OBJECT_MAP) || (kind & JS_MUTABLE_MAP) == JS_MUTABLE_MAP;
    default:
        return (kind & table[which].kind) == table[which].kind;
    }
}

/* The public classes that fit and none that another of them implies. */
static PyObject *bases_for(unsigned kind)
{
    PyObject *bases = PyList_New(0);
    if (bases == NULL) {
        return NULL;
    }
    if (kind & JS_ERROR && PyList_Append(bases, exception_type) < 0) {
        goto failed;
    }
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        PyTypeObject *candidate = (PyTypeObject *)classes[order[i]];
        int wanted = fits(order[i], kind);
        for (Py_ssize_t j = 0; wanted && j < PyList_GET_SIZE(bases); j++) {
            wanted = !PyType_IsSubtype((PyTypeObject *)PyList_GET_ITEM(bases, j), candidate);
        }
        if (wanted && PyList_Append(bases, (PyObject *)candidate) < 0) {
            goto failed;
        }
    }
    if (PyList_GET_SIZE(bases) == 0 && PyList_Append(bases, classes[C_PROXY]) < 0) {
        goto failed;
    }
    PyObject *tuple = PyList_AsTuple(bases);
    Py_DECREF(bases);
    return tuple;
failed:
    Py_DECREF(bases);
    return NULL;
}

static PyMemberDef proxy_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(js_proxy, weakrefs), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyMemberDef callable_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(js_proxy, weakrefs), Py_READONLY, NULL},
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(js_proxy, vectorcall), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyTypeObject *make_type(unsigned kind)
{
    if (ready() < 0) {
        return NULL;
    }
    PyType_Slot slots[32];
    int count = 0;
    unsigned long flags = Py_TPFLAGS_DEFAULT;
#define SLOT(id, function) (slots[count++] = (PyType_Slot){id, (void *)(function)})
    SLOT(Py_tp_getattro, sospeso_js_getattro);
    SLOT(Py_tp_setattro, sospeso_js_setattro);
    SLOT(Py_tp_repr, sospeso_js_repr);
    SLOT(Py_tp_str, sospeso_js_repr);
    SLOT(Py_tp_richcompare, sospeso_js_richcompare);
    SLOT(Py_tp_hash, sospeso_js_hash);
    SLOT(Py_nb_bool, sospeso_js_bool);
    if (kind & JS_ERROR) {
        flags |= Py_TPFLAGS_HAVE_GC;
        SLOT(Py_tp_members, exception_members);
        SLOT(Py_tp_dealloc, sospeso_js_exception_dealloc);
        SLOT(Py_tp_traverse, exception_traverse);
        SLOT(Py_tp_clear, exception_clear);
        SLOT(Py_tp_new, exception_new);
    }
    else {
        flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION;
        SLOT(Py_tp_members, kind & JS_CALLABLE ? callable_members : proxy_members);
        SLOT(Py_tp_dealloc, sospeso_js_dealloc);
        if (kind & JS_CALLABLE) {
            flags |= Py_TPFLAGS_HAVE_VECTORCALL;
            SLOT(Py_tp_call, PyVectorcall_Call);
        }
    }
    if (kind & (JS_LENGTH | JS_OBJECT_MAP)) {
        SLOT(Py_mp_length, sospeso_js_length);
    }
    if (kind & (JS_ARRAY | JS_ARRAY_LIKE | JS_TYPED_ARRAY)) {
        flags |= Py_TPFLAGS_SEQUENCE;
        SLOT(Py_sq_length, sospeso_js_length);
        SLOT(Py_sq_item, sospeso_js_array_item);
        SLOT(Py_mp_subscript, sospeso_js_array_subscript);
        SLOT(Py_mp_ass_subscript, sospeso_js_array_ass_subscript);
        SLOT(Py_sq_contains, sospeso_js_contains);
        if (kind & JS_ARRAY) {
            SLOT(Py_sq_concat, sospeso_js_array_concat);
            SLOT(Py_sq_inplace_concat, sospeso_js_array_inplace_concat);
            SLOT(Py_sq_repeat, sospeso_js_array_repeat);
            SLOT(Py_sq_inplace_repeat, sospeso_js_array_inplace_repeat);
        }
    }
    else {
        if ((kind & JS_MAP) == JS_MAP || (kind & JS_OBJECT_MAP)) {
            flags |= Py_TPFLAGS_MAPPING;
        }
        if (kind & (JS_GET | JS_OBJECT_MAP)) {
            SLOT(Py_mp_subscript, sospeso_js_map_subscript);
        }
        if (kind & (JS_SET | JS_DELETE | JS_OBJECT_MAP)) {
            SLOT(Py_mp_ass_subscript, sospeso_js_map_ass_subscript);
        }
        if (kind & (JS_HAS | JS_OBJECT_MAP)) {
            SLOT(Py_sq_contains, sospeso_js_contains);
        }
    }
    if (kind & JS_ITERATOR) {
        SLOT(Py_tp_iter, PyObject_SelfIter);
        SLOT(Py_tp_iternext, sospeso_js_iternext);
    }
    else if (kind & (JS_ITERABLE | JS_OBJECT_MAP)) {
        SLOT(Py_tp_iter, sospeso_js_iter);
    }
    if (kind & JS_ASYNC_ITERATOR) {
        SLOT(Py_am_aiter, PyObject_SelfIter);
        SLOT(Py_am_anext, sospeso_js_anext);
    }
    else if (kind & JS_ASYNC_ITERABLE) {
        SLOT(Py_am_aiter, sospeso_js_aiter);
    }
    if (kind & JS_PROMISE) {
        SLOT(Py_am_await, sospeso_js_await);
    }
    SLOT(0, NULL);
#undef SLOT
    PyObject *bases = bases_for(kind);
    if (bases == NULL) {
        return NULL;
    }
    PyTypeObject *first = (PyTypeObject *)PyTuple_GET_ITEM(bases, 0);
    /* The name of the public class that says most; private ones do not count. */
    const char *name = HIDDEN_NAME(first->tp_name) ? "pyodide.ffi.JsProxy" : first->tp_name;
    PyType_Spec spec = {
        .name = name,
        .basicsize = kind & JS_ERROR ? sizeof(js_exception) : sizeof(js_proxy),
        .flags = (unsigned)flags,
        .slots = slots,
    };
    PyObject *made = PyType_FromSpecWithBases(&spec, bases);
    Py_DECREF(bases);
    return (PyTypeObject *)made;
}

void sospeso_js_types_begin(void)
{
    sospeso_js_classes = (sospeso_js_class_maker){.make = make_type, .call = sospeso_js_vectorcall};
}
