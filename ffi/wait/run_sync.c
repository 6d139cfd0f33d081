/* run_sync.c - waiting for JavaScript promises: run_sync(), await, then().
 *
 * run_sync(promise) registers with the promise and suspends the stack until it
 * is settled: no event loop of Python's takes part. Other awaitables go through
 * ffi/wait/run_sync.py. `await promise` in a coroutine makes a future of the running
 * loop which JavaScript settles. Asynchronous iterators and context managers are
 * promises in turn. Functions of module _sospeso_ffi, methods of JsPromise and
 * its kin.
 *
 * Invariants
 *  1. A key is watched from js_watch until js_outcome or js_unwatch, on every
 *     path, so that a promise settled after an interrupt finds nobody.
 *  2. A future given to JavaScript carries a reference, which settling takes.
 *  3. Settling never fails towards JavaScript: what goes wrong becomes the
 *     future's exception, or is reported as unraisable.
 */
#include "run_sync.h"

#include "../bridge/js_object.h"

#include "build/generated/jspi/numbers.h"

SOSPESO_IMPORT(new_key) extern unsigned host_new_key(void);
SOSPESO_IMPORT(js_watch) extern int host_watch(int promise, unsigned key);
SOSPESO_IMPORT(js_outcome) extern int host_outcome(unsigned key, sospeso_slot *result);
SOSPESO_IMPORT(js_unwatch) extern void host_unwatch(unsigned key);
SOSPESO_IMPORT(js_settle) extern int host_settle_later(int promise, PyObject *future, int how);

EMSCRIPTEN_KEEPALIVE void sospeso_wake(unsigned key)
{
    sospeso_notify(key, 1);
}

/* ---- run_sync() ------------------------------------------------------------------- */

static PyObject *cannot_wait(void)
{
    PyObject *error = sospeso_cannot_switch();
    if (error != NULL) {
        PyErr_SetRaisedException(error);
    }
    return NULL;
}

/* Can `await` take it? A coroutine, a generator of types.coroutine(), or what has __await__. */
static int is_awaitable(PyObject *object)
{
    if (PyGen_CheckExact(object)) {
        PyCodeObject *code = PyGen_GetCode((PyGenObject *)object);
        int flags = code->co_flags;
        Py_DECREF(code);
        return (flags & CO_ITERABLE_COROUTINE) != 0;
    }
    const PyAsyncMethods *async = Py_TYPE(object)->tp_as_async;
    return PyCoro_CheckExact(object) || (async != NULL && async->am_await != NULL);
}

/* Wait until the promise is settled, or somebody notifies the key. 0, and the key is still
 * watched; -1 with an exception. */
static int wait_until_settled(const js_part *js, unsigned key)
{
    if (!sospeso_can_wait()) {
        cannot_wait();
        return -1;
    }
    PyThreadState *state = PyThreadState_GET();
    if (sospeso_enter_crossing(state) < 0) {
        return -1;
    }
    sospeso_outgoing call;
    sospeso_push_outgoing(&call, 0, js->handle, "then");
    int status = host_watch(js->handle, key);
    if (status < 0) {
        sospeso_raise_js_error();
    }
    sospeso_pop_outgoing(&call);
    sospeso_leave_crossing(state);
    while (status == 0) {
        int outcome = sospeso_wait(key, -1);
        if (outcome == SOSPESO_NOTIFIED) {
            return 0;
        }
        if (outcome == SOSPESO_CANNOT_WAIT) {
            cannot_wait();
            status = -1;
        }
        else if (outcome == SOSPESO_INTERRUPTED) {
            status = PyErr_CheckSignals();
        }
        if (status < 0) {
            host_unwatch(key);
        }
    }
    return -1;
}

static PyObject *wait_for_promise(const js_part *js)
{
    unsigned key = host_new_key();
    if (wait_until_settled(js, key) < 0) {
        return NULL;
    }
    sospeso_slot slot;
    return host_outcome(key, &slot) < 0 ? sospeso_raise_js_error() : sospeso_from_slot(&slot);
}

static PyObject *future_type; /* PyodideFuture, once a call has given a promise */

/* Wait for a future that a promise settles: 1 when it is done, 0 when the event loop has to be
 * asked after all, -1 with an exception. No turn of the event loop is needed: the future watched
 * the promise first, so it is settled when we are woken. Cancelling it wakes us, too. */
