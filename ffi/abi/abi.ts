/*
 * How one value looks while it crosses between wasm and JavaScript: the numbers
 * of ffi/abi/abi.h, which says who owns what. Used by every TypeScript file of ffi/.
 */

/** Bytes of a slot. */
export const SLOT_SIZE = 16;

export const SLOT_UNDEFINED = 0;
export const SLOT_NULL = 1;
export const SLOT_BOOL = 2;
export const SLOT_INT = 3;
export const SLOT_INTEGER = 4;
export const SLOT_FLOAT = 5;
export const SLOT_BIGINT = 6;
export const SLOT_STRING = 7;
export const SLOT_JS = 8;
export const SLOT_PY = 9;
export const SLOT_NONE = 10;
export const SLOT_GIVEN = 11;

export const SLOT_WIDTH = 0xff;
export const SLOT_OWNED = 0x100;
export const SLOT_ASCII = 0x200;

/** Among the flags of a SLOT_PY: its asJsJson() is wanted. The sign bit, as an int of 32 bits is read. */
export const SLOT_AS_JSON = 1 << 31;
