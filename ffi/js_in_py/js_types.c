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
 *  2. issubclass() goes by abilities (the metaclass, js_classes.c): a typed array counts as a
 *     JsArray although it has none of the methods that change a length. All classes
 *     here are made with their abilities by sospeso_js_class().
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
    C_SEQUENCE, C_JSON, C_OBJECT,
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

/* Something with items by number. */
#define ITEMS (JS_ARRAY | JS_TYPED_ARRAY | JS_NODE_LIST | JS_ARRAY_LIKE)
/* What cannot be shown as a mapping or sequence of its own properties. */
#define NO_OBJECT (JS_CALLABLE | JS_ERROR | JS_BUFFER | JS_ITERATOR)

#define HIDDEN_NAME(name) ((name)[12] == '_')

/* A class stands below those it derives from. */
static const public_class table[C_MOST] = {
    [C_PROXY] = {"pyodide.ffi.JsProxy", "A JavaScript object.", {0}, 0, sospeso_js_proxy_class_methods},
    [C_ITERABLE] = {"pyodide.ffi.JsIterable", "Has Symbol.iterator.", {C_PROXY}, JS_ITERABLE, NULL},
    [C_ASYNC_ITERABLE] = {"pyodide.ffi.JsAsyncIterable", "Has Symbol.asyncIterator.", {C_PROXY},
                          JS_ASYNC_ITERABLE, NULL},
    [C_ITERATOR] = {"pyodide.ffi.JsIterator", "Has next().", {C_PROXY}, JS_ITERATOR,
                    sospeso_js_iterator_class_methods},
    [C_ASYNC_ITERATOR] = {"pyodide.ffi.JsAsyncIterator", "Has a next() that gives promises.", {C_PROXY},
                          JS_ASYNC_ITERATOR, sospeso_js_async_iterator_class_methods},
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
                 {C_ITERABLE}, JS_ARRAY, sospeso_js_array_class_methods},
    [C_TYPED_ARRAY] = {"pyodide.ffi.JsTypedArray", "A view of an ArrayBuffer as numbers.",
                       {C_BUFFER, C_ITERABLE}, JS_TYPED_ARRAY | JS_BUFFER | JS_ITERABLE,
                       sospeso_js_typed_array_class_methods},
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
    [C_SEQUENCE] = {"pyodide.ffi._JsSequence", "Has items by number that cannot be added or removed.", {C_PROXY},
                    0, sospeso_js_sequence_class_methods},
    [C_JSON] = {"pyodide.ffi._JsJson", "An object or an array.", {C_PROXY}, 0, sospeso_js_json_class_methods},
    [C_OBJECT] = {"pyodide.ffi._JsObject", "An object.", {C_JSON}, 0, sospeso_js_object_class_methods},
};

/* Most derived first, so that bases given in this order can be put in line. */
static const int order[] = {
    C_ONCE, C_CALLABLE_DOUBLE, C_TYPED_ARRAY, C_MUTABLE_MAP, C_GENERATOR, C_ASYNC_GENERATOR, C_DOUBLE, C_CALLABLE,
    C_PROMISE, C_BUFFER, C_ARRAY, C_MAP, C_ITERATOR, C_ASYNC_ITERATOR, C_DISPOSABLE,
    C_ASYNC_DISPOSABLE, C_WEAK_REF, C_DOM, C_RESPONSE, C_SEQUENCE, C_OBJECT, C_JSON, C_ITERABLE, C_ASYNC_ITERABLE,
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
        return sospeso_js_class(&spec, NULL, 0, SOSPESO_JS_ALL_OF);
    }
    PyObject *bases = entry->bases[1] != 0
                          ? PyTuple_Pack(2, classes[entry->bases[0]], classes[entry->bases[1]])
                          : PyTuple_Pack(1, classes[entry->bases[0]]);
    PyObject *made = NULL;
    if (bases != NULL && entry == &table[C_ARRAY]) {
        made = sospeso_js_class(&spec, bases, ITEMS, SOSPESO_JS_ONE_OF);
    }
    else if (bases != NULL) {
        made = sospeso_js_class(&spec, bases, entry->kind, SOSPESO_JS_ALL_OF);
    }
    Py_XDECREF(bases);
    return made;
}

/* ---- JsException ----------------------------------------------------------------- */

/* JsException(name, message="", stack=None): an error by its parts.
 * JsException(value): for raising a JavaScript value that is no Error. */
