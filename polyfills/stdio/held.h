/* held.h - output that is held back; see held.c. Used by waiting_io.c. */
#ifndef SOSPESO_HELD_H
#define SOSPESO_HELD_H

#include <stddef.h>
#include <wasi/api.h>

/* 1 when the write is kept, and done; 0 when it is to be made, with nothing held. */
int held_write(unsigned fd, const __wasi_ciovec_t *iovs, size_t count, __wasi_size_t *done);

#endif
