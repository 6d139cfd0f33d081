/* start.c - the parts of the core put together: _sospeso_core, and the start.
 *
 * The builtin module _sospeso_core is what our Python needs of the C below it:
 * each part brings a table of functions, and only runtime/ knows all parts.
 * Called by runtime/load/load.ts, once, before anything of Python runs. The
 * functions' types are in _sospeso_core.pyi, which a test compares with the tables.
 */
#include "../../asyncio_bridge/steps.h"
#include "../../cpython/embed/embed.h"
#include "../../jspi/core_methods.h"
#include "../../polyfills/http/http.h"

#include <Python.h>
#include <emscripten/emscripten.h>

/* What requests call: run, run_async, loop_step, ... */
#define REQUESTS "_sospeso.runner"

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sospeso_core",
    .m_doc = "Private core of Sospeso: waiting, waking, timers, HTTP.",
    .m_size = -1,
};

static PyObject *make_core_module(void)
{
    PyMethodDef *const tables[] = {sospeso_core_methods, sospeso_step_methods, sospeso_http_methods};
    PyObject *module = PyModule_Create(&definition);
    for (size_t i = 0; module != NULL && i < sizeof tables / sizeof *tables; i++) {
        if (PyModule_AddFunctions(module, tables[i]) < 0) {
            Py_CLEAR(module);
        }
    }
    return module;
}

/* Start the interpreter on the main stack; paths are ':'-separated. 0, or -1
 * with the reason in sospeso_failure(). */
EMSCRIPTEN_KEEPALIVE int sospeso_start(int argc, char **argv, const char *paths)
{
    PyImport_AppendInittab("_sospeso_core", make_core_module);
    return sospeso_embed(argc, argv, paths, REQUESTS);
}
