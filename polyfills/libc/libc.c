/* libc.c - what the C library says of the platform, where Emscripten's answers are not true.
 *
 * Its confstr() says glibc 2.14, so platform.libc_ver() sent programs down glibc's ways; its
 * pathconf() and fpathconf() answer for files that are not there. Called through os.confstr(),
 * os.pathconf() and os.fpathconf(). The limits are those of POSIX and of the C library's own files.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

size_t confstr(int name, char *buffer, size_t size)
{
    if (name != _CS_PATH) {
        errno = EINVAL; /* which of them there are is the C library's affair: none */
        return 0;
    }
    static const char path[] = "/bin:/usr/bin";
    if (size > 0) {
        size_t kept = size < sizeof(path) ? size - 1 : sizeof(path) - 1;
        memcpy(buffer, path, kept);
        buffer[kept] = 0;
    }
    return sizeof(path);
}

static long limit_of(int name)
{
    switch (name) {
    case _PC_LINK_MAX: return _POSIX_LINK_MAX;
    case _PC_MAX_CANON: return _POSIX_MAX_CANON;
    case _PC_MAX_INPUT: return _POSIX_MAX_INPUT;
    case _PC_NAME_MAX: return NAME_MAX;
    case _PC_PATH_MAX: return PATH_MAX;
    case _PC_PIPE_BUF: return PIPE_BUF;
    case _PC_CHOWN_RESTRICTED:
    case _PC_NO_TRUNC:
    case _PC_SYNC_IO:
    case _PC_2_SYMLINKS: return 1;
    case _PC_VDISABLE: return 0;
    case _PC_FILESIZEBITS: return 64;
    case _PC_REC_INCR_XFER_SIZE:
    case _PC_REC_MAX_XFER_SIZE:
    case _PC_REC_MIN_XFER_SIZE:
    case _PC_REC_XFER_ALIGN:
    case _PC_ALLOC_SIZE_MIN: return 4096;
    case _PC_ASYNC_IO:
    case _PC_PRIO_IO:
    case _PC_SOCK_MAXBUF:
    case _PC_SYMLINK_MAX: return -1; /* no limit, or not there */
    default: errno = EINVAL; return -1;
    }
}

long fpathconf(int fd, int name)
{
    struct stat found;
    return fstat(fd, &found) < 0 ? -1 : limit_of(name);
}

long pathconf(const char *path, int name)
{
    struct stat found;
    return stat(path, &found) < 0 ? -1 : limit_of(name);
}
