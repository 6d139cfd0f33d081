/* fcntl.c - fcntl() that remembers FD_CLOEXEC, ioctl() that knows FIONBIO and TCFLSH.
 *
 * Emscripten answers F_GETFD with 0 and forgets F_SETFD, as nothing is ever
 * executed here. But a flag that cannot be read back is a lie that programs
 * find out: os.get_inheritable() was always True. Its ioctl() leaves
 * FIONBIO, by which os.set_blocking() works, to the single file: most know nothing
 * of it; and it takes tcflush() for done. Linked in place of libc's imports; the flags are kept by fcntl.ts,
 * everything else is Emscripten's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <termios.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

/* The JavaScript function takes the variable arguments by address. */
IMPORT("env", "__syscall_fcntl64") extern int host_fcntl(int fd, int command, void *arguments);
/* FD_CLOEXEC of a descriptor; set first when `value` is not negative. Or -errno. */
IMPORT("sospeso", "fd_flags") extern int host_fd_flags(int fd, int value);

/* A copy of the descriptor, the first that is free from `least` on. Emscripten's F_DUPFD knows no
 * last one. Or -errno. */
IMPORT("sospeso", "fd_duplicate") extern int host_fd_duplicate(int fd, int least);

IMPORT("env", "__syscall_ioctl") extern int host_ioctl(int fd, int request, void *arguments);
/* Set or clear O_NONBLOCK of the open file. 0 or -errno. */
IMPORT("sospeso", "fd_nonblocking") extern int host_nonblocking(int fd, int on);
/* Drop what a terminal has not delivered yet. 0 or -errno. */
IMPORT("sospeso", "tty_flush") extern int host_tty_flush(int fd, int queue);

int __syscall_fcntl64(int fd, int command, ...);
int __syscall_fcntl64(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    int result;
    switch (command) {
    case F_GETFD:
        result = host_fd_flags(fd, -1);
        break;
    case F_SETFD:
        result = host_fd_flags(fd, va_arg(arguments, int) & FD_CLOEXEC);
        result = result < 0 ? result : 0;
        break;
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        result = host_fd_duplicate(fd, va_arg(arguments, int));
        if (result >= 0 && command == F_DUPFD_CLOEXEC) {
            host_fd_flags(result, FD_CLOEXEC);
        }
        break;
    default:
        result = host_fcntl(fd, command, (void *)arguments);
    }
    va_end(arguments);
    return result;
}

int __syscall_ioctl(int fd, int request, ...);
int __syscall_ioctl(int fd, int request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    int result;
    if (request == FIONBIO) {
        const int *on = va_arg(arguments, const int *);
        result = on == NULL ? -EFAULT : host_nonblocking(fd, *on);
    }
    else if (request == TCFLSH) {
        result = host_tty_flush(fd, va_arg(arguments, int));
    }
    else {
        result = host_ioctl(fd, request, (void *)arguments);
    }
    va_end(arguments);
    return result;
}
