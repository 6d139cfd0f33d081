/* js_proxy.h - JavaScript values as Python objects: what the files about them share.
 *
 * A JsProxy is a Python object that owns one handle. Its class depends on what
 * the value can do (the kind, found out by ffi/js_in_py/js_proxy.ts with the same bits):
 * js_types.c makes one class per combination of bits when it is first met.
 * Included by js_*.c, errors.c, run_sync.c, and by files that make or unpack
 * proxies of a kind of their own.
 *
 * Invariants
 *  1. Only objects whose tp_dealloc is one of the two below have a js_part:
 *     classes that Python code derives from JsProxy do not. Ask sospeso_js_part().
 *  2. A proxy owns its handle from its making to its end.
 */
#ifndef SOSPESO_JS_PROXY_H
#define SOSPESO_JS_PROXY_H

#include "../../jspi/task.h"
#include "../bridge/bridge.h"

/* What a value can do; ffi/js_in_py/js_proxy.ts has the same numbers. */
enum {
    JS_CALLABLE = 1 << 0,
    JS_PROMISE = 1 << 1, /* has then() */
    JS_ITERABLE = 1 << 2,
    JS_ITERATOR = 1 << 3,
    JS_GENERATOR = 1 << 4, /* an iterator with return() and throw() */
    JS_ASYNC_ITERABLE = 1 << 5,
    JS_ASYNC_ITERATOR = 1 << 6,
    JS_ASYNC_GENERATOR = 1 << 7,
    JS_LENGTH = 1 << 8, /* length or size is a number */
    JS_GET = 1 << 9,    /* get() */
    JS_SET = 1 << 10,   /* set() */
    JS_HAS = 1 << 11,   /* has() or includes() */
    JS_DELETE = 1 << 12,
    JS_ARRAY = 1 << 13,
    JS_ARRAY_LIKE = 1 << 14, /* NodeList and the like: an index, no methods of Array */
    JS_TYPED_ARRAY = 1 << 15,
    JS_BUFFER = 1 << 16, /* ArrayBuffer or a view of one */
    JS_ERROR = 1 << 17,
    JS_DISPOSABLE = 1 << 18,
    JS_ASYNC_DISPOSABLE = 1 << 19,
    JS_DOUBLE = 1 << 20, /* made by create_proxy(): a PyProxy */
    JS_ONCE = 1 << 21,   /* made by create_once_callable() */
    JS_WEAK_REF = 1 << 22,
    JS_DOM = 1 << 23,
    JS_RESPONSE = 1 << 24, /* of fetch() */
    JS_OBJECT_MAP = 1 << 25, /* as_object_map(): items are the object's own properties */
    JS_HEREDITARY = 1 << 26  /* as_object_map(hereditary=True): what the items are, too */
};

#define JS_MAP (JS_GET | JS_LENGTH | JS_ITERABLE)
#define JS_MUTABLE_MAP (JS_MAP | JS_SET | JS_HAS | JS_DELETE)

typedef struct {
    int handle;
    unsigned kind;
    PyObject *receiver; /* `this` of calls: a JsProxy, or NULL */
    PyObject *names;    /* dict of __dunder__ attributes that Python set, or NULL */
    PyObject *signature; /* of bind_sig(): a Binding of ffi/js_in_py/jsbind.py, or NULL */
} js_part;

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *weakrefs;
    js_part js;
} js_proxy;

/* Errors are exceptions too, so that Python can raise them. */
typedef struct {
    PyBaseExceptionObject exception;
    PyObject *weakrefs;
    js_part js;
} js_exception;

void sospeso_js_dealloc(PyObject *self);
void sospeso_js_exception_dealloc(PyObject *self);

/* The proxy's own part, or NULL (no exception) for any other object. */
static inline js_part *sospeso_js_part(PyObject *self)
{
    destructor dealloc = Py_TYPE(self)->tp_dealloc;
    if (dealloc == sospeso_js_dealloc) {
        return &((js_proxy *)self)->js;
    }
    return dealloc == sospeso_js_exception_dealloc ? &((js_exception *)self)->js : NULL;
}

/* The same, with TypeError. */
js_part *sospeso_js_self(PyObject *self);

/* A proxy of a function that is called with `receiver` as `this`. Owns the
 * handle; borrows the receiver. */
PyObject *sospeso_js_bound_new(int handle, unsigned kind, PyObject *receiver);

/* Another proxy of the same value, as if the value were of another kind. */
PyObject *sospeso_js_again(PyObject *self, unsigned kind);

/* A JsException that owns the handle of whatever was thrown. */
PyObject *sospeso_js_exception_new(int handle, unsigned kind);

