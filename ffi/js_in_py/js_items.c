/* js_items.c - JavaScript collections as Python's: length, iteration, arrays.
 *
 * Arrays and typed arrays behave as lists (with slices), what has
 * Symbol.iterator can be iterated; mappings are in js_maps.c. The functions here
 * are slots and methods of the classes in js_types.c.
 *
 * Invariants
 *  1. Indices are computed from the length at the time; JavaScript checks them
 *     again, as its code may run between the two.
 */
#include "js_proxy.h"

#include <internal/pycore_genobject.h> /* internal: _PyGen_SetStopIterationValue */

SOSPESO_IMPORT(js_item) extern int host_js_item(int handle, int index, sospeso_slot *result);
SOSPESO_IMPORT(js_next) extern int host_js_next(int handle, sospeso_slot *result);

Py_ssize_t sospeso_js_length(PyObject *self)
{
    sospeso_slot result;
    const js_part *js = sospeso_js_self(self);
    int op = js != NULL && js->kind & JS_OBJECT_MAP ? JS_OP_OWN_LENGTH : JS_OP_LENGTH;
    if (js == NULL || sospeso_js_op(op, self, NULL, 0, &result) < 0) {
        return -1;
    }
    if (result.kind == SLOT_INT && result.a >= 0) {
        return result.a;
    }
    int beyond = result.kind == SLOT_INTEGER || result.kind == SLOT_FLOAT;
    sospeso_drop_slot(&result);
    PyErr_SetString(beyond ? PyExc_OverflowError : PyExc_TypeError,
                    beyond ? "the length of this JavaScript object is no index of Python's"
                           : "the length of this JavaScript object is no number");
    return -1;
}

/* What comes out of an object of the kind JS_HEREDITARY (as_py_json()) is of that
 * kind, too. Takes the value over. */
PyObject *sospeso_js_inherit(PyObject *self, PyObject *value)
{
    const js_part *js = sospeso_js_part(self);
    const js_part *part = value == NULL || js == NULL || !(js->kind & JS_HEREDITARY) ? NULL : sospeso_js_part(value);
    if (part == NULL || (part->kind & ~(unsigned)JS_DISPOSABLE && !(part->kind & JS_ARRAY))) {
        return value;
    }
    unsigned kind = part->kind & JS_ARRAY ? part->kind : JS_OBJECT_MAP;
    PyObject *made = sospeso_js_again(value, kind | JS_HEREDITARY);
    Py_DECREF(value);
    return made;
}

/* ---- iteration ------------------------------------------------------------------ */

PyObject *sospeso_js_iter(PyObject *self)
{
    const js_part *js = sospeso_js_self(self);
    if (js == NULL) {
        return NULL;
    }
    int op = js->kind & JS_OBJECT_MAP ? JS_OP_OWN_KEYS : (js->kind & JS_MAP) == JS_MAP ? JS_OP_MAP_KEYS : JS_OP_ITER;
    PyObject *iterator = sospeso_js_op_object(op, self, NULL, 0);
    if (iterator != NULL && !PyIter_Check(iterator)) {
        if (op == JS_OP_OWN_KEYS) {
            PyObject *made = PyObject_GetIter(iterator);
            Py_DECREF(iterator);
            return made;
        }
        PyErr_SetString(PyExc_TypeError, "the JavaScript object gave no iterator");
        Py_CLEAR(iterator);
    }
    const js_part *part = iterator == NULL || !(js->kind & JS_HEREDITARY) ? NULL : sospeso_js_part(iterator);
    if (part != NULL) {
        Py_SETREF(iterator, sospeso_js_again(iterator, part->kind | JS_HEREDITARY));
    }
    return iterator;
}

/* 0: the next value is in *slot; 1: it is done, *slot is what it returned. */
static int next(PyObject *self, sospeso_slot *slot)
{
    const js_part *js = sospeso_js_self(self);
    if (js == NULL) {
        return -1;
    }
    PyThreadState *state = PyThreadState_GET();
    if (sospeso_enter_crossing(state) < 0) {
        return -1;
    }
    sospeso_outgoing call;
    sospeso_push_outgoing(&call, 0, js->handle, "next");
    int status = host_js_next(js->handle, slot);
    if (status < 0) {
        sospeso_raise_js_error();
    }
    sospeso_pop_outgoing(&call);
    sospeso_leave_crossing(state);
    return status;
}

