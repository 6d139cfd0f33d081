/* extension: a module of Python whose functions take fewer parameters than they are called with, and
 * one that calls Python back. The few declarations stand for <Python.h>. */
typedef struct object PyObject;

extern PyObject *PyLong_FromLong(long value);
extern long PyLong_AsLong(PyObject *number);
extern PyObject *PyObject_CallNoArgs(PyObject *callable);
extern PyObject *PyModule_Create2(void *definition, int version);

struct method {
    const char *name;
    void *function;
    int flags;
    const char *doc;
};

struct definition {
    long base[5];
    const char *name, *doc;
    long size;
    struct method *methods;
    void *slots, *traverse, *clear, *free;
};

static PyObject *no_parameter(void)
{
    return PyLong_FromLong(40);
}

static PyObject *one_parameter(PyObject *self)
{
    return self == 0 ? 0 : PyLong_FromLong(41);
}

static PyObject *call(PyObject *self, PyObject *callable)
{
    (void)self;
    return PyObject_CallNoArgs(callable);
}

/* Without ctypes, whose calls pass JavaScript. */
static PyObject *call_address(PyObject *self, PyObject *address)
{
    (void)self;
    return PyLong_FromLong(((int (*)(void))PyLong_AsLong(address))());
}

static struct method methods[] = {
    {"no_parameter", (void *)no_parameter, 4 /* METH_NOARGS */, 0},
    {"one_parameter", (void *)one_parameter, 2 | 1 /* METH_KEYWORDS, METH_VARARGS */, 0},
    {"call", (void *)call, 8 /* METH_O */, 0},
    {"call_address", (void *)call_address, 8, 0},
    {0},
};
static struct definition definition = {.base = {1}, .name = "extension", .size = -1, .methods = methods};

PyObject *PyInit_extension(void)
{
    return PyModule_Create2(&definition, 1013);
}
