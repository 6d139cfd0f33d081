/* py_flags.h - what a Python object can do, as bits, and what exports that act on
 * one answer.
 *
 * ffi/abi/py_flags.ts has the same numbers. Included by ffi/bridge/py_flags.c and
 * py_proxy.h.
 */
#ifndef SOSPESO_PY_FLAGS_H
#define SOSPESO_PY_FLAGS_H

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

#endif
