/* py_call.c - calling Python from JavaScript: at once, or on a task of its own.
 *
 * sospeso_py_call() is the way of every plain call of a PyProxy. A promising
 * call (callPromising) may wait: it is prepared here as a request with its own
 * task and thread state, entered by JavaScript through WebAssembly.promising
 * when no frame lies below it, and read when the task has ended. Called by
 * ffi/py_in_js/py_calls.ts.
 *
 * Invariants
 *  1. Slots are used up before Python runs, so the caller may give the slot of
 *     an argument as that of the result.
 *  2. A request owns its arguments until its task takes them, and its outcome
 *     until JavaScript has read it; JavaScript frees it on every path.
 *  3. The thread state of a request is made before its task is entered and
 *     deleted on that task's stack.
 */
#include "py_proxy.h"

#include <stdlib.h>

/* Arguments of a usual call; more are taken from the heap. */
#define FEW 8

/* positional values, keyword values, keyword names, in this order. objects has
 * room for one before it (PY_VECTORCALL_ARGUMENTS_OFFSET). */
static int take_arguments(sospeso_slot *slots, int positional, int keywords, PyObject **objects,
                          PyObject **names)
{
    *names = NULL;
    int values = positional + keywords;
    if (sospeso_py_arguments(slots, values + keywords, objects) < 0) {
        return -1;
    }
    if (keywords == 0) {
        return 0;
    }
    *names = PyTuple_New(keywords);
    for (int i = 0; i < keywords; i++) {
        PyObject *name = objects[values + i];
        if (*names != NULL) {
            PyUnicode_InternInPlace(&name);
            PyTuple_SET_ITEM(*names, i, name);
        }
        else {
            Py_DECREF(name);
        }
    }
    if (*names == NULL) {
        for (int i = 0; i < values; i++) {
            Py_DECREF(objects[i]);
        }
        return -1;
    }
    return 0;
}

static PyObject *call_and_drop(PyObject *callable, PyObject **objects, int positional, int keywords,
                               PyObject *names)
{
    PyObject *result = PyObject_Vectorcall(
        callable, objects, (size_t)positional | PY_VECTORCALL_ARGUMENTS_OFFSET, names);
    for (int i = 0; i < positional + keywords; i++) {
        Py_DECREF(objects[i]);
    }
    Py_XDECREF(names);
    return result;
}

/* Room for the objects of a call, one more before them. NULL when memory is out;
 * the slots are then dropped. */
static PyObject **room(PyObject **few, int count, sospeso_slot *slots)
{
    if (count <= FEW) {
        return few + 1;
    }
    PyObject **many = malloc((count + 1) * sizeof *many);
    if (many != NULL) {
        return many + 1;
    }
    for (int i = 0; i < count; i++) {
        sospeso_drop_slot(&slots[i]);
    }
    PyErr_NoMemory();
    return NULL;
}

static PyObject *call(PyObject *callable, sospeso_slot *slots, int positional, int keywords)
{
    PyObject *few[FEW + 1];
    PyObject *names;
    int count = positional + 2 * keywords;
    PyObject **objects = room(few, count, slots);
    if (objects == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    if (take_arguments(slots, positional, keywords, objects, &names) == 0) {
        result = call_and_drop(callable, objects, positional, keywords, names);
    }
    if (count > FEW) {
        free(objects - 1);
    }
    return result;
}

EMSCRIPTEN_KEEPALIVE int sospeso_py_call(PyObject *callable, sospeso_slot *slots, int positional,
                                         int keywords, sospeso_slot *out)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    /* The proxy may be destroyed by what it calls. */
    Py_INCREF(callable);
    PyObject *result = call(callable, slots, positional, keywords);
    Py_DECREF(callable);
    int status = sospeso_py_result(result, out);
    sospeso_leave_python(&entry);
    return status;
}

static PyObject *relaxed_call; /* relaxed.py's, once it was needed */

