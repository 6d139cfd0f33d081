/* pthread_names.h - CPython's pthread calls go to our tasks.
 *
 * Emscripten's libc without -pthread has stubs that do nothing. Ours
 * (jspi/pthread.c) start tasks and wait on the scheduler. Renaming at compile
 * time, before <pthread.h> declares the functions, keeps the types and avoids
 * two definitions of one symbol at link time. Included by jspi.h only.
 */
#ifndef SOSPESO_PTHREAD_NAMES_H
#define SOSPESO_PTHREAD_NAMES_H

#define pthread_create sospeso_pthread_create
#define pthread_join sospeso_pthread_join
#define pthread_detach sospeso_pthread_detach
#define pthread_self sospeso_pthread_self
#define pthread_exit sospeso_pthread_exit
#define pthread_kill sospeso_pthread_kill
#define pthread_cond_init sospeso_pthread_cond_init
#define pthread_cond_destroy sospeso_pthread_cond_destroy
#define pthread_cond_wait sospeso_pthread_cond_wait
#define pthread_cond_timedwait sospeso_pthread_cond_timedwait
#define pthread_cond_signal sospeso_pthread_cond_signal
#define pthread_cond_broadcast sospeso_pthread_cond_broadcast
#define pthread_key_create sospeso_pthread_key_create
#define pthread_key_delete sospeso_pthread_key_delete
#define pthread_getspecific sospeso_pthread_getspecific
#define pthread_setspecific sospeso_pthread_setspecific

#endif
