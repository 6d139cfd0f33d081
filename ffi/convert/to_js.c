/* to_js.c - deep conversion of Python objects, first half: the walk.
 *
 * C walks the graph once and writes it on a tape (convert.h); ffi/convert/to_js.ts then
 * builds the JavaScript values without coming back. What has no conversion is on
 * the tape as an object, for a proxy or for the user's converters. Called by
 * to_js_entry.c.
 *
 * Invariants
 *  1. A tape is read before it is freed, and freed exactly once; everything its
 *     words point to is alive until then (the keep list, or noted objects).
 *  2. Only an object with more than one reference can be met twice, so only
 *     those are looked up. Noted objects are kept alive by the note.
 *  3. Containers of exactly the builtin types are walked without running Python
 *     code. Others may run some; sizes are therefore never trusted in advance,
 *     and keys known by address are forgotten.
 *  4. A tape made for a converter's convert() shares the notes of the first, so
 *     that identity holds across them.
 */
#include "to_js.h"

#include "../bridge/js_object.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-parameter"
#include "pycore_long.h"
#pragma clang diagnostic pop

#include <stdlib.h>

/* ---- room ------------------------------------------------------------------ */

static int grow(void **array, size_t *room, size_t wanted, size_t size)
{
    size_t larger = *room < 64 ? 128 : *room * 2;
    if (larger < wanted) {
        larger = wanted;
    }
    void *moved = larger > SIZE_MAX / size ? NULL : realloc(*array, larger * size);
    if (moved == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *array = moved;
    *room = larger;
    return 0;
}

static int need_words(tape *t, size_t count)
{
    if (t->word_count + count > t->word_room) {
        return grow((void **)&t->words, &t->word_room, t->word_count + count, sizeof *t->words);
    }
    return 0;
}

static int put(tape *t, int32_t word)
{
    if (t->word_count == t->word_room && need_words(t, 1) < 0) {
        return -1;
    }
    t->words[t->word_count++] = word;
    return 0;
}

#define WORD(tag, payload) ((int32_t)((uint32_t)(payload) << 4 | (tag)))

static int put_number(tape *t, double number)
{
    if (t->number_count == t->number_room &&
        grow((void **)&t->numbers, &t->number_room, t->number_count + 1, sizeof *t->numbers) < 0) {
        return -1;
    }
    t->numbers[t->number_count++] = number;
    return put(t, TAPE_NUMBER);
}

static int keep(tape *t, PyObject *object)
{
    if (t->keep == NULL && (t->keep = PyList_New(0)) == NULL) {
        return -1;
    }
    return PyList_Append(t->keep, object);
}

static int keep_new(tape *t, PyObject *object)
{
    int status = keep(t, object);
    Py_DECREF(object);
    return status;
}

/* ---- plain values ----------------------------------------------------------- */

static int put_latin1(tape *t, const void *text, size_t length)
{
    if (t->length8 + length > t->room8 &&
        grow((void **)&t->text8, &t->room8, t->length8 + length, 1) < 0) {
        return -1;
    }
    memcpy(t->text8 + t->length8, text, length);
    t->length8 += length;
    return 0;
}

/* A string longer than this is decoded by itself: a slice of the common text
 * would keep all of it alive, and be no faster. */
#define SHARED_TEXT 512

static int put_string(tape *t, PyObject *object)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(object);
    int width = PyUnicode_KIND(object);
    if (length > SHARED_TEXT) {
        if (keep(t, object) < 0 || need_words(t, 4) < 0) {
            return -1;
        }
        int32_t *words = t->words + t->word_count;
        words[0] = TAPE_LONG;
        words[1] = width | (PyUnicode_IS_ASCII(object) ? SLOT_ASCII : 0);
        words[2] = (int32_t)PyUnicode_DATA(object);
        words[3] = (int32_t)length;
        t->word_count += 4;
        return 0;
    }
    if (width == PyUnicode_1BYTE_KIND) {
        int ascii = PyUnicode_IS_ASCII(object);
        t->ascii &= ascii;
        if (put_latin1(t, PyUnicode_1BYTE_DATA(object), length) < 0) {
            return -1;
        }
        return put(t, WORD(TAPE_STRING8, length << 1 | ascii));
    }
    if (t->length16 + 2 * length > t->room16 &&
        grow((void **)&t->text16, &t->room16, t->length16 + 2 * length, 2) < 0) {
        return -1;
    }
    uint16_t *units = t->text16 + t->length16;
    size_t count = length;
    if (width == PyUnicode_2BYTE_KIND) {
        memcpy(units, PyUnicode_2BYTE_DATA(object), 2 * length);
    }
    else {
        const Py_UCS4 *points = PyUnicode_4BYTE_DATA(object);
        count = 0;
        for (Py_ssize_t i = 0; i < length; i++) {
            if (points[i] > 0xffff) {
                units[count++] = 0xd7c0 + (points[i] >> 10);
                units[count++] = 0xdc00 + (points[i] & 0x3ff);
            }
            else {
                units[count++] = points[i];
            }
        }
    }
    t->length16 += count;
    return put(t, WORD(TAPE_STRING16, count));
}