/* ---- the classes (js_types.c) ---------------------------------------------- */

/* The class for a kind. Borrowed; NULL with an exception. */
PyTypeObject *sospeso_js_type(unsigned kind);
/* The public classes, such as JsArray, as attributes of the module. */
int sospeso_js_types_exec(PyObject *module);
/* Make the base classes if that has not happened yet. */
int sospeso_js_types_ready(void);
extern PyObject *sospeso_js_exception_type; /* JsException, once ready */
extern PyTypeObject *sospeso_js_bigint_type; /* JsBigInt, once ready */

/* ---- attributes and the rest (js_proxy.c, js_methods.c) -------------------- */

/* Operations that need no import of their own; ffi/js_in_py/js_ops.ts has the same numbers. */
enum {
    JS_OP_TEXT = 0,    /* String(value) */
    JS_OP_TYPEOF,
    JS_OP_ID,
    JS_OP_DIR,
    JS_OP_LENGTH,
    JS_OP_TRUTH,
    JS_OP_ITER,        /* value[Symbol.iterator]() */
    JS_OP_ASYNC_ITER,
    JS_OP_KEYS,        /* Object.keys() */
    JS_OP_VALUES,
    JS_OP_ENTRIES,
    JS_OP_WEAK_REF,
    JS_OP_MAP_GET,     /* key; 1: there is none */
    JS_OP_MAP_SET,     /* key, value */
    JS_OP_MAP_DELETE,  /* key; 1: there was none */
    JS_OP_MAP_HAS,     /* key */
    JS_OP_MAP_KEYS,    /* an iterator */
    JS_OP_MAP_CLEAR,
    JS_OP_OWN_GET,     /* as_object_map(): key, hereditary */
    JS_OP_OWN_SET,
    JS_OP_OWN_DELETE,
    JS_OP_OWN_HAS,
    JS_OP_OWN_KEYS,
    JS_OP_OWN_LENGTH,
    JS_OP_ARRAY_SET,   /* index, value */
    JS_OP_ARRAY_DELETE, /* start, stop, step, count */
    JS_OP_ARRAY_SLICE, /* start, step, count */
    JS_OP_ARRAY_SPLICE, /* start, count of deleted, array of new items */
    JS_OP_ARRAY_ASSIGN, /* start, step, array of new items */
    JS_OP_ARRAY_PUSH,  /* value */
    JS_OP_ARRAY_INDEX, /* value, start, stop; 1: not found */
    JS_OP_ARRAY_COUNT, /* value */
    JS_OP_ARRAY_REVERSE,
    JS_OP_ARRAY_CONCAT, /* array */
    JS_OP_ARRAY_REPEAT, /* times */
    JS_OP_ARRAY_NEW,   /* an empty one */
    JS_OP_SEND,        /* generators: value; 1: it returned the result */
    JS_OP_THROW,       /* error; 1: as above */
    JS_OP_RETURN,      /* value; 1: as above */
    JS_OP_DISPOSE,
    JS_OP_ASYNC_DISPOSE,
    JS_OP_CAUSE,       /* of an error; 1: it has none */
    JS_OP_THEN,        /* on_fulfilled, on_rejected */
    JS_OP_FINALLY,     /* callback */
    JS_OP_ASYNC_NEXT,  /* method (0 next, 1 throw, 2 return), value */
    JS_OP_ERROR,       /* the value, as what a JsException holds; no self */
    JS_OP_SELF,        /* the value itself, with a handle of its own */
    JS_OP_MOST
};

/* Do it: 0, 1 (see above), or -1 with an exception. The result is in *result;
 * the caller takes what it owns with sospeso_from_slot(). */
int sospeso_js_op(int op, PyObject *self, PyObject *const *args, int count, sospeso_slot *result);

/* Do it and give the result as an object; 1 counts as success. */
PyObject *sospeso_js_op_object(int op, PyObject *self, PyObject *const *args, int count);

/* Number of a property name, to be used in the import that follows at once; -1
 * with an exception. */
int sospeso_js_name(PyObject *name);

/* Slots of the classes. */
PyObject *sospeso_js_getattro(PyObject *self, PyObject *name);
int sospeso_js_setattro(PyObject *self, PyObject *name, PyObject *value);
PyObject *sospeso_js_repr(PyObject *self);
PyObject *sospeso_js_richcompare(PyObject *self, PyObject *other, int op);
Py_hash_t sospeso_js_hash(PyObject *self);
int sospeso_js_bool(PyObject *self);
extern PyMethodDef sospeso_js_proxy_class_methods[];
extern PyGetSetDef sospeso_js_proxy_class_getset[];

