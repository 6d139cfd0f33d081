/* resolve.c - names and numbers of hosts and services.
 *
 * libc's getaddrinfo() here invents an address for every name. This one knows
 * what is true in a page: numeric addresses, localhost and the machine's own
 * name. Any other it asks of the runtime's transport (names.ts), and waits; where
 * there is none it is an error that says why. Linked in place of libc's
 * functions; called by CPython's socket module.
 *
 * Source of the services: IANA's registry, those that Python's library and its
 * documentation name.
 */
#include "../../jspi/jspi.h"

#include "build/generated/jspi/numbers.h"
#include "build/generated/polyfills/numbers.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

/* Whether there is a way outside. */
IMPORT(net_outside) extern int host_outside(void);
/* A key to wait for; what it gives is in names.ts. */
IMPORT(name_ask)
extern unsigned host_name_ask(const void *bytes, size_t length, int family, int reverse);
IMPORT(name_answer) extern int host_name_answer(unsigned key, void *answer, size_t room);

/* Bytes of the answer, or an EAI number. */
static int ask_outside(const void *bytes, size_t length, int family, int reverse, void *answer,
                       size_t room)
{
    if (!host_outside()) {
        return EAI_NONAME;
    }
    if (!sospeso_can_wait()) {
        errno = SOSPESO_ECANNOTWAIT;
        return EAI_SYSTEM;
    }
    unsigned key = host_name_ask(bytes, length, family, reverse);
    int outcome = sospeso_wait(key, -1);
    int result = host_name_answer(key, answer, room);
    if (outcome == SOSPESO_INTERRUPTED) {
        errno = EINTR;
        return EAI_SYSTEM;
    }
    return result;
}

/* The text of ENETUNREACH; Python/errors.c asks for it (patch 0002). */
extern const char *sospeso_unreachable(const char *usual);
const char *sospeso_unreachable(const char *usual)
{
    return host_outside() ? usual
                          : "Network unreachable: sockets here reach this machine's own addresses "
                            "only (localhost, 127.0.0.1, ::1), unless loadPyodide() was given "
                            "option network";
}

typedef struct {
    const char *name;
    int port;
    int udp; /* known for UDP as well */
} service;

static const service services[] = {
    {"echo", 7, 1},    {"discard", 9, 1}, {"daytime", 13, 1}, {"qotd", 17, 0},  {"ftp", 21, 0},
    {"ssh", 22, 0},    {"telnet", 23, 0}, {"smtp", 25, 0},    {"time", 37, 1},  {"domain", 53, 1},
    {"http", 80, 0},   {"pop3", 110, 0},  {"ntp", 123, 1},    {"imap2", 143, 0}, {"imap", 143, 0},
    {"https", 443, 0}, {"imaps", 993, 0}, {"pop3s", 995, 0},
};
#define SERVICES (sizeof services / sizeof *services)

/* A name that means this machine. */
static int is_own_name(const char *name)
{
    char own[65];
    size_t length = strlen(name);
    static const char suffix[] = ".localhost";
    return strcasecmp(name, "localhost") == 0 || strcasecmp(name, "localhost.localdomain") == 0 ||
           strcasecmp(name, "ip6-localhost") == 0 ||
           (length > sizeof suffix - 1 &&
            strcasecmp(name + length - (sizeof suffix - 1), suffix) == 0) ||
           (gethostname(own, sizeof own) == 0 && strcasecmp(name, own) == 0);
}

static int service_port(const char *text, int type, int flags)
{
    if (text == NULL || *text == '\0') {
        return 0;
    }
    char *end;
    long number = strtol(text, &end, 10);
    if (isdigit((unsigned char)*text) && *end == '\0') {
        return number > 65535 ? EAI_SERVICE : (int)number;
    }
    if (!(flags & AI_NUMERICSERV)) {
        for (size_t i = 0; i < SERVICES; i++) {
            if (strcmp(services[i].name, text) == 0 && (type != SOCK_DGRAM || services[i].udp)) {
                return services[i].port;
            }
        }
    }
    return flags & AI_NUMERICSERV ? EAI_NONAME : EAI_SERVICE;
}

static struct servent *found_service(const service *entry, const char *protocol)
{
    static char *no_aliases[] = {NULL};
    static struct servent found;
    int udp = protocol != NULL && strcmp(protocol, "udp") == 0;
    if (protocol != NULL && strcmp(protocol, "tcp") != 0 && !(udp && entry->udp)) {
        return NULL;
    }
    found = (struct servent){.s_name = (char *)entry->name,
                             .s_aliases = no_aliases,
                             .s_port = htons((unsigned short)entry->port),
                             .s_proto = udp ? "udp" : "tcp"};
    return &found;
}

