/* main.c - CPython embedded: start, run a piece of code, signals, stop.
 *
 * Where the interpreter (cpython/) meets tasks (jspi/), values (ffi/) and the
 * steps of the page's event loop (asyncio_bridge/). It gives every call of
 * runPythonAsync() a task with its own thread state, runs runPython() on the
 * stack it is called on, and reports results and exceptions to
 * runtime/api/api.ts, which calls the exports.
 *
 * Invariants
 *  1. Outside of all tasks and plain calls nobody holds the GIL and no thread
 *     state is attached.
 *  2. A task's thread state is made before it is entered and deleted before
 *     its stack ends; while it is suspended it is detached (hooks below).
 *  3. A request is freed by JavaScript, after it has read the outcome.
 *  4. A signal that a stack leaves to a step of the page's loop
 *     (asyncio_bridge/steps.c, invariant 1) is not lost: when the last step has
 *     ended without taking it, those who wait are asked again.
 *  5. A KeyboardInterrupt that leaves a step was raised between two callbacks, or
 *     in one that is nobody's task: it is for those who wait for the loop.
 */
#include "embed.h"

#include "../../asyncio_bridge/steps.h"
#include "../../ffi/bridge/bridge.h"
#include "../../ffi/ffi_module.h"
#include "../../jspi/task.h"

#include <Python.h>
#include <emscripten/emscripten.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* internal: eval breaker bits and fields of PyThreadState that have no API */
#include "internal/pycore_ceval.h"
#include "internal/pycore_pystate.h"
#include "internal/pycore_tstate.h"

extern struct _frozen sospeso_frozen_modules[]; /* made by cpython/build/steps/freeze.py */
extern void sospeso_signal_noted(void);          /* called by patch 0008 */

#define PLAIN_CALL \
    "cannot wait here: Python was entered by runPython(), which returns its result at once; " \
    "use \"await pyodide.runPythonAsync(code)\" instead"

static const char *request_module; /* where the functions are that requests name */
static int signal_arrived;         /* a signal is tripped and no task knows it yet */

/* Ask for a step of the page's loop, in so many milliseconds (jspi/tasks.ts). */
__attribute__((import_module("sospeso"), import_name("schedule")))
extern void host_schedule(double delay_ms);

/* ---- around a wait -------------------------------------------------------- */

typedef struct {
    PyObject *function;  /* name of a function of request_module */
    PyObject *arguments; /* tuple */
    PyThreadState *state;
    sospeso_task *task;
    PyObject *value;         /* result, or NULL */
    PyObject *error;         /* the exception, or NULL */
    int is_step;             /* runs callbacks of the page's event loop */
    PyObject *asyncio_task;  /* asyncio's current task while suspended in a step */
} request;

static void *run_task(void *argument);

static request *step_of(sospeso_task *task)
{
    return task->run == run_task && sospeso_has_asyncio_task(task) ? task->argument : NULL;
}

static int suspending_depth;

/* Units of C recursion on the stack that is being suspended: how much room the
 * Asyncify polyfill must have for its frames. Asked from within the wait. */
EMSCRIPTEN_KEEPALIVE int sospeso_task_depth(void)
{
    return suspending_depth;
}

static void *suspend_task(sospeso_task *task)
{
    PyThreadState *attached = PyThreadState_GetUnchecked();
    PyThreadState *own = PyGILState_GetThisThreadState();
    suspending_depth = own == NULL ? 0 : sospeso_c_recursion_limit - own->c_recursion_remaining;
    request *step = step_of(task);
    if (step != NULL) {
        if (attached == NULL) {
            PyEval_RestoreThread(step->state);
        }
        PyObject *exception = PyErr_GetRaisedException();
        step->asyncio_task = sospeso_swap_asyncio_task(Py_None);
        PyErr_SetRaisedException(exception);
        PyEval_SaveThread();
        return attached;
    }
    return attached == NULL ? NULL : PyEval_SaveThread();
}

