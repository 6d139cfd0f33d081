/* library_threads.h - what libraries get for functions of <pthread.h>, by these names without
 * "sospeso_library_". The link reads this list (cpython/build/steps/link.py); nobody calls them but
 * libraries and library_threads.c, which defines them.
 */
#ifndef SOSPESO_LIBRARY_THREADS_H
#define SOSPESO_LIBRARY_THREADS_H

#include <pthread.h>

int sospeso_library_pthread_mutex_init(pthread_mutex_t *mutex,
                                       const pthread_mutexattr_t *attributes);
int sospeso_library_pthread_mutex_destroy(pthread_mutex_t *mutex);
int sospeso_library_pthread_mutex_trylock(pthread_mutex_t *mutex);
int sospeso_library_pthread_mutex_lock(pthread_mutex_t *mutex);
int sospeso_library_pthread_mutex_unlock(pthread_mutex_t *mutex);
int sospeso_library_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int sospeso_library_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                           const struct timespec *deadline);

#endif
