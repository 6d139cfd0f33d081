/* js_arrays.c - JavaScript arrays as Python's sequences.
 *
 * Arrays behave as lists, with slices. Typed arrays have a fixed length, and NodeLists can
 * only be read, as anything else with a length and an iterator; that has slices, too. The functions here are slots and methods of the classes in js_types.c.
 *
 * Invariants
 *  1. Indices are computed from the length at the time; JavaScript checks them
 *     again, as its code may run between the two.
 */
#include "js_proxy.h"

SOSPESO_IMPORT(js_item) extern int host_js_item(int handle, int index, sospeso_slot *result);

/* ---- items ------------------------------------------------------------------------- */

static PyObject *index_error(const char *what)
{
    PyErr_Format(PyExc_IndexError, "%s out of range", what);
    return NULL;
}

/* 0: it is in *slot; 1: there is none, -1 with an exception. */
static int get_item(PyObject *self, Py_ssize_t index, sospeso_slot *slot)
{
    const js_part *js = sospeso_js_self(self);
    if (js == NULL || (index < 0 && js->kind & (JS_NODE_LIST | JS_ARRAY_LIKE) && sospeso_js_length(self) < 0)) {
        return -1; /* the length of those is anything */
    }
    PyThreadState *state = PyThreadState_GET();
    if (sospeso_enter_crossing(state) < 0) {
        return -1;
    }
    sospeso_outgoing call;
    sospeso_push_outgoing(&call, 0, js->handle, "a getter");
    int status = host_js_item(js->handle, (int)index, slot);
    if (status < 0) {
        sospeso_raise_js_error();
    }
    sospeso_pop_outgoing(&call);
    sospeso_leave_crossing(state);
    return status;
}

PyObject *sospeso_js_array_item(PyObject *self, Py_ssize_t index)
{
    sospeso_slot slot;
    int status = get_item(self, index, &slot);
    if (status != 0) {
        return status < 0 ? NULL : index_error("list index");
    }
    return sospeso_js_inherit(self, sospeso_from_slot(&slot));
}

/* Call an op with integers and, at the end, an object (which may be NULL). */
static int array_op(int op, PyObject *self, const Py_ssize_t *numbers, int count, PyObject *last,
                    sospeso_slot *slot)
{
    PyObject *args[4];
    int made = 0;
    int status = -1;
    for (; made < count; made++) {
        if ((args[made] = PyLong_FromSsize_t(numbers[made])) == NULL) {
            goto done;
        }
    }
    args[count] = last;
    status = sospeso_js_op(op, self, args, count + (last != NULL), slot);
done:
    while (made > 0) {
        Py_DECREF(args[--made]);
    }
    return status;
}

static int slice_bounds(PyObject *self, PyObject *key, Py_ssize_t numbers[3])
{
    Py_ssize_t start, stop_at, step;
    if (PySlice_Unpack(key, &start, &stop_at, &step) < 0) {
        return -1;
    }
    Py_ssize_t length = sospeso_js_length(self);
    if (length < 0) {
        return -1;
    }
    Py_ssize_t count = PySlice_AdjustIndices(length, &start, &stop_at, step);
    numbers[0] = start;
    numbers[1] = step;
    numbers[2] = count;
    return 0;
}

static int wrong_key(PyObject *key)
{
    PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %s", Py_TYPE(key)->tp_name);
    return -1;
}

PyObject *sospeso_js_array_subscript(PyObject *self, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        return index == -1 && PyErr_Occurred() ? NULL : sospeso_js_array_item(self, index);
    }
    if (!PySlice_Check(key)) {
        wrong_key(key);
        return NULL;
    }
    const js_part *js = sospeso_js_part(self);
    if (js != NULL && js->kind & (sospeso_as_314 ? JS_TYPED_ARRAY : JS_TYPED_ARRAY | JS_NODE_LIST)) {
        return PyErr_Format(PyExc_NotImplementedError, "Slice subscripting isn't implemented for %s",
                            js->kind & JS_TYPED_ARRAY ? "typed arrays" : "HTMLCollection or NodeList");
    }
    Py_ssize_t numbers[3];
    sospeso_slot slot;
    if (slice_bounds(self, key, numbers) < 0 ||
        array_op(JS_OP_ARRAY_SLICE, self, numbers, 3, NULL, &slot) < 0) {
        return NULL;
    }
    return sospeso_js_inherit(self, sospeso_from_slot(&slot));
}

