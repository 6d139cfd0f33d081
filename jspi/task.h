/* task.h - a task: one stack of C frames that can be suspended.
 *
 * Everything that may wait runs on a task: a call of runPythonAsync(), a
 * callback of the event loop, a thread. The event loop itself is the task that
 * never waits. Used by jspi/, by the embedding (cpython/embed/main.c) and by what enters
 * Python or asks whose stack runs; code that merely waits includes jspi.h.
 */
#ifndef SOSPESO_TASK_H
#define SOSPESO_TASK_H

#include <stddef.h>
#include <stdint.h>

#include "jspi.h"

/* Thread-specific keys CPython and its modules create; libc's limit is 128. */
#define SOSPESO_TLS_KEYS 64

/* Bytes of C stack of a task entered from JavaScript. Python's default
 * recursion limit spent on C -> Python -> C calls needs about 1 MB; pages that
 * are never touched cost nothing. */
#define SOSPESO_ENTRY_STACK (1024 * 1024)

/* Bytes of C stack of a thread, unless threading.stack_size() says otherwise. */
#define SOSPESO_THREAD_STACK (256 * 1024)

/* What a thread gets from now on: SOSPESO_ENTRY_STACK once a library is loaded, as these are
 * written for stacks of megabytes. */
extern size_t sospeso_thread_stack;

/* Bytes kept free below a RecursionError, to build the exception and run what
 * C code does between two checks (the deepest such path is the compiler's). */
#define SOSPESO_STACK_RESERVE (48 * 1024)

typedef enum { TASK_LOOP, TASK_ENTRY, TASK_THREAD } task_kind;

typedef struct sospeso_task {
    task_kind kind;
    char *stack;          /* lowest address of the region; the guard word is here */
    size_t stack_size;    /* bytes */
    char *sp;             /* C stack pointer, valid while the task is suspended */
    char *caller_sp;      /* the event loop's stack pointer at entry */
    const char *js_frame; /* why the task cannot wait now, or NULL */
    int js_depth;         /* JavaScript frames on this stack */
    void *(*run)(void *); /* what the task runs */
    void *argument;
    void *result;
    int done;             /* run() has returned */
    int detached;         /* nobody will join: free when done */
    int is_step;          /* it runs callbacks of the page's event loop (asyncio_bridge/steps.c) */
    int gives_way;        /* signals are others' business (asyncio_bridge/steps.c) */
    void *tls[SOSPESO_TLS_KEYS];
    unsigned short tls_of[SOSPESO_TLS_KEYS]; /* which life of the key the value belongs to */
    struct sospeso_task *next_free; /* pool of regions of the usual sizes, grow-only */
} sospeso_task;

/* A new task that will run run(argument) when JavaScript enters it, or NULL
 * when memory is out. stack_size in bytes. */
sospeso_task *sospeso_task_new(task_kind kind, size_t stack_size,
                               void *(*run)(void *), void *argument);

/* Give the region back. The task must not be suspended. */
void sospeso_task_free(sospeso_task *task);

/* The task whose stack runs now; the event loop's when nothing is entered. */
sospeso_task *sospeso_task_current(void);

/* What the language runtime does around a wait. Set once at start.
 * suspend() runs on the task's stack before it is left and gives up the GIL if
 * it is held; what it returns is handed to resume(), after the stack is back.
 * stack_end() runs on a task's stack when what it runs has returned.
 * thread_exit() runs on the event loop's stack when a thread has ended.
 * switch_interval() tells for how many milliseconds a computation may keep
 * other threads from running. */
typedef struct {
    void *(*suspend)(sospeso_task *task);
    void (*resume)(sospeso_task *task, void *held);
    void (*stack_end)(void);
    void (*thread_exit)(sospeso_task *task);
    double (*switch_interval)(void);
} sospeso_runtime_hooks;

/* End every wait of the main thread's stacks with SOSPESO_INTERRUPTED. */
void sospeso_interrupt_waits(void);

void sospeso_set_hooks(const sospeso_runtime_hooks *hooks);

/* The stack_end hook of one: destructors of thread-specific values. */
void sospeso_stack_end(void);

/* The thread_exit hook of a runtime whose threads are those of pthread.c. */
void sospeso_thread_exit(sospeso_task *task);

/* Bytes of output that may be held back, and what takes them (polyfills/stdio/held.c). */
extern unsigned sospeso_output_held;
extern void (*sospeso_take_output)(void);

/* To be called before JavaScript of the user's runs on this stack. In place: an
 * indirect call costs as much as the rest of a small crossing. */
static inline void sospeso_hand_over_output(void)
{
    if (sospeso_output_held > 0) {
        sospeso_take_output();
    }
}

#endif