/* ---- calls (js_call.c) ------------------------------------------------------ */

PyObject *sospeso_js_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                                PyObject *kwnames);
extern PyMethodDef sospeso_js_callable_class_methods[];
/* Functions of the module `_sospeso_ffi`; the second is of values.c. */
extern PyMethodDef sospeso_js_call_methods[];
PyObject *sospeso_as_js_json(PyObject *module, PyObject *object);
extern PyMethodDef sospeso_js_double_class_methods[];

/* ---- items and iteration (js_items.c) --------------------------------------- */

Py_ssize_t sospeso_js_length(PyObject *self);
/* An item of a proxy of the kind JS_HEREDITARY, which is of that kind, too. Takes
 * the value over. */
PyObject *sospeso_js_inherit(PyObject *self, PyObject *value);
int sospeso_js_contains(PyObject *self, PyObject *item);
PyObject *sospeso_js_iter(PyObject *self);
PyObject *sospeso_js_iternext(PyObject *self);
PyObject *sospeso_js_array_subscript(PyObject *self, PyObject *key);
PyObject *sospeso_js_array_item(PyObject *self, Py_ssize_t index);
int sospeso_js_array_ass_subscript(PyObject *self, PyObject *key, PyObject *value);
PyObject *sospeso_js_array_concat(PyObject *self, PyObject *other);
PyObject *sospeso_js_array_inplace_concat(PyObject *self, PyObject *other);
PyObject *sospeso_js_array_repeat(PyObject *self, Py_ssize_t times);
PyObject *sospeso_js_array_inplace_repeat(PyObject *self, Py_ssize_t times);
PyObject *sospeso_js_map_subscript(PyObject *self, PyObject *key);
int sospeso_js_map_ass_subscript(PyObject *self, PyObject *key, PyObject *value);
extern PyMethodDef sospeso_js_array_class_methods[];
extern PyMethodDef sospeso_js_typed_array_class_methods[];
extern PyMethodDef sospeso_js_map_class_methods[];
extern PyMethodDef sospeso_js_mutable_map_class_methods[];
extern PyMethodDef sospeso_js_generator_class_methods[];

/* ---- promises and asynchronous iteration (run_sync.c) ------------------------ */

PyObject *sospeso_js_await(PyObject *self);
PyObject *sospeso_js_aiter(PyObject *self);
PyObject *sospeso_js_anext(PyObject *self);
extern PyMethodDef sospeso_js_promise_class_methods[];
extern PyMethodDef sospeso_js_async_generator_class_methods[];
extern PyMethodDef sospeso_js_disposable_class_methods[];
extern PyMethodDef sospeso_js_async_disposable_class_methods[];
extern PyMethodDef sospeso_run_sync_methods[];

/* ---- errors (errors.c) -------------------------------------------------------- */

PyObject *sospeso_js_exception_make(PyTypeObject *type, PyObject *args, PyObject *kwargs);
/* Forget the exceptions kept for the outer call: when no call is under way. */
void sospeso_forget_errors(void);
extern int sospeso_errors_kept;
/* Why a stack with JavaScript on it cannot wait, by the innermost outgoing call. */
const char *sospeso_describe_outgoing(void);

/* ---- outgoing calls ------------------------------------------------------------ */

/* Units of C recursion that one way through JavaScript takes: its frames are
 * larger than those of C, and an engine that runs out of stack in wasm unwinds
 * it without asking (jspi/jspi.h, sospeso_c_recursion_limit). */
#define SOSPESO_CROSSING_UNITS 4

/* -1 with RecursionError when there is no room for what the call may lead to. */
static inline int sospeso_enter_crossing(PyThreadState *state)
{
    if (state->c_recursion_remaining > SOSPESO_CROSSING_UNITS) {
        state->c_recursion_remaining -= SOSPESO_CROSSING_UNITS;
        return 0;
    }
    PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded on the way to JavaScript");
    return -1;
}

static inline void sospeso_leave_crossing(PyThreadState *state)
{
    state->c_recursion_remaining += SOSPESO_CROSSING_UNITS;
}

static inline void sospeso_push_outgoing(sospeso_outgoing *call, int function, int receiver,
                                         const char *what)
{
    call->function = function;
    call->receiver = receiver;
    call->what = what;
    call->below = sospeso_outgoing_top;
    sospeso_outgoing_top = call;
    sospeso_hand_over_output();
}

static inline void sospeso_pop_outgoing(const sospeso_outgoing *call)
{
    sospeso_outgoing_top = call->below;
    if (sospeso_errors_kept && call->below == NULL) {
        sospeso_forget_errors();
    }
}

#endif
