/* library_threads.c - POSIX threads for libraries that are loaded at run time: C++'s std::thread,
 * mutexes and conditions.
 *
 * CPython never waits while it holds a mutex, so for it a mutex is nothing (pthread.c). Libraries
 * do: these mutexes know their owner, and whoever wants one that is taken waits. The link gives
 * libraries each function of library_threads.h under its name without "sospeso_library_"
 * (cpython/build/steps/link.py); what is not here they get from pthread.c or the C library.
 *
 * Invariants
 *  1. An owner is a stack, not a thread: two suspended stacks of the main thread exclude each other.
 *  2. A mutex that is all zeros is a free, plain one: PTHREAD_MUTEX_INITIALIZER.
 *  3. On a stack that cannot wait a taken mutex is EDEADLK, which C++ throws as std::system_error.
 */
#include "library_threads.h"

#include "task.h"

#include "build/generated/jspi/numbers.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>

typedef struct {
    int type; /* PTHREAD_MUTEX_RECURSIVE or another one */
    unsigned long owner;
    int depth;
    int waiters;
} library_mutex;
_Static_assert(sizeof(library_mutex) <= sizeof(pthread_mutex_t), "it has room");

int sospeso_library_pthread_mutex_init(pthread_mutex_t *mutex,
                                       const pthread_mutexattr_t *attributes)
{
    int type = PTHREAD_MUTEX_NORMAL;
    if (attributes != NULL) {
        /* musl keeps the type in the lowest two bits, and has no function that tells it here. */
        type = (int)(*(const unsigned *)attributes & 3);
    }
    *(library_mutex *)mutex = (library_mutex){.type = type};
    return 0;
}

int sospeso_library_pthread_mutex_destroy(pthread_mutex_t *mutex)
{
    return ((library_mutex *)mutex)->owner == 0 ? 0 : EBUSY;
}

int sospeso_library_pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    library_mutex *lock = (library_mutex *)mutex;
    unsigned long stack = sospeso_stack_ident();
    if (lock->owner != 0 && (lock->owner != stack || lock->type != PTHREAD_MUTEX_RECURSIVE)) {
        return EBUSY;
    }
    lock->owner = stack;
    lock->depth++;
    return 0;
}

int sospeso_library_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    library_mutex *lock = (library_mutex *)mutex;
    while (sospeso_library_pthread_mutex_trylock(mutex) != 0) {
        if (lock->owner == sospeso_stack_ident()) {
            return EDEADLK;
        }
        lock->waiters++;
        int outcome = sospeso_wait((unsigned)(uintptr_t)lock, -1);
        lock->waiters--;
        if (outcome == SOSPESO_CANNOT_WAIT) {
            return EDEADLK;
        }
    }
    return 0;
}

int sospeso_library_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    library_mutex *lock = (library_mutex *)mutex;
    if (lock->owner != sospeso_stack_ident()) {
        return EPERM;
    }
    if (--lock->depth == 0) {
        lock->owner = 0;
        if (lock->waiters > 0) {
            sospeso_notify((unsigned)(uintptr_t)lock, 0);
        }
    }
    return 0;
}

/* Between giving the mutex back and waiting no other stack runs: no wake-up is lost. */
static int wait_without(pthread_cond_t *condition, pthread_mutex_t *mutex,
                        const struct timespec *deadline)
{
    library_mutex *lock = (library_mutex *)mutex;
    int depth = lock->depth;
    lock->depth = 1;
    if (sospeso_library_pthread_mutex_unlock(mutex) != 0) {
        lock->depth = depth;
        return EPERM;
    }
    int outcome = deadline == NULL ? pthread_cond_wait(condition, mutex)
                                   : pthread_cond_timedwait(condition, mutex, deadline);
    int again = sospeso_library_pthread_mutex_lock(mutex);
    if (again == 0) {
        lock->depth = depth;
    }
    return again != 0 ? again : outcome;
}

int sospeso_library_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    return wait_without(condition, mutex, NULL);
}

int sospeso_library_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                           const struct timespec *deadline)
{
    return wait_without(condition, mutex, deadline);
}
