/*
 * Numbers of the tape on which a whole graph of values crosses: ffi/abi/tape.h,
 * which says what each means, has the same. Used by to_js.ts and to_py.ts.
 */

export const TAPE_UNDEFINED = 0;
export const TAPE_NULL = 1;
export const TAPE_FALSE = 2;
export const TAPE_TRUE = 3;
export const TAPE_SMALL = 4;
export const TAPE_NUMBER = 5;
export const TAPE_STRING8 = 6;
export const TAPE_STRING16 = 7;
export const TAPE_LIST = 8;
export const TAPE_DICT = 9;
export const TAPE_REF = 10;
export const TAPE_JS = 11;
export const TAPE_PY = 12;
export const TAPE_BIGINT = 13;
export const TAPE_LONG = 14;
export const TAPE_OTHER = 15;

export const TAPE_NOTE = 0;
export const TAPE_SET = 1;
export const TAPE_BUFFER = 2;
export const TAPE_INTEGER = 3;
export const TAPE_PAIRS = 4;

export const TAPE_ODD_KEYS = 1;
export const TAPE_ANY_KEY = -1;

/** Payloads of SMALL are signed and have 28 bits. */
export const SMALL_MIN = -(2 ** 27);
export const SMALL_MAX = 2 ** 27 - 1;
