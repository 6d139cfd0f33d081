/* to_js_entry.c - conversions to JavaScript from the outside: the life of a tape,
 * the exports that ffi/convert/to_js.ts calls, and pyodide.ffi.to_js(). The walk
 * itself is in to_js.c.
 *
 * Invariants
 *  1. A tape is freed exactly once; the notes it shares with others go with the
 *     last of them.
 *  2. Finalizers may run when a tape is freed, and convert again: by then the
 *     tape is no longer in use.
 */
#include "to_js.h"

#include <stdlib.h>

/* One tape with its arrays is kept for the next conversion, unless it grew large. */
#define SPARE_BYTES (256 * 1024)
static tape *spare;

/* ---- a tape's life --------------------------------------------------------------- */

static tape *new_tape(tape *first)
{
    tape *t = spare;
    spare = NULL;
    if (t == NULL && (t = calloc(1, sizeof *t)) == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    t->word_count = t->number_count = t->length8 = t->length16 = 0;
    t->ascii = 1;
    t->key_count = 0;
    t->keep = NULL;
    sospeso_tape_forget_keys(t);
    if (first != NULL) {
        t->noted = first->noted;
    }
    else if ((t->noted = calloc(1, sizeof *t->noted)) == NULL) {
        spare = t;
        PyErr_NoMemory();
        return NULL;
    }
    t->noted->users++;
    return t;
}

static void free_tape(tape *t)
{
    notes *noted = t->noted;
    PyObject *kept = t->keep;
    t->noted = NULL;
    t->keep = NULL;
    size_t bytes = 4 * t->word_room + 8 * t->number_room + t->room8 + 2 * t->room16;
    if (spare == NULL && bytes <= SPARE_BYTES) {
        spare = t;
    }
    else {
        free(t->words);
        free(t->numbers);
        free(t->text8);
        free(t->text16);
        free(t);
    }
    /* From here on finalizers may run, and convert again. */
    Py_XDECREF(kept);
    if (--noted->users == 0) {
        for (size_t i = 0; i < noted->room; i++) {
            Py_XDECREF(noted->slots[i].object);
        }
        free(noted->slots);
        free(noted);
    }
}

/* Walk an object; `first` is 0, or the tape during whose reading this happens.
 * The tape's address, or 0 with the exception kept. */
EMSCRIPTEN_KEEPALIVE tape *sospeso_to_js_walk(tape *first, PyObject *object, int depth, int flags)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(object);
    tape *t = new_tape(first);
    if (t != NULL) {
        t->flags = flags;
        if (sospeso_tape_walk(t, object, depth) < 0) {
            PyObject *error = PyErr_GetRaisedException();
            free_tape(t);
            PyErr_SetRaisedException(error);
            t = NULL;
        }
    }
    Py_DECREF(object);
    if (t == NULL) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return t;
}

EMSCRIPTEN_KEEPALIVE void sospeso_to_js_free(tape *t)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    free_tape(t);
    sospeso_leave_python(&entry);
}

/* Keep a ConversionError with the text in the slot, for Bridge.throwPython(). */
EMSCRIPTEN_KEEPALIVE void sospeso_raise_conversion(sospeso_slot *slot)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *text = sospeso_from_slot(slot);
    if (text != NULL) {
        sospeso_raise_conversion_error("%U", text);
        Py_DECREF(text);
    }
    sospeso_keep_error();
    sospeso_leave_python(&entry);
}

/* Keep a ConversionError for an object that may not get a PyProxy, for Bridge.throwPython(). */
EMSCRIPTEN_KEEPALIVE void sospeso_raise_unconverted(PyObject *object)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    sospeso_raise_no_conversion(object);
    sospeso_keep_error();
    sospeso_leave_python(&entry);
}

/* ---- pyodide.ffi.to_js() ---------------------------------------------------------- */

/* Slots: pyproxies, dict_converter, default_converter, eager_converter; the
 * result replaces the first. */
SOSPESO_IMPORT(to_js) extern int host_to_js(PyObject *object, int depth, int create_pyproxies,
                                            sospeso_slot *slots);

static PyObject *to_js(PyObject *module, PyObject *args, PyObject *kwargs)
{
    (void)module;
    static char *names[] = {"",               "depth",          "pyproxies",
                            "create_pyproxies", "dict_converter", "default_converter",
                            "eager_converter",  NULL};
    PyObject *object;
    PyObject *given[4] = {Py_None, Py_None, Py_None, Py_None};
    int depth = -1, create_pyproxies = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$iOpOOO:to_js", names, &object, &depth,
                                     &given[0], &create_pyproxies, &given[1], &given[2], &given[3])) {
        return NULL;
    }
    if (object == Py_None || object == sospeso_jsnull || PyUnicode_Check(object) ||
        PyLong_Check(object) || PyFloat_Check(object) || sospeso_js_handle(object) != 0) {
        return Py_NewRef(object); /* the same on both sides */
    }
    sospeso_slot slots[4];
    PyObject *kept = NULL;
    int status = 0;
    for (int i = 0; i < 4 && status == 0; i++) {
        status = sospeso_to_slot(given[i], &slots[i], &kept);
    }
    PyObject *result = NULL;
    if (status == 0) {
        sospeso_outgoing call;
        sospeso_push_outgoing(&call, 0, 0, "to_js");
        status = host_to_js(object, depth, create_pyproxies, slots);
        result = status < 0 ? sospeso_raise_js_error() : sospeso_from_slot(&slots[0]);
        sospeso_pop_outgoing(&call);
    }
    Py_XDECREF(kept);
    return result;
}

PyDoc_STRVAR(to_js_doc,
"to_js(obj, /, *, depth=-1, pyproxies=None, create_pyproxies=True, dict_converter=None,\n"
"      default_converter=None, eager_converter=None)\n"
"--\n\n"
"Convert an object and what is in it to JavaScript.\n\n"
"list and tuple become Array, dict a plain Object, set and frozenset Set, what has\n"
"a buffer a copy of it as a typed array. Anything else becomes a PyProxy.\n\n"
"depth: levels to convert; negative is without end.\n"
"pyproxies: a JavaScript Array to which every PyProxy made is appended.\n"
"create_pyproxies: when false, raise ConversionError instead of making one.\n"
"dict_converter: called with an Array of [key, value] for each dict.\n"
"default_converter: called as f(obj, convert, cache) for what has no conversion.\n"
"eager_converter: the same, before the built-in conversions.\n\n"
"Raises ConversionError for keys or elements that JavaScript cannot have.");

PyMethodDef sospeso_to_js_methods[] = {
    {"to_js", (PyCFunction)(void (*)(void))to_js, METH_VARARGS | METH_KEYWORDS, to_js_doc},
    {NULL, NULL, 0, NULL},
};
