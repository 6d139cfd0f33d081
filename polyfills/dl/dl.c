/* dl.c - dlopen(), dlsym(), dlclose(): libraries come into a program that is linked statically.
 *
 * The linker is TypeScript (linker.ts); here is what must be C. A stack that loads a library may
 * have to wait for the engine to compile it, and constructors run without a frame of JavaScript
 * below them, so that they may wait, too. Used by CPython's dynload_shlib.c and _ctypes; stands in
 * for libc's functions, which always fail. dlerror() is libc's own.
 *
 * Invariants
 *  1. One stack at a time opens libraries, its constructors included: `owner`. It may open more
 *     from within a constructor.
 *  2. A handle is given to nobody before the library's constructors have run.
 *  3. What the host allocated for an answer is freed here.
 */
#include "../../jspi/task.h"

#include "build/generated/jspi/numbers.h"
#include "build/generated/polyfills/numbers.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>

#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

/* What the host says of a request; the words are numbered in numbers.toml. */
typedef struct {
    unsigned value; /* a handle; a slot or an address */
    unsigned count; /* of constructors */
    unsigned *constructors;
    char *error; /* or NULL */
    unsigned own_slots;
} dl_answer;
_Static_assert(offsetof(dl_answer, value) == 4 * DL_VALUE, "DL_VALUE");
_Static_assert(offsetof(dl_answer, count) == 4 * DL_COUNT, "DL_COUNT");
_Static_assert(offsetof(dl_answer, constructors) == 4 * DL_CONSTRUCTORS, "DL_CONSTRUCTORS");
_Static_assert(offsetof(dl_answer, error) == 4 * DL_ERROR, "DL_ERROR");
_Static_assert(offsetof(dl_answer, own_slots) == 4 * DL_OWN_SLOTS, "DL_OWN_SLOTS");

/* Each fills in the answer and returns 0, or returns a key to wait for; then dl_answer is asked. */
IMPORT(dl_open)
extern unsigned host_dl_open(const char *file, const char *search, int mode, int may_wait,
                          dl_answer *answer);
IMPORT(dl_symbol)
extern unsigned host_dl_symbol(const void *handle, const char *name, int may_wait, dl_answer *answer);
IMPORT(dl_answer) extern unsigned host_dl_answer(unsigned key, dl_answer *answer);
/* 0, or -1: there is no such handle. */
IMPORT(dl_close) extern int host_dl_close(const void *handle);

/* A slot whose function takes so many parameters (all pointers) and calls the function in `slot`,
 * which takes fewer; `slot` itself where it fits. */
IMPORT(dl_fit) extern unsigned host_dl_fit(unsigned slot, int parameters);

/* musl's; dlerror() shows what it was given. */
extern void __dl_seterr(const char *format, ...);

/* How many slots of the table are the core's own; what is behind came by libraries. 0: none came. */
static unsigned own_slots;

/* Extensions declare functions with fewer parameters than CPython calls them with (METH_NOARGS
 * without the second one). A processor does not mind, wasm traps. Called by patch 0034 for each
 * method and each getter and setter that is defined. */
extern void *sospeso_fit(void *function, int parameters);

void *sospeso_fit(void *function, int parameters)
{
    unsigned slot = (unsigned)(size_t)function;
    return own_slots == 0 || slot < own_slots ? function : (void *)(size_t)host_dl_fit(slot, parameters);
}

static char program; /* its address is the handle of the program itself */

static unsigned long owner; /* the stack that opens libraries, or 0 */
static int depth;

/* Wait until the request is answered. 0, or -1 with the text for dlerror(). */
static int finish(unsigned key, dl_answer *answer)
{
    while (key != 0) {
        sospeso_wait(key, -1);
        key = host_dl_answer(key, answer);
    }
    if (answer->value == 0 && answer->error == NULL) {
        __dl_seterr("the linker failed; the console tells how");
        return -1;
    }
    if (answer->error != NULL) {
        __dl_seterr("%s", answer->error);
        free(answer->error);
        return -1;
    }
    return 0;
}

static int lock(void)
{
    while (owner != 0 && owner != sospeso_stack_ident()) {
        if (!sospeso_can_wait()) {
            return -1;
        }
        sospeso_wait((unsigned)(size_t)&owner, -1);
    }
    owner = sospeso_stack_ident();
    depth++;
    return 0;
}

static void unlock(void)
{
    if (--depth == 0) {
        owner = 0;
        sospeso_notify((unsigned)(size_t)&owner, 0);
    }
}

void *dlopen(const char *file, int mode)
{
    if (file == NULL || *file == '\0') {
        return &program;
    }
    if (lock() < 0) {
        __dl_seterr("%s: another thread is loading a library, and this one cannot wait for it", file);
        return NULL;
    }
    const char *search = getenv("LD_LIBRARY_PATH");
    dl_answer answer = {0};
    unsigned key =
        host_dl_open(file, search == NULL ? "" : search, mode, sospeso_can_wait(), &answer);
    void *handle = NULL;
    if (finish(key, &answer) == 0) {
        own_slots = answer.own_slots;
        for (unsigned i = 0; i < answer.count; i++) {
            ((void (*)(void))answer.constructors[i])();
        }
        free(answer.constructors);
        handle = (void *)answer.value;
        sospeso_thread_stack = SOSPESO_ENTRY_STACK;
    }
    unlock();
    return handle;
}

void *dlsym(void *restrict handle, const char *restrict name)
{
    dl_answer answer = {0};
    const void *where = handle == &program ? RTLD_DEFAULT : handle;
    if (finish(host_dl_symbol(where, name, sospeso_can_wait(), &answer), &answer) < 0) {
        return NULL;
    }
    return (void *)answer.value;
}

int dlclose(void *handle)
{
    if (handle == &program || host_dl_close(handle) == 0) {
        return 0;
    }
    __dl_seterr("invalid handle");
    return -1;
}
