/* to_py.c - deep conversion of JavaScript values, second half: building.
 *
 * ffi/convert/to_py.ts walks the graph and writes a tape (convert.h); this builds the
 * Python objects from it. The builder is a machine with a stack of open
 * containers: it can stop after any word, so that a converter of the user's can
 * run in the middle of a conversion. Called by ffi/convert/to_py.ts for pyodide.toPy(),
 * and through js_proxy.c for JsProxy.to_py().
 *
 * Invariants
 *  1. A container is placed in its parent before it is filled, so that cycles
 *     find it; user code may see it then, so it is never invalid: a list grows
 *     by appending.
 *  2. The builder owns one reference to each open container, to each container
 *     made (for TAPE_REF, which counts them) and to each key; freeing it gives
 *     all of them up.
 *  3. Words refer to objects with borrowed addresses, which ffi/convert/to_py.ts keeps
 *     alive, and to handles. It is told how many handles were taken over and
 *     releases the others.
 */
#include "convert.h"
#include "../bridge/js_object.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-parameter"
#include "pycore_dict.h"
#include "pycore_list.h"
#pragma clang diagnostic pop

#include <stdlib.h>

typedef enum { OPEN_ROOT, OPEN_LIST, OPEN_DICT, OPEN_SET } open_kind;

typedef struct {
    open_kind kind;
    PyObject *container; /* of a root: the value, once there is one */
    PyObject *key;       /* of the entry that is being read */
    Py_ssize_t left;     /* values still to come */
    Py_ssize_t count;    /* values in all */
} open_container;

/* The head of a tape as ffi/convert/to_py.ts writes it. */
typedef struct {
    const int32_t *words;
    const double *numbers;
    const char *text8;
    const uint16_t *text16;
    uint32_t word_count;
    uint32_t handles_taken; /* set when the tape was read */
} tape_head;

SOSPESO_AT(tape_head, words, TO_PY_WORDS);
SOSPESO_AT(tape_head, numbers, TO_PY_NUMBERS);
SOSPESO_AT(tape_head, text8, TO_PY_TEXT8);
SOSPESO_AT(tape_head, text16, TO_PY_TEXT16);
SOSPESO_AT(tape_head, word_count, TO_PY_WORD_COUNT);
SOSPESO_AT(tape_head, handles_taken, TO_PY_HANDLES_TAKEN);
_Static_assert(sizeof(tape_head) == TO_PY_SIZE, "JavaScript puts the numbers behind it");

typedef struct {
    open_container *open;
    size_t depth, open_room;
    PyObject **made; /* containers, in the order they were opened */
    size_t made_count, made_room;
    PyObject **keys;
    size_t key_count, key_room;
} builder;

typedef struct {
    tape_head head;
    size_t at;
} reader;