static int wait_for_promised(PyObject *future)
{
    PyObject *promise = PyObject_GetAttrString(future, "_promise");
    const js_part *js = promise == NULL ? NULL : sospeso_js_part(promise);
    int status = promise == NULL ? -1 : 0;
    if (js != NULL) {
        unsigned key = host_new_key();
        PyObject *waiting = PyLong_FromUnsignedLong(key);
        status = waiting == NULL ? -1 : PyObject_SetAttrString(future, "_waiting", waiting);
        Py_XDECREF(waiting);
        if (status == 0 && (status = wait_until_settled(js, key)) == 0) {
            host_unwatch(key);
            PyObject *done = PyObject_CallMethod(future, "done", NULL);
            status = done == NULL ? -1 : done == Py_True;
            Py_XDECREF(done);
        }
        else if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
            PyObject *error = PyErr_GetRaisedException();
            PyObject *cancelled = PyObject_CallMethod(future, "cancel", NULL);
            Py_XDECREF(cancelled);
            PyErr_SetRaisedException(error);
        }
    }
    Py_XDECREF(promise);
    return status;
}

static PyObject *run_sync(PyObject *module, PyObject *awaitable)
{
    (void)module;
    static PyObject *wait_for;
    if (future_type != NULL && Py_IS_TYPE(awaitable, (PyTypeObject *)future_type)) {
        int status = wait_for_promised(awaitable);
        if (status != 0) {
            return status < 0 ? NULL : PyObject_CallMethod(awaitable, "result", NULL);
        }
    }
    js_part *js = sospeso_js_part(awaitable);
    if (js != NULL && js->kind & JS_PROMISE) {
        Py_INCREF(awaitable);
        PyObject *result = wait_for_promise(js);
        Py_DECREF(awaitable);
        return result;
    }
    if (!is_awaitable(awaitable)) {
        return PyErr_Format(PyExc_TypeError, "object %.200s is not awaitable", Py_TYPE(awaitable)->tp_name);
    }
    if (wait_for == NULL) {
        PyObject *helper = PyImport_ImportModule("_sospeso.run_sync");
        wait_for = helper == NULL ? NULL : PyObject_GetAttrString(helper, "wait_for");
        Py_XDECREF(helper);
        if (wait_for == NULL) {
            return NULL;
        }
    }
    return PyObject_CallOneArg(wait_for, awaitable);
}

static PyObject *can_run_sync(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyBool_FromLong(sospeso_can_wait());
}

static PyObject *cannot_switch(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return sospeso_cannot_switch();
}

static PyObject *page_loop(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return Py_NewRef(sospeso_page_loop == NULL ? Py_None : sospeso_page_loop);
}

PyMethodDef sospeso_run_sync_methods[] = {
    {"run_sync", run_sync, METH_O,
     "run_sync(awaitable, /)\n--\n\n"
     "Wait for a promise or any other awaitable, on this stack, and give its result.\n\n"
     "RuntimeError if the stack cannot wait: see can_run_sync()."},
    {"can_run_sync", can_run_sync, METH_NOARGS,
     "can_run_sync()\n--\n\nWhether run_sync() can wait here."},
    {"cannot_switch", cannot_switch, METH_NOARGS,
     "cannot_switch()\n--\n\nA RuntimeError to raise when can_run_sync() is False; a note of it says why."},
    {"page_loop", page_loop, METH_NOARGS,
     "page_loop()\n--\n\nThe page's event loop; None before asyncio is imported."},
    {NULL, NULL, 0, NULL},
};

/* ---- await -------------------------------------------------------------------------- */

static PyObject *new_future(void)
{
    static PyObject *get_running_loop;
    if (get_running_loop == NULL) {
        PyObject *asyncio = PyImport_ImportModule("asyncio");
        get_running_loop = asyncio == NULL ? NULL : PyObject_GetAttrString(asyncio, "get_running_loop");
        Py_XDECREF(asyncio);
        if (get_running_loop == NULL) {
            return NULL;
        }
    }
    PyObject *loop = PyObject_CallNoArgs(get_running_loop);
    PyObject *future = loop == NULL ? NULL : PyObject_CallMethod(loop, "create_future", NULL);
    Py_XDECREF(loop);
    return future;
}

/* Have JavaScript settle the future, whose reference is taken over, as the promise is. The
 * future; NULL with an exception. */
static PyObject *settled_by(PyObject *future, PyObject *promise, int how)
{
    const js_part *js = sospeso_js_self(promise);
    if (js == NULL || future == NULL) {
        Py_XDECREF(future);
        return NULL;
    }
    sospeso_outgoing call;
    sospeso_push_outgoing(&call, 0, js->handle, "then");
    int status = host_settle_later(js->handle, Py_NewRef(future), how);
    if (status != 0) {
        Py_DECREF(future); /* the one JavaScript did not take */
    }
    if (status < 0) {
        sospeso_raise_js_error();
    }
    else if (status == 1) {
        PyErr_Format(PyExc_TypeError, "object %s can't be used in 'await' expression", Py_TYPE(promise)->tp_name);
    }
    sospeso_pop_outgoing(&call);
    if (status != 0) {
        Py_CLEAR(future);
    }
    return future;
}

