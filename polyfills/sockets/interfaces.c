/* interfaces.c - the network interfaces of a machine that has only itself.
 *
 * libc asks the kernel by ioctl and netlink, which are not here; the network
 * inside the runtime is what Linux calls "lo", and has its index. Linked in place
 * of libc's functions; called by CPython's socket module and by resolve.c.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#define LOOPBACK_NAME "lo"
#define LOOPBACK_INDEX 1

unsigned if_nametoindex(const char *name)
{
    if (strcmp(name, LOOPBACK_NAME) == 0) {
        return LOOPBACK_INDEX;
    }
    errno = ENODEV;
    return 0;
}

char *if_indextoname(unsigned index, char *name)
{
    if (index == LOOPBACK_INDEX) {
        return strcpy(name, LOOPBACK_NAME);
    }
    errno = ENXIO;
    return NULL;
}

struct if_nameindex *if_nameindex(void)
{
    struct {
        struct if_nameindex found[2];
        char name[sizeof LOOPBACK_NAME];
    } *made = calloc(1, sizeof *made);
    if (made == NULL) {
        errno = ENOBUFS;
        return NULL;
    }
    strcpy(made->name, LOOPBACK_NAME);
    made->found[0] = (struct if_nameindex){.if_index = LOOPBACK_INDEX, .if_name = made->name};
    return made->found;
}

void if_freenameindex(struct if_nameindex *found)
{
    free(found);
}