static int grow(void **array, size_t *room, size_t wanted, size_t size)
{
    if (wanted <= *room) {
        return 0;
    }
    size_t larger = *room < 32 ? 64 : *room * 2;
    if (larger < wanted) {
        larger = wanted;
    }
    void *moved = realloc(*array, larger * size);
    if (moved == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memset((char *)moved + *room * size, 0, (larger - *room) * size);
    *array = moved;
    *room = larger;
    return 0;
}

/* ---- open containers ---------------------------------------------------------- */

static open_container *top(builder *b)
{
    return &b->open[b->depth - 1];
}

static int push(builder *b, open_kind kind, PyObject *container, Py_ssize_t count)
{
    if (grow((void **)&b->open, &b->open_room, b->depth + 1, sizeof *b->open) < 0) {
        return -1;
    }
    b->open[b->depth++] = (open_container){
        .kind = kind, .container = Py_XNewRef(container), .left = count, .count = count};
    return 0;
}

static void pop(builder *b)
{
    open_container *last = &b->open[--b->depth];
    PyObject *container = last->container, *key = last->key;
    last->container = last->key = NULL;
    Py_XDECREF(container);
    Py_XDECREF(key);
}

/* Two keys that differ in JavaScript may be equal in Python: 1 and 1n (to_py.ts has looked for
 * the usual ones, 1 and true). */
static int check_size(const open_container *full)
{
    Py_ssize_t size = full->kind == OPEN_DICT   ? PyDict_GET_SIZE(full->container)
                      : full->kind == OPEN_SET  ? PySet_GET_SIZE(full->container)
                                                : full->count;
    if (size >= full->count) {
        return 0;
    }
    PyObject *type = sospeso_conversion_error();
    if (type != NULL) {
        PyErr_Format(type,
                     "Cannot faithfully convert %s into Python since it contains two keys that are "
                     "equal there (such as 1 and 1n).",
                     full->kind == OPEN_DICT ? "Map" : "Set");
    }
    return -1;
}

/* Put a value where the tape is; the reference is taken over. */
static int place(builder *b, PyObject *value)
{
    open_container *here = top(b);
    int status;
    switch (here->kind) {
    case OPEN_LIST:
        status = _PyList_AppendTakeRef((PyListObject *)here->container, value);
        break;
    case OPEN_DICT:
        status = PyDict_SetItem(here->container, here->key, value);
        Py_DECREF(value);
        Py_CLEAR(here->key);
        break;
    case OPEN_SET:
        status = PySet_Add(here->container, value);
        Py_DECREF(value);
        break;
    default:
        Py_XSETREF(here->container, value);
        status = 0;
    }
    /* Another container may be complete with this one; a root never is. */
    here->left--;
    return status;
}

static int close_full(builder *b)
{
    while (top(b)->kind != OPEN_ROOT && top(b)->left <= 0) {
        if (check_size(top(b)) < 0) {
            return -1;
        }
        pop(b);
    }
    return 0;
}

/* Place a new, empty container and open it. The reference is taken over. */
static int open_new(builder *b, open_kind kind, PyObject *container, Py_ssize_t count)
{
    if (container == NULL) {
        return -1;
    }
    if (grow((void **)&b->made, &b->made_room, b->made_count + 1, sizeof *b->made) < 0) {
        Py_DECREF(container);
        return -1;
    }
    b->made[b->made_count++] = container;
    return place(b, Py_NewRef(container)) < 0 ? -1 : push(b, kind, container, count);
}

/* ---- reading -------------------------------------------------------------------- */

static PyObject *string8(reader *r, uint32_t payload)
{
    Py_ssize_t length = payload >> 1;
    const char *text = r->head.text8;
    r->head.text8 += length;
    if ((payload & 1) && length > 1) {
        PyObject *made = PyUnicode_New(length, 127);
        if (made != NULL) {
            memcpy(PyUnicode_1BYTE_DATA(made), text, length);
        }
        return made;
    }
    return PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, text, length);
}

static PyObject *string16(reader *r, uint32_t length)
{
    int little_endian = -1;
    const char *text = (const char *)r->head.text16;
    r->head.text16 += length;
    return PyUnicode_DecodeUTF16(text, (Py_ssize_t)length * 2, "surrogatepass", &little_endian);
}

static PyObject *bigint(reader *r, uint32_t length)
{
    char *digits = PyMem_Malloc(length + 1);
    if (digits == NULL) {
        return PyErr_NoMemory();
    }
    memcpy(digits, r->head.text8, length);
    digits[length] = '\0';
    r->head.text8 += length;
    PyObject *made = PyLong_FromString(digits, NULL, 16);
    PyMem_Free(digits);
    if (made != NULL && sospeso_js_bigint_type != NULL) {
        /* A BigInt goes back as one, however small it is. */
        Py_SETREF(made, PyObject_CallOneArg((PyObject *)sospeso_js_bigint_type, made));
    }
    return made;
}