static int put_long(tape *t, PyObject *object)
{
    int as_bigint = Py_TYPE(object) == sospeso_js_bigint_type;
    if (_PyLong_IsCompact((PyLongObject *)object) && !as_bigint) {
        Py_ssize_t value = _PyLong_CompactValue((PyLongObject *)object);
        if (value >= -TAPE_SMALL_LIMIT && value < TAPE_SMALL_LIMIT) {
            return put(t, WORD(TAPE_SMALL, value));
        }
        return put_number(t, (double)value);
    }
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (!overflow && !as_bigint && value >= -SOSPESO_MAX_SAFE && value <= SOSPESO_MAX_SAFE) {
        return put_number(t, (double)value);
    }
    PyObject *digits = _PyLong_Format(object, 16); /* of a subclass too */
    if (digits == NULL) {
        return -1;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(digits);
    int status = length > TAPE_PAYLOAD_MAX ? -1 : put_latin1(t, PyUnicode_1BYTE_DATA(digits), length);
    Py_DECREF(digits);
    if (status < 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_OverflowError, "int too large for a JavaScript BigInt");
        }
        return -1;
    }
    return put(t, WORD(TAPE_BIGINT, length));
}

/* 1 when the object is a plain value and was put, 0 when it is not, -1. */
static int put_plain(tape *t, PyObject *object)
{
    int status;
    if (PyUnicode_Check(object)) {
        status = put_string(t, object);
    }
    else if (object == Py_None) {
        status = put(t, TAPE_UNDEFINED);
    }
    else if (PyBool_Check(object)) {
        status = put(t, object == Py_True ? TAPE_TRUE : TAPE_FALSE);
    }
    else if (object == sospeso_jsnull) {
        status = put(t, TAPE_NULL);
    }
    else {
        int handle = sospeso_js_handle(object);
        if (handle != 0) {
            status = keep(t, object) < 0 ? -1 : put(t, WORD(TAPE_JS, handle));
        }
        else if (PyLong_Check(object)) {
            status = put_long(t, object);
        }
        else if (PyFloat_Check(object)) {
            status = put_number(t, PyFloat_AS_DOUBLE(object));
        }
        else {
            return 0;
        }
    }
    return status < 0 ? -1 : 1;
}

/* ---- containers --------------------------------------------------------------- */

static int walk(tape *t, PyObject *object, int depth);

void sospeso_tape_forget_keys(tape *t)
{
    memset(t->keys, 0, sizeof t->keys);
}

static int is_proto(PyObject *key)
{
    return PyUnicode_GET_LENGTH(key) == 9 && PyUnicode_CompareWithASCIIString(key, "__proto__") == 0;
}