static void resume_task(sospeso_task *task, void *held)
{
    request *step = step_of(task);
    if (step != NULL) {
        PyEval_RestoreThread(step->state);
        PyObject *exception = PyErr_GetRaisedException();
        Py_XDECREF(sospeso_swap_asyncio_task(step->asyncio_task ? step->asyncio_task : Py_None));
        Py_CLEAR(step->asyncio_task);
        PyErr_SetRaisedException(exception);
        if (held == NULL) {
            PyEval_SaveThread();
        }
    }
    else if (held != NULL) {
        PyEval_RestoreThread(held);
    }
    if (signal_arrived && task->kind != TASK_THREAD && !sospeso_is_for_a_step(task)) {
        /* CPython flags only the main thread's own state (ceval_gil.c): the
         * first task that resumes is the one that runs the handler. A wait
         * below Py_BEGIN_ALLOW_THREADS holds nothing: its state looks later. */
        PyThreadState *own = held != NULL ? held : PyGILState_GetThisThreadState();
        if (own != NULL) {
            signal_arrived = 0;
            _Py_set_eval_breaker_bit(own, _PY_SIGNALS_PENDING_BIT);
        }
    }
}

/* sys.getswitchinterval(), in milliseconds. */
static double switch_interval(void)
{
    return (double)_PyEval_GetSwitchInterval() / 1e3;
}

/* CPython has noted a signal (patch 0008), on whatever stack that was: the main
 * thread's Python that runs now must look, or the first that resumes. */
void sospeso_signal_noted(void)
{
    PyThreadState *running = PyThreadState_GetUnchecked();
    if (running != NULL && sospeso_task_current()->kind != TASK_THREAD) {
        _Py_set_eval_breaker_bit(running, _PY_SIGNALS_PENDING_BIT);
    }
    else {
        signal_arrived = 1;
    }
    sospeso_interrupt_waits();
}

static int raise_cannot_wait(void *reason)
{
    PyErr_SetString(PyExc_RuntimeError, reason);
    return -1;
}

int sospeso_lock_would_hang(int interruptible)
{
    if (!interruptible) {
        return 0;
    }
    Py_AddPendingCall(raise_cannot_wait, (void *)sospeso_cannot_wait_reason());
    return 1;
}

/* ---- start --------------------------------------------------------------- */

static char failure[512];

/* What the options -h and -V ask for is done, or an option was wrong: that ends the process. */
static int failed(PyStatus status)
{
    if (PyStatus_IsExit(status)) {
        exit(status.exitcode);
    }
    snprintf(failure, sizeof failure, "%s%s%s", status.func ? status.func : "",
             status.func ? ": " : "", status.err_msg ? status.err_msg : "exit");
    return -1;
}

/* Must equal the version of the script that loads us (runtime/load/load.ts). */
EMSCRIPTEN_KEEPALIVE const char *sospeso_version(void)
{
    return SOSPESO_VERSION;
}

EMSCRIPTEN_KEEPALIVE const char *sospeso_failure(void)
{
    return failure;
}

EMSCRIPTEN_KEEPALIVE int sospeso_setenv(const char *name, const char *value)
{
    return setenv(name, value, 1);
}

/* Append paths, ':'-separated, to what sys.path will be. */
static PyStatus add_search_paths(PyConfig *config, const wchar_t *paths)
{
    PyStatus status = PyStatus_Ok();
    while (!PyStatus_Exception(status) && *paths != L'\0') {
        size_t length = wcscspn(paths, L":");
        wchar_t *one = PyMem_RawCalloc(length + 1, sizeof *one);
        if (one == NULL) {
            return PyStatus_NoMemory();
        }
        wmemcpy(one, paths, length);
        status = PyWideStringList_Append(&config->module_search_paths, one);
        PyMem_RawFree(one);
        paths += length + (paths[length] == L':');
    }
    return status;
}

