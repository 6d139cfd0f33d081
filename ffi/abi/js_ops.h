/* js_ops.h - numbers of the operations on JavaScript values that need no import of
 * their own.
 *
 * ffi/js_in_py/js_ops.ts has the same, in the same order. Behind some of them stand
 * their arguments and what their status 1 means (0 is success). Included through
 * ffi/bridge/js_object.h.
 */
#ifndef SOSPESO_JS_OPS_H
#define SOSPESO_JS_OPS_H

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

#endif
