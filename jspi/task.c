/* task.c - the one switch path: entering, suspending and resuming a stack.
 *
 * The engine switches its own stack (JSPI) or unwinds and rewinds the frames
 * (Asyncify, polyfills/jspi). Neither knows of the C stack in linear memory
 * that __stack_pointer walks; without a region per task, interleaved tasks
 * overwrite each other. Called by JavaScript (jspi/tasks.ts) through the
 * exports below, and by everything that waits.
 *
 * Invariants
 *  1. `current` is the task whose frames are being executed; it is the loop
 *     task exactly when no task is entered or all entered ones are suspended.
 *  2. A task's frames live in its own region from entry to return; only the
 *     loop task uses the main stack. Hence tasks resume in any order.
 *  3. JavaScript enters a task from the event loop only, with no wasm frame
 *     below it, so the loop's stack pointer is the same at every switch.
 *  4. Before the suspending import is called, the loop's stack pointer and
 *     `current` are back in place; after it returns, the task's are.
 *  5. Nothing suspends while it holds the GIL or a pthread mutex.
 *  6. The guard word below a region is checked at every switch out of it.
 *  7. A region is reused, or given back to malloc(), only after run() has returned.
 *  8. Regions of the usual sizes are kept; a program may ask for threads of any number of others.
 */
#include "task.h"

#include "build/generated/jspi/numbers.h"

#include <emscripten/console.h>
#include <emscripten/emscripten.h>
#include <emscripten/stack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))
#define GUARD 0x50E5B0DEu

/* The only import that suspends; a test reads the import list. */
IMPORT(wait) extern int host_wait(sospeso_task *task, unsigned key, double timeout_ms);
IMPORT(notify) extern void host_notify(unsigned key, int all);
/* The running computation looks at the clock: bits of SOSPESO_HAND_OVER and _SLOW. */
IMPORT(slice) extern int host_slice(double switch_ms);
IMPORT(interrupt) extern void host_interrupt(void);

/* compiler-rt's stack_ops.S: sets __stack_pointer; in no public header. */
extern void _emscripten_stack_restore(void *address);

static sospeso_task loop_task = {.kind = TASK_LOOP};
static sospeso_task *current = &loop_task;
static sospeso_task *pool;
static sospeso_runtime_hooks hooks;
static int live_tasks;
static size_t region_bytes;

char *sospeso_stack_soft_limit;

/* Replaced at start by what the engine has room for (sospeso_set_limits). */
int sospeso_c_recursion_limit = 1000;

/* How many checks go by between two looks at the clock. A check costs some 50 to
 * 100 ns of pure Python, so the most is a look every 0.03 ms, for three parts in a
 * thousand of the time. But there may be a C call of milliseconds between two
 * checks (a sort, json): at a fixed 1,498 checks, a loop of calls of 1 ms held the
 * page for 1.5 s. So a look that came late is followed by one after few checks, and
 * these grow more again while they are quick. A stack that is entered or goes on after
 * a wait begins with few as well: nobody knows yet what it does, and a first loop of
 * long calls gave the page no turn in 4 s. One more than each is prime, so that
 * the checks of a loop come to it in turn: only some of them can leave the eval loop
 * (patch 0007). */
static const int paces[] = {2, 10, 58, 466};
#define QUICK ((int)(sizeof paces / sizeof *paces) - 1)
static int pace = 0;
int sospeso_ticks = 2;

static void look_soon(void)
{
    pace = 0;
    sospeso_ticks = paces[pace];
}

int sospeso_asyncify;

EMSCRIPTEN_KEEPALIVE void sospeso_set_limits(int c_recursion_limit, int asyncify)
{
    sospeso_asyncify = asyncify;
    sospeso_c_recursion_limit = c_recursion_limit;
    loop_task.stack = (char *)emscripten_stack_get_end();
    loop_task.stack_size = emscripten_stack_get_base() - emscripten_stack_get_end();
    sospeso_stack_soft_limit = loop_task.stack + SOSPESO_STACK_RESERVE;
}

void sospeso_set_hooks(const sospeso_runtime_hooks *runtime_hooks)
{
    hooks = *runtime_hooks;
}

sospeso_task *sospeso_task_current(void)
{
    return current;
}

unsigned long sospeso_stack_ident(void)
{
    return (unsigned long)current;
}

static void make_current(sospeso_task *task)
{
    current = task;
    sospeso_stack_soft_limit = task->stack + SOSPESO_STACK_RESERVE;
}

static void check_guard(const sospeso_task *task)
{
    unsigned guard;
    memcpy(&guard, task->stack, sizeof guard);
    if (guard != GUARD) {
        /* The heap below the region is already overwritten: going on would
         * compute wrong results. The RecursionError check keeps us from here. */
        emscripten_err("sospeso: a task's C stack overflowed its region");
        abort();
    }
}

sospeso_task *sospeso_task_new(task_kind kind, size_t stack_size,
                               void *(*run)(void *), void *argument)
{
    sospeso_task **link = &pool;
    while (*link != NULL && (*link)->stack_size != stack_size) {
        link = &(*link)->next_free;
    }
    sospeso_task *task = *link;
    char *stack;
    if (task != NULL) {
        *link = task->next_free;
        stack = task->stack;
    }
    else {
        task = malloc(sizeof *task);
        stack = task == NULL ? NULL : aligned_alloc(16, stack_size);
        if (stack == NULL) {
            free(task);
            return NULL;
        }
        unsigned guard = GUARD;
        memcpy(stack, &guard, sizeof guard);
        region_bytes += stack_size;
    }
    memset(task, 0, sizeof *task);
    task->kind = kind;
    task->stack = stack;
    task->stack_size = stack_size;
    task->run = run;
    task->argument = argument;
    live_tasks++;
    return task;
}

