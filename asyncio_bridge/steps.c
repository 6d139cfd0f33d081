/* steps.c - waiting for the page's event loop, and what its steps must not mix up.
 *
 * asyncio keeps one current task for a loop, and a signal is for one stack; yet
 * two steps of the page's loop may be under way at once. Called by webloop.py,
 * whose functions of _sospeso_core stand at the end, and by cpython/embed/main.c
 * around every wait.
 *
 * Invariants
 *  1. A stack that waits for the page's event loop takes no signal while a step
 *     of that loop is at work on another stack: the signal is for that one,
 *     whose frame computes or waits. When the last such step ends without
 *     having taken it, those who wait are asked again (cpython/embed/main.c).
 *  2. asyncio's current task is put aside while a step is suspended.
 */
#include "steps.h"

#include "../ffi/bridge/bridge.h"
#include "build/generated/jspi/numbers.h"

int sospeso_steps_at_work;
int sospeso_loop_waiters;

static PyObject *swap_current_task; /* _asyncio._swap_current_task */

int sospeso_has_asyncio_task(const sospeso_task *task)
{
    return task->is_step && swap_current_task != NULL;
}

PyObject *sospeso_swap_asyncio_task(PyObject *asyncio_task)
{
    PyObject *before =
        PyObject_CallFunctionObjArgs(swap_current_task, sospeso_page_loop, asyncio_task, NULL);
    if (before == NULL) {
        PyErr_Clear();
    }
    return before;
}

int sospeso_is_for_a_step(const sospeso_task *task)
{
    return task->gives_way && sospeso_steps_at_work > 0;
}

/* ---- functions of _sospeso_core --------------------------------------------- */

/* Every task entered from now on finds this loop running, and if so asked those
 * under way: one may have been suspended when another one imported asyncio. */
static PyObject *share_running_loop(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *loop;
    int now_too;
    if (!PyArg_ParseTuple(arguments, "Op:share_running_loop", &loop, &now_too)) {
        return NULL;
    }
    if (swap_current_task == NULL) {
        PyObject *accelerator = PyImport_ImportModule("_asyncio");
        if (accelerator == NULL) {
            return NULL;
        }
        swap_current_task = PyObject_GetAttrString(accelerator, "_swap_current_task");
        Py_DECREF(accelerator);
        if (swap_current_task == NULL) {
            return NULL;
        }
    }
    sospeso_share_page_loop(loop, now_too);
    Py_RETURN_NONE;
}

/* Wait for what callbacks of the page's loop bring about (invariant 1). A signal for
 * somebody else ends the wait as well, and it goes on without leaving this function: a
 * loop in Python hands over at its bytecodes, and who takes a signal there took the one
 * of a step, which slept on. `is_done` is called because its notice may have come then. */
static PyObject *wait_for_loop(PyObject *module, PyObject *args)
{
    (void)module;
    unsigned long key;
    PyObject *is_done;
    if (!PyArg_ParseTuple(args, "kO", &key, &is_done)) {
        return NULL;
    }
    sospeso_task *task = sospeso_task_current();
    sospeso_steps_at_work -= task->is_step;
    task->gives_way++;
    sospeso_loop_waiters++;
    int outcome, is_ours, over;
    do {
        outcome = sospeso_wait((unsigned)key, -1);
        is_ours = outcome == SOSPESO_INTERRUPTED && !sospeso_is_for_a_step(task);
        over = outcome != SOSPESO_INTERRUPTED || is_ours;
        if (!over) {
            PyObject *done = PyObject_CallNoArgs(is_done);
            over = done == NULL ? -1 : PyObject_IsTrue(done);
            Py_XDECREF(done);
        }
    } while (over == 0);
    sospeso_loop_waiters--;
    task->gives_way--;
    sospeso_steps_at_work += task->is_step;
    if (over < 0) {
        return NULL;
    }
    if (outcome == SOSPESO_CANNOT_WAIT) {
        PyObject *error = sospeso_cannot_switch();
        if (error != NULL) {
            PyErr_SetRaisedException(error);
        }
        return NULL;
    }
    if (is_ours && PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyMethodDef sospeso_step_methods[] = {
    {"share_running_loop", share_running_loop, METH_VARARGS,
     "share_running_loop(loop, now_too, /): tasks entered from JavaScript run in this loop;\n"
     "now_too: those that have begun as well."},
    {"wait_for_loop", wait_for_loop, METH_VARARGS,
     "wait_for_loop(key, is_done, /): wait until somebody notifies the key, or a signal comes that\n"
     "is not for a step of the page's loop. RuntimeError if this stack cannot wait."},
    {NULL, NULL, 0, NULL},
};