/* A JavaScript Array of the items of an iterable. */
static PyObject *array_from(PyObject *items)
{
    PyObject *iterator = PyObject_GetIter(items);
    PyObject *array = iterator == NULL ? NULL : sospeso_js_op_object(JS_OP_ARRAY_NEW, NULL, NULL, 0);
    PyObject *item;
    while (array != NULL && (item = PyIter_Next(iterator)) != NULL) {
        sospeso_slot slot;
        if (sospeso_js_op(JS_OP_ARRAY_PUSH, array, &item, 1, &slot) < 0) {
            Py_CLEAR(array);
        }
        Py_DECREF(item);
    }
    Py_XDECREF(iterator);
    if (array != NULL && PyErr_Occurred()) {
        Py_CLEAR(array);
    }
    return array;
}

static int assign_slice(PyObject *self, PyObject *key, PyObject *value)
{
    PyObject *array = NULL;
    Py_ssize_t numbers[3];
    sospeso_slot slot;
    if (value != NULL && (array = array_from(value)) == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError) && Py_TYPE(value)->tp_iter == NULL && !PySequence_Check(value)) {
            PyErr_SetString(PyExc_TypeError, "must assign iterable to extended slice");
        }
        return -1;
    }
    int status = slice_bounds(self, key, numbers);
    if (status == 0 && numbers[1] == 1) {
        Py_ssize_t splice[2] = {numbers[0], numbers[2]};
        status = array_op(JS_OP_ARRAY_SPLICE, self, splice, 2, array, &slot);
    }
    else if (status == 0 && value == NULL) {
        status = array_op(JS_OP_ARRAY_DELETE, self, numbers, 3, NULL, &slot);
    }
    else if (status == 0) {
        Py_ssize_t given = sospeso_js_length(array);
        if (given != numbers[2]) {
            PyErr_Format(PyExc_ValueError,
                         "attempt to assign sequence of size %zd to extended slice of size %zd",
                         given, numbers[2]);
            status = -1;
        }
        else {
            Py_ssize_t assign[2] = {numbers[0], numbers[1]};
            status = array_op(JS_OP_ARRAY_ASSIGN, self, assign, 2, array, &slot);
        }
    }
    Py_XDECREF(array);
    return status < 0 ? -1 : 0;
}

int sospeso_js_array_ass_item(PyObject *self, Py_ssize_t index, PyObject *value)
{
    const js_part *js = sospeso_js_part(self);
    if (value == NULL && (js == NULL || !(js->kind & JS_ARRAY))) {
        PyErr_SetString(PyExc_TypeError, "object doesn't support item deletion");
        return -1;
    }
    sospeso_slot slot;
    int status;
    if (value != NULL) {
        status = array_op(JS_OP_ARRAY_SET, self, &index, 1, value, &slot);
    }
    else {
        Py_ssize_t numbers[3] = {index, 1, 1};
        status = array_op(JS_OP_ARRAY_DELETE, self, numbers, 3, NULL, &slot);
    }
    if (status == 1) {
        index_error("list assignment index");
        status = -1;
    }
    return status;
}

int sospeso_js_array_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    const js_part *js = sospeso_js_part(self);
    if (js == NULL || !(js->kind & JS_ARRAY)) {
        if (value == NULL) {
            return sospeso_js_array_ass_item(self, 0, NULL);
        }
        if (PySlice_Check(key)) {
            PyErr_SetString(PyExc_NotImplementedError, "Slice assignment isn't implemented for typed arrays");
            return -1;
        }
    }
    if (PySlice_Check(key)) {
        return assign_slice(self, key, value);
    }
    if (!PyIndex_Check(key)) {
        return wrong_key(key);
    }
    Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if (index == -1 && PyErr_Occurred()) {
        return -1;
    }
    return sospeso_js_array_ass_item(self, index, value);
}

PyObject *sospeso_js_array_concat(PyObject *self, PyObject *other)
{
    PyObject *array = array_from(other);
    PyObject *result = array == NULL ? NULL : sospeso_js_op_object(JS_OP_ARRAY_CONCAT, self, &array, 1);
    Py_XDECREF(array);
    return result;
}

static int extend(PyObject *self, PyObject *items)
{
    PyObject *array = array_from(items);
    if (array == NULL) {
        return -1;
    }
    sospeso_slot slot;
    Py_ssize_t splice[2] = {sospeso_js_length(self), 0};
    int status = splice[0] < 0 ? -1 : array_op(JS_OP_ARRAY_SPLICE, self, splice, 2, array, &slot);
    Py_DECREF(array);
    return status;
}

PyObject *sospeso_js_array_inplace_concat(PyObject *self, PyObject *other)
{
    return extend(self, other) < 0 ? NULL : Py_NewRef(self);
}

PyObject *sospeso_js_array_repeat(PyObject *self, Py_ssize_t times)
{
    sospeso_slot slot;
    Py_ssize_t number = times < 0 ? 0 : times;
    return array_op(JS_OP_ARRAY_REPEAT, self, &number, 1, NULL, &slot) < 0 ? NULL : sospeso_from_slot(&slot);
}