static PyObject *stop(PyObject *value)
{
    if (value != NULL) {
        _PyGen_SetStopIterationValue(value);
        Py_DECREF(value);
    }
    return NULL;
}

PyObject *sospeso_js_iternext(PyObject *self)
{
    sospeso_slot slot;
    int status = next(self, &slot);
    if (status < 0) {
        return NULL;
    }
    if (status == 0) {
        return sospeso_js_inherit(self, sospeso_from_slot(&slot));
    }
    if (slot.kind == SLOT_UNDEFINED) {
        return NULL; /* the usual end needs no exception */
    }
    return stop(sospeso_from_slot(&slot));
}

static PyObject *generator_op(int op, PyObject *self, PyObject *value)
{
    sospeso_slot slot;
    int status = sospeso_js_op(op, self, &value, 1, &slot);
    if (status < 0) {
        return NULL;
    }
    PyObject *result = sospeso_from_slot(&slot);
    return status == 0 ? result : stop(result);
}

static PyObject *generator_send(PyObject *self, PyObject *value)
{
    return generator_op(JS_OP_SEND, self, value);
}

/* An exception from throw()'s arguments, as generators of Python take them. */
static PyObject *thrown(PyObject *const *args, Py_ssize_t count)
{
    PyObject *type = args[0];
    PyObject *value = count > 1 && args[1] != Py_None ? args[1] : NULL;
    if (PyExceptionInstance_Check(type) || sospeso_js_part(type) != NULL) {
        return Py_NewRef(type);
    }
    if (value != NULL && PyExceptionInstance_Check(value)) {
        return Py_NewRef(value);
    }
    if (!PyExceptionClass_Check(type)) {
        return PyErr_Format(PyExc_TypeError, "exceptions must be classes or instances deriving from BaseException, not %T", type);
    }
    return value == NULL ? PyObject_CallNoArgs(type) : PyObject_CallOneArg(type, value);
}

static PyObject *generator_throw(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    if (count < 1 || count > 3) {
        return PyErr_Format(PyExc_TypeError, "throw() takes 1 to 3 arguments, not %zd", count);
    }
    PyObject *error = thrown(args, count);
    if (error == NULL) {
        return NULL;
    }
    sospeso_slot slot;
    int status;
    if (sospeso_js_handle(error) != 0) {
        status = sospeso_js_op(JS_OP_THROW, self, &error, 1, &slot);
        Py_DECREF(error);
    }
    else { /* JavaScript takes it from errors.c, as a PythonError */
        PyErr_SetRaisedException(error);
        sospeso_keep_error();
        status = sospeso_js_op(JS_OP_THROW, self, NULL, 0, &slot);
    }
    PyObject *result = status < 0 ? NULL : sospeso_from_slot(&slot);
    return status == 0 ? result : stop(result);
}

static PyObject *generator_close(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *none = Py_None;
    sospeso_slot slot;
    int status = sospeso_js_op(JS_OP_RETURN, self, &none, 1, &slot);
    if (status < 0) {
        return NULL;
    }
    sospeso_drop_slot(&slot);
    if (status == 0) {
        PyErr_SetString(PyExc_RuntimeError, "JavaScript generator ignored return()");
        return NULL;
    }
    Py_RETURN_NONE;
}

PyMethodDef sospeso_js_generator_class_methods[] = {
    {"send", generator_send, METH_O, "send(value)\n--\n\nResume the generator; its next value."},
    {"throw", (PyCFunction)(void (*)(void))generator_throw, METH_FASTCALL,
     "throw(error)\n--\n\nRaise in the generator; its next value."},
    {"close", generator_close, METH_NOARGS, "close()\n--\n\nEnd the generator."},
    {NULL, NULL, 0, NULL},
};

/* ---- arrays ------------------------------------------------------------------------ */

static PyObject *index_error(void)
{
    PyErr_SetString(PyExc_IndexError, "array index out of range");
    return NULL;
}

