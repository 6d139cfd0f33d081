/* dl.c - dlopen(NULL) and dlsym() in a program that is linked statically.
 *
 * `import ctypes` opens the program itself (ctypes.pythonapi), and scripts call
 * C's own functions through CDLL(None). There is no dynamic linker yet, so the
 * symbols are a table; any other library is refused with the reason. Used by
 * CPython's _ctypes; stands in for libc's functions, which always fail.
 */
#include <Python.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef void (*any_function)(void);

#define SYMBOL(name) {#name, (any_function)name}

static const struct {
    const char *name;
    any_function address;
} symbols[] = {
    SYMBOL(abs),    SYMBOL(atof),   SYMBOL(atoi),    SYMBOL(atol),    SYMBOL(bsearch), SYMBOL(calloc),
    SYMBOL(clock),  SYMBOL(exp),    SYMBOL(fflush),  SYMBOL(fputs),   SYMBOL(free),    SYMBOL(getenv),
    SYMBOL(getpid), SYMBOL(labs),   SYMBOL(malloc),  SYMBOL(memchr),  SYMBOL(memcmp),  SYMBOL(memcpy),
    SYMBOL(memmove), SYMBOL(memset), SYMBOL(pow),    SYMBOL(puts),    SYMBOL(qsort),   SYMBOL(rand),
    SYMBOL(realloc), SYMBOL(sin),   SYMBOL(sqrt),    SYMBOL(srand),   SYMBOL(strcat),  SYMBOL(strchr),
    SYMBOL(strcmp), SYMBOL(strcpy), SYMBOL(strdup),  SYMBOL(strlen),  SYMBOL(strncmp), SYMBOL(strncpy),
    SYMBOL(strrchr), SYMBOL(strstr), SYMBOL(strtod), SYMBOL(strtol),  SYMBOL(time),    SYMBOL(tolower),
    SYMBOL(toupper), SYMBOL(usleep), SYMBOL(printf), SYMBOL(snprintf), SYMBOL(sprintf),
    /* Python's own, for ctypes.pythonapi */
    SYMBOL(Py_IncRef), SYMBOL(Py_DecRef), SYMBOL(Py_GetVersion), SYMBOL(PyBytes_AsString),
    SYMBOL(PyBytes_FromStringAndSize), SYMBOL(PyErr_Clear), SYMBOL(PyErr_SetInterrupt),
    SYMBOL(PyErr_SetString), SYMBOL(PyFloat_FromDouble), SYMBOL(PyLong_AsLong), SYMBOL(PyLong_FromLong),
    SYMBOL(PyObject_GetAttrString), SYMBOL(PyObject_Repr), SYMBOL(PyObject_SetAttrString),
    SYMBOL(PyObject_Str), SYMBOL(PyThreadState_SetAsyncExc), SYMBOL(PyTuple_SetItem),
    SYMBOL(PyUnicode_AsUTF8), SYMBOL(PyUnicode_FromString), SYMBOL(PyMemoryView_FromMemory),
    SYMBOL(PyCapsule_GetPointer), SYMBOL(PyCapsule_New), SYMBOL(PyCapsule_GetName),
    SYMBOL(Py_AddPendingCall), SYMBOL(Py_NewRef), SYMBOL(Py_XNewRef), SYMBOL(PyBuffer_Release),
    SYMBOL(PyBytes_AsStringAndSize), SYMBOL(PyBytes_FromFormat), SYMBOL(PyBytes_FromString),
    SYMBOL(PyBytes_Size), SYMBOL(PyCapsule_SetName), SYMBOL(PyDict_GetItemString),
    SYMBOL(PyDict_New), SYMBOL(PyDict_SetItem), SYMBOL(PyDict_SetItemString),
    SYMBOL(PyErr_CheckSignals), SYMBOL(PyErr_Occurred), SYMBOL(PyErr_Print), SYMBOL(PyErr_SetNone),
    SYMBOL(PyErr_SetObject), SYMBOL(PyEval_GetBuiltins), SYMBOL(PyEval_GetFrame),
    SYMBOL(PyEval_GetFrameBuiltins), SYMBOL(PyEval_GetFrameGlobals), SYMBOL(PyEval_GetFrameLocals),
    SYMBOL(PyEval_GetGlobals), SYMBOL(PyEval_GetLocals), SYMBOL(PyFloat_AsDouble),
    SYMBOL(PyFrame_GetBack), SYMBOL(PyFrame_GetCode), SYMBOL(PyFrame_GetGlobals),
    SYMBOL(PyFrame_GetLocals), SYMBOL(PyGILState_Check),
    SYMBOL(PyGILState_Ensure), SYMBOL(PyGILState_Release), SYMBOL(PyImport_ImportModule),
    SYMBOL(PyIter_Next), SYMBOL(PyList_Append), SYMBOL(PyList_GetItem), SYMBOL(PyList_New),
    SYMBOL(PyList_SetItem), SYMBOL(PyList_Size), SYMBOL(PyLong_AsLongLong),
    SYMBOL(PyLong_AsSsize_t), SYMBOL(PyLong_AsVoidPtr), SYMBOL(PyLong_FromLongLong),
    SYMBOL(PyLong_FromSsize_t), SYMBOL(PyLong_FromVoidPtr), SYMBOL(PyModule_GetDict),
    SYMBOL(PyObject_Call), SYMBOL(PyObject_CallObject), SYMBOL(PyObject_GetAttr),
    SYMBOL(PyObject_GetBuffer), SYMBOL(PyObject_GetItem), SYMBOL(PyObject_GetIter),
    SYMBOL(PyObject_HasAttrString), SYMBOL(PyObject_IsTrue), SYMBOL(PyObject_Length),
    SYMBOL(PyObject_RichCompareBool), SYMBOL(PyObject_SetAttr), SYMBOL(PyObject_Size),
    SYMBOL(PyObject_Type), SYMBOL(PyOS_snprintf), SYMBOL(PyRun_SimpleString),
    SYMBOL(PySys_GetObject), SYMBOL(PySys_SetObject), SYMBOL(PyThreadState_Get),
    SYMBOL(PyTuple_GetItem), SYMBOL(PyTuple_New), SYMBOL(PyTuple_Size), SYMBOL(PyType_Modified),
    SYMBOL(PyUnicode_AsUTF8AndSize), SYMBOL(PyUnicode_AsUTF8String),
    SYMBOL(PyUnicode_AsWideCharString), SYMBOL(PyUnicode_Concat), SYMBOL(PyUnicode_FromFormat),
    SYMBOL(PyUnicode_FromObject), SYMBOL(PyUnicode_FromStringAndSize),
    SYMBOL(PyUnicode_FromWideChar), SYMBOL(PyUnicode_InternFromString),
    SYMBOL(PyUnstable_Code_GetExtra), SYMBOL(PyUnstable_Code_SetExtra),
    SYMBOL(PyUnstable_Eval_RequestCodeExtraIndex),
};

static char program; /* its address is the one handle */

/* musl's dlerror() shows what this was given. */
extern void __dl_seterr(const char *format, ...);

void *dlopen(const char *file, int mode)
{
    (void)mode;
    if (file == NULL || *file == '\0') {
        return &program;
    }
    __dl_seterr("%s: this build links no libraries at run time; CDLL(None) has C's own functions", file);
    return NULL;
}

void *dlsym(void *restrict handle, const char *restrict name)
{
    (void)handle;
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (strcmp(symbols[i].name, name) == 0) {
            return (void *)symbols[i].address;
        }
    }
    __dl_seterr("undefined symbol: %s (a static build offers a fixed list: polyfills/dl)", name);
    return NULL;
}

int dlclose(void *handle)
{
    (void)handle;
    return 0;
}