struct servent *getservbyname(const char *name, const char *protocol)
{
    struct servent *found = NULL;
    for (size_t i = 0; i < SERVICES && found == NULL; i++) {
        found = strcmp(services[i].name, name) == 0 ? found_service(&services[i], protocol) : NULL;
    }
    return found;
}

struct servent *getservbyport(int port, const char *protocol)
{
    struct servent *found = NULL;
    for (size_t i = 0; i < SERVICES && found == NULL; i++) {
        found = htons((unsigned short)services[i].port) == port
                    ? found_service(&services[i], protocol) : NULL;
    }
    return found;
}

#define MOST_HOSTS 16

/* Addresses a lookup gives, before they are combined with socket types. */
typedef struct {
    int count;
    struct {
        int family;
        unsigned scope;
        unsigned char host[16];
    } found[MOST_HOSTS];
} hosts;

static void add_host(hosts *all, int family, const void *bytes, unsigned scope)
{
    all->found[all->count].family = family;
    all->found[all->count].scope = scope;
    memcpy(all->found[all->count++].host, bytes, family == AF_INET ? 4 : 16);
}

/* This machine, or every address of it. */
static void add_local(hosts *all, int family, int passive)
{
    struct in_addr four = {passive ? INADDR_ANY : htonl(INADDR_LOOPBACK)};
    if (family != AF_INET6) {
        add_host(all, AF_INET, &four, 0);
    }
    if (family != AF_INET) {
        add_host(all, AF_INET6, passive ? &in6addr_any : &in6addr_loopback, 0);
    }
}

/* The addresses that the transport knows for a name. */
static int find_outside(hosts *all, const char *node, int family)
{
    unsigned char answer[MOST_HOSTS * NAME_RECORD];
    int size = ask_outside(node, strlen(node), family, 0, answer, sizeof answer);
    if (size <= 0) {
        return size < 0 ? size : EAI_NODATA;
    }
    for (int at = 0; at + NAME_RECORD <= size; at += NAME_RECORD) {
        add_host(all, answer[at], answer + at + 1, 0);
    }
    return 0;
}

static int find_hosts(const char *node, int family, int flags, hosts *all)
{
    unsigned char bytes[16];
    char copy[INET6_ADDRSTRLEN + 16];
    all->count = 0;
    if (node == NULL || *node == '\0') {
        add_local(all, family, node != NULL || (flags & AI_PASSIVE));
        return 0;
    }
    if (inet_pton(AF_INET, node, bytes) == 1) {
        if (family == AF_INET6 && !(flags & AI_V4MAPPED)) {
            return EAI_NONAME;
        }
        if (family == AF_INET6) {
            unsigned char six[16] = {[10] = 255, [11] = 255};
            memcpy(six + 12, bytes, 4);
            add_host(all, AF_INET6, six, 0);
        }
        else {
            add_host(all, AF_INET, bytes, 0);
        }
        return 0;
    }
    size_t length = strcspn(node, "%");
    if (length < sizeof copy) {
        memcpy(copy, node, length);
        copy[length] = '\0';
        if (inet_pton(AF_INET6, copy, bytes) == 1) {
            unsigned scope = 0;
            if (node[length] == '%') {
                char *end;
                scope = (unsigned)strtoul(node + length + 1, &end, 10);
                if (*end != '\0' || node[length + 1] == '\0') {
                    scope = if_nametoindex(node + length + 1);
                    if (scope == 0) {
                        return EAI_NONAME;
                    }
                }
            }
            if (family == AF_INET) {
                return EAI_NONAME;
            }
            add_host(all, AF_INET6, bytes, scope);
            return 0;
        }
    }
    if (flags & AI_NUMERICHOST) {
        return EAI_NONAME;
    }
    if (!is_own_name(node)) {
        return find_outside(all, node, family);
    }
    add_local(all, family, 0);
    return 0;
}

/* One entry of the result, its address behind it. */
typedef struct {
    struct addrinfo info;
    union {
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } address;
} entry;

static entry *new_entry(int family, int type, int protocol, const unsigned char *host, int port,
                        unsigned scope)
{
    entry *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    made->info.ai_family = family;
    made->info.ai_socktype = type;
    made->info.ai_protocol = protocol;
    made->info.ai_addr = (struct sockaddr *)&made->address;
    if (family == AF_INET) {
        made->info.ai_addrlen = sizeof made->address.four;
        made->address.four.sin_family = AF_INET;
        made->address.four.sin_port = htons((unsigned short)port);
        memcpy(&made->address.four.sin_addr, host, 4);
    }
    else {
        made->info.ai_addrlen = sizeof made->address.six;
        made->address.six.sin6_family = AF_INET6;
        made->address.six.sin6_port = htons((unsigned short)port);
        made->address.six.sin6_scope_id = scope;
        memcpy(&made->address.six.sin6_addr, host, 16);
    }
    return made;
}

