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

/* What a proxy can do; ffi/py_in_js/py_flags.ts has the same numbers. */
enum {
    PROXY_LENGTH = 1 << 0,
    PROXY_GET = 1 << 1,
    PROXY_SET = 1 << 2,
    PROXY_HAS = 1 << 3,
    PROXY_ITERABLE = 1 << 4,
    PROXY_ITERATOR = 1 << 5,
    PROXY_GENERATOR = 1 << 6,
    PROXY_AWAITABLE = 1 << 7,
    PROXY_ASYNC_ITERABLE = 1 << 8,
    PROXY_ASYNC_ITERATOR = 1 << 9,
    PROXY_ASYNC_GENERATOR = 1 << 10,
    PROXY_CALLABLE = 1 << 11,
    PROXY_BUFFER = 1 << 12,
    PROXY_DICT = 1 << 13,
    PROXY_SEQUENCE = 1 << 14,
    PROXY_MUTABLE_SEQUENCE = 1 << 15,
    PROXY_COROUTINE = 1 << 16 /* scheduled when a call returns it */
};

/* Outcomes of exports that fill a slot. */
enum {
    PY_FAILED = -1,
    PY_DONE = 0,
    PY_KEPT = 1, /* read the slot, then call sospeso_py_let_go() */
    PY_SAME = 2, /* the attribute is the object the caller knows already */
    PY_RETURNED = 3 /* a generator has ended; the slot is what it returned */
};

/* Describe a result for JavaScript. Steals the reference; NULL is failure, whose
 * exception is kept. What the slot points into lives until the next result. */
int sospeso_py_result(PyObject *result, sospeso_slot *out);

/* Keep the pending exception and say PY_FAILED. */
int sospeso_py_failed(void);

/* Objects for `count` slots in a row, all of which are used up. -1 with an
 * exception; then no object is left. */
int sospeso_py_arguments(sospeso_slot *slots, int count, PyObject **into);

#endif