static int put_key(tape *t, PyObject *key, int *odd)
{
    if (PyUnicode_CheckExact(key)) {
        size_t at = ((uintptr_t)key >> 4) % KEY_SLOTS;
        if (t->keys[at].key == key) {
            return put(t, t->keys[at].index << 1);
        }
        t->keys[at].key = key;
        t->keys[at].index = t->key_count++;
        if (is_proto(key)) {
            *odd = TAPE_ODD_KEYS;
            t->keys[at].key = NULL; /* so that each dict with it is told */
        }
        if (put(t, t->keys[at].index << 1 | 1) < 0) {
            return -1;
        }
        return put_string(t, key);
    }
    *odd = TAPE_ODD_KEYS;
    if (put(t, TAPE_ANY_KEY) < 0) {
        return -1;
    }
    int status = put_plain(t, key);
    if (status == 0) {
        return sospeso_raise_conversion_error("Cannot use %R as a key for a Javascript Map", key);
    }
    return status < 0 ? -1 : 0;
}

static int put_entry(tape *t, PyObject *key, PyObject *value, int depth, int *odd)
{
    Py_INCREF(key);
    Py_INCREF(value);
    int status = put_key(t, key, odd);
    if (status == 0) {
        status = walk(t, value, depth);
    }
    Py_DECREF(key);
    Py_DECREF(value);
    return status;
}

static int finish(tape *t, size_t head, int tag, Py_ssize_t payload)
{
    if (payload > TAPE_PAYLOAD_MAX) {
        PyErr_SetString(PyExc_OverflowError, "container too large to convert to JavaScript");
        return -1;
    }
    t->words[head] = WORD(tag, payload);
    return 0;
}

static int walk_dict(tape *t, PyObject *dict, int depth)
{
    size_t head = t->word_count;
    Py_ssize_t count = 0;
    int odd = 0;
    if (put(t, 0) < 0) {
        return -1;
    }
    if (PyDict_CheckExact(dict)) {
        Py_ssize_t at = 0;
        PyObject *key, *value;
        while (PyDict_Next(dict, &at, &key, &value)) {
            if (put_entry(t, key, value, depth, &odd) < 0) {
                return -1;
            }
            count++;
        }
    }
    else {
        PyObject *items = PyMapping_Items(dict);
        sospeso_tape_forget_keys(t);
        if (items == NULL || keep_new(t, items) < 0) {
            return -1;
        }
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
            PyObject *pair = PyList_GET_ITEM(items, i);
            if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
                PyErr_Format(PyExc_TypeError, "items() of %s gave %R, not a pair",
                             Py_TYPE(dict)->tp_name, pair);
                return -1;
            }
            if (put_entry(t, PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1), depth, &odd) < 0) {
                return -1;
            }
            count++;
        }
    }
    return finish(t, head, TAPE_DICT, count << 1 | odd);
}

static int walk_sequence(tape *t, PyObject *sequence, int depth)
{
    size_t head = t->word_count;
    if (put(t, 0) < 0) {
        return -1;
    }
    Py_ssize_t i = 0;
    if (PyList_Check(sequence)) {
        for (; i < PyList_GET_SIZE(sequence); i++) {
            PyObject *item = Py_NewRef(PyList_GET_ITEM(sequence, i));
            int status = walk(t, item, depth);
            Py_DECREF(item);
            if (status < 0) {
                return -1;
            }
        }
    }
    else {
        for (; i < PyTuple_GET_SIZE(sequence); i++) {
            if (walk(t, PyTuple_GET_ITEM(sequence, i), depth) < 0) {
                return -1;
            }
        }
    }
    return finish(t, head, TAPE_LIST, i);
}

static int walk_set(tape *t, PyObject *set)
{
    if (put(t, WORD(TAPE_OTHER, TAPE_SET)) < 0 || put(t, 0) < 0) {
        return -1;
    }
    size_t head = t->word_count - 1;
    PyObject *items = PySequence_List(set);
    if (!PyAnySet_CheckExact(set)) {
        sospeso_tape_forget_keys(t);
    }
    if (items == NULL || keep_new(t, items) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        int status = put_plain(t, PyList_GET_ITEM(items, i));
        if (status == 0) {
            return sospeso_raise_conversion_error("Cannot use %R as a key for a Javascript Set",
                                                  PyList_GET_ITEM(items, i));
        }
        if (status < 0) {
            return -1;
        }
    }
    t->words[head] = (int32_t)PyList_GET_SIZE(items);
    return 0;
}

