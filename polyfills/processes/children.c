/* children.c - wait(), waitpid() and their like: there are no child processes.
 *
 * Emscripten's stub answers -1, which as an error number is E2BIG: asyncio's
 * child watchers, which ask for a child that they do not have, fell over it.
 * Linked in place of libc's weak system call.
 */
#include <errno.h>
#include <sys/types.h>

struct rusage;
pid_t __syscall_wait4(pid_t pid, int *status, int options, struct rusage *usage);
pid_t __syscall_wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    (void)pid;
    (void)status;
    (void)options;
    (void)usage;
    return -ECHILD;
}
