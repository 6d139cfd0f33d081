/* steps.h - steps of the page's event loop, as the embedding sees them.
 *
 * A step is a task that runs callbacks of the page's loop (webloop.py). Several
 * may be under way at once, each suspended on its own stack; the embedding
 * (cpython/embed/main.c) starts them, and asks here what a wait and a signal
 * mean for them.
 */
#ifndef SOSPESO_STEPS_H
#define SOSPESO_STEPS_H

#include "../jspi/task.h"

#include <Python.h>

/* Steps at work, less those that wait for the loop. Whoever runs a step counts it. */
extern int sospeso_steps_at_work;

/* Stacks that wait for the page's loop. */
extern int sospeso_loop_waiters;

/* Whether the task is a step, and asyncio is there to ask for its current task. */
int sospeso_has_asyncio_task(const sospeso_task *task);

/* Put a task in the place of the page loop's current one, and give that: a new
 * reference, or NULL. Needs the GIL, and that sospeso_has_asyncio_task(). */
PyObject *sospeso_swap_asyncio_task(PyObject *asyncio_task);

/* Invariant 1 of steps.c: is a signal that ends this task's wait for somebody else? */
int sospeso_is_for_a_step(const sospeso_task *task);

/* Functions of the builtin module _sospeso_core. */
extern PyMethodDef sospeso_step_methods[];

#endif
