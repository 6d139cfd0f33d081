/* task_state.c - the thread state of a task that JavaScript enters.
 *
 * A call from JavaScript that may wait runs on a task of its own, and Python
 * needs a thread state for it that says "I am the main thread". Called by
 * cpython/embed/main.c (runPythonAsync) and ffi/py_in_js/py_call.c
 * (callPromising); the running loop is set by asyncio_bridge/steps.c.
 *
 * Invariant
 *  1. Task states made for JavaScript share the main thread's threading.local
 *     values, async generator hooks, running loop and ident, and start with a
 *     copy of its context and of its dict. Not the dict itself: it holds the
 *     list by which repr() finds cycles, which belongs to one stack.
 */
#include "bridge.h"

/* internal: fields of PyThreadState that have no API */
#include "internal/pycore_pystate.h"
#include "internal/pycore_tstate.h"

PyThreadState *sospeso_main_state;
PyObject *sospeso_page_loop;

static PyObject *copied_thread_dict(void)
{
    PyObject *dict = sospeso_main_state->dict == NULL ? NULL : PyDict_Copy(sospeso_main_state->dict);
    if (dict == NULL || (PyDict_PopString(dict, "Py_Repr", NULL) < 0)) {
        PyErr_Clear();
    }
    return dict;
}

PyThreadState *sospeso_new_task_state(void)
{
    const PyThreadState *main_state = sospeso_main_state;
    PyThreadState *state = PyThreadState_New(PyInterpreterState_Main());
    if (state == NULL) {
        return NULL;
    }
    state->dict = copied_thread_dict();
    state->threading_local_key = Py_XNewRef(main_state->threading_local_key);
    state->threading_local_sentinel = Py_XNewRef(main_state->threading_local_sentinel);
    state->async_gen_firstiter = Py_XNewRef(main_state->async_gen_firstiter);
    state->async_gen_finalizer = Py_XNewRef(main_state->async_gen_finalizer);
    ((_PyThreadStateImpl *)state)->asyncio_running_loop = Py_XNewRef(sospeso_page_loop);
    if (main_state->context != NULL) {
        state->context = PyContext_Copy(main_state->context);
        state->context_ver = 1;
    }
    return state;
}

static void copy_generator_hooks(PyThreadState *to, const PyThreadState *from)
{
    if (to != from) {
        Py_XSETREF(to->async_gen_firstiter, Py_XNewRef(from->async_gen_firstiter));
        Py_XSETREF(to->async_gen_finalizer, Py_XNewRef(from->async_gen_finalizer));
    }
}

void sospeso_share_page_loop(PyObject *loop, int now_too)
{
    PyThreadState *main_state = sospeso_main_state;
    PyThreadState *state = now_too ? PyInterpreterState_ThreadHead(main_state->interp) : NULL;
    for (; state != NULL; state = PyThreadState_Next(state)) {
        _PyThreadStateImpl *its = (_PyThreadStateImpl *)state;
        if (state->thread_id == main_state->thread_id && its->asyncio_running_loop == NULL) {
            its->asyncio_running_loop = Py_NewRef(loop);
            copy_generator_hooks(state, PyThreadState_GET());
        }
    }
    if (now_too) {
        copy_generator_hooks(sospeso_main_state, PyThreadState_GET());
    }
    Py_XSETREF(((_PyThreadStateImpl *)main_state)->asyncio_running_loop, Py_NewRef(loop));
    Py_XSETREF(sospeso_page_loop, Py_NewRef(loop));
}