/* A value that holds no others, as a new reference; *leaf is 0 for the rest. */
static PyObject *read_leaf(reader *r, uint32_t word, int *leaf)
{
    uint32_t payload = word >> 4;
    *leaf = 1;
    switch (word & 15) {
    case TAPE_STRING8:
        return string8(r, payload);
    case TAPE_SMALL:
        return PyLong_FromLong((int32_t)word >> 4);
    case TAPE_NUMBER:
        return PyFloat_FromDouble(*r->head.numbers++);
    case TAPE_UNDEFINED:
        Py_RETURN_NONE;
    case TAPE_NULL:
        return Py_NewRef(sospeso_jsnull);
    case TAPE_FALSE:
        Py_RETURN_FALSE;
    case TAPE_TRUE:
        Py_RETURN_TRUE;
    case TAPE_STRING16:
        return string16(r, payload);
    case TAPE_BIGINT:
        return bigint(r, payload);
    case TAPE_JS:
        r->head.handles_taken++;
        return sospeso_js_proxy_new((int)payload, r->head.words[r->at++]);
    case TAPE_PY:
        return Py_NewRef((PyObject *)r->head.words[r->at++]);
    case TAPE_OTHER:
        if (payload == TAPE_INTEGER) {
            return PyLong_FromDouble(*r->head.numbers++);
        }
        /* fall through */
    default:
        *leaf = 0;
        return NULL;
    }
}

/* Set the key of the entry that follows. */
static int read_key(builder *b, reader *r)
{
    int32_t word = r->head.words[r->at++];
    PyObject *key;
    if (word == TAPE_ANY_KEY) {
        int leaf;
        key = read_leaf(r, (uint32_t)r->head.words[r->at++], &leaf);
        if (key == NULL) {
            return -1;
        }
        top(b)->key = key;
        return 0;
    }
    size_t index = (uint32_t)word >> 1;
    if (word & 1) {
        int leaf;
        key = read_leaf(r, (uint32_t)r->head.words[r->at++], &leaf);
        if (key == NULL) {
            return -1;
        }
        if (grow((void **)&b->keys, &b->key_room, index + 1, sizeof *b->keys) < 0) {
            Py_DECREF(key);
            return -1;
        }
        b->keys[index] = key;
        b->key_count = index + 1;
    }
    top(b)->key = Py_NewRef(b->keys[index]);
    return 0;
}

static int open_list(builder *b, Py_ssize_t count)
{
    PyObject *list = PyList_New(count);
    if (list != NULL) {
        Py_SET_SIZE(list, 0); /* room for all, none there yet */
    }
    return open_new(b, OPEN_LIST, list, count);
}

static int read_other(builder *b, reader *r, uint32_t what)
{
    int32_t word = r->head.words[r->at++];
    switch (what) {
    case TAPE_SET:
        return open_new(b, OPEN_SET, PySet_New(NULL), word);
    case TAPE_PAIRS:
        return open_new(b, OPEN_DICT, _PyDict_NewPresized(word), word);
    default:
        PyErr_Format(PyExc_SystemError, "unknown word on a tape: %u", what);
        return -1;
    }
}

static int read_word(builder *b, reader *r)
{
    if (top(b)->kind == OPEN_DICT && top(b)->key == NULL) {
        return read_key(b, r);
    }
    uint32_t word = (uint32_t)r->head.words[r->at++];
    uint32_t payload = word >> 4;
    switch (word & 15) {
    case TAPE_LIST:
        return open_list(b, payload);
    case TAPE_DICT:
        return open_new(b, OPEN_DICT, _PyDict_NewPresized(payload), payload);
    case TAPE_REF:
        return place(b, Py_NewRef(b->made[payload]));
    default: {
        int leaf;
        PyObject *value = read_leaf(r, word, &leaf);
        if (value != NULL) {
            return place(b, value);
        }
        return leaf ? -1 : read_other(b, r, payload);
    }
    }
}

/* The usual entry, a known key and a value that holds no others, in one step: 1
 * when it was that, 0 when nothing was read, -1. */
static int read_entry(builder *b, reader *r)
{
    open_container *here = top(b);
    if (here->kind != OPEN_DICT || here->key != NULL || r->at + 1 >= r->head.word_count) {
        return 0;
    }
    int32_t word = r->head.words[r->at];
    uint32_t next = (uint32_t)r->head.words[r->at + 1];
    if (word & 1 || (next & 15) > TAPE_STRING16) {
        return 0; /* a new key, or TAPE_ANY_KEY; a container */
    }
    r->at += 2;
    int leaf;
    PyObject *value = read_leaf(r, next, &leaf);
    if (value == NULL) {
        return -1;
    }
    PyObject *key = b->keys[(uint32_t)word >> 1];
    here->left--;
    return _PyDict_SetItem_Take2((PyDictObject *)here->container, Py_NewRef(key), value) < 0 ? -1 : 1;
}

