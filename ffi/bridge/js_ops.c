/* js_ops.c - operations on JavaScript values that need no import of their own, behind
 * one import with a number (JS_OP_* of ffi/abi/numbers.toml; ffi/js_in_py/js_ops.ts).
 *
 * Called by ffi/js_in_py/ and ffi/wait/.
 */
#include "js_object.h"

static const char *const op_names[JS_OP_MOST] = {
    [JS_OP_TEXT] = "toString", [JS_OP_ITER] = "Symbol.iterator", [JS_OP_MAP_GET] = "get",
    [JS_OP_MAP_SET] = "set", [JS_OP_MAP_HAS] = "has", [JS_OP_MAP_DELETE] = "delete",
    [JS_OP_SEND] = "next", [JS_OP_THROW] = "throw", [JS_OP_RETURN] = "return",
    [JS_OP_THEN] = "then", [JS_OP_FINALLY] = "finally",
};

#define MOST_ARGUMENTS 4

int sospeso_js_op(int op, PyObject *self, PyObject *const *args, int count, sospeso_slot *result)
{
    int handle = 0;
    if (self != NULL) {
        const js_part *js = sospeso_js_self(self);
        if (js == NULL) {
            return -1;
        }
        handle = js->handle;
    }
    sospeso_slot slots[MOST_ARGUMENTS];
    PyObject *keep = NULL;
    for (int i = 0; i < count; i++) {
        if (sospeso_to_slot(args[i], &slots[i], &keep) < 0) {
            Py_XDECREF(keep);
            return -1;
        }
    }
    const char *what = op_names[op] != NULL ? op_names[op] : "a JavaScript object";
    int status = sospeso_js_op_slots(op, handle, what, slots, count, result);
    Py_XDECREF(keep);
    return status;
}

PyObject *sospeso_js_op_object(int op, PyObject *self, PyObject *const *args, int count)
{
    sospeso_slot result;
    return sospeso_js_op(op, self, args, count, &result) < 0 ? NULL : sospeso_from_slot(&result);
}

/* The same JavaScript value as one more proxy, of another kind. */
PyObject *sospeso_js_again(PyObject *self, unsigned kind)
{
    /* A handle of its own comes with the result. */
    PyObject *made = sospeso_js_op_object(JS_OP_SELF, self, NULL, 0);
    js_part *js = made == NULL ? NULL : sospeso_js_part(made);
    if (js == NULL || js->kind == kind || js->kind & JS_ERROR) {
        return made;
    }
    PyTypeObject *type = sospeso_js_type(kind);
    if (type == NULL) {
        Py_DECREF(made);
        return NULL;
    }
    js->kind = kind;
    PyTypeObject *before = Py_TYPE(made);
    Py_SET_TYPE(made, (PyTypeObject *)Py_NewRef(type));
    Py_DECREF(before);
    return made;
}