int getaddrinfo(const char *restrict node, const char *restrict name,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
    static const int types[][2] = {
        {SOCK_STREAM, IPPROTO_TCP}, {SOCK_DGRAM, IPPROTO_UDP}, {SOCK_RAW, 0}};
    static const struct addrinfo none;
    const struct addrinfo *want = hints == NULL ? &none : hints;
    if (node == NULL && name == NULL) {
        return EAI_NONAME;
    }
    if (want->ai_family != AF_UNSPEC && want->ai_family != AF_INET && want->ai_family != AF_INET6) {
        return EAI_FAMILY;
    }
    hosts all;
    int failed = find_hosts(node, want->ai_family, want->ai_flags, &all);
    if (failed != 0) {
        return failed;
    }
    struct addrinfo *first = NULL;
    struct addrinfo **link = &first;
    failed = EAI_SOCKTYPE;
    for (int h = 0; h < all.count; h++) {
        for (int t = 0; t < 3; t++) {
            int type = types[t][0];
            int protocol = type == SOCK_RAW ? want->ai_protocol : types[t][1];
            if ((want->ai_socktype != 0 && want->ai_socktype != type) ||
                (want->ai_protocol != 0 && want->ai_protocol != protocol) ||
                (type == SOCK_RAW && want->ai_socktype == 0 && want->ai_protocol != 0)) {
                continue;
            }
            int port = service_port(name, type, want->ai_flags);
            if (port < 0) {
                failed = port;
                continue;
            }
            entry *made = new_entry(all.found[h].family, type, protocol, all.found[h].host, port,
                                    all.found[h].scope);
            if (made == NULL) {
                freeaddrinfo(first);
                return EAI_MEMORY;
            }
            if (first == NULL && (want->ai_flags & AI_CANONNAME) && node != NULL) {
                made->info.ai_canonname = strdup(node);
            }
            *link = &made->info;
            link = &made->info.ai_next;
        }
    }
    *result = first;
    return first == NULL ? failed : 0;
}

void freeaddrinfo(struct addrinfo *info)
{
    while (info != NULL) {
        struct addrinfo *next = info->ai_next;
        free(info->ai_canonname);
        free(info);
        info = next;
    }
}

const char *gai_strerror(int code)
{
    switch (code) {
    case EAI_NONAME:
        return host_outside() ? "Name or service not known"
                              : "Name or service not known (there is no network here besides this "
                                "machine's own, localhost and numeric addresses, unless "
                                "loadPyodide() was given option network)";
    case EAI_AGAIN:
        return "Temporary failure in name resolution";
    case EAI_FAIL:
        return "Non-recoverable failure in name resolution";
    case EAI_NODATA:
        return "No address associated with hostname";
    case EAI_BLOCKED:
        return "The relay does not allow this name. Its list needs an entry for it (sospeso relay "
               "--allow NAME:PORT), and so does the token's list, if it has one";
    case EAI_NO_RELAY:
        return "The relay that would look up names cannot be reached: is it there, does it let "
               "this page's origin in, is the token valid? Its log says";
    case EAI_SERVICE:
        return "Servname not supported for ai_socktype";
    case EAI_FAMILY:
        return "ai_family not supported";
    case EAI_SOCKTYPE:
        return "ai_socktype not supported";
    case EAI_BADFLAGS:
        return "Bad value for ai_flags";
    case EAI_OVERFLOW:
        return "Result too large for supplied buffer";
    case EAI_MEMORY:
        return "Memory allocation failure";
    default:
        return "Unknown error of name resolution";
    }
}

static int is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const void *)address;
        return ntohl(four->sin_addr.s_addr) >> 24 == 127;
    }
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

static int put(char *to, socklen_t room, const char *text)
{
    if (to == NULL || room == 0) {
        return 0;
    }
    if (strlen(text) >= room) {
        return EAI_OVERFLOW;
    }
    strcpy(to, text);
    return 0;
}

/* The length of an address's name outside; 0 or less: it has none. */
static int find_name(const void *host, int family, char name[NI_MAXHOST])
{
    return ask_outside(host, family == AF_INET ? 4 : 16, family, 1, name, NI_MAXHOST - 1);
}

