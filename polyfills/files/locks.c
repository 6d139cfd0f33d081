/* locks.c - flock() that excludes.
 *
 * Emscripten's says yes to everybody, and two tasks or threads wrote to one file at once. A lock belongs to an
 * open file, so that two open() of one program exclude each other; who waits suspends. fcntl()'s locks belong to
 * the process, of which there is one: those are libc's. The other half is locks.ts.
 */
#include "../../jspi/jspi.h"

#include "build/generated/jspi/numbers.h"
#include "build/generated/polyfills/numbers.h"

#include <errno.h>
#include <sys/file.h>

#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

/* 0, a negative errno, or -EWAIT and a key that is notified when it is worth another try. */
IMPORT(file_lock) extern int host_file_lock(int fd, int operation, unsigned *key);
/* The wait for the key is over. */
IMPORT(file_lock_end) extern void host_file_lock_end(unsigned key);

int flock(int fd, int operation)
{
    for (;;) {
        unsigned key = 0;
        int result = host_file_lock(fd, operation, &key);
        if (result == -EWAIT) {
            int outcome = sospeso_wait(key, -1);
            host_file_lock_end(key);
            if (outcome == SOSPESO_NOTIFIED) {
                continue;
            }
            result = outcome == SOSPESO_INTERRUPTED ? -EINTR : -SOSPESO_ECANNOTWAIT;
        }
        if (result < 0) {
            errno = -result;
            return -1;
        }
        return 0;
    }
}
