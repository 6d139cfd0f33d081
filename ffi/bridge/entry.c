/* entry.c - entering Python from JavaScript.
 *
 * JavaScript calls an export of the FFI in two situations: from the host's
 * event loop (a click, a timer), where no Python is on the stack, and from
 * within a function that Python called. The first attaches the event loop's
 * thread state; the second has one, and a frame of JavaScript lies on the
 * stack, so that nothing can suspend until the export returns. Used by every
 * export that runs Python.
 *
 * Invariants
 *  1. Calls nest strictly: nothing suspends between an enter and its leave
 *     unless it was entered as a task.
 *  2. The chain of outgoing calls is one list: while a JavaScript frame lies
 *     on a stack that stack cannot suspend, so no other one runs.
 */
#include "bridge.h"

sospeso_outgoing *sospeso_outgoing_top;

int sospeso_entered; /* invariant 1 */

void sospeso_enter_python(sospeso_entry *entry)
{
    sospeso_entered++;
    entry->attached = NULL;
    /* Not only below an outgoing call: an import that merely settles a promise has
     * JavaScript look at what it is given, and that may be a PyProxy. A time slice
     * that ended in there took the whole runtime down. */
    entry->marked = sospeso_outgoing_top != NULL || sospeso_task_current()->kind != TASK_LOOP;
    if (entry->marked) {
        sospeso_enter_js(SOSPESO_ASK_WHICH_FRAME);
    }
    if (PyThreadState_GetUnchecked() == NULL) {
        /* The running stack's own: the event loop's, or that of a task which
         * released the GIL for a call that turned out to come back here. */
        entry->attached = PyGILState_GetThisThreadState();
        PyEval_RestoreThread(entry->attached);
    }
}

void sospeso_leave_python(const sospeso_entry *entry)
{
    if (entry->attached != NULL) {
        PyEval_SaveThread();
    }
    if (entry->marked) {
        sospeso_leave_js();
    }
    sospeso_entered--;
    sospeso_hand_over_output();
}
