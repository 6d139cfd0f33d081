/* held.c - short writes in quick succession are kept, to be handed over together.
 *
 * When and why is in held.ts, which says through `may_hold` whether a descriptor's
 * output is kept and takes it all when asked. Called by waiting_io.c for every
 * write and read; the FFI hands over before JavaScript of the user's runs
 * (sospeso_hand_over_output() in jspi/task.h).
 */
#include "held.h"

#include "../../jspi/task.h"

#include "build/generated/polyfills/numbers.h"

#include <emscripten.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HELD_BYTES 8192
#define LONGEST_HELD 1024

static struct held_output {
    uint32_t length;
    uint32_t fd;
    int32_t may_hold[3];
    int32_t partial;
    char bytes[HELD_BYTES];
} held;

#define AT(field, word) \
    _Static_assert(offsetof(struct held_output, field) == 4 * (word), "held.ts looks for " #field " there")
AT(length, HELD_LENGTH);
AT(fd, HELD_FD);
AT(may_hold, HELD_MAY_HOLD);
AT(partial, HELD_PARTIAL);
AT(bytes, HELD_DATA);

/* Takes what is held; afterwards length is 0. */
__attribute__((import_module("sospeso"), import_name("io_held"))) extern void host_io_held(void);
/* Hands on what handlers of lines have of an unfinished one. */
__attribute__((import_module("sospeso"), import_name("io_partial"))) extern void host_io_partial(void);

static void hand_over(void)
{
    if (held.length > 0) {
        host_io_held();
    }
    sospeso_output_held = held.length; /* a handler may have written */
}

EMSCRIPTEN_KEEPALIVE struct held_output *sospeso_io_held_at(void)
{
    sospeso_take_output = hand_over;
    return &held;
}

int held_write(unsigned fd, const __wasi_ciovec_t *iovs, size_t count, __wasi_size_t *done)
{
    if (fd > 2 || !held.may_hold[fd]) {
        sospeso_hand_over_output();
        return 0;
    }
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size += iovs[i].buf_len;
    }
    if (held.fd != fd || size > LONGEST_HELD || held.length + size > HELD_BYTES) {
        hand_over();
        /* The handler may have made it wait from now on. */
        if (size > LONGEST_HELD || !held.may_hold[fd]) {
            return 0;
        }
    }
    held.fd = fd;
    for (size_t i = 0; i < count; i++) {
        memcpy(held.bytes + held.length, iovs[i].buf, iovs[i].buf_len);
        held.length += iovs[i].buf_len;
    }
    sospeso_output_held = held.length;
    *done = size;
    return 1;
}

/* Python's file objects say that a program asked for a flush (patch 0041). */
int sospeso_line_ends;

void sospeso_output_flushed(int fd)
{
    if (held.length > 0 && held.fd == (unsigned)fd && held.bytes[held.length - 1] != '\n') {
        hand_over();
    }
    if (held.partial) {
        host_io_partial();
    }
}