PyObject *sospeso_js_array_inplace_repeat(PyObject *self, Py_ssize_t times)
{
    PyObject *all = sospeso_js_array_repeat(self, times);
    if (all == NULL) {
        return NULL;
    }
    sospeso_slot slot;
    Py_ssize_t splice[2] = {0, sospeso_js_length(self)};
    int status = splice[1] < 0 ? -1 : array_op(JS_OP_ARRAY_SPLICE, self, splice, 2, all, &slot);
    Py_DECREF(all);
    return status < 0 ? NULL : Py_NewRef(self);
}

static PyObject *array_append(PyObject *self, PyObject *value)
{
    sospeso_slot slot;
    return sospeso_js_op(JS_OP_ARRAY_PUSH, self, &value, 1, &slot) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *array_extend(PyObject *self, PyObject *items)
{
    return extend(self, items) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *array_insert(PyObject *self, PyObject *args)
{
    Py_ssize_t index;
    PyObject *value;
    if (!PyArg_ParseTuple(args, "nO:insert", &index, &value)) {
        return NULL;
    }
    Py_ssize_t length = sospeso_js_length(self);
    if (length < 0) {
        return NULL;
    }
    index = index < 0 ? Py_MAX(index + length, 0) : Py_MIN(index, length);
    PyObject *one = PyTuple_Pack(1, value);
    PyObject *array = one == NULL ? NULL : array_from(one);
    Py_XDECREF(one);
    sospeso_slot slot;
    Py_ssize_t splice[2] = {index, 0};
    int status = array == NULL ? -1 : array_op(JS_OP_ARRAY_SPLICE, self, splice, 2, array, &slot);
    Py_XDECREF(array);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *array_pop(PyObject *self, PyObject *args)
{
    Py_ssize_t index = -1;
    if (!PyArg_ParseTuple(args, "|n:pop", &index)) {
        return NULL;
    }
    Py_ssize_t length = sospeso_js_length(self);
    if (length <= 0) {
        if (length == 0) {
            PyErr_SetString(PyExc_IndexError, "pop from empty list");
        }
        return NULL;
    }
    sospeso_slot slot;
    int status = get_item(self, index, &slot);
    if (status < 0) {
        return NULL;
    }
    /* A hole is popped as None. */
    PyObject *value = status == 0 ? sospeso_js_inherit(self, sospeso_from_slot(&slot)) : Py_NewRef(Py_None);
    Py_ssize_t numbers[3] = {index, 1, 1};
    if (value != NULL && array_op(JS_OP_ARRAY_DELETE, self, numbers, 3, NULL, &slot) != 0) {
        Py_CLEAR(value);
        if (!PyErr_Occurred()) {
            index_error("pop index");
        }
    }
    return value;
}

/* ---- searching: JavaScript's values are found there, Python's objects compared here by == ---- */

/* Whether JavaScript can have the value only as a PyProxy; -1 with an exception. */
static int is_python(PyObject *value)
{
    sospeso_slot slot;
    PyObject *keep = NULL;
    int status = sospeso_to_slot(value, &slot, &keep);
    Py_XDECREF(keep);
    if (status == 0 && slot.kind == SLOT_PY) {
        Py_DECREF((PyObject *)slot.a);
        return 1;
    }
    return status;
}

/* Index of the next item that is a Python object, or where the search ends; -1 with an exception. */
static Py_ssize_t next_python(PyObject *self, Py_ssize_t start, Py_ssize_t stop_at)
{
    sospeso_slot slot;
    Py_ssize_t bounds[2] = {start, stop_at};
    int status = array_op(JS_OP_ARRAY_INDEX, self, bounds, 2, NULL, &slot);
    return status < 0 ? -1 : status == 0 ? slot.a : stop_at;
}

static int item_equals(PyObject *self, Py_ssize_t index, PyObject *value)
{
    sospeso_slot slot;
    int status = get_item(self, index, &slot);
    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    PyObject *item = sospeso_from_slot(&slot);
    status = item == NULL ? -1 : PyObject_RichCompareBool(item, value, Py_EQ);
    Py_XDECREF(item);
    return status;
}

/* Index of the first such item, or -1 with an exception. */
static Py_ssize_t find(PyObject *self, PyObject *value, Py_ssize_t start, Py_ssize_t stop_at)
{
    Py_ssize_t at = -1;
    int status = is_python(value);
    if (status == 0) {
        sospeso_slot slot;
        Py_ssize_t bounds[2] = {start, stop_at};
        status = array_op(JS_OP_ARRAY_INDEX, self, bounds, 2, value, &slot);
        at = status == 0 ? slot.a : -1;
    }
    else if (status == 1) {
        Py_ssize_t length = sospeso_js_length(self);
        status = length < 0 ? -1 : 0;
        PySlice_AdjustIndices(Py_MAX(length, 0), &start, &stop_at, 1);
        for (Py_ssize_t i = start; status == 0 && (i = next_python(self, i, stop_at)) != stop_at; i++) {
            status = i < 0 ? -1 : item_equals(self, i, value);
            at = status == 1 ? i : -1;
        }
    }
    if (at < 0 && status >= 0) {
        PyErr_Format(PyExc_ValueError, "%R is not in list", value);
    }
    return at;
}

static PyObject *array_index(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Py_ssize_t bounds[2] = {0, PY_SSIZE_T_MAX};
    if (count < 1 || count > 3) {
        return PyErr_Format(PyExc_TypeError, "index() takes at %s argument%s (%zd given)",
                            count < 1 ? "least 1" : "most 3", count < 1 ? "" : "s", count);
    }
    for (int i = 1; i < count; i++) {
        bounds[i - 1] = PyNumber_AsSsize_t(args[i], NULL);
        if (bounds[i - 1] == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    Py_ssize_t at = find(self, args[0], bounds[0], bounds[1]);
    return at < 0 ? NULL : PyLong_FromSsize_t(at);
}

static PyObject *array_count(PyObject *self, PyObject *value)
{
    int status = is_python(value);
    if (status <= 0) {
        return status < 0 ? NULL : sospeso_js_op_object(JS_OP_ARRAY_COUNT, self, &value, 1);
    }
    Py_ssize_t length = sospeso_js_length(self);
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; length >= 0 && status >= 0 && (i = next_python(self, i, length)) != length; i++) {
        status = i < 0 ? -1 : item_equals(self, i, value);
        count += status == 1;
    }
    return length < 0 || status < 0 ? NULL : PyLong_FromSsize_t(count);
}

static PyObject *array_remove(PyObject *self, PyObject *value)
{
    sospeso_slot slot;
    Py_ssize_t numbers[3] = {find(self, value, 0, PY_SSIZE_T_MAX), 1, 1};
    if (numbers[0] < 0 || array_op(JS_OP_ARRAY_DELETE, self, numbers, 3, NULL, &slot) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *array_reverse(PyObject *self, PyObject *unused)
{
    (void)unused;
    sospeso_slot slot;
    return sospeso_js_op(JS_OP_ARRAY_REVERSE, self, NULL, 0, &slot) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *array_clear(PyObject *self, PyObject *unused)
{
    (void)unused;
    sospeso_slot slot;
    Py_ssize_t splice[2] = {0, sospeso_js_length(self)};
    int status = splice[1] < 0 ? -1 : array_op(JS_OP_ARRAY_SPLICE, self, splice, 2, NULL, &slot);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *array_copy(PyObject *self, PyObject *unused)
{
    (void)unused;
    return sospeso_js_array_repeat(self, 1);
}

static PyObject *array_reversed(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *copy = PySequence_List(self);
    PyObject *iterator = copy == NULL ? NULL : PyObject_CallMethod(copy, "__reversed__", NULL);
    Py_XDECREF(copy);
    return iterator;
}

#define INDEX {"index", (PyCFunction)(void (*)(void))array_index, METH_FASTCALL, \
     "index(value, start=0, stop=sys.maxsize)\n--\n\nIndex of the first such item."}
#define COUNT {"count", array_count, METH_O, "count(value)\n--\n\nNumber of such items."}
#define REVERSE {"reverse", array_reverse, METH_NOARGS, "reverse()\n--\n\nReverse in place."}
#define REVERSED {"__reversed__", array_reversed, METH_NOARGS, "The items from the end."}

PyMethodDef sospeso_js_sequence_class_methods[] = {REVERSED, {NULL, NULL, 0, NULL}};
PyMethodDef sospeso_js_typed_array_class_methods[] = {INDEX, COUNT, REVERSE, REVERSED, {NULL, NULL, 0, NULL}};
PyMethodDef sospeso_js_array_class_methods[] = {
    {"append", array_append, METH_O, "append(value)\n--\n\nAdd an item at the end."},
    {"extend", array_extend, METH_O, "extend(items)\n--\n\nAdd items at the end."},
    {"insert", array_insert, METH_VARARGS, "insert(index, value)\n--\n\nInsert an item before the index."},
    {"pop", array_pop, METH_VARARGS, "pop(index=-1)\n--\n\nRemove an item and give it."},
    {"remove", array_remove, METH_O, "remove(value)\n--\n\nRemove the first such item."},
    {"clear", array_clear, METH_NOARGS, "clear()\n--\n\nRemove all items."},
    {"copy", array_copy, METH_NOARGS, "copy()\n--\n\nA shallow copy."},
    INDEX,
    COUNT,
    REVERSE,
    REVERSED,
    {NULL, NULL, 0, NULL},
};
