/* fatal.c - where Python was when something ended the runtime.
 *
 * After a trap nothing of Python can run any more, but its frames are still there. Called by
 * fatal.ts, once, before the runtime is given up.
 */
#include <Python.h>
#include <emscripten/emscripten.h>
#include <unistd.h>

#include "internal/pycore_traceback.h" // _Py_DumpTraceback()

/* Write the running thread's frames to stderr, the innermost first; nothing while none runs. */
EMSCRIPTEN_KEEPALIVE void sospeso_dump_stack(void)
{
    PyThreadState *running = PyThreadState_GetUnchecked();
    if (running != NULL) {
        _Py_DumpTraceback(STDERR_FILENO, running);
    }
}