int sospeso_embed(int argc, char **argv, const char *paths, const char *module)
{
    request_module = module;
    static const sospeso_runtime_hooks hooks = {suspend_task, resume_task, sospeso_stack_end, sospeso_thread_exit,
                                                switch_interval};
    sospeso_set_hooks(&hooks);
    sospeso_ffi_begin();

    PyPreConfig before;
    PyPreConfig_InitPythonConfig(&before);
    before.utf8_mode = 1;
    PyStatus status = Py_PreInitializeFromBytesArgs(&before, argc, argv); /* -X dev, -E, -I */
    if (PyStatus_Exception(status)) {
        return failed(status);
    }
    PyImport_AppendInittab("_sospeso_ffi", PyInit__sospeso_ffi);
    PyImport_FrozenModules = sospeso_frozen_modules;

    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    config.parse_argv = 1;
    config.pathconfig_warnings = 0;
    config.module_search_paths_set = 1;
    config.write_bytecode = 0; /* files in memory end with the page */
    status = PyConfig_SetBytesString(&config, &config.program_name, "python3.13");
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetBytesString(&config, &config.home, "/");
    }
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetBytesString(&config, &config.executable, "/bin/python3.13");
    }
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetBytesString(&config, &config.stdlib_dir, "/lib/python313.zip");
    }
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetBytesArgv(&config, argc, argv);
    }
    if (!PyStatus_Exception(status)) {
        status = PyConfig_Read(&config);
    }
    if (!PyStatus_Exception(status) && config.pythonpath_env != NULL) {
        status = add_search_paths(&config, config.pythonpath_env);
    }
    if (!PyStatus_Exception(status)) {
        wchar_t *wide = Py_DecodeLocale(paths, NULL);
        status = wide == NULL ? PyStatus_NoMemory() : add_search_paths(&config, wide);
        PyMem_RawFree(wide);
    }
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        return failed(status);
    }
    sospeso_main_state = PyThreadState_Get();
    /* threading.local values hang on a key made at the first use: make it now,
     * so that tasks can share it (ffi/bridge/task_state.c). A handler of lines is no
     * terminal, yet it wants each line when it is printed: nothing ends this
     * process and flushes the rest. sys.path begins with the current folder, as
     * at a prompt; module_search_paths cannot, since site makes its names absolute. */
    if (PyRun_SimpleString("import _sospeso_ffi, _thread, sys\n_thread._local().x = 1\n"
                           "sys.stdout.reconfigure(line_buffering=True)\n"
                           "if not sys.flags.safe_path: sys.path.insert(0, '')\n"
                           "del _sospeso_ffi, _thread, sys\n") != 0 ||
        PyThreadState_GetDict() == NULL) {
        strcpy(failure, "the main thread's state could not be prepared");
        return -1;
    }
    PyEval_SaveThread();
    return 0;
}

/* ---- running code --------------------------------------------------------- */

/* Function and arguments are stolen handles; an argument of 0 is None. */
EMSCRIPTEN_KEEPALIVE request *sospeso_request_new(PyObject *function, int count,
                                                  PyObject **arguments, int is_step)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    request *made = calloc(1, sizeof *made);
    PyObject *tuple = made == NULL ? NULL : PyTuple_New(count);
    if (tuple == NULL) {
        PyErr_Clear();
        free(made);
        made = NULL;
    }
    else {
        for (int i = 0; i < count; i++) {
            PyTuple_SET_ITEM(tuple, i, arguments[i] ? arguments[i] : Py_NewRef(Py_None));
        }
        made->function = function;
        made->is_step = is_step;
        made->arguments = tuple;
    }
    PyGILState_Release(gil);
    return made;
}

static PyObject *request_function(PyObject *name)
{
    PyObject *module = PyImport_ImportModule(request_module);
    PyObject *function = module == NULL ? NULL : PyObject_GetAttr(module, name);
    Py_XDECREF(module);
    return function;
}

/* A program that ends by sys.exit("words") prints them, once and on its own
 * stack, where printing may wait. */
