/* errors.c - exceptions that cross between Python and JavaScript.
 *
 * JavaScript's become JsException, with the JavaScript frames in the traceback;
 * Python's become PythonError (ffi/bridge/errors.ts). A Python exception that went
 * through JavaScript comes back as the same object. Called by every C file of
 * ffi/ that crosses, and by Bridge.throwPython() through the export below.
 *
 * Invariants
 *  1. `kept` is the exception of the export that has just failed; JavaScript
 *     takes it before anything else crosses.
 *  2. Exceptions that may come back are in `passing`, by serial number: those that
 *     passed during a call from Python to JavaScript, until the turn of the event loop
 *     ends. By then no such call is under way, and no traceback lives longer.
 *  3. An exception that left Python for good stays in sys.last_exc only.
 */
#include "js_object.h"

#include <internal/pycore_traceback.h> /* internal: _PyTraceback_Add */
#include <stdlib.h>

/* FAILED_* */
SOSPESO_IMPORT(js_failure) extern int host_failure(sospeso_slot *slots);
/* 1 when a JavaScript handler's failure was just made this errno: it is kept as if a call had thrown it. */
SOSPESO_IMPORT(io_failure) extern int host_io_failure(int number);
SOSPESO_IMPORT(js_frame_name) extern int host_frame_name(int function, int receiver, char *into, int size);

/* Exceptions that may come back: a call that meets more of them than this does
 * not mean to. */
#define MOST_PASSING 64
SOSPESO_IMPORT(py_destroy) extern int host_py_destroy(int handle); /* of ffi/py_in_js/py_create.ts */

static PyObject *kept;
static PyObject *passing;
static int serial;
static int last_serial; /* of sys.last_exc */

/* Where Python keeps the last exception that nobody caught. */
#define LAST_NAMES 4
static const char *const last_names[LAST_NAMES] = {"last_exc", "last_value", "last_type",
                                                   "last_traceback"};

void sospeso_keep_error(void)
{
    Py_XSETREF(kept, PyErr_GetRaisedException());
}

void sospeso_add_cause(PyObject *exception, int number);

/* What a handler threw is the cause of the OSError that came of it (patch 0013). */
void sospeso_add_cause(PyObject *exception, int number)
{
    if (!host_io_failure(number)) {
        return;
    }
    sospeso_raise_js_error();
    PyException_SetCause(exception, PyErr_GetRaisedException());
}

/* Whether there is something for sospeso_errors_forget() to do. */
EMSCRIPTEN_KEEPALIVE int sospeso_errors_passing(void)
{
    return passing != NULL;
}

/* The turn of the event loop has ended. */
EMSCRIPTEN_KEEPALIVE void sospeso_errors_forget(void)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *gone = passing;
    passing = NULL;
    Py_XDECREF(gone);
    sospeso_leave_python(&entry);
}

static void forget_oldest(void)
{
    Py_ssize_t position = 0;
    PyObject *key, *oldest;
    if (passing != NULL && PyDict_GET_SIZE(passing) > MOST_PASSING &&
        PyDict_Next(passing, &position, &key, &oldest)) {
        Py_INCREF(key);
        Py_INCREF(oldest); /* ends after the dict is whole again */
        if (PyDict_DelItem(passing, key) < 0) {
            PyErr_Clear();
        }
        Py_DECREF(key);
        Py_DECREF(oldest);
    }
}

/* ---- Python's, on the way to JavaScript ---------------------------------------- */

/* What the slots of the last sospeso_error_take() point into. */
static PyObject *described;

/* (type name, traceback, exit status or None) */
static PyObject *describe(PyObject *exception)
{
    PyObject *errors = PyImport_ImportModule("_sospeso.errors"); /* errors.py */
    PyObject *parts = errors == NULL ? NULL
                                     : PyObject_CallMethod(errors, "describe_exception", "O", exception);
    Py_XDECREF(errors);
    if (parts != NULL && PyTuple_Check(parts) && PyTuple_GET_SIZE(parts) == 3) {
        return parts;
    }
    Py_XDECREF(parts);
    /* Out of stack or memory even for the report: the bare type remains. */
    PyErr_Clear();
    PyObject *text = PyObject_Str(exception);
    if (text == NULL) {
        PyErr_Clear();
    }
    const char *name = _PyType_Name(Py_TYPE(exception));
    parts = text == NULL
                ? Py_BuildValue("(ssO)", name, "the traceback could not be formatted\n", Py_None)
                : Py_BuildValue("(sNO)", name,
                                PyUnicode_FromFormat("%s: %U\n(the traceback could not be formatted)\n",
                                                     name, text),
                                Py_None);
    Py_XDECREF(text);
    return parts;
}

/* The JavaScript error that caused an exception, by __cause__, or NULL. Programs can
 * make a circle of causes, which froze the page: a second walk at half the pace
 * (Floyd's) meets the first one in it. */