/* A future that gets what the promise gives. */
static PyObject *future_of(PyObject *promise, int how)
{
    return settled_by(new_future(), promise, how);
}

PyObject *sospeso_promise_future(PyObject *promise)
{
    static PyObject *make;
    if (make == NULL) {
        PyObject *asyncio = PyImport_ImportModule("asyncio"); /* makes the page's loop */
        if (asyncio == NULL) {
            return NULL;
        }
        Py_DECREF(asyncio);
        future_type = PyObject_GetAttrString(sospeso_page_loop, "future_type");
        make = future_type == NULL ? NULL : PyObject_GetAttrString(sospeso_page_loop, "new_future");
        if (make == NULL) {
            return NULL;
        }
    }
    PyObject *future = settled_by(PyObject_CallNoArgs(make), promise, SETTLE_VALUE);
    if (future != NULL && PyObject_SetAttrString(future, "_promise", promise) < 0) {
        Py_CLEAR(future);
    }
    return future;
}

static int call_future(PyObject *future, const char *method, PyObject *value)
{
    PyObject *done = PyObject_CallMethod(future, method, "(O)", value);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

/* A loop of the user's may be waiting with nothing to do: let it look. */
static void wake_loop(PyObject *future)
{
    PyObject *loop = PyObject_CallMethod(future, "get_loop", NULL);
    PyObject *done = loop == NULL ? NULL : PyObject_CallMethod(loop, "_write_to_self", NULL);
    if (done == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(done);
    Py_XDECREF(loop);
}

static int settle_with_error(PyObject *future)
{
    PyObject *error = PyErr_GetRaisedException();
    int status = call_future(future, "set_exception", error);
    Py_DECREF(error);
    if (status < 0) { /* StopIteration cannot be set: say so instead of never */
        error = PyErr_GetRaisedException();
        status = call_future(future, "set_exception", error);
        Py_DECREF(error);
    }
    return status;
}

/* Called by JavaScript; takes the future's reference over. */
EMSCRIPTEN_KEEPALIVE void sospeso_future_settle(PyObject *future, sospeso_slot *slot, int how)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *value = NULL;
    if (how == SETTLE_ERROR) {
        sospeso_raise_js_error();
    }
    else {
        value = sospeso_from_slot(slot);
    }
    if (how == SETTLE_STOP && value != NULL) {
        PyObject *stop = PyObject_CallOneArg(PyExc_StopAsyncIteration, value); /* args tell what it returned */
        Py_CLEAR(value);
        if (stop != NULL) {
            PyErr_SetRaisedException(stop);
        }
    }
    if (how == SETTLE_IGNORED && value != NULL) {
        Py_CLEAR(value);
        PyErr_SetString(PyExc_RuntimeError, "JavaScript generator ignored return");
    }
    if (how == SETTLE_END && value != NULL) {
        Py_SETREF(value, Py_NewRef(Py_None));
    }
    PyObject *error = PyErr_GetRaisedException();
    PyObject *done = PyObject_CallMethod(future, "done", NULL);
    int status = done == NULL ? -1 : 0;
    if (done == Py_False) { /* it may have been cancelled meanwhile */
        PyErr_SetRaisedException(error);
        error = NULL;
        status = value != NULL ? call_future(future, "set_result", value) : settle_with_error(future);
        if (status == 0) {
            wake_loop(future);
        }
        if (status == 0 && future_type != NULL && Py_IS_TYPE(future, (PyTypeObject *)future_type)) {
            status = PyObject_SetAttrString(future, "_promise", Py_None);
        }
    }
    if (status < 0) {
        PyErr_WriteUnraisable(future);
    }
    Py_XDECREF(done);
    Py_XDECREF(error);
    Py_XDECREF(value);
    Py_DECREF(future);
    sospeso_leave_python(&entry);
}

PyObject *sospeso_js_await(PyObject *self)
{
    PyObject *future = future_of(self, SETTLE_VALUE);
    if (future == NULL) {
        return NULL;
    }
    PyAsyncMethods *async = Py_TYPE(future)->tp_as_async;
    PyObject *iterator = async != NULL && async->am_await != NULL
                             ? async->am_await(future)
                             : PyObject_CallMethod(future, "__await__", NULL);
    Py_DECREF(future);
    return iterator;
}

/* ---- promises ------------------------------------------------------------------------- */

static PyObject *promise_then(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *words[] = {"onfulfilled", "onrejected", NULL};
    PyObject *given[2] = {Py_None, Py_None};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:then", words, &given[0], &given[1])) {
        return NULL;
    }
    return sospeso_js_op_object(JS_OP_THEN, self, given, 2);
}

static PyObject *promise_catch(PyObject *self, PyObject *onrejected)
{
    PyObject *given[2] = {Py_None, onrejected};
    return sospeso_js_op_object(JS_OP_THEN, self, given, 2);
}

