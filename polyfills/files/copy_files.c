/* copy_files.c - sendfile() and copy_file_range(): bytes from file to file in one call.
 *
 * Linux's system calls, which libc here has not. There is nothing to gain over
 * reading and writing, but os, shutil, socket.sendfile() and asyncio have them.
 * CPython declares sendfile() itself (cpython/patches/0012-sockets-work.patch).
 */
#include <errno.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

/* Bytes that are moved at once; on the stack, which is small. */
#define PIECE 16384

ssize_t sendfile(int out, int in, off_t *offset, size_t count);
ssize_t copy_file_range(int in, off_t *in_offset, int out, off_t *out_offset, size_t count,
                        unsigned flags);

/* The place to work at: where `offset` says, else the file's own. Negative with errno set. */
static off_t place_of(int fd, const off_t *offset)
{
    off_t at = offset != NULL ? *offset : lseek(fd, 0, SEEK_CUR);
    if (at < 0 && (offset != NULL || errno == ESPIPE)) {
        errno = EINVAL; /* no file that has places */
    }
    return at;
}

static void move_place(int fd, off_t *offset, off_t at)
{
    if (offset != NULL) {
        *offset = at;
    }
    else {
        lseek(fd, at, SEEK_SET);
    }
}

/* From `in` at a place to `out` at one, or as write() does if that is negative. It waits for room
 * where `out` blocks; where it does not, the first short write ends it. */
static ssize_t copy(int in, off_t from, int out, off_t to, size_t count)
{
    char piece[PIECE];
    size_t done = 0;
    while (done < count) {
        size_t wanted = count - done < PIECE ? count - done : PIECE;
        ssize_t got = pread(in, piece, wanted, from + (off_t)done);
        if (got < 0 && errno == ESPIPE) {
            errno = EINVAL;
        }
        ssize_t wrote = got;
        if (got > 0) {
            wrote = to < 0 ? write(out, piece, (size_t)got)
                           : pwrite(out, piece, (size_t)got, to + (off_t)done);
        }
        if (wrote < 0 && done == 0) {
            return -1;
        }
        done += wrote > 0 ? (size_t)wrote : 0;
        if (wrote <= 0 || wrote < got) {
            break;
        }
    }
    return (ssize_t)done;
}

ssize_t sendfile(int out, int in, off_t *offset, size_t count)
{
    off_t at = place_of(in, offset);
    ssize_t done = at < 0 ? -1 : copy(in, at, out, -1, count);
    if (done >= 0) {
        move_place(in, offset, at + done);
    }
    return done;
}

ssize_t copy_file_range(int in, off_t *in_offset, int out, off_t *out_offset, size_t count,
                        unsigned flags)
{
    if (flags != 0) {
        errno = EINVAL;
        return -1;
    }
    off_t from = place_of(in, in_offset);
    off_t to = from < 0 ? -1 : place_of(out, out_offset);
    if (to < 0) {
        return -1;
    }
    ssize_t done = copy(in, from, out, to, count);
    if (done >= 0) {
        move_place(in, in_offset, from + done);
        move_place(out, out_offset, to + done);
    }
    return done;
}