static PyObject *relaxed(void)
{
    if (relaxed_call == NULL) {
        PyObject *module = PyImport_ImportModule("_sospeso.relaxed");
        if (module != NULL) {
            relaxed_call = PyObject_GetAttrString(module, "relaxed_call");
            Py_DECREF(module);
        }
    }
    return relaxed_call;
}

/* A callable that calls `callable` in a relaxed way; a new reference, NULL with
 * an exception. */
static PyObject *made_relaxed(PyObject *callable)
{
    PyObject *function = relaxed();
    return function == NULL ? NULL : PyMethod_New(function, callable);
}

/* As sospeso_py_call(), leaving out arguments that the callable does not take. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_call_relaxed(PyObject *callable, sospeso_slot *slots,
                                                 int positional, int keywords, sospeso_slot *out)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    /* The import may run JavaScript, which may use the same slots. */
    PyObject *few[FEW + 1];
    PyObject *names;
    int count = positional + 2 * keywords;
    PyObject **objects = room(few, count, slots);
    PyObject *result = NULL;
    if (objects != NULL && take_arguments(slots, positional, keywords, objects, &names) == 0) {
        PyObject *wrapped = made_relaxed(callable);
        if (wrapped == NULL) {
            for (int i = 0; i < positional + keywords; i++) {
                Py_DECREF(objects[i]);
            }
            Py_XDECREF(names);
        }
        else {
            result = call_and_drop(wrapped, objects, positional, keywords, names);
            Py_DECREF(wrapped);
        }
    }
    if (objects != NULL && count > FEW) {
        free(objects - 1);
    }
    int status = sospeso_py_result(result, out);
    sospeso_leave_python(&entry);
    return status;
}

/* As inspect.iscoroutinefunction(): -1 with an exception. */
static int is_coroutine_function(PyObject *callable)
{
    while (PyMethod_Check(callable)) {
        callable = PyMethod_GET_FUNCTION(callable);
    }
    if (PyFunction_Check(callable)) {
        if (((PyCodeObject *)PyFunction_GET_CODE(callable))->co_flags & CO_COROUTINE) {
            return 1;
        }
        if (((PyFunctionObject *)callable)->func_dict == NULL) {
            return 0; /* not marked as one either */
        }
    }
    PyObject *inspect = PyImport_ImportModule("inspect");
    PyObject *found = inspect == NULL ? NULL
                      : PyObject_CallMethod(inspect, "iscoroutinefunction", "O", callable);
    Py_XDECREF(inspect);
    int is = found == NULL ? -1 : PyObject_IsTrue(found);
    Py_XDECREF(found);
    return is;
}

/* Whether the coroutine that the callable gave is to run without being awaited: 1, 0, -1. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_runs_at_once(PyObject *callable)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    Py_INCREF(callable);
    int is = is_coroutine_function(callable);
    Py_DECREF(callable);
    if (is < 0) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return is;
}

/* Use up slots that were written for a call that is not made. */
EMSCRIPTEN_KEEPALIVE void sospeso_py_drop(sospeso_slot *slots, int count)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    for (int i = 0; i < count; i++) {
        sospeso_drop_slot(&slots[i]);
    }
    sospeso_leave_python(&entry);
}

/* ---- calls that may wait ---------------------------------------------------------- */

typedef struct {
    PyObject *callable;
    PyObject *names;     /* of keyword arguments, or NULL */
    PyObject *result;    /* or NULL */
    PyObject *exception; /* or NULL */
    PyThreadState *state;
    sospeso_task *task;
    int positional;
    int keywords;
    int taken;           /* the task has the arguments */
    PyObject *objects[]; /* [0] is free, as room() has it */
} promising_call;

static void drop_inputs(promising_call *call)
{
    if (!call->taken) {
        for (int i = 0; i < call->positional + call->keywords; i++) {
            Py_DECREF(call->objects[1 + i]);
        }
        Py_CLEAR(call->names);
        call->taken = 1;
    }
    Py_CLEAR(call->callable);
}

