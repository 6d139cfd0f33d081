/* pthread.c - POSIX threads as tasks on one JavaScript thread.
 *
 * CPython's pthread port is kept as it is; these are the functions below it
 * (renamed by pthread_names.h). A thread is a task, a condition variable waits
 * on the scheduler under its own address as key, a mutex is libc's stub that
 * does nothing. Called by CPython's Python/thread_pthread.h and parking_lot.c.
 *
 * Invariants
 *  1. Nothing suspends while it holds a mutex, so a mutex needs no state.
 *  2. A wake-up is never lost: between releasing the mutex and waiting no other
 *     task can run. Wake-ups may be spurious (a signal); POSIX allows that.
 *  3. All tasks entered from JavaScript are the main thread: they share its
 *     ident. Thread-specific values belong to the task, as the GIL state does.
 *  4. A task of a thread is freed by the join, or at its end when detached.
 */
#include "task.h"

#include "build/generated/jspi/numbers.h"

#include <emscripten/emscripten.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

/* Ask the host to enter the task from the event loop, soon. Not 0 when it cannot. */
IMPORT(start) extern int host_start(sospeso_task *task);

size_t sospeso_thread_stack = SOSPESO_THREAD_STACK;

static char main_thread; /* its address is the main thread's ident */

pthread_t sospeso_pthread_self(void)
{
    sospeso_task *task = sospeso_task_current();
    return task->kind == TASK_THREAD ? (pthread_t)task : (pthread_t)(void *)&main_thread;
}

int sospeso_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                           void *(*run)(void *), void *argument)
{
    size_t stack_size = sospeso_thread_stack;
    if (attributes != NULL) {
        size_t wanted = 0;
        if (pthread_attr_getstacksize(attributes, &wanted) == 0 && wanted > stack_size) {
            stack_size = (wanted + 0xffff) & ~(size_t)0xffff;
        }
    }
    sospeso_task *task = sospeso_task_new(TASK_THREAD, stack_size, run, argument);
    if (task == NULL) {
        return EAGAIN;
    }
    if (host_start(task) != 0) {
        sospeso_task_free(task);
        return EAGAIN;
    }
    *thread = (pthread_t)task;
    return 0;
}

/* Runs on the event loop's stack once the thread's function has returned. */
void sospeso_thread_exit(sospeso_task *task)
{
    if (task->detached) {
        sospeso_task_free(task);
    }
    else {
        sospeso_notify((unsigned)(uintptr_t)task, 1);
    }
}

int sospeso_pthread_join(pthread_t thread, void **result)
{
    sospeso_task *task = (sospeso_task *)thread;
    if (task == sospeso_task_current()) {
        return EDEADLK;
    }
    while (!task->done) {
        if (sospeso_wait((unsigned)(uintptr_t)task, -1) == SOSPESO_CANNOT_WAIT) {
            return EDEADLK;
        }
    }
    if (result != NULL) {
        *result = task->result;
    }
    sospeso_task_free(task);
    return 0;
}

int sospeso_pthread_detach(pthread_t thread)
{
    sospeso_task *task = (sospeso_task *)thread;
    if (task->done) {
        sospeso_task_free(task);
    }
    else {
        task->detached = 1;
    }
    return 0;
}

/* CPython calls it only to hang a daemon thread at shutdown. */
_Noreturn void sospeso_pthread_exit(void *result)
{
    sospeso_task_current()->result = result;
    for (;;) {
        if (sospeso_wait((unsigned)(uintptr_t)&main_thread, -1) == SOSPESO_CANNOT_WAIT) {
            abort();
        }
    }
}

/* Python runs handlers in the main thread only, and there is one mask: which
 * thread is meant makes no difference. */
int sospeso_pthread_kill(pthread_t thread, int signal_number)
{
    (void)thread;
    return raise(signal_number) == 0 ? 0 : errno;
}

/* A condition: the clock of its deadlines, and how many wait for it. The GIL is
 * released at each return to JavaScript and nobody waits for it then: a signal
 * to nobody must not cost a call of an import. */
