/* bridge.h - what the C files of ffi/ know of each other.
 *
 * One value in, one value out (values.c), entering Python from JavaScript
 * (entry.c), and the few calls between the two halves: JavaScript seen from
 * Python (js_proxy.c, errors.c) and Python seen from JavaScript (py_proxy.c).
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

#include "../../jspi/jspi.h"

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

/* A call from Python to JavaScript that is under way; kept in a chain on the C
 * stack, so that a wait below it can name the function (js_proxy.c fills it). */
typedef struct sospeso_outgoing {
    int function;                   /* handle of the callee, 0 for none */
    int receiver;                   /* handle of `this`, 0 for none */
    const char *what;               /* or a fixed name, when no function is called */
    struct sospeso_outgoing *below;
} sospeso_outgoing;

extern sospeso_outgoing *sospeso_outgoing_top;

/* ---- one value (values.c) -------------------------------------------------- */

/* Describe an object for JavaScript. Runs no Python code. Text points into the
 * object, or into one that is appended to the list *keep (made when needed;
 * the caller drops it after the crossing). A SLOT_PY carries a new reference.
 * -1 with an exception when memory is out. */
int sospeso_to_slot(PyObject *object, sospeso_slot *slot, PyObject **keep);

/* As a SLOT_PY always: strings, numbers and None too become proxies. */
int sospeso_to_proxy_slot(PyObject *object, sospeso_slot *slot);

/* A new reference to what JavaScript wrote; frees what the slot owned. NULL
 * with an exception when memory is out. Runs no Python code. */
PyObject *sospeso_from_slot(sospeso_slot *slot);

/* Free what a slot towards Python owned, without making an object. */
void sospeso_drop_slot(sospeso_slot *slot);

/* ---- JavaScript seen from Python (js_proxy.c, errors.c) -------------------- */

/* Handle of the JavaScript value of a JsProxy, or 0 for any other object. */
int sospeso_js_handle(PyObject *object);

/* A new JsProxy that owns the handle; kind is what js_proxy.ts found out about
 * the value (SLOT_JS carries it in `length`). */
PyObject *sospeso_js_proxy_new(int handle, unsigned kind);

/* The one jsnull. Borrowed. */
extern PyObject *sospeso_jsnull;

/* Raise in Python what JavaScript threw in the import that has just returned
 * -1: a JsException, or the Python exception itself if it came from here.
 * Always NULL. */
PyObject *sospeso_raise_js_error(void);

/* Keep the pending exception for JavaScript; the export then returns -1 and
 * JavaScript calls Bridge.throwPython(). */
void sospeso_keep_error(void);

/* ---- Python seen from JavaScript (py_proxy.c) ------------------------------ */

/* What a proxy of this object can do (PyMapping_Check and the like), as the
 * bits of py_proxy.ts. Cached by type; runs no Python code. */
unsigned sospeso_proxy_flags(PyObject *object);

#endif