static void swap_bytes(char *data, Py_ssize_t length, Py_ssize_t itemsize)
{
    for (char *item = data; item < data + length; item += itemsize) {
        for (Py_ssize_t i = 0; i < itemsize / 2; i++) {
            char byte = item[i];
            item[i] = item[itemsize - 1 - i];
            item[itemsize - 1 - i] = byte;
        }
    }
}

/* 1 when it was put, 0 when its elements have no typed array, -1. */
static int put_buffer(tape *t, PyObject *object)
{
    PyObject *memory = PyMemoryView_FromObject(object);
    sospeso_tape_forget_keys(t); /* __buffer__ may be Python code */
    if (memory == NULL || keep_new(t, memory) < 0) {
        return -1;
    }
    Py_buffer *view = PyMemoryView_GET_BUFFER(memory);
    int swapped;
    int type = sospeso_buffer_type(view->format, &swapped);
    if (type == BUFFER_UNKNOWN || (view->format != NULL && strchr(view->format, '?') != NULL)) {
        return 0; /* true and false are no numbers */
    }
    const char *data = view->buf;
    if (swapped || !PyBuffer_IsContiguous(view, 'C')) {
        PyObject *copy = PyBytes_FromStringAndSize(NULL, view->len);
        if (copy == NULL || keep_new(t, copy) < 0 ||
            PyBuffer_ToContiguous(PyBytes_AS_STRING(copy), view, view->len, 'C') < 0) {
            return -1;
        }
        if (swapped) {
            swap_bytes(PyBytes_AS_STRING(copy), view->len, view->itemsize);
        }
        data = PyBytes_AS_STRING(copy);
    }
    if (need_words(t, 5 + view->ndim) < 0) {
        return -1;
    }
    int32_t *words = t->words + t->word_count;
    words[0] = WORD(TAPE_OTHER, TAPE_BUFFER);
    words[1] = type;
    words[2] = (int32_t)data;
    words[3] = (int32_t)view->len;
    words[4] = view->ndim;
    for (int i = 0; i < view->ndim; i++) {
        words[5 + i] = view->shape == NULL ? (int32_t)(view->len / view->itemsize)
                                           : (int32_t)view->shape[i];
    }
    t->word_count += 5 + view->ndim;
    return 1;
}

static int put_object(tape *t, PyObject *object, int why, int depth)
{
    if (why != TAPE_WHY_EAGER && (t->flags & WALK_STRICT)) {
        return sospeso_raise_no_conversion(object);
    }
    int number = -1; /* one met where the depth ends may be met again higher up */
    if (why == TAPE_WHY_DEPTH) {
        if (keep(t, object) < 0) {
            return -1;
        }
    }
    else {
        int fresh;
        if ((number = sospeso_tape_note(t->noted, object, &fresh)) < 0) {
            return -1;
        }
    }
    if (need_words(t, 5) < 0) {
        return -1;
    }
    int32_t *words = t->words + t->word_count;
    words[0] = WORD(TAPE_PY, why);
    words[1] = (int32_t)object;
    words[2] = number;
    words[3] = (int32_t)sospeso_proxy_flags(object);
    words[4] = depth;
    t->word_count += 5;
    return 0;
}

