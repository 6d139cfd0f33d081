/* waiting_io.c - reads and writes that wait instead of failing with EAGAIN.
 *
 * All of libc's reading and writing (read, readv, write, writev and stdio's
 * own __stdio_read and __stdio_write, so fgets, fprintf and os.read alike)
 * ends in __wasi_fd_read and __wasi_fd_write, which normally are imports. They
 * are defined here instead, around the same imports under other names: one
 * place where a file may wait, and nothing of libc replaced. Linked into the
 * core; the other half is polyfills/stdio/waiting_io.ts.
 *
 * Invariants
 *  1. The system call is tried first, through a plain import; the stack is
 *     suspended only when a device says that it would block.
 *  2. EAGAIN that no device of ours announced for this descriptor is a real
 *     EAGAIN (O_NONBLOCK, pipes) and goes to the caller untouched.
 *  3. Between host_io_resume() returning 1 and the retried call no other wasm
 *     or JavaScript code runs, which is how a device knows that the call is
 *     the continuation of the one that waited.
 *  4. Every wait that was announced is resumed exactly once, whatever its
 *     outcome, so a device never keeps a waiter that is gone.
 */
#include "../../jspi/jspi.h"
#include "../../jspi/task.h"
#include "held.h"

#include "build/generated/jspi/numbers.h"
#include "build/generated/polyfills/numbers.h"

#include <errno.h>
#include <stddef.h>
#include <wasi/api.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

IMPORT("wasi_snapshot_preview1", "fd_read")
extern __wasi_errno_t host_fd_read(__wasi_fd_t fd, const __wasi_iovec_t *iovs, size_t count,
                                   __wasi_size_t *done);
IMPORT("wasi_snapshot_preview1", "fd_write")
extern __wasi_errno_t host_fd_write(__wasi_fd_t fd, const __wasi_ciovec_t *iovs, size_t count,
                                    __wasi_size_t *done);

/* The same in one piece, for a device of ours on a standard descriptor: past the
 * file system, which costs more than most devices. How many bytes, a negative
 * errno, or NOT_DIRECT when something else is open there. */
IMPORT("sospeso", "io_read") extern int host_io_read(__wasi_fd_t fd, void *to, size_t length);
IMPORT("sospeso", "io_write")
extern int host_io_write(__wasi_fd_t fd, const void *from, size_t length);

/* Is the EAGAIN just returned for fd a device's "wait for this key"? Gives the
 * key and the time limit in milliseconds (< 0: none), or 0. */
IMPORT("sospeso", "io_pending")
extern unsigned host_io_pending(__wasi_fd_t fd, int can_wait, double *timeout_ms);
/* The wait for key is over: 1 to call again, 0 to fail because of the outcome. */
IMPORT("sospeso", "io_resume") extern int host_io_resume(unsigned key, int outcome);

/* After a short write: 1 when the rest is to be written as well, which may wait
 * (pipes and sockets; a handler's short write stays short). */
IMPORT("sospeso", "io_more") extern int host_io_more(__wasi_fd_t fd);

/* 0 to call again, or the errno to give up with. */
static __wasi_errno_t wait_for_device(__wasi_fd_t fd)
{
    double timeout_ms = -1;
    int can_wait = sospeso_can_wait();
    unsigned key = host_io_pending(fd, can_wait, &timeout_ms);
    if (key == 0) {
        return EAGAIN;
    }
    int outcome = can_wait ? sospeso_wait(key, timeout_ms) : SOSPESO_CANNOT_WAIT;
    if (host_io_resume(key, outcome)) {
        return 0;
    }
    switch (outcome) {
    case SOSPESO_TIMED_OUT:
        return ETIMEDOUT;
    case SOSPESO_INTERRUPTED:
        return EINTR;
    case SOSPESO_CANNOT_WAIT:
        return SOSPESO_ECANNOTWAIT;
    default:
        return EAGAIN;
    }
}

/* The errno in a result of host_io_read() or host_io_write(), or 0 and *done. */
static __wasi_errno_t outcome_of(int result, __wasi_size_t *done)
{
    if (result < 0) {
        return (__wasi_errno_t)-result;
    }
    *done = (__wasi_size_t)result;
    return 0;
}

static __wasi_errno_t read_now(__wasi_fd_t fd, const __wasi_iovec_t *iovs, size_t count,
                               __wasi_size_t *done)
{
    if (fd <= 2 && count == 1) {
        int result = host_io_read(fd, iovs->buf, iovs->buf_len);
        if (result != NOT_DIRECT) {
            return outcome_of(result, done);
        }
    }
    return host_fd_read(fd, iovs, count, done);
}

static __wasi_errno_t write_now(__wasi_fd_t fd, const __wasi_ciovec_t *iovs, size_t count,
                                __wasi_size_t *done)
{
    if (fd <= 2 && count == 1) {
        int result = host_io_write(fd, iovs->buf, iovs->buf_len);
        if (result != NOT_DIRECT) {
            return outcome_of(result, done);
        }
    }
    return host_fd_write(fd, iovs, count, done);
}

__wasi_errno_t __wasi_fd_read(__wasi_fd_t fd, const __wasi_iovec_t *iovs, size_t count,
                              __wasi_size_t *done)
{
    __wasi_errno_t error;
    sospeso_hand_over_output(); /* a question, mostly */
    do {
        error = read_now(fd, iovs, count, done);
        if (error != EAGAIN) {
            return error;
        }
        error = wait_for_device(fd);
    } while (error == 0);
    return error;
}

static __wasi_errno_t write_once(__wasi_fd_t fd, const __wasi_ciovec_t *iovs, size_t count,
                                 __wasi_size_t *done)
{
    __wasi_errno_t error;
    do {
        error = write_now(fd, iovs, count, done);
        if (error != EAGAIN) {
            return error;
        }
        error = wait_for_device(fd);
    } while (error == 0);
    return error;
}

__wasi_errno_t __wasi_fd_write(__wasi_fd_t fd, const __wasi_ciovec_t *iovs, size_t count,
                               __wasi_size_t *done)
{
    if (held_write(fd, iovs, count, done)) {
        return 0;
    }
    __wasi_errno_t error = write_once(fd, iovs, count, done);
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        wanted += iovs[i].buf_len;
    }
    size_t skip = 0; /* bytes of iovs[0] that are written */
    __wasi_size_t total = error == 0 ? *done : 0;
    __wasi_size_t last = total;
    while (error == 0 && total < wanted && host_io_more(fd)) {
        for (skip += last; count > 0 && skip >= iovs->buf_len; iovs++, count--) {
            skip -= iovs->buf_len;
        }
        if (count == 0) {
            break;
        }
        /* One at a time: the caller's array is not ours to change. */
        __wasi_ciovec_t rest = {iovs->buf + skip, iovs->buf_len - skip};
        error = write_once(fd, &rest, 1, &last);
        if (error == 0) {
            total += last;
        }
    }
    if (total > 0) {
        *done = total; /* what was written is written, whatever came then */
        return 0;
    }
    return error;
}
