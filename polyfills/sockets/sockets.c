/* sockets.c - the socket system calls, which wait on the loopback network.
 *
 * libc's socket(), connect(), recv() ... end in __syscall_* functions, which
 * Emscripten implements over WebSockets without ever blocking. These take their
 * place. Each asks sockets.ts once; where a blocking socket has to wait, it
 * waits for the descriptor (poll.c) and asks again.
 *
 * Invariants
 *  1. The call is tried first, through a plain import; the stack is suspended
 *     only when it would block.
 *  2. Bytes that were sent are reported, whatever comes after them.
 *  3. SO_RCVTIMEO and SO_SNDTIMEO bound each wait and end it with EAGAIN.
 *  4. What takes no time on Linux (bind(), getsockname()) waits outside for moments only, and whether
 *     the socket blocks or not.
 */
#include "../poll/poll.h"

#include "build/generated/polyfills/numbers.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

IMPORT(sock_open) extern int host_open(int family, int type, int protocol);
IMPORT(sock_pair) extern int host_pair(int family, int type, int protocol, int fds[2]);
IMPORT(sock_bind)
extern int host_bind(int fd, const struct sockaddr *address, socklen_t length, int again);
IMPORT(sock_listen) extern int host_listen(int fd, int backlog);
IMPORT(sock_connect)
extern int host_connect(int fd, const struct sockaddr *address, socklen_t length, int again);
IMPORT(sock_accept)
extern int host_accept(int fd, struct sockaddr *address, socklen_t *length, int flags);
IMPORT(sock_name)
extern int host_name(int fd, struct sockaddr *address, socklen_t *length, int peer);
IMPORT(sock_send)
extern int host_send(int fd, const void *bytes, size_t count, int flags,
                     const struct sockaddr *address, socklen_t length, const void *control,
                     socklen_t control_length);
IMPORT(sock_recv)
extern int host_recv(int fd, void *bytes, size_t count, int flags, struct sockaddr *address,
                     socklen_t *length, int *out_flags, void *control, socklen_t *control_length);
IMPORT(sock_shutdown) extern int host_shutdown(int fd, int how);
IMPORT(sock_getopt)
extern int host_getopt(int fd, int level, int name, void *value, socklen_t *length);
IMPORT(sock_setopt)
extern int host_setopt(int fd, int level, int name, const void *value, socklen_t length);
/* Milliseconds that a call may wait; negative for ever. */
IMPORT(sock_timeout) extern double host_timeout(int fd, int sending);

/* 0 when the descriptor may have become ready, else a negative errno. */
static int wait_until(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};
    int ready = sospeso_poll(&one, 1, host_timeout(fd, (events & POLLOUT) != 0));
    if (ready == 0) {
        return -EAGAIN;
    }
    return ready < 0 ? ready : one.revents & POLLNVAL ? -EBADF : 0;
}

/* Wait for a step outside (socket.ts: isPending). */
static int wait_for_step(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};
    int ready = sospeso_poll(&one, 1, -1);
    return ready < 0 ? ready : one.revents & POLLNVAL ? -EBADF : 0;
}

int __syscall_socket(int family, int type, int protocol, int a, int b, int c);
int __syscall_socket(int family, int type, int protocol, int a, int b, int c)
{
    (void)a, (void)b, (void)c;
    return host_open(family, type, protocol);
}

int __syscall_socketpair(int family, int type, int protocol, int fds[2], int a, int b);
int __syscall_socketpair(int family, int type, int protocol, int fds[2], int a, int b)
{
    (void)a, (void)b;
    return host_pair(family, type, protocol, fds);
}

int __syscall_bind(int fd, const struct sockaddr *address, socklen_t length, int a, int b, int c);
int __syscall_bind(int fd, const struct sockaddr *address, socklen_t length, int a, int b, int c)
{
    (void)a, (void)b, (void)c;
    int result = host_bind(fd, address, length, 0);
    while (result == -EWAIT) {
        result = wait_for_step(fd);
        if (result == 0) {
            result = host_bind(fd, address, length, 1);
        }
    }
    return result;
}

int __syscall_listen(int fd, int backlog, int a, int b, int c, int d);
int __syscall_listen(int fd, int backlog, int a, int b, int c, int d)
{
    (void)a, (void)b, (void)c, (void)d;
    return host_listen(fd, backlog);
}

int __syscall_connect(int fd, const struct sockaddr *address, socklen_t length, int a, int b,
                      int c);
int __syscall_connect(int fd, const struct sockaddr *address, socklen_t length, int a, int b, int c)
{
    (void)a, (void)b, (void)c;
    int result = host_connect(fd, address, length, 0);
    while (result == -EWAIT) {
        result = wait_until(fd, POLLOUT);
        if (result == 0) {
            result = host_connect(fd, address, length, 1);
        }
    }
    return result;
}

static int name_of(int fd, struct sockaddr *address, socklen_t *length, int peer)
{
    int result = host_name(fd, address, length, peer);
    while (result == -EWAIT) {
        result = wait_for_step(fd);
        if (result == 0) {
            result = host_name(fd, address, length, peer);
        }
    }
    return result;
}

int __syscall_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags, int a, int b);
int __syscall_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags, int a, int b)
{
    (void)a, (void)b;
    for (;;) {
        int result = host_accept(fd, address, length, flags);
        if (result != -EWAIT) {
            return result;
        }
        result = wait_until(fd, POLLIN);
        if (result != 0) {
            return result;
        }
    }
}

int __syscall_getsockname(int fd, struct sockaddr *address, socklen_t *length, int a, int b, int c);
int __syscall_getsockname(int fd, struct sockaddr *address, socklen_t *length, int a, int b, int c)
{
    (void)a, (void)b, (void)c;
    return name_of(fd, address, length, 0);
}

