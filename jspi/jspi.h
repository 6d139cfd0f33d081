/* jspi.h - what C code may know about waiting.
 *
 * The one header between the scheduler (jspi/) and everything in C that may
 * block: CPython itself (forced into each of its files by -include, see
 * cpython/build/steps/profiles.py), our system calls (polyfills/) and the FFI. It declares
 * how to ask whether the running stack may suspend, how to suspend it, and
 * whose stack it is. It must stay plain C with no other header behind it.
 */
#ifndef SOSPESO_JSPI_H
#define SOSPESO_JSPI_H

#include "pthread_names.h"

/* libffi calls C functions through JavaScript: _ctypes goes through
 * ffi/bridge/foreign_call.c, which marks the stack meanwhile. */
#define ffi_call sospeso_ffi_call

/* errno of a system call that would have to wait on a stack that cannot.
 * Above Emscripten's last errno (WASI's 76 + musl's 138..156). CPython turns
 * it into RuntimeError(sospeso_cannot_wait_reason()) (patch 0002). */
#define SOSPESO_ECANNOTWAIT 200

/* 1 when the running stack may suspend, 0 when JavaScript or a plain entry
 * lies below it. Cheap: asked before each wait. */
extern int sospeso_can_wait(void);

/* Why sospeso_can_wait() says no, and the cure; a static or per-task string. */
extern const char *sospeso_cannot_wait_reason(void);

/* Suspend the running stack until sospeso_notify(key) or until timeout_ms
 * (milliseconds, < 0 for ever) has gone by. Releases the GIL if it is held. What
 * it gives is in jspi/numbers.toml: SOSPESO_NOTIFIED and so on. */
extern int sospeso_wait(unsigned key, double timeout_ms);

/* Wake one waiter of the key, or all of them. Never suspends. */
extern void sospeso_notify(unsigned key, int all);

/* Mark the running stack as one that has a JavaScript frame on it, for which
 * `reason` is the text of the RuntimeError, until the matching leave. Calls
 * nest. Used where JS calls back into wasm. */
extern void sospeso_enter_js(const char *reason);
extern void sospeso_leave_js(void);

/* Between these two a wait is refused with `reason` on the Asyncify core: below are
 * functions that it does not instrument (cpython/build/wasm/never_waits.toml). The JSPI core
 * needs no such thing. Calls nest. */
extern int sospeso_asyncify;
static inline void sospeso_enter_uninstrumented(const char *reason)
{
    if (sospeso_asyncify) {
        sospeso_enter_js(reason);
    }
}
static inline void sospeso_leave_uninstrumented(void)
{
    if (sospeso_asyncify) {
        sospeso_leave_js();
    }
}

/* As a reason: ask sospeso_describe_js_frame() when the text is wanted. */
extern const char SOSPESO_ASK_WHICH_FRAME[];

/* Set by the FFI: names the JavaScript function on the stack, and the cure. */
extern const char *(*sospeso_describe_js_frame)(void);

/* Identity of the running stack, which is who owns a re-entrant lock. */
extern unsigned long sospeso_stack_ident(void);

/* A lock that is taken cannot be waited for on this stack. Queues the
 * RuntimeError as a pending call when the caller can be interrupted (returns
 * 1); returns 0 when the caller can only be told that it failed. */
extern int sospeso_lock_would_hang(int interruptible);

/* Lowest address the running C stack may reach before RecursionError. */
extern char *sospeso_stack_soft_limit;

/* Py_C_RECURSION_LIMIT: units of C recursion an engine stack has room for.
 * A variable, as it differs between the two cores (jspi/task.c). */
extern int sospeso_c_recursion_limit;

/* Eval breaker's clock: counts down at each check, sospeso_tick() at zero. */
extern int sospeso_ticks;
extern void sospeso_tick(void);

#endif
