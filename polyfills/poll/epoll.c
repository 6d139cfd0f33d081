/* epoll.c - epoll: poll() over a set of descriptors that is kept between calls.
 *
 * Emscripten declares it and has nothing behind it. select.epoll, and with it
 * selectors.DefaultSelector and asyncio's loops, end here. The set itself is in
 * epoll.ts.
 *
 * Invariants
 *  1. A set is a file with a poll() of its own: a wait is one for that one file.
 *  2. The set is looked at first, through a plain import; the stack is suspended
 *     only when nothing in it is ready.
 */
#include "poll.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

/* A descriptor, or a negative errno. */
IMPORT(epoll_open) extern int host_epoll_open(int flags);
/* 0, or a negative errno. */
IMPORT(epoll_change)
extern int host_epoll_change(int set, int operation, int fd, const struct epoll_event *event);
/* How many events were written, or a negative errno. */
IMPORT(epoll_check) extern int host_epoll_check(int set, struct epoll_event *events, int room);

/* A libc function's result for that of a system call. */
static int returned(int result)
{
    if (result >= 0) {
        return result;
    }
    errno = -result;
    return -1;
}

int epoll_create1(int flags)
{
    return returned(flags & ~EPOLL_CLOEXEC ? -EINVAL : host_epoll_open(flags));
}

int epoll_create(int size)
{
    return returned(size <= 0 ? -EINVAL : host_epoll_open(0));
}

int epoll_ctl(int set, int operation, int fd, struct epoll_event *event)
{
    return returned(host_epoll_change(set, operation, fd, event));
}

int epoll_wait(int set, struct epoll_event *events, int room, int timeout)
{
    if (room <= 0) {
        return returned(-EINVAL);
    }
    double deadline = timeout > 0 ? sospeso_monotonic_ms() + timeout : 0;
    double left = timeout;
    for (;;) {
        int result = host_epoll_check(set, events, room);
        if (result != 0 || timeout == 0 || (timeout > 0 && left <= 0)) {
            return returned(result);
        }
        struct pollfd one = {.fd = set, .events = POLLIN};
        result = sospeso_poll(&one, 1, timeout < 0 ? -1 : left);
        if (result <= 0) {
            return returned(result);
        }
        if (timeout > 0) {
            left = deadline - sospeso_monotonic_ms();
        }
    }
}