static PyObject *exception_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)type;
    static char *words[] = {"name", "message", "stack", NULL};
    PyObject *given[3] = {NULL, NULL, Py_None};
    PyObject *no_message = PyUnicode_FromString("");
    given[1] = no_message;
    int count = 3;
    sospeso_slot slot;
    int status = -1;
    if (no_message != NULL && kwargs == NULL && PyTuple_GET_SIZE(args) == 1 &&
        sospeso_js_handle(PyTuple_GET_ITEM(args, 0)) != 0) {
        given[0] = PyTuple_GET_ITEM(args, 0);
        count = 1;
        status = 0;
    }
    else if (no_message != NULL && PyArg_ParseTupleAndKeywords(args, kwargs, "U|UO:__new__", words, &given[0],
                                                               &given[1], &given[2])) {
        status = 0;
    }
    if (status == 0) {
        status = sospeso_js_op(JS_OP_ERROR, NULL, given, count, &slot);
    }
    Py_XDECREF(no_message);
    return status < 0 ? NULL : sospeso_js_exception_new(slot.a, slot.length);
}

/* BaseException's would keep the parts as args, which are the error's own (exception_get_args). */
static int exception_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self;
    (void)args;
    (void)kwargs;
    return 0;
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

/* Of the error that an exception stands for, unless a program has set others. */
static PyObject *exception_get_args(PyObject *self, void *closure)
{
    PyObject *set = ((PyBaseExceptionObject *)self)->args;
    if (set != NULL && PyTuple_GET_SIZE(set) != 0) {
        return Py_NewRef(set);
    }
    PyObject *error = exception_get_error(self, closure);
    PyObject *args = error == NULL ? NULL : PyTuple_Pack(1, error);
    Py_XDECREF(error);
    return args;
}

static int exception_set_args(PyObject *self, PyObject *value, void *closure)
{
    (void)closure;
    PyObject *args = PySequence_Tuple(value == NULL ? Py_None : value);
    if (args == NULL) {
        return -1;
    }
    Py_XSETREF(((PyBaseExceptionObject *)self)->args, args);
    return 0;
}

static PyGetSetDef exception_getset[] = {
    {"js_error", exception_get_error, NULL,
     "The JavaScript error. What was thrown and is no Error is its `cause`.", NULL},
    {"args", exception_get_args, exception_set_args, "The JavaScript error alone.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* For pickle and copy: the class, and the parts of the error. */
static PyObject *exception_reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    static const char *const names[] = {"name", "message", "stack"};
    PyObject *parts = PyTuple_New(3);
    for (int i = 0; i < 3 && parts != NULL; i++) {
        PyObject *part = PyObject_GetAttrString(self, names[i]);
        if (part != NULL && !PyUnicode_Check(part)) {
            Py_SETREF(part, i == 2 ? Py_NewRef(Py_None) : PyObject_Str(part));
        }
        if (part == NULL) {
            Py_CLEAR(parts);
        }
        else {
            PyTuple_SET_ITEM(parts, i, part);
        }
    }
    PyObject *both = parts == NULL ? NULL : PyTuple_Pack(2, exception_type, parts);
    Py_XDECREF(parts);
    return both;
}

static PyMethodDef exception_methods[] = {
    {"__reduce__", exception_reduce, METH_NOARGS, "For pickle and copy: name, message and stack."},
    {NULL, NULL, 0, NULL},
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
        {Py_tp_init, exception_init},
        {Py_tp_traverse, exception_traverse},
        {Py_tp_clear, exception_clear},
        {Py_tp_getset, exception_getset},
        {Py_tp_methods, exception_methods},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "pyodide.ffi.JsException",
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
        .slots = slots,
    };
    PyObject *bases = PyTuple_Pack(2, classes[C_PROXY], PyExc_Exception);
    PyObject *made = bases == NULL ? NULL : sospeso_js_class(&spec, bases, JS_ERROR, SOSPESO_JS_ALL_OF);
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
    static const struct {
        const char *name;
        unsigned bits;
    } flags[] = { /* Pyodide's names of the bits of _js_type_flags */
        {"IS_ITERABLE", JS_ITERABLE}, {"IS_ITERATOR", JS_ITERATOR}, {"HAS_LENGTH", JS_LENGTH}, {"HAS_GET", JS_GET},
        {"HAS_SET", JS_SET}, {"HAS_HAS", JS_HAS}, {"HAS_INCLUDES", JS_HAS}, {"IS_AWAITABLE", JS_PROMISE},
        {"IS_BUFFER", JS_BUFFER}, {"IS_CALLABLE", JS_CALLABLE}, {"IS_ARRAY", JS_ARRAY},
        {"IS_NODE_LIST", JS_NODE_LIST}, {"IS_TYPEDARRAY", JS_TYPED_ARRAY}, {"IS_DOUBLE_PROXY", JS_DOUBLE},
        {"IS_OBJECT_MAP", JS_OBJECT_MAP}, {"IS_ASYNC_ITERABLE", JS_ASYNC_ITERABLE}, {"IS_GENERATOR", JS_GENERATOR},
        {"IS_ASYNC_GENERATOR", JS_ASYNC_GENERATOR}, {"IS_ASYNC_ITERATOR", JS_ASYNC_ITERATOR},
        {"IS_ERROR", JS_ERROR}, {"IS_PY_JSON_DICT", JS_JSON_DICT}, {"IS_PY_JSON_SEQUENCE", JS_JSON_SEQUENCE},
    };
    PyObject *all = PyDict_New();
    int status = all == NULL ? -1 : PyModule_AddObjectRef(module, "js_flags", all);
    for (size_t i = 0; status == 0 && i < sizeof flags / sizeof *flags; i++) {
        PyObject *bits = PyLong_FromUnsignedLong(flags[i].bits);
        status = bits == NULL ? -1 : PyDict_SetItemString(all, flags[i].name, bits);
        Py_XDECREF(bits);
    }
    Py_XDECREF(all);
    return status < 0 ? -1 : PyModule_AddType(module, (PyTypeObject *)exception_type);
}