static PyObject *promise_finally(PyObject *self, PyObject *onfinally)
{
    return sospeso_js_op_object(JS_OP_FINALLY, self, &onfinally, 1);
}

PyMethodDef sospeso_js_promise_class_methods[] = {
    {"then", (PyCFunction)(void (*)(void))promise_then, METH_VARARGS | METH_KEYWORDS,
     "then(onfulfilled=None, onrejected=None)\n--\n\n"
     "A promise for what the functions give; they are let go when one was called, and may wait."},
    {"catch", promise_catch, METH_O, "catch(onrejected)\n--\n\nthen(None, onrejected)."},
    {"finally_", promise_finally, METH_O,
     "finally_(onfinally)\n--\n\nA promise with the same outcome, after the function was called."},
    {NULL, NULL, 0, NULL},
};

/* ---- asynchronous iteration ------------------------------------------------------------ */

PyObject *sospeso_js_aiter(PyObject *self)
{
    return sospeso_js_op_object(JS_OP_ASYNC_ITER, self, NULL, 0);
}

/* The awaitable of one step by JS_STEP_*. Without a value it is the exception that
 * was kept. */
static PyObject *async_step(PyObject *self, int method, PyObject *value, int how)
{
    PyObject *number = PyLong_FromLong(method);
    PyObject *given[2] = {number, value};
    PyObject *promise = number == NULL ? NULL : sospeso_js_op_object(JS_OP_ASYNC_NEXT, self, given, value == NULL ? 1 : 2);
    Py_XDECREF(number);
    PyObject *future = promise == NULL ? NULL : future_of(promise, how);
    Py_XDECREF(promise);
    return future;
}

PyObject *sospeso_js_anext(PyObject *self)
{
    return async_step(self, JS_STEP_NEXT, Py_None, SETTLE_STEP);
}

static PyObject *async_send(PyObject *self, PyObject *value)
{
    return async_step(self, JS_STEP_NEXT, value, SETTLE_STEP);
}

static PyObject *async_throw(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    PyObject *error = sospeso_exception_to_throw("athrow", args, count);
    if (error != NULL && sospeso_js_handle(error) == 0) {
        /* JavaScript takes it from errors.c, as a PythonError */
        PyErr_SetRaisedException(error);
        sospeso_keep_error();
        return async_step(self, JS_STEP_THROW, NULL, SETTLE_STEP);
    }
    PyObject *future = error == NULL ? NULL : async_step(self, JS_STEP_THROW, error, SETTLE_STEP);
    Py_XDECREF(error);
    return future;
}

static PyObject *async_close(PyObject *self, PyObject *unused)
{
    (void)unused;
    return async_step(self, JS_STEP_RETURN, Py_None, SETTLE_END);
}

PyMethodDef sospeso_js_async_iterator_class_methods[] = {
    {"asend", async_send, METH_O, "asend(value)\n--\n\nAn awaitable for the next value."},
    {NULL, NULL, 0, NULL},
};

PyMethodDef sospeso_js_async_generator_class_methods[] = {
    {"asend", async_send, METH_O, "asend(value)\n--\n\nAn awaitable for the next value."},
    {"athrow", (PyCFunction)(void (*)(void))async_throw, METH_FASTCALL,
     "athrow(error)\n--\n\nRaise in the generator; an awaitable for the next value."},
    {"aclose", async_close, METH_NOARGS, "aclose()\n--\n\nEnd the generator; an awaitable."},
    {NULL, NULL, 0, NULL},
};

/* ---- context managers --------------------------------------------------------------------- */

static PyObject *dispose_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return Py_NewRef(self);
}

static PyObject *dispose_exit(PyObject *self, PyObject *args)
{
    (void)args;
    return sospeso_js_op_object(JS_OP_DISPOSE, self, NULL, 0);
}

PyMethodDef sospeso_js_disposable_class_methods[] = {
    {"__enter__", dispose_enter, METH_NOARGS, "The object itself."},
    {"__exit__", dispose_exit, METH_VARARGS, "Calls [Symbol.dispose]()."},
    {NULL, NULL, 0, NULL},
};

static PyObject *dispose_aenter(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *future = new_future();
    if (future != NULL && call_future(future, "set_result", self) < 0) {
        Py_CLEAR(future);
    }
    return future;
}

static PyObject *dispose_aexit(PyObject *self, PyObject *args)
{
    (void)args;
    return sospeso_js_op_object(JS_OP_ASYNC_DISPOSE, self, NULL, 0);
}

PyMethodDef sospeso_js_async_disposable_class_methods[] = {
    {"__aenter__", dispose_aenter, METH_NOARGS, "An awaitable for the object itself."},
    {"__aexit__", dispose_aexit, METH_VARARGS, "Calls [Symbol.asyncDispose]()."},
    {NULL, NULL, 0, NULL},
};
