/* sleep.c - clock_nanosleep() that suspends instead of spinning.
 *
 * libc's nanosleep, usleep and sleep and CPython's time.sleep all end here.
 * Emscripten's version burns the CPU with the page frozen. Linked in place of
 * libc's archive member.
 *
 * Rules: never returns before the deadline; EINTR when a signal came; on a
 * stack that cannot wait the time is really slept through (Atomics.wait where
 * the engine allows it on this thread, else a busy wait, announced once).
 */
#include "../../jspi/jspi.h"

#include "build/generated/jspi/numbers.h"

#include <errno.h>
#include <time.h>

#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

/* Block this JavaScript thread; 1 when a signal arrived meanwhile. */
IMPORT(block) extern int host_block(double ms);

static double now_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *request,
                    struct timespec *remaining)
{
    if (clock == CLOCK_THREAD_CPUTIME_ID || request == NULL || request->tv_nsec < 0 ||
        request->tv_nsec > 999999999L || request->tv_sec < 0) {
        return EINVAL;
    }
    double target = (double)request->tv_sec * 1e3 + (double)request->tv_nsec / 1e6;
    double now = now_ms(clock);
    if (!(flags & TIMER_ABSTIME)) {
        target += now;
    }
    double left = target - now;
    do {
        int outcome = sospeso_wait(SOSPESO_KEY_TIME, left > 0 ? left : 0);
        if (outcome == SOSPESO_CANNOT_WAIT && left > 0) {
            outcome = host_block(left) ? SOSPESO_INTERRUPTED : SOSPESO_TIMED_OUT;
        }
        if (outcome == SOSPESO_INTERRUPTED) {
            left = target - now_ms(clock);
            if (remaining != NULL && !(flags & TIMER_ABSTIME)) {
                left = left > 0 ? left : 0;
                remaining->tv_sec = (time_t)(left / 1e3);
                remaining->tv_nsec = (long)((left - (double)remaining->tv_sec * 1e3) * 1e6);
            }
            return EINTR;
        }
        if (left <= 0) {
            break; /* sleep(0): one turn for the others */
        }
        left = target - now_ms(clock);
    } while (left > 0);
    return 0;
}
