/* polyfill.c - the module that the JSPI benchmark suspends: loops around imports that
 * wait and imports that do not. Built by polyfill.py, once as it is, once by wasm-opt
 * --asyncify, and once (with GLUE) by Emscripten's own -sASYNCIFY; polyfill_probe.mjs
 * calls it.
 */
#include <emscripten.h>

#ifdef GLUE /* Emscripten's runtime wants the imports in its own module */
#define IMPORT(name)
#else
#define IMPORT(name) __attribute__((import_module("host"), import_name(name)))
#endif

IMPORT("wait") extern int host_wait(int x);   /* returns a resolved promise */
IMPORT("value") extern int host_value(int x); /* may wait, but never does */
IMPORT("plain") extern int host_plain(int x); /* an ordinary import */

#define DEPTH 40

EMSCRIPTEN_KEEPALIVE int add(int a, int b)
{
    return a + b;
}

EMSCRIPTEN_KEEPALIVE int once(int x)
{
    return host_wait(x) + 1;
}

EMSCRIPTEN_KEEPALIVE int waits(int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        sum += host_wait(i);
    }
    return sum;
}

static __attribute__((noinline)) int descend(int depth, int n, int salt)
{
    if (depth == 0) {
        return waits(n);
    }
    int own = salt * 3;
    /* No sum: compilers make a loop of that. */
    return (descend(depth - 1, n, salt + 1) ^ own) * 5 + depth;
}

/* The waits, with DEPTH frames below them that hold four values each. */
EMSCRIPTEN_KEEPALIVE int deep_waits(int n)
{
    return descend(DEPTH, n, n);
}

EMSCRIPTEN_KEEPALIVE int values(int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        sum += host_value(i);
    }
    return sum;
}

EMSCRIPTEN_KEEPALIVE int plains(int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        sum += host_plain(i);
    }
    return sum;
}

/* Memory for the polyfill's buffers; without libc's allocator the wasm needs no glue. */
static char arena[4 << 20];
static unsigned used;

EMSCRIPTEN_KEEPALIVE char *take(unsigned size)
{
    unsigned at = used;
    used = (used + size + 15) & ~15u;
    return used <= sizeof arena ? arena + at : 0;
}
