/* abi.h - how one value looks while it crosses between wasm and JavaScript.
 *
 * A crossing value is a slot of 16 bytes in linear memory. C and TypeScript
 * write and read slots; nothing else of a value is ever looked at by the other
 * side. The numbers are those of ffi/abi/numbers.toml, as in ffi/abi/abi.ts.
 * Included by every C file of ffi/.
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

#include "build/generated/ffi/abi/numbers.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    int32_t kind; /* SLOT_UNDEFINED and so on */
    int32_t a;
    union {
        double number;
        struct {
            uint32_t text;   /* address */
            uint32_t length; /* units */
        };
    };
} sospeso_slot;

/* Number.MAX_SAFE_INTEGER: beyond it a double skips integers. */
#define SOSPESO_MAX_SAFE 9007199254740991LL

/* JavaScript reads and writes the field of a struct as this word of it. */
#define SOSPESO_AT(type, field, word) \
    _Static_assert(offsetof(type, field) == 4 * (word), "JavaScript looks for " #field " of " #type " there")

_Static_assert(sizeof(sospeso_slot) == SLOT_SIZE, "JavaScript has slots in rows");
SOSPESO_AT(sospeso_slot, kind, 0);
SOSPESO_AT(sospeso_slot, a, 1);
SOSPESO_AT(sospeso_slot, number, 2);
SOSPESO_AT(sospeso_slot, text, 2);
SOSPESO_AT(sospeso_slot, length, 3);

#endif
