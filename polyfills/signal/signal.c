/* signal.c - raise(), sigtimedwait(), pause() and sigaltstack() as on Linux.
 *
 * libc has the table of handlers, the mask and the interval timers; what it
 * lacks is that a stack can wait for a signal, and that a handler is called
 * without JavaScript in between. Linked in place of libc's archive members.
 * Called by libc itself (alarm, setitimer, kill, pthread_sigmask) and by
 * CPython's signal module.
 *
 * Invariants
 *  1. A blocked signal stays pending until it is unblocked or waited for.
 *  2. Handlers are CPython's, which only note the signal and so end the waits
 *     of the main thread's stacks (cpython/embed/main.c, sospeso_signal_noted): they
 *     run at once, on whatever stack it is. An ignored signal ends no wait.
 */
#include "../../jspi/jspi.h"

#include "build/generated/jspi/numbers.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* libc's, in no public header: see its sigaction.c and pthread_sigmask.c. */
extern int __sigaction(int number, const struct sigaction *restrict action,
                       struct sigaction *restrict old);
extern bool __sig_is_blocked(int number);
extern _Thread_local sigset_t __sig_pending;

static char arrivals; /* its address is the key of those who wait for a signal */
static char never;    /* nobody notifies this key: pause() */

static unsigned key_of(const char *object)
{
    return (unsigned)(uintptr_t)object;
}

/* What SIG_DFL does; stopping and going on have no meaning here. */
static void default_action(int number)
{
    switch (number) {
    case SIGCHLD:
    case SIGCONT:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
    case SIGURG:
    case SIGWINCH:
        return;
    case SIGABRT:
        abort();
    default:
        _Exit(128 + number);
    }
}

/* In place of libc's, which lets everything be caught. */
int sigaction(int number, const struct sigaction *restrict action, struct sigaction *restrict old)
{
    if (action != NULL && (number == SIGKILL || number == SIGSTOP)) {
        errno = EINVAL;
        return -1;
    }
    return __sigaction(number, action, old);
}

int raise(int number)
{
    if (number < 0 || number >= _NSIG) {
        errno = EINVAL;
        return -1;
    }
    if (number == 0) {
        return 0;
    }
    if (__sig_is_blocked(number)) {
        sigaddset(&__sig_pending, number);
        sospeso_notify(key_of(&arrivals), 1);
        return 0;
    }
    struct sigaction action;
    sigaction(number, NULL, &action);
    if (action.sa_handler == SIG_IGN) {
        return 0;
    }
    if (action.sa_handler == SIG_DFL) {
        default_action(number);
        return 0;
    }
    if (action.sa_flags & SA_SIGINFO) {
        siginfo_t info = {.si_signo = number, .si_pid = getpid()};
        action.sa_sigaction(number, &info, NULL);
    }
    else {
        action.sa_handler(number);
    }
    return 0;
}

static int take_pending(const sigset_t *wanted)
{
    for (int number = 1; number < _NSIG; number++) {
        if (sigismember(wanted, number) == 1 && sigismember(&__sig_pending, number) == 1) {
            sigdelset(&__sig_pending, number);
            return number;
        }
    }
    return 0;
}

/* -1 with EINTR when a signal that is not wanted was handled, EAGAIN when the
 * time is over. */
int sigtimedwait(const sigset_t *restrict wanted, siginfo_t *restrict info,
                 const struct timespec *restrict timeout)
{
    double left = -1;
    struct timespec start;
    if (timeout != NULL) {
        if (timeout->tv_nsec < 0 || timeout->tv_nsec > 999999999L || timeout->tv_sec < 0) {
            errno = EINVAL;
            return -1;
        }
        clock_gettime(CLOCK_MONOTONIC, &start);
    }
    for (;;) {
        int number = take_pending(wanted);
        if (number != 0) {
            if (info != NULL) {
                *info = (siginfo_t){.si_signo = number, .si_pid = getpid(), .si_uid = getuid()};
            }
            return number;
        }
        if (timeout != NULL) {
            struct timespec now;
            clock_gettime(CLOCK_MONOTONIC, &now);
            left = (double)(timeout->tv_sec + start.tv_sec - now.tv_sec) * 1e3 +
                   (double)(timeout->tv_nsec + start.tv_nsec - now.tv_nsec) / 1e6;
            if (left <= 0) {
                errno = EAGAIN;
                return -1;
            }
        }
        int outcome = sospeso_wait(key_of(&arrivals), left);
        if (outcome == SOSPESO_CANNOT_WAIT || outcome == SOSPESO_INTERRUPTED) {
            errno = outcome == SOSPESO_INTERRUPTED ? EINTR : SOSPESO_ECANNOTWAIT;
            return -1;
        }
    }
}

int sigwaitinfo(const sigset_t *restrict wanted, siginfo_t *restrict info)
{
    return sigtimedwait(wanted, info, NULL);
}

int sigwait(const sigset_t *restrict wanted, int *restrict number)
{
    int found;
    do {
        found = sigtimedwait(wanted, NULL, NULL);
    } while (found < 0 && errno == EINTR);
    if (found < 0) {
        return errno;
    }
    *number = found;
    return 0;
}

int pause(void)
{
    int outcome = sospeso_wait(key_of(&never), -1);
    errno = outcome == SOSPESO_CANNOT_WAIT ? SOSPESO_ECANNOTWAIT : EINTR;
    return -1;
}

/* Emscripten's fails, and faulthandler with it. Handlers only note a signal (invariant 2), so that one
 * that a program gives them is remembered, and that is all. */
int sigaltstack(const stack_t *restrict stack, stack_t *restrict old)
{
    static stack_t given = {.ss_flags = SS_DISABLE};
    bool is_one = stack != NULL && stack->ss_flags == 0;
    if (stack != NULL && !is_one && stack->ss_flags != SS_DISABLE) {
        errno = EINVAL;
        return -1;
    }
    if (is_one && stack->ss_size < MINSIGSTKSZ) {
        errno = ENOMEM;
        return -1;
    }
    if (old != NULL) {
        *old = given;
    }
    if (stack != NULL) {
        given = *stack;
    }
    return 0;
}
