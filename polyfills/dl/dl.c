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