PyObject *sospeso_js_array_item(PyObject *self, Py_ssize_t index)
{
    const js_part *js = sospeso_js_self(self);
    if (js == NULL) {
        return NULL;
    }
    PyThreadState *state = PyThreadState_GET();
    if (sospeso_enter_crossing(state) < 0) {
        return NULL;
    }
    sospeso_slot slot;
    sospeso_outgoing call;
    sospeso_push_outgoing(&call, 0, js->handle, "a getter");
    int status = host_js_item(js->handle, (int)index, &slot);
    if (status < 0) {
        sospeso_raise_js_error();
    }
    sospeso_pop_outgoing(&call);
    sospeso_leave_crossing(state);
    if (status != 0) {
        return status < 0 ? NULL : index_error();
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
    PyErr_Format(PyExc_TypeError, "array indices must be integers or slices, not %T", key);
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

int sospeso_js_array_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
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
        index_error();
        status = -1;
    }
    return status;
}

PyObject *sospeso_js_array_concat(PyObject *self, PyObject *other)
{
    if (!PySequence_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
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
    PyObject *value = sospeso_js_array_item(self, index);
    if (value == NULL) {
        return NULL;
    }
    sospeso_slot slot;
    Py_ssize_t numbers[3] = {index, 1, 1};
    if (array_op(JS_OP_ARRAY_DELETE, self, numbers, 3, NULL, &slot) != 0) {
        Py_CLEAR(value);
        if (!PyErr_Occurred()) {
            index_error();
        }
    }
    return value;
}

static PyObject *array_index(PyObject *self, PyObject *args)
{
    PyObject *value;
    Py_ssize_t bounds[2] = {0, PY_SSIZE_T_MAX};
    if (!PyArg_ParseTuple(args, "O|nn:index", &value, &bounds[0], &bounds[1])) {
        return NULL;
    }
    sospeso_slot slot;
    int status = array_op(JS_OP_ARRAY_INDEX, self, bounds, 2, value, &slot);
    if (status == 1) {
        PyErr_Format(PyExc_ValueError, "%R is not in array", value);
    }
    return status != 0 ? NULL : sospeso_from_slot(&slot);
}

static PyObject *array_count(PyObject *self, PyObject *value)
{
    return sospeso_js_op_object(JS_OP_ARRAY_COUNT, self, &value, 1);
}

static PyObject *array_remove(PyObject *self, PyObject *value)
{
    Py_ssize_t bounds[2] = {0, PY_SSIZE_T_MAX};
    sospeso_slot slot;
    int status = array_op(JS_OP_ARRAY_INDEX, self, bounds, 2, value, &slot);
    if (status == 0) {
        Py_ssize_t numbers[3] = {slot.a, 1, 1};
        status = array_op(JS_OP_ARRAY_DELETE, self, numbers, 3, NULL, &slot);
    }
    if (status == 1) {
        PyErr_Format(PyExc_ValueError, "%R is not in array", value);
    }
    return status != 0 ? NULL : Py_NewRef(Py_None);
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

PyMethodDef sospeso_js_array_class_methods[] = {
    {"append", array_append, METH_O, "append(value)\n--\n\nAdd an item at the end."},
    {"extend", array_extend, METH_O, "extend(items)\n--\n\nAdd items at the end."},
    {"insert", array_insert, METH_VARARGS, "insert(index, value)\n--\n\nInsert an item before the index."},
    {"pop", array_pop, METH_VARARGS, "pop(index=-1)\n--\n\nRemove an item and give it."},
    {"index", array_index, METH_VARARGS,
     "index(value, start=0, stop=sys.maxsize)\n--\n\nIndex of the first such item."},
    {"count", array_count, METH_O, "count(value)\n--\n\nNumber of such items."},
    {"remove", array_remove, METH_O, "remove(value)\n--\n\nRemove the first such item."},
    {"reverse", array_reverse, METH_NOARGS, "reverse()\n--\n\nReverse in place."},
    {"clear", array_clear, METH_NOARGS, "clear()\n--\n\nRemove all items."},
    {"copy", array_copy, METH_NOARGS, "copy()\n--\n\nA shallow copy."},
    {"__reversed__", array_reversed, METH_NOARGS, "The items from the end."},
    {NULL, NULL, 0, NULL},
};
