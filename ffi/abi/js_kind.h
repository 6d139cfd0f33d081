/* js_kind.h - what a JavaScript value can do, as bits: the kind.
 *
 * ffi/abi/js_kind.ts finds it out and has the same numbers; a SLOT_JS towards
 * Python carries it in `length`, and a proxy's class depends on it. Included
 * through ffi/bridge/js_object.h.
 */
#ifndef SOSPESO_JS_KIND_H
#define SOSPESO_JS_KIND_H

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

#endif
