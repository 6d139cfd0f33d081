/* activations.h - a region of C stack for each call that may wait.
 *
 * JSPI, the engine's as well as the polyfill, keeps the wasm frames of a waiting
 * call. Arrays and variables whose address is taken are not there: C keeps them
 * on its own stack in linear memory, of which there is one. Two calls that wait in
 * turns would overwrite each other's, so each gets a region. A program that never
 * has two calls under way needs none of this.
 * Included by prices.c; take it along for programs of your own.
 */
#ifndef ACTIVATIONS_H
#define ACTIVATIONS_H

#include <emscripten/stack.h>
#include <stdlib.h>

#define REGION_SIZE (64 * 1024)

/* compiler-rt's: sets the C stack pointer; in no public header. */
extern void _emscripten_stack_restore(void *address);

struct activation {
    char *region;
    void *outer_pointer; /* whose turn it is when this one waits or ends */
    struct activation *outer;
    struct activation *next; /* in the list of those that are free */
};

static struct activation *running, *free_ones;

/* Runs `body(data)` on a region of its own. 0, or -1 when there is no memory. */
static __attribute__((noinline)) int on_own_stack(void (*body)(void *), void *data)
{
    struct activation *own = free_ones;
    if (own != NULL) {
        free_ones = own->next;
    } else if ((own = malloc(sizeof *own)) == NULL) {
        return -1;
    } else if ((own->region = aligned_alloc(16, REGION_SIZE)) == NULL) {
        free(own);
        return -1;
    }
    own->outer = running;
    own->outer_pointer = (void *)emscripten_stack_get_current();
    running = own;
    _emscripten_stack_restore(own->region + REGION_SIZE);
    body(data);
    _emscripten_stack_restore(own->outer_pointer);
    running = own->outer;
    own->next = free_ones;
    free_ones = own;
    return 0;
}

/* Around the call of an import that waits: `int x; WAITING(x = wait(5));` */
#define WAITING(call)                                                     \
    do {                                                                  \
        struct activation *me_ = running;                                 \
        void *pointer_ = (void *)emscripten_stack_get_current();          \
        _emscripten_stack_restore(me_->outer_pointer);                    \
        running = me_->outer;                                             \
        call;                                                             \
        me_->outer = running;                                             \
        me_->outer_pointer = (void *)emscripten_stack_get_current();      \
        running = me_;                                                    \
        _emscripten_stack_restore(pointer_);                              \
    } while (0)

#endif
