/*
 * What a PyProxy can do: the bits by which its class is chosen. ffi/abi/py_flags.h
 * has the same numbers. Used by every py_*.ts file.
 */

export const PROXY_LENGTH = 1 << 0;
export const PROXY_GET = 1 << 1;
export const PROXY_SET = 1 << 2;
export const PROXY_HAS = 1 << 3;
export const PROXY_ITERABLE = 1 << 4;
export const PROXY_ITERATOR = 1 << 5;
export const PROXY_GENERATOR = 1 << 6;
export const PROXY_AWAITABLE = 1 << 7;
export const PROXY_ASYNC_ITERABLE = 1 << 8;
export const PROXY_ASYNC_ITERATOR = 1 << 9;
export const PROXY_ASYNC_GENERATOR = 1 << 10;
export const PROXY_CALLABLE = 1 << 11;
export const PROXY_BUFFER = 1 << 12;
export const PROXY_DICT = 1 << 13;
export const PROXY_SEQUENCE = 1 << 14;
export const PROXY_MUTABLE_SEQUENCE = 1 << 15;
/** A coroutine: scheduled when a call returns it. */
export const PROXY_COROUTINE = 1 << 16;

/** Outcomes of exports that fill a slot. */
export const PY_FAILED = -1;
export const PY_DONE = 0;
/** Read the slot, then call sospeso_py_let_go(). */
export const PY_KEPT = 1;
/** The attribute is the object the caller knows already. */
export const PY_SAME = 2;
/** An iteration has ended; the slot is what it returned. */
export const PY_RETURNED = 3;
