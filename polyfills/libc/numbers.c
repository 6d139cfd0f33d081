/* numbers.c - the C library's numbers, compared with those that TypeScript has of them.
 *
 * TypeScript cannot read <errno.h>: polyfills/numbers.toml says the numbers once more, and
 * this does not compile when one of them is another in the library's headers. Below are the
 * places of fields that polyfills/ reads and writes as plain numbers. Nothing is linked.
 */
#define _GNU_SOURCE /* POLLRDHUP, SCM_CREDENTIALS */

#include "build/generated/polyfills/numbers_compared.h"

/* One mark for all ways to open a file (files/fcntl.ts), one for not to wait. */
_Static_assert(SOCK_CLOEXEC == O_CLOEXEC && EPOLL_CLOEXEC == O_CLOEXEC, "fcntl.ts takes O_CLOEXEC for all");
_Static_assert(SOCK_NONBLOCK == O_NONBLOCK, "accept4() and pipe2() have the flags of open()");

#define AT(type, field, place) \
    _Static_assert(offsetof(type, field) == (place), #field " of " #type " is read at " #place)

/* sockets/address.ts */
AT(struct sockaddr, sa_family, 0);
AT(struct sockaddr_in, sin_port, 2);
AT(struct sockaddr_in, sin_addr, 4);
AT(struct sockaddr_in6, sin6_port, 2);
AT(struct sockaddr_in6, sin6_flowinfo, 4);
AT(struct sockaddr_in6, sin6_addr, 8);
AT(struct sockaddr_in6, sin6_scope_id, 24);
AT(struct sockaddr_un, sun_path, 2);
/* sockets/ancillary.ts */
AT(struct cmsghdr, cmsg_len, 0);
AT(struct cmsghdr, cmsg_level, 4);
AT(struct cmsghdr, cmsg_type, 8);
/* sockets/socket.ts; both times are of 64 bits */
AT(struct linger, l_onoff, 0);
AT(struct linger, l_linger, 4);
AT(struct timeval, tv_sec, 0);
AT(struct timeval, tv_usec, 8);
/* poll/poll.ts and, as struct.Struct("ihh"), asyncio_bridge/webloop.py; poll/epoll.ts */
AT(struct pollfd, fd, 0);
AT(struct epoll_event, events, 0);