int getnameinfo(const struct sockaddr *restrict address, socklen_t length, char *restrict node,
                socklen_t node_room, char *restrict name, socklen_t name_room, int flags)
{
    char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
    char interface[IF_NAMESIZE];
    char outside[NI_MAXHOST];
    const char *shown = text;
    int known = 0;
    const void *host;
    unsigned port;
    unsigned scope = 0;
    if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *four = (const void *)address;
        host = &four->sin_addr;
        port = ntohs(four->sin_port);
    }
    else if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *six = (const void *)address;
        host = &six->sin6_addr;
        port = ntohs(six->sin6_port);
        scope = six->sin6_scope_id;
    }
    else {
        return EAI_FAMILY;
    }
    if (!(flags & NI_NUMERICHOST) && is_loopback(address)) {
        strcpy(text, "localhost");
    }
    else if (node != NULL && !(flags & NI_NUMERICHOST) &&
             (known = find_name(host, address->sa_family, outside)) > 0) {
        outside[known] = '\0';
        shown = outside;
    }
    else if (flags & NI_NAMEREQD) {
        return known < 0 ? known : EAI_NONAME;
    }
    else {
        inet_ntop(address->sa_family, host, text, INET6_ADDRSTRLEN);
        if (scope != 0 && if_indextoname(scope, interface) != NULL) {
            snprintf(text + strlen(text), sizeof interface + 1, "%%%s", interface);
        }
        else if (scope != 0) {
            snprintf(text + strlen(text), 12, "%%%u", scope);
        }
    }
    int failed = put(node, node_room, shown);
    if (failed != 0) {
        return failed;
    }
    snprintf(text, sizeof text, "%u", port);
    for (size_t i = 0; i < SERVICES && !(flags & NI_NUMERICSERV); i++) {
        if (services[i].port == (int)port && (!(flags & NI_DGRAM) || services[i].udp)) {
            return put(name, name_room, services[i].name);
        }
    }
    return put(name, name_room, text);
}

/* What gethostbyname() and gethostbyaddr() point into. */
typedef struct {
    char *addresses[2];
    char *aliases[1];
    unsigned char host[16];
    char name[];
} host_memory;

static int fill_host(const char *name, int family, const void *bytes, struct hostent *host,
                     char *buffer, size_t room, struct hostent **result, int *error)
{
    size_t skew = -(uintptr_t)buffer & (sizeof(char *) - 1);
    *result = NULL;
    if (room < skew + sizeof(host_memory) + strlen(name) + 1) {
        return ERANGE;
    }
    host_memory *memory = (void *)(buffer + skew);
    memcpy(memory->host, bytes, family == AF_INET ? 4 : 16);
    strcpy(memory->name, name);
    memory->addresses[0] = (char *)memory->host;
    memory->addresses[1] = NULL;
    memory->aliases[0] = NULL;
    *host = (struct hostent){.h_name = memory->name,
                             .h_aliases = memory->aliases,
                             .h_addrtype = family,
                             .h_length = family == AF_INET ? 4 : 16,
                             .h_addr_list = memory->addresses};
    *error = 0;
    *result = host;
    return 0;
}

int gethostbyname_r(const char *name, struct hostent *host, char *buffer, size_t room,
                    struct hostent **result, int *error)
{
    hosts all;
    *result = NULL;
    if (find_hosts(name, AF_INET, 0, &all) != 0) {
        *error = HOST_NOT_FOUND;
        return 0;
    }
    return fill_host(name, AF_INET, all.found[0].host, host, buffer, room, result, error);
}

int gethostbyaddr_r(const void *bytes, socklen_t length, int family, struct hostent *host,
                    char *buffer, size_t room, struct hostent **result, int *error)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    char name[NI_MAXHOST];
    *result = NULL;
    if (!(family == AF_INET && length == 4) && !(family == AF_INET6 && length == 16)) {
        *error = NO_RECOVERY;
        return EINVAL;
    }
    if (family == AF_INET) {
        memcpy(&four.sin_addr, bytes, 4);
    }
    else {
        memcpy(&six.sin6_addr, bytes, 16);
    }
    const struct sockaddr *address = family == AF_INET ? (void *)&four : (void *)&six;
    socklen_t size = family == AF_INET ? sizeof four : sizeof six;
    if (getnameinfo(address, size, name, sizeof name, NULL, 0, NI_NAMEREQD) != 0) {
        *error = HOST_NOT_FOUND;
        return 0;
    }
    return fill_host(name, family, bytes, host, buffer, room, result, error);
}

/* CPython calls the functions without "_r", one at a time. */
static struct hostent named_host;
static char named_memory[sizeof(host_memory) + sizeof(char *) + NI_MAXHOST];

/* Their result: h_errno is told where there is none. */
static struct hostent *named(int failed, int error, struct hostent *found)
{
    h_errno = failed != 0 ? NO_RECOVERY : error;
    return failed != 0 ? NULL : found;
}

struct hostent *gethostbyname(const char *name)
{
    struct hostent *found;
    int error = 0;
    int failed = gethostbyname_r(name, &named_host, named_memory, sizeof named_memory, &found,
                                 &error);
    return named(failed, error, found);
}

struct hostent *gethostbyaddr(const void *bytes, socklen_t length, int family)
{
    struct hostent *found;
    int error = 0;
    int failed = gethostbyaddr_r(bytes, length, family, &named_host, named_memory,
                                 sizeof named_memory, &found, &error);
    return named(failed, error, found);
}
