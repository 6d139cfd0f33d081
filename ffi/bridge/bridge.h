/* bridge.h - what all C files of ffi/ know of the crossing.
 *
 * Entering Python from JavaScript (entry.c), calls from Python to JavaScript, one
 * value in or out (values.c), and errors (errors.c). js_object.h is for those who
 * look into a JsProxy.
 *
 * Invariants
 *  1. No JavaScript exception crosses a wasm frame: an import catches, keeps the
 *     error and returns -1; C then calls sospeso_raise_js_error().
 *  2. No Python exception is pending when an export returns to JavaScript: the
 *     export returns its failure value and errors.c keeps the exception until
 *     JavaScript fetches it.
 *  3. Every export that runs Python begins with sospeso_enter_python() and ends
 *     with sospeso_leave_python(), on every path.
 */
#ifndef SOSPESO_BRIDGE_H
#define SOSPESO_BRIDGE_H

#include "../abi/abi.h"

#include <Python.h>
#include <emscripten/emscripten.h>

#include "../../jspi/task.h"

#define SOSPESO_IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

/* ---- entering Python from JavaScript (entry.c) ----------------------------- */

typedef struct {
    PyThreadState *attached; /* what enter attached, or NULL when Python was running already */
    int marked;              /* a JavaScript frame was marked on this stack */
} sospeso_entry;

/* Attach a thread state if none is, and mark the JavaScript frame that is on
 * the stack if Python called it: nothing below it can suspend. */
void sospeso_enter_python(sospeso_entry *entry);
void sospeso_leave_python(const sospeso_entry *entry);

/* Exports that have begun and not ended. */
extern int sospeso_entered;

/* ---- a task of its own for a call from JavaScript (task_state.c) ----------------- */

/* The event loop's thread state; set once, when Python has started. */
extern PyThreadState *sospeso_main_state;

/* The loop that such tasks find running (asyncio_bridge/webloop.py), or NULL. */
extern PyObject *sospeso_page_loop;

/* A thread state for a task entered from JavaScript, which shares what such
 * tasks share. Needs the GIL; NULL when memory is out. */
PyThreadState *sospeso_new_task_state(void);

/* Make this loop the page's, and if so asked that of the tasks that have begun.
 * Needs the GIL. */
void sospeso_share_page_loop(PyObject *loop, int now_too);

/* ---- calling JavaScript from Python --------------------------------------------- */

/* A call from Python to JavaScript that is under way; kept in a chain on the C
 * stack, so that a wait below it can name the function. */
typedef struct sospeso_outgoing {
    int function;                   /* handle of the callee, 0 for none */
    int receiver;                   /* handle of `this`, 0 for none */
    const char *what;               /* or a fixed name, when no function is called */
    struct sospeso_outgoing *below;
} sospeso_outgoing;

extern sospeso_outgoing *sospeso_outgoing_top;

/* Why a stack with JavaScript on it cannot wait, by the innermost outgoing call. */
const char *sospeso_describe_outgoing(void);

/* Units of C recursion that one way through JavaScript takes: its frames are
 * larger than those of C, and an engine that runs out of stack in wasm unwinds
 * it without asking (jspi/jspi.h, sospeso_c_recursion_limit). */
#define SOSPESO_CROSSING_UNITS 4

/* -1 with RecursionError when there is no room for what the call may lead to. */
static inline int sospeso_enter_crossing(PyThreadState *state)
{
    if (state->c_recursion_remaining > SOSPESO_CROSSING_UNITS) {
        state->c_recursion_remaining -= SOSPESO_CROSSING_UNITS;
        return 0;
    }
    PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded on the way to JavaScript");
    return -1;
}

static inline void sospeso_leave_crossing(PyThreadState *state)
{
    state->c_recursion_remaining += SOSPESO_CROSSING_UNITS;
}

static inline void sospeso_push_outgoing(sospeso_outgoing *call, int function, int receiver,
                                         const char *what)
{
    call->function = function;
    call->receiver = receiver;
    call->what = what;
    call->below = sospeso_outgoing_top;
    sospeso_outgoing_top = call;
    sospeso_hand_over_output();
}

static inline void sospeso_pop_outgoing(const sospeso_outgoing *call)
{
    sospeso_outgoing_top = call->below;
}

/* ---- one value (values.c) -------------------------------------------------- */

/* Describe an object for JavaScript. Runs no Python code. Text points into the
 * object, or into one that is appended to the list *keep (made when needed;
 * the caller drops it after the crossing). A SLOT_PY carries a new reference.
 * -1 with an exception when memory is out. */
int sospeso_to_slot(PyObject *object, sospeso_slot *slot, PyObject **keep);

/* as_js_json(): an argument that JavaScript is to see as JSON (js_call.c). A new
 * reference, NULL with an exception. */
PyObject *sospeso_as_js_json(PyObject *module, PyObject *object);

/* As a SLOT_PY always: strings, numbers and None too become proxies. */
int sospeso_to_proxy_slot(PyObject *object, sospeso_slot *slot);

/* A new reference to what JavaScript wrote; frees what the slot owned. NULL
 * with an exception when memory is out. Runs no Python code. */
PyObject *sospeso_from_slot(sospeso_slot *slot);

/* Free what a slot towards Python owned, without making an object. */
void sospeso_drop_slot(sospeso_slot *slot);

/* What a proxy of this object can do (PyMapping_Check and the like), as bits
 * PROXY_*. Cached by type; runs no Python code (py_flags.c). */
unsigned sospeso_proxy_flags(PyObject *object);

/* Handle of the JavaScript value of a JsProxy, or 0 for any other object. */
int sospeso_js_handle(PyObject *object);

/* A new JsProxy that owns the handle; kind (JS_*) is what js_kind.ts found out about
 * the value (SLOT_JS carries it in `length`). */
PyObject *sospeso_js_proxy_new(int handle, unsigned kind);

/* The one jsnull. Borrowed. */
extern PyObject *sospeso_jsnull;

/* ---- errors (errors.c) ----------------------------------------------------------- */

/* Raise in Python what JavaScript threw in the import that has just returned
 * -1: a JsException, or the Python exception itself if it came from here.
 * Always NULL. */
PyObject *sospeso_raise_js_error(void);

/* TypeError with the text in the slot: what JavaScript found to be wrong with a value. Always -1. */
int sospeso_raise_type_error(sospeso_slot *text);

/* The exception that the arguments of a generator's throw() or athrow() (`name`) mean. */
PyObject *sospeso_exception_to_throw(const char *name, PyObject *const *args, Py_ssize_t count);

/* A RuntimeError that this stack cannot wait, in the words that programs match, and with a note
 * of why not. A new reference, NULL with an exception. */
PyObject *sospeso_cannot_switch(void);

/* Keep the pending exception for JavaScript; the export then returns -1 and
 * JavaScript calls Bridge.throwPython(). */
void sospeso_keep_error(void);

#endif