static int read_all(builder *b, tape_head *head)
{
    reader r = {.head = *head};
    int status = 0;
    r.head.handles_taken = 0;
    while (status == 0 && r.at < r.head.word_count) {
        status = read_entry(b, &r);
        if (status == 0) {
            status = read_word(b, &r);
        }
        else if (status > 0) {
            status = 0;
        }
        if (status == 0) {
            status = close_full(b);
        }
    }
    head->handles_taken = r.head.handles_taken;
    return status;
}

/* ---- exports ----------------------------------------------------------------------- */

EMSCRIPTEN_KEEPALIVE builder *sospeso_to_py_new(void)
{
    return calloc(1, sizeof(builder));
}

static void free_builder(builder *b)
{
    while (b->depth > 0) {
        pop(b);
    }
    for (size_t i = 0; i < b->made_count; i++) {
        Py_DECREF(b->made[i]);
    }
    for (size_t i = 0; i < b->key_count; i++) {
        Py_XDECREF(b->keys[i]);
    }
    free(b->open);
    free(b->made);
    free(b->keys);
    free(b);
}

EMSCRIPTEN_KEEPALIVE void sospeso_to_py_free(builder *b)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    free_builder(b);
    sospeso_leave_python(&entry);
}

/* Begin a value of its own: the outermost, or one for a converter's convert().
 * How deep the builder was before, or -1. */
EMSCRIPTEN_KEEPALIVE int sospeso_to_py_open(builder *b)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    int depth = (int)b->depth;
    if (push(b, OPEN_ROOT, NULL, 1) < 0) {
        sospeso_keep_error();
        depth = -1;
    }
    sospeso_leave_python(&entry);
    return depth;
}

/* Build from the words of a tape, which may end anywhere between two values.
 * -1 with the exception kept. */
EMSCRIPTEN_KEEPALIVE int sospeso_to_py_build(builder *b, tape_head *head)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    int status = read_all(b, head);
    if (status < 0) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return status;
}

/* End what the last sospeso_to_py_open() began: a new reference to the value,
 * 0 when it never came. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_to_py_close(builder *b)
{
    PyObject *value = top(b)->container;
    top(b)->container = NULL;
    b->depth--;
    return value;
}

/* Give up what was begun above a depth. How many containers were made so far. */
EMSCRIPTEN_KEEPALIVE int sospeso_to_py_unwind(builder *b, int depth)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    while (b->depth > (size_t)depth) {
        pop(b);
    }
    sospeso_leave_python(&entry);
    return (int)b->made_count;
}

/* All of a conversion without converters in one crossing: a new reference to
 * the value, 0 with the exception kept. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_to_py_once(tape_head *head)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    builder *b = sospeso_to_py_new();
    PyObject *value = NULL;
    if (b == NULL) {
        PyErr_NoMemory();
    }
    else {
        if (push(b, OPEN_ROOT, NULL, 1) == 0 && read_all(b, head) == 0) {
            value = sospeso_to_py_close(b);
        }
        PyObject *error = PyErr_GetRaisedException();
        free_builder(b);
        PyErr_SetRaisedException(error);
    }
    if (value == NULL) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return value;
}

/* ---- JsProxy.to_py() ----------------------------------------------------------------- */

/* The value of a handle, converted: an object's address, or 0. */
SOSPESO_IMPORT(to_py) extern PyObject *host_to_py(int handle, int depth, sospeso_slot *converter);

PyObject *sospeso_js_to_py(int handle, int depth, PyObject *default_converter)
{
    sospeso_slot slot;
    PyObject *kept = NULL;
    PyObject *converter = default_converter == NULL ? Py_None : default_converter;
    if (sospeso_to_slot(converter, &slot, &kept) < 0) {
        return NULL;
    }
    sospeso_outgoing call;
    sospeso_push_outgoing(&call, 0, 0, "to_py");
    PyObject *value = host_to_py(handle, depth, &slot);
    if (value == NULL) {
        sospeso_raise_js_error();
    }
    sospeso_pop_outgoing(&call);
    Py_XDECREF(kept);
    return value;
}