static PyObject *js_cause(PyObject *exception)
{
    PyObject *cause = Py_NewRef(exception), *slow = Py_NewRef(exception);
    for (unsigned long step = 1; cause != NULL && sospeso_js_handle(cause) == 0; step++) {
        Py_XSETREF(cause, PyException_GetCause(cause));
        if (step % 2 == 0) {
            Py_SETREF(slow, PyException_GetCause(slow));
        }
        if (cause == slow) {
            Py_CLEAR(cause);
        }
    }
    Py_DECREF(slow);
    return cause;
}

/* Describe the kept exception in four slots: type, message, exit status, cause
 * (SLOT_NONE without one). Its serial number; 0 when nothing was kept or memory
 * is out. */
EMSCRIPTEN_KEEPALIVE int sospeso_error_take(sospeso_slot *slots)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *exception = kept;
    kept = NULL;
    int number = 0;
    if (exception != NULL) {
        int nested = sospeso_outgoing_top != NULL;
        PyObject *last[LAST_NAMES];
        for (int i = 0; nested && i < LAST_NAMES; i++) {
            last[i] = Py_XNewRef(PySys_GetObject(last_names[i]));
        }
        PyObject *parts = describe(exception);
        PyObject *keep = NULL;
        if (parts != NULL && sospeso_to_slot(PyTuple_GET_ITEM(parts, 0), &slots[0], &keep) == 0 &&
            sospeso_to_slot(PyTuple_GET_ITEM(parts, 1), &slots[1], &keep) == 0 &&
            sospeso_to_slot(PyTuple_GET_ITEM(parts, 2), &slots[2], &keep) == 0) {
            number = serial = serial == INT32_MAX ? 1 : serial + 1;
        }
        PyErr_Clear();
        PyObject *cause = js_cause(exception);
        slots[3].kind = SLOT_NONE;
        if (cause != NULL) {
            slots[3].kind = SLOT_JS;
            slots[3].a = sospeso_js_handle(cause);
        }
        if (nested) {
            for (int i = 0; i < LAST_NAMES; i++) {
                PySys_SetObject(last_names[i], last[i]);
                Py_XDECREF(last[i]);
            }
            PyObject *key = PyLong_FromLong(number);
            if (key == NULL || (passing == NULL && (passing = PyDict_New()) == NULL) ||
                PyDict_SetItem(passing, key, exception) < 0) {
                PyErr_Clear();
            }
            Py_XDECREF(key);
            forget_oldest();
        }
        else {
            last_serial = number;
        }
        PyErr_Clear();
        PyObject *now = Py_BuildValue("(NNN)", parts == NULL ? Py_NewRef(Py_None) : parts,
                                      keep == NULL ? Py_NewRef(Py_None) : keep,
                                      cause == NULL ? Py_NewRef(Py_None) : cause);
        PyErr_Clear();
        Py_XSETREF(described, now);
        Py_DECREF(exception);
    }
    sospeso_leave_python(&entry);
    return number;
}

/* JavaScript has read the slots: hold nothing for longer than needed. */
EMSCRIPTEN_KEEPALIVE void sospeso_error_taken(void)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_CLEAR(described);
    sospeso_leave_python(&entry);
}

/* The exception of that number as a new reference, or NULL (no exception). */
static PyObject *find_passing(int number)
{
    if (passing != NULL) {
        PyObject *key = PyLong_FromLong(number);
        PyObject *found = key == NULL ? NULL : PyDict_GetItemWithError(passing, key);
        Py_XINCREF(found);
        Py_XDECREF(key);
        PyErr_Clear();
        if (found != NULL) {
            return found;
        }
    }
    return number == last_serial ? Py_XNewRef(PySys_GetObject("last_exc")) : NULL;
}

/* ---- JavaScript's, on the way to Python -------------------------------------------- */

/* Frames as lines of "function \x01 file \x01 line", the innermost first. */
static void add_frames(PyObject *text)
{
    const char *utf8 = PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : NULL;
    char *copy = utf8 == NULL ? NULL : strdup(utf8);
    char *rest = copy;
    while (rest != NULL && *rest != '\0') {
        char *line = strsep(&rest, "\n");
        char *function = strsep(&line, "\x01");
        char *file = strsep(&line, "\x01");
        if (file != NULL && line != NULL) {
            _PyTraceback_Add(function, file, atoi(line));
        }
    }
    free(copy);
}

static void set_causes(PyObject *exception)
{
    PyObject *current = exception;
    for (int depth = 0; depth < 8; depth++) {
        sospeso_slot slot;
        PyObject *cause = NULL;
        if (sospeso_js_op_slots(JS_OP_CAUSE, sospeso_js_handle(current), "a JavaScript object", NULL, 0,
                                &slot) != 0) {
            PyErr_Clear();
            return;
        }
        if (slot.kind == SLOT_INT) {
            cause = find_passing(slot.a);
        }
        else if (slot.kind == SLOT_JS) {
            cause = sospeso_js_exception_new(slot.a, slot.length);
        }
        if (cause == NULL) {
            PyErr_Clear();
            return;
        }
        int from_js = slot.kind == SLOT_JS;
        PyException_SetCause(current, cause); /* steals; current keeps it alive */
        if (!from_js) {
            return;
        }
        current = cause;
    }
}

