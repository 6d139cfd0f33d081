/* poll.c - poll(), select() and pipes that wait.
 *
 * Emscripten's poll() suspends by an import of its own, its select() cuts the
 * timeout to milliseconds, its pipes never block. CPython's select module, its
 * socket timeouts and asyncio's selectors end here. Linked in place of libc's
 * archive members; the other half is polyfills/poll/poll.ts.
 *
 * Invariants
 *  1. The descriptors are looked at first, through a plain import; the stack is
 *     suspended only when none is ready.
 *  2. A timeout is never cut short: the clock is asked again after each wait.
 *  3. A key from host_poll_watch() is given back whatever the outcome.
 */
#include "poll.h"

#include "build/generated/jspi/numbers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>

#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

/* Fill in revents; how many are not 0. */
IMPORT(poll_check) extern int host_poll_check(struct pollfd *fds, unsigned count);
/* A key that is notified when one of the descriptors may have become ready; 0 when it failed. */
IMPORT(poll_watch) extern unsigned host_poll_watch(const struct pollfd *fds, unsigned count);
IMPORT(poll_unwatch) extern void host_poll_unwatch(unsigned key);
/* 0, or a negative errno. */
IMPORT(pipe_open) extern int host_pipe_open(int fds[2], int flags);
/* Make a named pipe of the node at a path. 0, or a negative errno. */
IMPORT(pipe_name) extern int host_pipe_name(int directory, const char *path);
__attribute__((import_module("env"), import_name("__syscall_mknodat")))
extern int host_mknodat(int directory, const char *path, mode_t mode, unsigned device);
/* Block this JavaScript thread; 1 when a signal arrived meanwhile. */
IMPORT(block) extern int host_block(double ms);

double sospeso_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int sospeso_poll(struct pollfd *fds, unsigned count, double timeout_ms)
{
    double deadline = timeout_ms > 0 ? sospeso_monotonic_ms() + timeout_ms : 0;
    double left = timeout_ms;
    for (;;) {
        int ready = host_poll_check(fds, count);
        if (ready != 0) {
            return ready;
        }
        if (timeout_ms >= 0 && left <= 0) {
            return 0;
        }
        int outcome;
        if (sospeso_can_wait()) {
            unsigned key = host_poll_watch(fds, count);
            if (key == 0) {
                return -EIO;
            }
            outcome = sospeso_wait(key, left);
            host_poll_unwatch(key);
        }
        else if (count == 0 && timeout_ms >= 0) { /* as time.sleep() in runPython() */
            outcome = host_block(left) ? SOSPESO_INTERRUPTED : SOSPESO_TIMED_OUT;
        }
        else {
            return -SOSPESO_ECANNOTWAIT;
        }
        if (outcome == SOSPESO_INTERRUPTED) {
            return -EINTR;
        }
        if (timeout_ms >= 0) {
            left = deadline - sospeso_monotonic_ms();
        }
    }
}

int __syscall_poll(struct pollfd *fds, nfds_t count, int timeout);
int __syscall_poll(struct pollfd *fds, nfds_t count, int timeout)
{
    return sospeso_poll(fds, count, timeout);
}

int __syscall_poll_nonblocking(struct pollfd *fds, nfds_t count);
int __syscall_poll_nonblocking(struct pollfd *fds, nfds_t count)
{
    return host_poll_check(fds, count);
}

/* poll() in the terms of select(): what counts as readable and writable. */
#define READABLE (POLLIN | POLLHUP | POLLERR)
#define WRITABLE (POLLOUT | POLLERR)

static void add_events(struct pollfd *fd, const fd_set *set, short events)
{
    if (set != NULL && FD_ISSET(fd->fd, set)) {
        fd->events |= events;
    }
}

static int keep(const struct pollfd *fd, fd_set *set, short asked, short means)
{
    if (set == NULL || !(fd->events & asked) || !(fd->revents & means)) {
        return 0;
    }
    FD_SET(fd->fd, set);
    return 1;
}

int select(int count, fd_set *restrict reads, fd_set *restrict writes, fd_set *restrict excepts,
           struct timeval *restrict timeout)
{
    if (count < 0 || count > FD_SETSIZE ||
        (timeout != NULL && (timeout->tv_sec < 0 || timeout->tv_usec < 0))) {
        errno = EINVAL;
        return -1;
    }
    struct pollfd *fds = calloc((size_t)count + 1, sizeof *fds);
    if (fds == NULL) {
        errno = ENOMEM;
        return -1;
    }
    unsigned used = 0;
    for (int i = 0; i < count; i++) {
        fds[used].fd = i;
        add_events(&fds[used], reads, POLLIN);
        add_events(&fds[used], writes, POLLOUT);
        add_events(&fds[used], excepts, POLLPRI);
        used += fds[used].events != 0;
    }
    double timeout_ms = timeout == NULL ? -1
                                        : (double)timeout->tv_sec * 1e3 +
                                              (double)timeout->tv_usec / 1e3;
    int result = sospeso_poll(fds, used, timeout_ms);
    for (unsigned i = 0; i < used && result > 0; i++) {
        if (fds[i].revents & POLLNVAL) {
            result = -EBADF;
        }
    }
    if (result >= 0) {
        int ready = 0;
        for (int i = 0; i < 3; i++) {
            fd_set *set = i == 0 ? reads : i == 1 ? writes : excepts;
            if (set != NULL) {
                FD_ZERO(set);
            }
        }
        for (unsigned i = 0; i < used && result > 0; i++) {
            ready += keep(&fds[i], reads, POLLIN, READABLE);
            ready += keep(&fds[i], writes, POLLOUT, WRITABLE);
            ready += keep(&fds[i], excepts, POLLPRI, POLLPRI);
        }
        result = ready;
    }
    free(fds);
    if (result < 0) {
        errno = -result;
        return -1;
    }
    return result;
}

int __syscall_pipe2(int fds[2], int flags);
int __syscall_pipe2(int fds[2], int flags)
{
    return fds == NULL ? -EFAULT : host_pipe_open(fds, flags);
}

int __syscall_mknodat(int directory, const char *path, mode_t mode, unsigned device);
int __syscall_mknodat(int directory, const char *path, mode_t mode, unsigned device)
{
    if (!S_ISFIFO(mode)) {
        return host_mknodat(directory, path, mode, device);
    }
    /* Emscripten's file system makes no pipes: the type is put on a node of another. */
    int result = host_mknodat(directory, path, (mode & ~(mode_t)S_IFMT) | S_IFCHR, 0);
    return result < 0 ? result : host_pipe_name(directory, path);
}
