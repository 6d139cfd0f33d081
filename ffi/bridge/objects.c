/* objects.c - exports for single Python objects: made from a slot, described in one,
 * kept and released.
 *
 * Called by ffi/wasm_bridge.ts, and by what holds an object for the length of a
 * conversion.
 */
#include "bridge.h"

/* What the last sospeso_object_to_slot() points into. */
static PyObject *kept;

EMSCRIPTEN_KEEPALIVE PyObject *sospeso_object_from_slot(sospeso_slot *slot)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *made = sospeso_from_slot(slot);
    if (made == NULL) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return made;
}

/* Steals the reference. */
EMSCRIPTEN_KEEPALIVE int sospeso_object_to_slot(PyObject *object, sospeso_slot *slot)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_CLEAR(kept); /* also when this one keeps nothing: no object is held for long */
    PyObject *keep = NULL;
    int status = sospeso_to_slot(object, slot, &keep);
    if (status == 0 && slot->kind == SLOT_STRING) {
        Py_XSETREF(kept, Py_NewRef(object));
    }
    else if (status == 0 && slot->kind == SLOT_JS) {
        /* The handle is borrowed from a proxy that may die here and now. */
        Py_XSETREF(kept, Py_NewRef(object));
    }
    else if (keep != NULL) {
        Py_XSETREF(kept, Py_NewRef(keep));
    }
    Py_XDECREF(keep);
    Py_DECREF(object);
    if (status < 0) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return status;
}

EMSCRIPTEN_KEEPALIVE void sospeso_retain(PyObject *object)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(object);
    sospeso_leave_python(&entry);
}

EMSCRIPTEN_KEEPALIVE void sospeso_release(PyObject *object)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_DECREF(object);
    sospeso_leave_python(&entry);
}