PyObject *sospeso_raise_js_error(void)
{
    sospeso_slot slots[3]; /* what it is, frames, the thrown value */
    int status = host_failure(slots);
    PyObject *frames = sospeso_from_slot(&slots[1]);
    PyObject *exception = NULL;
    PyErr_Clear();
    switch (status & ~(FAILED_HAS_CAUSE | FAILED_COPY)) {
    case FAILED_PYTHON:
        exception = find_passing(slots[0].a);
        break;
    case FAILED_PROXY:
        if (PyExceptionInstance_Check((PyObject *)slots[0].a)) {
            exception = Py_NewRef((PyObject *)slots[0].a);
        }
        break;
    case FAILED_DEPTH:
        sospeso_drop_slot(&slots[2]);
        PyErr_SetString(PyExc_RecursionError,
                        "maximum recursion depth exceeded in JavaScript");
        Py_XDECREF(frames);
        return NULL;
    default:
        break;
    }
    if (exception != NULL) {
        if (status & FAILED_COPY) {
            host_py_destroy(slots[2].a);
        }
        sospeso_drop_slot(&slots[2]);
        PyErr_SetRaisedException(exception);
    }
    else {
        exception = sospeso_js_exception_new(slots[2].a, slots[2].length);
        if (exception != NULL) {
            if (status & FAILED_HAS_CAUSE) {
                set_causes(exception);
            }
            PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
            Py_DECREF(exception);
        }
    }
    if (frames != NULL && PyErr_Occurred()) {
        add_frames(frames);
    }
    Py_XDECREF(frames);
    return NULL;
}

int sospeso_raise_type_error(sospeso_slot *text)
{
    PyObject *message = sospeso_from_slot(text);
    if (message != NULL) {
        PyErr_SetObject(PyExc_TypeError, message);
        Py_DECREF(message);
    }
    return -1;
}

PyObject *sospeso_exception_to_throw(const char *name, PyObject *const *args, Py_ssize_t count)
{
    if (count < 1 || count > 3) {
        return PyErr_Format(PyExc_TypeError, "%s() takes at %s argument%s (%zd given)", name,
                            count < 1 ? "least 1" : "most 3", count < 1 ? "" : "s", count);
    }
    PyObject *type = args[0];
    PyObject *value = count > 1 && args[1] != Py_None ? args[1] : NULL;
    PyObject *traceback = count > 2 && args[2] != Py_None ? args[2] : NULL;
    PyObject *made;
    if (traceback != NULL && !PyTraceBack_Check(traceback)) {
        PyErr_SetString(PyExc_TypeError, "throw() third argument must be a traceback object");
        return NULL;
    }
    if (PyExceptionInstance_Check(type)) {
        if (value != NULL) {
            PyErr_SetString(PyExc_TypeError, "instance exception may not have a separate value");
            return NULL;
        }
        made = Py_NewRef(type);
    }
    else if (!PyExceptionClass_Check(type)) {
        return PyErr_Format(PyExc_TypeError,
                            "exceptions must be classes or instances deriving from BaseException, not %s",
                            Py_TYPE(type)->tp_name);
    }
    else if (value == NULL) {
        made = PyObject_CallNoArgs(type);
    }
    else if (PyObject_IsInstance(value, type) == 1) {
        made = Py_NewRef(value);
    }
    else if (!PyErr_Occurred()) {
        made = PyTuple_Check(value) ? PyObject_CallObject(type, value) : PyObject_CallOneArg(type, value);
    }
    else {
        return NULL;
    }
    if (made != NULL && !PyExceptionInstance_Check(made)) {
        PyErr_Format(PyExc_TypeError, "calling %R should have returned an instance of BaseException, not %T", type, made);
        Py_CLEAR(made);
    }
    if (made != NULL && traceback != NULL && PyException_SetTraceback(made, traceback) < 0) {
        Py_CLEAR(made);
    }
    return made;
}

/* ---- "cannot wait here" --------------------------------------------------------------- */

const char *sospeso_describe_outgoing(void)
{
    static char text[256];
    char name[96] = "";
    const sospeso_outgoing *call = sospeso_outgoing_top;
    if (call == NULL) {
        return "cannot wait here: a JavaScript frame is on the stack; call the function through callPromising()";
    }
    if (call->function != 0 && host_frame_name(call->function, call->receiver, name, sizeof name) <= 0) {
        strcpy(name, "(anonymous)");
    }
    snprintf(text, sizeof text,
             "cannot wait here: JavaScript frame \"%s\" is on the stack; call the function through callPromising()",
             call->function != 0 ? name : call->what != NULL ? call->what : "(unknown)");
    return text;
}

PyObject *sospeso_cannot_switch(void)
{
    PyObject *error = PyObject_CallFunction(
        PyExc_RuntimeError, "s",
        "Cannot stack switch because the Python entrypoint was a synchronous function. "
        "Use pyFunc.callPromising() to fix.");
    PyObject *done = error == NULL ? NULL : PyObject_CallMethod(error, "add_note", "s", sospeso_cannot_wait_reason());
    if (done == NULL) {
        Py_CLEAR(error);
    }
    Py_XDECREF(done);
    return error;
}
