/* py_flags.c - what a Python object can do: the bits that choose a PyProxy's class.
 *
 * A SLOT_PY carries them in `length`. Called by values.c, and where a conversion or
 * create_proxy() makes a proxy.
 *
 * Invariants
 *  1. sospeso_proxy_flags() runs no Python code: it looks at slots and type
 *     flags only, so that values.c may call it while a slot is being written.
 */
#include "bridge.h"

extern PyObject *_PyObject_NextNotImplemented(PyObject *object); /* Objects/object.c */

#define CACHED_TYPES 512 /* a power of two */

/* By address and version, as a type can be changed and its address reused. */
static struct {
    PyTypeObject *type;
    unsigned version;
    unsigned flags;
} cached_types[CACHED_TYPES];

static int type_has(PyTypeObject *type, const char *name)
{
    /* No lookup by name is free of allocation, but each type comes here once. */
    PyObject *key = PyUnicode_InternFromString(name);
    if (key == NULL) {
        PyErr_Clear();
        return 0;
    }
    int found = _PyType_Lookup(type, key) != NULL;
    Py_DECREF(key);
    return found;
}

static unsigned sequence_flags(PyTypeObject *type, unsigned flags)
{
    int is_sequence = PyType_HasFeature(type, Py_TPFLAGS_SEQUENCE) ||
                      PyType_HasFeature(type, Py_TPFLAGS_UNICODE_SUBCLASS) ||
                      PyType_HasFeature(type, Py_TPFLAGS_BYTES_SUBCLASS) ||
                      PyType_IsSubtype(type, &PyByteArray_Type);
    /* What lacks one of these is no sequence to JavaScript, such as a memoryview. */
    const unsigned all = PROXY_LENGTH | PROXY_GET | PROXY_HAS;
    if (!is_sequence || (flags & all) != all) {
        return 0;
    }
    int is_mutable = (flags & PROXY_SET) && type_has(type, "insert");
    return PROXY_SEQUENCE | (is_mutable ? PROXY_MUTABLE_SEQUENCE : 0);
}

static unsigned type_flags(PyTypeObject *type)
{
    const PySequenceMethods *sequence = type->tp_as_sequence;
    const PyMappingMethods *mapping = type->tp_as_mapping;
    const PyAsyncMethods *async = type->tp_as_async;
    unsigned flags = 0;
    if ((sequence && sequence->sq_length) || (mapping && mapping->mp_length)) {
        flags |= PROXY_LENGTH;
    }
    if ((sequence && sequence->sq_item) || (mapping && mapping->mp_subscript)) {
        flags |= PROXY_GET;
    }
    if ((sequence && sequence->sq_ass_item) || (mapping && mapping->mp_ass_subscript)) {
        flags |= PROXY_SET;
    }
    if (sequence && sequence->sq_contains) {
        flags |= PROXY_HAS;
    }
    if (type->tp_iter || (sequence && sequence->sq_item)) {
        flags |= PROXY_ITERABLE;
    }
    if (type->tp_iternext && type->tp_iternext != &_PyObject_NextNotImplemented) {
        flags |= PROXY_ITERATOR | PROXY_ITERABLE;
        if (type == &PyGen_Type ||
            (type_has(type, "send") && type_has(type, "throw") && type_has(type, "close"))) {
            flags |= PROXY_GENERATOR;
        }
    }
    if (async && async->am_await) {
        flags |= PROXY_AWAITABLE;
    }
    if (async && async->am_aiter) {
        flags |= PROXY_ASYNC_ITERABLE;
    }
    if (async && async->am_anext) {
        flags |= PROXY_ASYNC_ITERATOR | PROXY_ASYNC_ITERABLE;
        if (type == &PyAsyncGen_Type || (type_has(type, "asend") && type_has(type, "athrow"))) {
            flags |= PROXY_ASYNC_GENERATOR;
        }
    }
    if (type->tp_call) {
        flags |= PROXY_CALLABLE;
    }
    if (type->tp_as_buffer && type->tp_as_buffer->bf_getbuffer) {
        flags |= PROXY_BUFFER;
    }
    if (type == &PyDict_Type) {
        flags |= PROXY_DICT; /* a subclass may have attributes: its items are no properties */
    }
    if (type == &PyCoro_Type) {
        flags |= PROXY_COROUTINE;
    }
    return flags | sequence_flags(type, flags);
}

unsigned sospeso_proxy_flags(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    unsigned at = ((unsigned)type >> 4) & (CACHED_TYPES - 1);
    unsigned flags;
    if (cached_types[at].type == type && cached_types[at].version == type->tp_version_tag &&
        type->tp_version_tag != 0) {
        flags = cached_types[at].flags;
    }
    else {
        flags = type_flags(type);
        if (type->tp_version_tag == 0) {
            /* A lookup gives the type its tag. */
            type_has(type, "__class__");
        }
        cached_types[at].type = type;
        cached_types[at].version = type->tp_version_tag;
        cached_types[at].flags = flags;
    }
    /* Two kinds differ from object to object of one type. */
    if (PyType_Check(object) && !(flags & PROXY_GET) &&
        type_has((PyTypeObject *)object, "__class_getitem__")) {
        flags |= PROXY_GET;
    }
    else if (type == &PyGen_Type &&
             (PyGen_GetCode((PyGenObject *)object)->co_flags & CO_ITERABLE_COROUTINE)) {
        flags |= PROXY_AWAITABLE;
    }
    return flags;
}
