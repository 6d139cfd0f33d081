/* interrupts.c - signals that JavaScript sends while Python runs.
 *
 * sospeso_signal() (cpython/embed/main.c) trips a signal and leaves it to a stack
 * that resumes to see it. A stack that computes right now, below JavaScript
 * frames or in a plain call, does not resume: it must be told itself. Called
 * by runtime/api/interrupts.ts.
 */
#include "../../jspi/task.h"

#include <Python.h>
#include <emscripten/emscripten.h>

#include "internal/pycore_ceval.h"

/* After sospeso_signal(): let the Python that runs now, if any, look at once. */
EMSCRIPTEN_KEEPALIVE void sospeso_flag_signal(void)
{
    PyThreadState *running = PyThreadState_GetUnchecked();
    if (running != NULL) {
        _Py_set_eval_breaker_bit(running, _PY_SIGNALS_PENDING_BIT);
    }
}

/* 1 when JavaScript is called by a system call of Python: an exception cannot
 * be raised here, the call has to fail with EINTR. */
EMSCRIPTEN_KEEPALIVE int sospeso_in_system_call(void)
{
    sospeso_task *task = sospeso_task_current();
    return PyThreadState_GetUnchecked() == NULL && (task->kind != TASK_LOOP || task->js_depth > 0);
}
