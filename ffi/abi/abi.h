/* abi.h - how one value looks while it crosses between wasm and JavaScript.
 *
 * A crossing value is a slot of 16 bytes in linear memory. C and TypeScript
 * write and read slots; nothing else of a value is ever looked at by the other
 * side. ffi/abi/abi.ts has the same numbers. Included by every C file of ffi/.
 *
 * Who owns what
 *  1. A slot is read at once, before anything else crosses: text it points to
 *     lives in a scratch arena or in a live object.
 *  2. SLOT_PY towards JavaScript gives one reference away. SLOT_PY towards
 *     Python is borrowed from a PyProxy; SLOT_GIVEN, whose PyProxy is gone, is not.
 *  3. SLOT_JS towards Python gives one handle away. SLOT_JS towards JavaScript
 *     is borrowed from a JsProxy.
 *  4. SLOT_OWNED text (towards Python only) is memory from malloc: the reader
 *     frees it.
 */
#ifndef SOSPESO_ABI_H
#define SOSPESO_ABI_H

#include <stdint.h>

typedef enum {
    SLOT_UNDEFINED = 0, /* undefined, None */
    SLOT_NULL = 1,      /* null, jsnull */
    SLOT_BOOL = 2,      /* a: 0 or 1 */
    SLOT_INT = 3,       /* a: an int of 32 bits */
    SLOT_INTEGER = 4,   /* number: an int that a double holds exactly (2^53 - 1 at most) */
    SLOT_FLOAT = 5,     /* number */
    SLOT_BIGINT = 6,    /* text: ASCII, "0xff" or "-0xff"; towards Python the 0x may be missing */
    SLOT_STRING = 7,    /* a: bytes per unit; text, length */
    SLOT_JS = 8,        /* a: handle of a JavaScript value */
    SLOT_PY = 9,        /* a: address of a Python object; length: its proxy flags */
    SLOT_NONE = 10,     /* nothing here: no such item, end of an iteration */
    SLOT_GIVEN = 11     /* towards Python only: a Python object that comes with its reference */
} sospeso_slot_kind;

/* Widths of SLOT_STRING: 1 is Latin-1, 2 is UCS-2 towards JavaScript and UTF-16
 * towards Python, 4 is UCS-4. Lone surrogates are kept in both directions. */
#define SLOT_WIDTH 0xff
#define SLOT_OWNED 0x100
#define SLOT_ASCII 0x200 /* width 1, all below 0x80 */

/* Among the flags of a SLOT_PY: JavaScript gets the proxy's asJsJson(). */
#define SLOT_AS_JSON 0x80000000u

typedef struct {
    int32_t kind; /* 0: sospeso_slot_kind */
    int32_t a;    /* 4 */
    union {
        double number; /* 8 */
        struct {
            uint32_t text;   /* 8: address */
            uint32_t length; /* 12: units */
        };
    };
} sospeso_slot;

_Static_assert(sizeof(sospeso_slot) == 16, "ffi/abi/abi.ts reads slots of 16 bytes");

#endif