static int walk_container(tape *t, PyObject *object, int depth, int (*body)(tape *, PyObject *, int))
{
    int noted_before = 0; /* and yet not converted: eager_converter wants it done now */
    if (depth == 0) {
        return put_object(t, object, TAPE_WHY_DEPTH, 0);
    }
    if (t->flags & WALK_EAGER) {
        if (!(t->flags & WALK_ROOT_DONE)) {
            return put_object(t, object, TAPE_WHY_EAGER, depth);
        }
        t->flags &= ~WALK_ROOT_DONE;
        noted_before = 1;
    }
    if (Py_REFCNT(object) > 1) {
        int fresh;
        int number = sospeso_tape_note(t->noted, object, &fresh);
        if (number < 0) {
            return -1;
        }
        if (!fresh && !noted_before) {
            return put(t, WORD(TAPE_REF, number));
        }
        if (put(t, WORD(TAPE_OTHER, TAPE_NOTE)) < 0 || put(t, number) < 0) {
            return -1;
        }
    }
    if (Py_EnterRecursiveCall(" while converting to JavaScript")) {
        return -1;
    }
    int status = body(t, object, depth - 1);
    Py_LeaveRecursiveCall();
    return status;
}

/* What has no typed array is what its tolist() is: booleans, texts, objects, structs. The depth is that
 * of the items, as for numbers. 1 when it was put, 0 when there is no such list, -1. */
static int put_as_list(tape *t, PyObject *object, int depth)
{
    PyObject *raised = PyErr_GetRaisedException(); /* of the buffer: numpy has none for times */
    PyObject *list = PyObject_CallMethod(object, "tolist", NULL);
    sospeso_tape_forget_keys(t);
    if (list == NULL || Py_IS_TYPE(list, Py_TYPE(object))) { /* a scalar of numpy's may give itself */
        Py_XDECREF(list);
        PyErr_Clear();
        PyErr_SetRaisedException(raised);
        return raised == NULL ? 0 : -1;
    }
    Py_XDECREF(raised);
    if (keep_new(t, list) < 0) {
        return -1;
    }
    PyObject *dimensions = depth > 0 ? PyObject_GetAttrString(object, "ndim") : NULL;
    if (dimensions != NULL && PyLong_Check(dimensions)) {
        depth += (int)PyLong_AsLong(dimensions) - 1;
    }
    Py_XDECREF(dimensions);
    PyErr_Clear();
    return walk(t, list, depth) < 0 ? -1 : 1;
}

static int walk_set_body(tape *t, PyObject *object, int depth)
{
    (void)depth;
    return walk_set(t, object);
}

static int walk_rest(tape *t, PyObject *object, int depth)
{
    int status = put_plain(t, object);
    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (PyList_Check(object) || PyTuple_Check(object)) {
        return walk_container(t, object, depth, walk_sequence);
    }
    if (PyDict_Check(object)) {
        return walk_container(t, object, depth, walk_dict);
    }
    if (PyAnySet_Check(object)) {
        return walk_container(t, object, depth, walk_set_body);
    }
    if (depth == 0) {
        return put_object(t, object, TAPE_WHY_DEPTH, 0);
    }
    if (t->flags & WALK_EAGER) {
        if (!(t->flags & WALK_ROOT_DONE)) {
            return put_object(t, object, TAPE_WHY_EAGER, depth);
        }
        t->flags &= ~WALK_ROOT_DONE;
    }
    if (PyObject_CheckBuffer(object)) {
        status = put_buffer(t, object);
        if (status == 0 || (status < 0 && (PyErr_ExceptionMatches(PyExc_BufferError) ||
                                           PyErr_ExceptionMatches(PyExc_ValueError)))) {
            status = put_as_list(t, object, depth);
        }
        if (status != 0) {
            return status < 0 ? -1 : 0;
        }
    }
    return put_object(t, object, TAPE_WHY_UNKNOWN, depth);
}

static int walk(tape *t, PyObject *object, int depth)
{
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyUnicode_Type) {
        return put_string(t, object);
    }
    if (type == &PyLong_Type) {
        return put_long(t, object);
    }
    if (type == &PyDict_Type) {
        return walk_container(t, object, depth, walk_dict);
    }
    if (type == &PyList_Type) {
        return walk_container(t, object, depth, walk_sequence);
    }
    if (type == &PyFloat_Type) {
        return put_number(t, PyFloat_AS_DOUBLE(object));
    }
    return walk_rest(t, object, depth);
}

int sospeso_tape_walk(tape *t, PyObject *object, int depth)
{
    return walk(t, object, depth);
}