static void *run_promising(void *argument)
{
    promising_call *call = argument;
    PyEval_RestoreThread(call->state);
    call->taken = 1;
    call->result = call_and_drop(call->callable, call->objects + 1, call->positional,
                                 call->keywords, call->names);
    call->names = NULL;
    if (call->result == NULL) {
        call->exception = PyErr_GetRaisedException();
    }
    Py_CLEAR(call->callable); /* here, as this stack can wait */
    PyThreadState_Clear(call->state);
    PyThreadState_DeleteCurrent();
    call->state = NULL;
    return NULL;
}

static promising_call *new_promising(PyObject *callable, sospeso_slot *slots, int positional,
                                     int keywords, int is_relaxed)
{
    int count = positional + 2 * keywords;
    promising_call *call = calloc(1, sizeof *call + (count + 1) * sizeof(PyObject *));
    if (call == NULL) {
        for (int i = 0; i < count; i++) {
            sospeso_drop_slot(&slots[i]);
        }
        PyErr_NoMemory();
        return NULL;
    }
    if (take_arguments(slots, positional, keywords, call->objects + 1, &call->names) < 0) {
        free(call);
        return NULL;
    }
    call->positional = positional;
    call->keywords = keywords;
    call->callable = is_relaxed ? made_relaxed(callable) : Py_NewRef(callable);
    if (call->callable != NULL) {
        call->task = sospeso_task_new(TASK_ENTRY, SOSPESO_ENTRY_STACK, run_promising, call);
        call->state = call->task == NULL ? NULL : sospeso_new_task_state();
        if (call->state != NULL) {
            return call;
        }
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_MemoryError,
                            "no room for the C stack of another task (1 MiB)");
        }
    }
    if (call->task != NULL) {
        sospeso_task_free(call->task);
    }
    PyObject *exception = PyErr_GetRaisedException();
    drop_inputs(call);
    PyErr_SetRaisedException(exception);
    free(call);
    return NULL;
}

/* Prepare a call; 0 with a kept error. */
EMSCRIPTEN_KEEPALIVE promising_call *sospeso_py_promising(PyObject *callable, sospeso_slot *slots,
                                                          int positional, int keywords,
                                                          int is_relaxed)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    promising_call *call = new_promising(callable, slots, positional, keywords, is_relaxed);
    if (call == NULL) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return call;
}

/* 1 when no frame of wasm is on the stack, so that a task may be entered now. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_idle(void)
{
    sospeso_task *task = sospeso_task_current();
    return sospeso_entered == 0 && task->kind == TASK_LOOP && task->js_depth == 0 &&
           PyThreadState_GetUnchecked() == NULL;
}

/* The task to enter. */
EMSCRIPTEN_KEEPALIVE sospeso_task *sospeso_py_promising_task(promising_call *call)
{
    return call->task;
}

/* Outcome of a call whose task has ended. */
EMSCRIPTEN_KEEPALIVE int sospeso_py_promising_result(promising_call *call, sospeso_slot *out)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *result = call->result;
    call->result = NULL;
    if (result == NULL) {
        PyErr_SetRaisedException(call->exception);
        call->exception = NULL;
    }
    int status = sospeso_py_result(result, out);
    sospeso_leave_python(&entry);
    return status;
}

/* Free a call that has ended, or was never entered. */
EMSCRIPTEN_KEEPALIVE void sospeso_py_promising_free(promising_call *call)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    drop_inputs(call);
    Py_CLEAR(call->result);
    Py_CLEAR(call->exception);
    if (call->state != NULL) {
        PyThreadState_Clear(call->state);
        PyThreadState_Delete(call->state);
    }
    sospeso_leave_python(&entry);
    sospeso_task_free(call->task);
    free(call);
}
