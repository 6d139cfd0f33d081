/* others: methods, a getter and a setter that are declared with other parameters, or give something else, than
 * CPython calls them for: a processor does not mind. The few declarations stand for <Python.h>. */
typedef struct object PyObject;

extern PyObject *PyLong_FromLong(long value);
extern PyObject *PyType_FromSpec(void *spec);
extern PyObject *PyModuleDef_Init(void *definition);
extern int PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *value);

static int set_times;

static PyObject *get_with_nothing(void)
{
    return PyLong_FromLong(set_times);
}

static int set_with_self(PyObject *self)
{
    (void)self;
    set_times++;
    return 0;
}

static PyObject *one(PyObject *self)
{
    (void)self;
    return PyLong_FromLong(1);
}

static PyObject *two(PyObject *self, PyObject *arguments)
{
    (void)self, (void)arguments;
    return PyLong_FromLong(2);
}

static PyObject *many(PyObject *self, PyObject *argument, PyObject *third, double fourth, float fifth)
{
    (void)self;
    return PyLong_FromLong(argument != 0 && third == 0 && fourth == 0 && fifth == 0 ? 3 : -1);
}

static void nothing(PyObject *self)
{
    (void)self;
}

static long long wide(PyObject *self)
{
    (void)self;
    return (long)PyLong_FromLong(5);
}

struct method {
    const char *name;
    void *function;
    int flags;
    const char *doc;
};
static struct method methods[] = {
    {"fast", (void *)one, 0x80 /* METH_FASTCALL */, 0},
    {"fast_keywords", (void *)two, 0x80 | 2 /* METH_KEYWORDS */, 0},
    {"keywords", (void *)two, 1 | 2 /* METH_VARARGS */, 0},
    {"varargs", (void *)one, 1, 0},
    {"no_arguments", (void *)one, 4 /* METH_NOARGS */, 0},
    {"many", (void *)many, 8 /* METH_O */, 0},
    {"of_class", (void *)one, 4 | 0x10 /* METH_CLASS */, 0},
    {"of_nobody", (void *)one, 1 | 0x20 /* METH_STATIC */, 0},
    {"nothing", (void *)nothing, 4, 0},
    {"defining", (void *)one, 0x80 | 2 | 0x200 /* METH_METHOD */, 0},
    {0},
};
struct getset {
    const char *name;
    void *get, *set;
    const char *doc;
    void *closure;
};
static struct getset getsets[] = {
    {"counted", (void *)get_with_nothing, (void *)set_with_self, 0, 0},
    {"wide", (void *)wide, 0, 0, 0},
    {0},
};

struct slot {
    int slot;
    void *function;
};
static struct slot slots[] = {
    {64 /* tp_methods */, methods},
    {73 /* tp_getset */, getsets},
    {0},
};
static struct {
    const char *name;
    int size, item_size;
    unsigned flags;
    struct slot *slots;
} spec = {"others.Odd", 8, 0, 1 << 18 /* Py_TPFLAGS_DEFAULT */, slots};

static int execute(PyObject *module)
{
    return PyModule_AddObjectRef(module, "Odd", PyType_FromSpec(&spec));
}

static struct slot module_slots[] = {{2 /* Py_mod_exec */, (void *)execute}, {0}};
static struct {
    long base[5];
    const char *name, *doc;
    long size;
    struct method *methods;
    void *slots, *traverse, *clear, *free;
} definition = {.base = {1}, .name = "others", .slots = module_slots};

PyObject *PyInit_others(void)
{
    return PyModuleDef_Init(&definition);
}