/* ---- the class of a proxy -------------------------------------------------------------- */

/* Whether the class is to be a base of the class for that kind. */
static int fits(int which, unsigned kind)
{
    switch (which) {
    case C_ARRAY:
        return (kind & JS_ARRAY) != 0;
    case C_SEQUENCE:
        return (kind & (JS_NODE_LIST | JS_ARRAY_LIKE)) != 0;
    case C_JSON:
        return !(kind & NO_OBJECT);
    case C_OBJECT:
        return !(kind & (NO_OBJECT | JS_ARRAY | JS_NODE_LIST));
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
            SLOT(Py_tp_descr_get, sospeso_js_descr_get);
        }
    }
    if (kind & (JS_LENGTH | JS_OBJECT_MAP)) {
        SLOT(Py_mp_length, sospeso_js_length);
    }
    if (kind & ITEMS) {
        flags |= Py_TPFLAGS_SEQUENCE;
        SLOT(Py_sq_length, sospeso_js_length);
        SLOT(Py_sq_item, sospeso_js_array_item);
        SLOT(Py_mp_subscript, sospeso_js_array_subscript);
        if (kind & (JS_ARRAY | JS_TYPED_ARRAY | JS_HAS)) {
            SLOT(Py_sq_contains, sospeso_js_contains);
        }
        if (kind & (JS_ARRAY | JS_TYPED_ARRAY)) {
            SLOT(Py_mp_ass_subscript, sospeso_js_array_ass_subscript);
            SLOT(Py_sq_ass_item, sospeso_js_array_ass_item);
        }
        if (!(kind & JS_TYPED_ARRAY)) {
            SLOT(Py_sq_concat, sospeso_js_array_concat);
        }
        if (kind & JS_ARRAY) {
            SLOT(Py_sq_inplace_concat, sospeso_js_array_inplace_concat);
            SLOT(Py_sq_repeat, sospeso_js_array_repeat);
            SLOT(Py_sq_inplace_repeat, sospeso_js_array_inplace_repeat);
        }
    }
    else {
        if (kind & (JS_GET | JS_OBJECT_MAP)) {
            flags |= Py_TPFLAGS_MAPPING;
            SLOT(Py_mp_subscript, sospeso_js_map_subscript);
        }
        if (kind & (JS_SET | JS_OBJECT_MAP)) {
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
    PyType_Spec spec = {
        .name = kind & JS_ERROR ? "pyodide.ffi.JsException" : "pyodide.ffi.JsProxy",
        .basicsize = kind & JS_ERROR ? sizeof(js_exception) : sizeof(js_proxy),
        .flags = (unsigned)flags,
        .slots = slots,
    };
    PyObject *made = sospeso_js_class(&spec, bases, kind, SOSPESO_JS_ALL_OF);
    Py_DECREF(bases);
    return (PyTypeObject *)made;
}

void sospeso_js_types_begin(void)
{
    sospeso_js_classes = (sospeso_js_class_maker){.make = make_type, .call = sospeso_js_vectorcall};
}
