/* poll.h - waiting for descriptors, for the system calls of polyfills/.
 *
 * Shared by poll.c, which has it for CPython's select module, and by
 * polyfills/sockets, whose calls wait for one descriptor.
 */
#ifndef SOSPESO_POLL_H
#define SOSPESO_POLL_H

#include "../../jspi/jspi.h"

struct pollfd;

/* poll() with a timeout in (fractions of) milliseconds, < 0 for ever. How many
 * descriptors are ready, 0 when the time is over, or a negative errno: EINTR,
 * or SOSPESO_ECANNOTWAIT. */
extern int sospeso_poll(struct pollfd *fds, unsigned count, double timeout_ms);

/* Milliseconds of the monotonic clock. */
extern double sospeso_monotonic_ms(void);

#endif