int __syscall_getpeername(int fd, struct sockaddr *address, socklen_t *length, int a, int b, int c);
int __syscall_getpeername(int fd, struct sockaddr *address, socklen_t *length, int a, int b, int c)
{
    (void)a, (void)b, (void)c;
    return name_of(fd, address, length, 1);
}

/* What goes along is sent with the first bytes. */
static int transmit(int fd, const void *bytes, size_t count, int flags,
                    const struct sockaddr *address, socklen_t length, const void *control,
                    socklen_t control_length)
{
    size_t done = 0;
    for (;;) {
        int result = host_send(fd, (const char *)bytes + done, count - done, flags, address, length,
                               control, control_length);
        if (result >= 0) {
            done += (size_t)result;
            control_length = 0;
            if (done >= count) {
                return (int)done;
            }
            continue; /* a full buffer: the next answer says whether to wait */
        }
        if (result == -EWAIT) {
            result = wait_until(fd, POLLOUT);
        }
        if (result != 0) {
            return done > 0 ? (int)done : result;
        }
    }
}

int __syscall_sendto(int fd, const void *bytes, size_t count, int flags,
                     const struct sockaddr *address, socklen_t length);
int __syscall_sendto(int fd, const void *bytes, size_t count, int flags,
                     const struct sockaddr *address, socklen_t length)
{
    return transmit(fd, bytes, count, flags, address, length, NULL, 0);
}

static int receive(int fd, void *bytes, size_t count, int flags, struct sockaddr *address,
                   socklen_t *length, int *out_flags, void *control, socklen_t *control_length)
{
    size_t done = 0;
    socklen_t room = control_length == NULL ? 0 : *control_length;
    for (;;) {
        if (control_length != NULL) {
            *control_length = room;
        }
        int result = host_recv(fd, (char *)bytes + done, count - done, flags, address, length,
                               out_flags, control, control_length);
        if (result >= 0) {
            done += (size_t)result;
            /* Descriptors that came along end it, as on Linux: the next bytes may bring others. */
            int came_along = control_length != NULL && *control_length > 0;
            if (result == 0 || done >= count || came_along || !(flags & MSG_WAITALL) || (flags & MSG_PEEK)) {
                return (int)done;
            }
            continue;
        }
        if (result == -EWAIT) {
            result = wait_until(fd, POLLIN);
        }
        if (result != 0) {
            return done > 0 ? (int)done : result;
        }
    }
}

int __syscall_recvfrom(int fd, void *bytes, size_t count, int flags, struct sockaddr *address,
                       socklen_t *length);
int __syscall_recvfrom(int fd, void *bytes, size_t count, int flags, struct sockaddr *address,
                       socklen_t *length)
{
    return receive(fd, bytes, count, flags, address, length, NULL, NULL, NULL);
}

/* The message's parts as one; *size is their sum. NULL when memory is out. */
static char *joined(const struct msghdr *message, size_t *size)
{
    *size = 0;
    for (int i = 0; i < (int)message->msg_iovlen; i++) {
        *size += message->msg_iov[i].iov_len;
    }
    return malloc(*size + 1);
}

int __syscall_sendmsg(int fd, const struct msghdr *message, int flags, int a, int b, int c);
int __syscall_sendmsg(int fd, const struct msghdr *message, int flags, int a, int b, int c)
{
    (void)a, (void)b, (void)c;
    size_t size;
    char *bytes = joined(message, &size);
    if (bytes == NULL) {
        return -ENOMEM;
    }
    size_t at = 0;
    for (int i = 0; i < (int)message->msg_iovlen; i++) {
        memcpy(bytes + at, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
        at += message->msg_iov[i].iov_len;
    }
    int result = transmit(fd, bytes, size, flags, message->msg_name, message->msg_namelen,
                          message->msg_control, message->msg_controllen);
    free(bytes);
    return result;
}

int __syscall_recvmsg(int fd, struct msghdr *message, int flags, int a, int b, int c);
int __syscall_recvmsg(int fd, struct msghdr *message, int flags, int a, int b, int c)
{
    (void)a, (void)b, (void)c;
    size_t size;
    char *bytes = joined(message, &size);
    if (bytes == NULL) {
        return -ENOMEM;
    }
    int out_flags = 0;
    int result = receive(fd, bytes, size, flags, message->msg_name, &message->msg_namelen,
                         &out_flags, message->msg_control, &message->msg_controllen);
    size_t left = result > 0 ? ((size_t)result < size ? (size_t)result : size) : 0;
    size_t at = 0;
    for (int i = 0; i < (int)message->msg_iovlen && left > 0; i++) {
        size_t part = message->msg_iov[i].iov_len < left ? message->msg_iov[i].iov_len : left;
        memcpy(message->msg_iov[i].iov_base, bytes + at, part);
        at += part;
        left -= part;
    }
    free(bytes);
    if (result >= 0) {
        message->msg_flags = out_flags;
    }
    return result;
}

int __syscall_shutdown(int fd, int how, int a, int b, int c, int d);
int __syscall_shutdown(int fd, int how, int a, int b, int c, int d)
{
    (void)a, (void)b, (void)c, (void)d;
    return host_shutdown(fd, how);
}

int __syscall_getsockopt(int fd, int level, int name, void *value, socklen_t *length, int a);
int __syscall_getsockopt(int fd, int level, int name, void *value, socklen_t *length, int a)
{
    (void)a;
    return host_getopt(fd, level, name, value, length);
}

int __syscall_setsockopt(int fd, int level, int name, const void *value, socklen_t length, int a);
int __syscall_setsockopt(int fd, int level, int name, const void *value, socklen_t length, int a)
{
    (void)a;
    return host_setopt(fd, level, name, value, length);
}
