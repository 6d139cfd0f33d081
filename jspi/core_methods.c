/* core_methods.c - waiting and waking, for our Python.
 *
 * Functions of the builtin module _sospeso_core (runtime/api/start.c puts it
 * together), which webloop.py, run_sync.py and runner.py call: may this stack
 * wait, waking by key, the host's timer for the page's event loop, files that
 * it watches. Private, never imported by users.
 */
#include "core_methods.h"

#include "jspi.h"

#include <poll.h>

#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

/* A key nobody else uses, for events that are not C objects. */
IMPORT(new_key) extern unsigned host_new_key(void);
/* Ask for _sospeso.runner.loop_step() as a task, in so many milliseconds. */
IMPORT(schedule) extern void host_schedule(double delay_ms);

/* Ask for a step when one of the files is ready; replaces what was asked
 * before. 1 when one is ready now. */
IMPORT(files_watch) extern int host_files_watch(const struct pollfd *fds, unsigned count);

static PyObject *core_notify(PyObject *module, PyObject *args)
{
    (void)module;
    unsigned key;
    if (!PyArg_ParseTuple(args, "I:notify", &key)) {
        return NULL;
    }
    sospeso_notify(key, 1);
    Py_RETURN_NONE;
}

static PyObject *core_new_key(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromUnsignedLong(host_new_key());
}

static PyObject *core_can_wait(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyBool_FromLong(sospeso_can_wait());
}

static PyObject *core_cannot_wait_reason(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyUnicode_FromString(sospeso_cannot_wait_reason());
}

static PyObject *core_stack_ident(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromUnsignedLong(sospeso_stack_ident());
}

/* CPython has no function for this that Python code could call. */
static PyObject *core_check_signals(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *core_schedule(PyObject *module, PyObject *args)
{
    (void)module;
    double delay_ms;
    if (!PyArg_ParseTuple(args, "d:schedule", &delay_ms)) {
        return NULL;
    }
    host_schedule(delay_ms);
    Py_RETURN_NONE;
}

static PyObject *core_watch_files(PyObject *module, PyObject *fds)
{
    (void)module;
    if (!PyBytes_Check(fds)) {
        PyErr_SetString(PyExc_TypeError, "watch_files() takes bytes, an array of struct pollfd");
        return NULL;
    }
    unsigned count = (unsigned)PyBytes_GET_SIZE(fds) / sizeof(struct pollfd);
    return PyBool_FromLong(host_files_watch((const void *)PyBytes_AS_STRING(fds), count));
}

PyMethodDef sospeso_core_methods[] = {
    {"notify", core_notify, METH_VARARGS, "notify(key): wake everyone who waits for the key."},
    {"new_key", core_new_key, METH_NOARGS, "new_key() -> int: a key for wait() and notify()."},
    {"can_wait", core_can_wait, METH_NOARGS, "can_wait() -> bool: may this stack suspend?"},
    {"cannot_wait_reason", core_cannot_wait_reason, METH_NOARGS,
     "cannot_wait_reason() -> str: why not, and the cure."},
    {"stack_ident", core_stack_ident, METH_NOARGS,
     "stack_ident() -> int: whose stack runs; tasks of the main thread have one each."},
    {"check_signals", core_check_signals, METH_NOARGS,
     "check_signals(): run the handlers of signals that have arrived."},
    {"schedule", core_schedule, METH_VARARGS,
     "schedule(delay_ms): have the host run the page loop's next step then."},
    {"watch_files", core_watch_files, METH_O,
     "watch_files(pollfds, /) -> bool: have the host run the page loop's next step when one of\n"
     "these files, an array of struct pollfd as bytes, is ready; True when one is already."},
    {NULL, NULL, 0, NULL},
};
