/* fcntl.c - fcntl() that remembers FD_CLOEXEC.
 *
 * Emscripten answers F_GETFD with 0 and forgets F_SETFD, as nothing is ever
 * executed here. But a flag that cannot be read back is a lie that programs
 * find out: os.get_inheritable() was always True. Linked in place of libc's
 * import; the flags are kept by fcntl.ts, everything else is Emscripten's.
 */
#include <fcntl.h>
#include <stdarg.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

/* The JavaScript function takes the variable arguments by address. */
IMPORT("env", "__syscall_fcntl64") extern int host_fcntl(int fd, int command, void *arguments);
/* FD_CLOEXEC of a descriptor; set first when `value` is not negative. Or -errno. */
IMPORT("sospeso", "fd_flags") extern int host_fd_flags(int fd, int value);

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
    default:
        result = host_fcntl(fd, command, (void *)arguments);
    }
    va_end(arguments);
    return result;
}