typedef struct {
    int clock;
    int waiters;
} condition_words;
_Static_assert(sizeof(condition_words) <= sizeof(pthread_cond_t), "it has room for both");

static int wait_for(pthread_cond_t *condition, double timeout_ms)
{
    condition_words *words = (condition_words *)condition;
    words->waiters++;
    int outcome = sospeso_wait((unsigned)(uintptr_t)condition, timeout_ms);
    words->waiters--;
    return outcome;
}

int sospeso_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes)
{
    clockid_t clock = CLOCK_REALTIME;
    if (attributes != NULL) {
        pthread_condattr_getclock(attributes, &clock);
    }
    *(condition_words *)condition = (condition_words){.clock = clock};
    return 0;
}

int sospeso_pthread_cond_destroy(pthread_cond_t *condition)
{
    (void)condition;
    return 0;
}

int sospeso_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    (void)mutex;
    int outcome = wait_for(condition, -1);
    return outcome == SOSPESO_CANNOT_WAIT ? EDEADLK : 0;
}

int sospeso_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                   const struct timespec *deadline)
{
    (void)mutex;
    struct timespec now;
    clock_gettime(((condition_words *)condition)->clock, &now);
    double ms = (double)(deadline->tv_sec - now.tv_sec) * 1e3 +
                (double)(deadline->tv_nsec - now.tv_nsec) / 1e6;
    if (ms <= 0) {
        return ETIMEDOUT;
    }
    switch (wait_for(condition, ms)) {
    case SOSPESO_TIMED_OUT:
        return ETIMEDOUT;
    case SOSPESO_CANNOT_WAIT:
        return EDEADLK;
    default:
        return 0;
    }
}

int sospeso_pthread_cond_signal(pthread_cond_t *condition)
{
    if (((condition_words *)condition)->waiters != 0) {
        sospeso_notify((unsigned)(uintptr_t)condition, 0);
    }
    return 0;
}

int sospeso_pthread_cond_broadcast(pthread_cond_t *condition)
{
    if (((condition_words *)condition)->waiters != 0) {
        sospeso_notify((unsigned)(uintptr_t)condition, 1);
    }
    return 0;
}

/* A key that is deleted and made again is another one: what stacks have of its old
 * life is not seen any more, though nobody knows these stacks. */
static struct {
    bool used;
    unsigned short life;
    void (*destructor)(void *);
} keys[SOSPESO_TLS_KEYS];

int sospeso_pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    for (unsigned i = 0; i < SOSPESO_TLS_KEYS; i++) {
        if (!keys[i].used) {
            keys[i].used = true;
            keys[i].life++;
            keys[i].destructor = destructor;
            *key = i;
            return 0;
        }
    }
    return EAGAIN;
}

int sospeso_pthread_key_delete(pthread_key_t key)
{
    if (key >= SOSPESO_TLS_KEYS || !keys[key].used) {
        return EINVAL;
    }
    keys[key].used = false;
    return 0;
}

void *sospeso_pthread_getspecific(pthread_key_t key)
{
    const sospeso_task *task = sospeso_task_current();
    return task->tls_of[key] == keys[key].life ? task->tls[key] : NULL;
}

int sospeso_pthread_setspecific(pthread_key_t key, const void *value)
{
    if (key >= SOSPESO_TLS_KEYS || !keys[key].used) {
        return EINVAL;
    }
    sospeso_task *task = sospeso_task_current();
    task->tls[key] = (void *)value;
    task->tls_of[key] = keys[key].life;
    return 0;
}

void sospeso_stack_end(void)
{
    sospeso_task *task = sospeso_task_current();
    int again = 1;
    for (int round = 0; again && round < PTHREAD_DESTRUCTOR_ITERATIONS; round++) {
        again = 0;
        for (unsigned i = 0; i < SOSPESO_TLS_KEYS; i++) {
            void *value = task->tls[i];
            if (value == NULL || !keys[i].used || task->tls_of[i] != keys[i].life) {
                continue;
            }
            task->tls[i] = NULL;
            if (keys[i].destructor != NULL) {
                keys[i].destructor(value);
                again = 1;
            }
        }
    }
}
