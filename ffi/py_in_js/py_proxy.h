/* py_proxy.h - what the py_*.c files know of each other.
 *
 * Python seen from JavaScript: exports that act on a PyObject* which a PyProxy
 * holds (py_proxy.c attributes, py_items.c items and iteration, py_call.c calls,
 * py_await.c promises), and proxies made on Python's demand (py_create.c).
 *
 * Invariants
 *  1. An object argument of an export is borrowed from a live PyProxy or from a
 *     record that JavaScript releases; names are borrowed from the name cache.
 *  2. Every export that fails keeps the exception and returns -1 (or 0 for a
 *     pointer); nothing is pending when it returns.
 *  3. A result's slot is filled last: whatever may run Python code comes before.
 */
#ifndef SOSPESO_PY_PROXY_H
#define SOSPESO_PY_PROXY_H

#include "../bridge/bridge.h"

/* Describe a result for JavaScript: PY_DONE, PY_KEPT or PY_FAILED. Steals the reference;
 * NULL is failure, whose exception is kept. What the slot points into lives until the next result. */
int sospeso_py_result(PyObject *result, sospeso_slot *out);

/* Keep the pending exception and say PY_FAILED. */
int sospeso_py_failed(void);

/* Objects for `count` slots in a row, all of which are used up. -1 with an
 * exception; then no object is left. */
int sospeso_py_arguments(sospeso_slot *slots, int count, PyObject **into);

/* Functions of the module `_sospeso_ffi` (py_create.c). */
extern PyMethodDef sospeso_py_proxy_methods[];

#endif