static void report_exit(PyObject *exception)
{
    PyObject *name = PyUnicode_FromString("report_exit");
    PyObject *report = name == NULL ? NULL : request_function(name);
    PyObject *done = report == NULL ? NULL : PyObject_CallOneArg(report, exception);
    if (done == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(done);
    Py_XDECREF(report);
    Py_XDECREF(name);
}

static void run_attached(request *req)
{
    PyObject *function = request_function(req->function);
    if (function != NULL) {
        req->value = PyObject_Call(function, req->arguments, NULL);
        Py_DECREF(function);
    }
    if (req->value == NULL) {
        req->error = PyErr_GetRaisedException();
        if (PyErr_GivenExceptionMatches(req->error, PyExc_SystemExit)) {
            report_exit(req->error);
        }
    }
}

/* Run on the calling stack; nothing on it can suspend until it returns. */
EMSCRIPTEN_KEEPALIVE void sospeso_run_plain(request *req)
{
    sospeso_enter_js(PLAIN_CALL);
    PyGILState_STATE gil = PyGILState_Ensure();
    run_attached(req);
    PyGILState_Release(gil);
    sospeso_leave_js();
}

static void *run_task(void *argument)
{
    request *req = argument;
    PyEval_RestoreThread(req->state);
    sospeso_steps_at_work += req->is_step;
    run_attached(req);
    sospeso_steps_at_work -= req->is_step;
    int passed_on = 0;
    if (req->is_step && req->error != NULL) {
        host_schedule(0); /* what the step left undone */
        passed_on = sospeso_loop_waiters > 0 &&
                    PyErr_GivenExceptionMatches(req->error, PyExc_KeyboardInterrupt);
    }
    if (passed_on) {
        Py_CLEAR(req->error);
        req->value = Py_NewRef(Py_None);
    }
    if (signal_arrived && sospeso_steps_at_work == 0) {
        sospeso_interrupt_waits(); /* invariant 4 */
    }
    PyThreadState_Clear(req->state);
    PyThreadState_DeleteCurrent();
    req->state = NULL;
    if (passed_on) {
        PyErr_SetInterruptEx(SIGINT); /* with no state attached: invariant 5 */
    }
    return NULL;
}

/* Prepare the request's task for WebAssembly.promising(sospeso_task_enter);
 * NULL when memory is out. */
EMSCRIPTEN_KEEPALIVE sospeso_task *sospeso_request_task(request *req)
{
    req->task = sospeso_task_new(TASK_ENTRY, SOSPESO_ENTRY_STACK, run_task, req);
    if (req->task != NULL) {
        req->task->is_step = req->is_step;
        PyGILState_STATE gil = PyGILState_Ensure();
        req->state = sospeso_new_task_state();
        PyGILState_Release(gil);
        if (req->state == NULL) {
            sospeso_task_free(req->task);
            req->task = NULL;
        }
    }
    return req->task;
}

/* A new reference to the value; NULL when the request failed. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_request_value(request *req)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *value = Py_XNewRef(req->value);
    PyGILState_Release(gil);
    return value;
}

/* 1 when the request failed: its exception is kept for JavaScript, which calls
 * Bridge.throwPython(). */
EMSCRIPTEN_KEEPALIVE int sospeso_request_keep_error(request *req)
{
    if (req->error == NULL) {
        return 0;
    }
    PyGILState_STATE gil = PyGILState_Ensure();
    PyErr_SetRaisedException(req->error);
    req->error = NULL;
    sospeso_keep_error();
    PyGILState_Release(gil);
    return 1;
}

EMSCRIPTEN_KEEPALIVE void sospeso_request_free(request *req)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    Py_XDECREF(req->function);
    Py_XDECREF(req->arguments);
    Py_XDECREF(req->value);
    Py_XDECREF(req->error);
    PyGILState_Release(gil);
    if (req->task != NULL) {
        sospeso_task_free(req->task);
    }
    free(req);
}

EMSCRIPTEN_KEEPALIVE PyObject *sospeso_main_dict(void)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *module = PyImport_AddModuleRef("__main__");
    PyObject *dict = module == NULL ? NULL : Py_NewRef(PyModule_GetDict(module));
    Py_XDECREF(module);
    PyGILState_Release(gil);
    return dict;
}

/* ---- signals -------------------------------------------------------------- */

/* Trip a signal; handlers run in Python when a main-thread task next looks. */
EMSCRIPTEN_KEEPALIVE int sospeso_signal(int number)
{
    return PyErr_SetInterruptEx(number);
}