void sospeso_task_free(sospeso_task *task)
{
    live_tasks--;
    if (task->stack_size != SOSPESO_ENTRY_STACK && task->stack_size != SOSPESO_THREAD_STACK) {
        region_bytes -= task->stack_size;
        free(task->stack);
        free(task);
        return;
    }
    task->next_free = pool;
    pool = task;
}

static __attribute__((noinline)) void run_on_own_stack(sospeso_task *task)
{
    task->result = task->run(task->argument);
    if (hooks.stack_end != NULL) {
        hooks.stack_end();
    }
}

/* Entered through WebAssembly.promising, from the event loop (invariant 3). */
EMSCRIPTEN_KEEPALIVE void sospeso_task_enter(sospeso_task *task)
{
    task->caller_sp = (char *)emscripten_stack_get_current();
    make_current(task);
    look_soon();
    _emscripten_stack_restore(task->stack + task->stack_size);
    run_on_own_stack(task);
    check_guard(task);
    make_current(&loop_task);
    _emscripten_stack_restore(task->caller_sp);
    task->done = 1;
    if (task->kind == TASK_THREAD) {
        hooks.thread_exit(task);
    }
}

const char SOSPESO_ASK_WHICH_FRAME[] = "cannot wait here: a JavaScript frame is on the stack";
const char *(*sospeso_describe_js_frame)(void);

/* On the Asyncify core: the path of the library whose function is innermost of those on the running
 * stack, or NULL. Libraries write it themselves (polyfills/dl/counted.ts); Asyncify does not
 * instrument them, so a wait above one is refused. */
static const char *sospeso_library;

EMSCRIPTEN_KEEPALIVE const char **sospeso_library_at(void)
{
    return &sospeso_library;
}

int sospeso_can_wait(void)
{
    return current->kind != TASK_LOOP && current->js_depth == 0 && sospeso_library == NULL;
}

const char *sospeso_cannot_wait_reason(void)
{
    if (current->js_frame == SOSPESO_ASK_WHICH_FRAME && sospeso_describe_js_frame != NULL) {
        return sospeso_describe_js_frame();
    }
    if (current->js_frame != NULL) {
        return current->js_frame;
    }
    if (sospeso_library != NULL && current->kind != TASK_LOOP) {
        static char reason[512];
        snprintf(reason, sizeof reason,
                 "cannot wait here: a function of %s called Python, and a stack with a library's function "
                 "on it cannot be suspended in an engine without JSPI; wait before or after that call",
                 sospeso_library);
        return reason;
    }
    return "cannot wait here: Python was entered from JavaScript by a plain "
           "call; enter it through runPythonAsync() or callPromising()";
}

void sospeso_enter_js(const char *reason)
{
    if (current->js_depth++ == 0) {
        current->js_frame = reason;
    }
}

void sospeso_leave_js(void)
{
    if (--current->js_depth == 0) {
        current->js_frame = NULL;
    }
}

static void nothing(void)
{
}

unsigned sospeso_output_held = 0;
void (*sospeso_take_output)(void) = nothing;

int sospeso_wait(unsigned key, double timeout_ms)
{
    sospeso_task *task = current;
    if (!sospeso_can_wait()) {
        return SOSPESO_CANNOT_WAIT;
    }
    void *held = hooks.suspend(task);
    task->sp = (char *)emscripten_stack_get_current();
    check_guard(task);
    make_current(&loop_task);
    _emscripten_stack_restore(task->caller_sp);
    int outcome = host_wait(task, key, timeout_ms);
    _emscripten_stack_restore(task->sp);
    make_current(task);
    if (key != SOSPESO_KEY_SLICE) {
        look_soon();
    }
    hooks.resume(task, held);
    return outcome;
}

void sospeso_notify(unsigned key, int all)
{
    host_notify(key, all);
}

void sospeso_interrupt_waits(void)
{
    host_interrupt();
}

/* A computation looks at the clock: when its time slice is over and its stack
 * may suspend, the page and other stacks get their turn. */
void sospeso_tick(void)
{
    int said = host_slice(hooks.switch_interval == NULL ? 0 : hooks.switch_interval());
    pace = said & SOSPESO_SLOW ? 0 : pace < QUICK ? pace + 1 : QUICK;
    sospeso_ticks = paces[pace];
    if (said & SOSPESO_HAND_OVER && sospeso_can_wait()) {
        sospeso_wait(SOSPESO_KEY_SLICE, 0);
    }
}

/* Counts for pyodide.stats(), by SOSPESO_STAT_*. */
EMSCRIPTEN_KEEPALIVE double sospeso_task_stat(int which)
{
    switch (which) {
    case SOSPESO_STAT_TASKS:
        return live_tasks;
    case SOSPESO_STAT_REGION_BYTES:
        return (double)region_bytes;
    default:
        return (double)(emscripten_stack_get_base() - emscripten_stack_get_current());
    }
}
