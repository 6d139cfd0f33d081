/* js_proxy.h - JavaScript values as Python objects: what the js_*.c files share.
 *
 * What a JsProxy is made of is in ffi/bridge/js_object.h. Here are the slots and
 * methods of its classes, which js_types.c puts together: one class per
 * combination of abilities, made when it is first met. Included by js_*.c and by
 * ffi/ffi_module.c.
 */
#ifndef SOSPESO_JS_PROXY_H
#define SOSPESO_JS_PROXY_H

#include "../bridge/js_object.h"

/* ---- the classes (js_types.c) ---------------------------------------------- */

/* Say how classes are made. To be called before Python starts. */
void sospeso_js_types_begin(void);
/* The public classes, such as JsArray, as attributes of the module. */
int sospeso_js_types_exec(PyObject *module);

/* A class of ours with its abilities: to be a subclass of it takes all of these, or one of them. NULL for the
 * bases is object (js_classes.c). */
#define SOSPESO_JS_ALL_OF 1
#define SOSPESO_JS_ONE_OF 2
PyObject *sospeso_js_class(PyType_Spec *spec, PyObject *bases, unsigned kind, int way);

/* ---- attributes and the rest (js_proxy.c, js_methods.c) -------------------- */

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
extern PyMethodDef sospeso_js_object_class_methods[];
extern PyMethodDef sospeso_js_json_class_methods[];
extern PyGetSetDef sospeso_js_proxy_class_getset[];

/* ---- calls (js_call.c) ------------------------------------------------------ */

PyObject *sospeso_js_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                                PyObject *kwnames);
PyObject *sospeso_js_descr_get(PyObject *self, PyObject *object, PyObject *type);
extern PyMethodDef sospeso_js_callable_class_methods[];
/* Functions of the module `_sospeso_ffi` (js_call.c, js_modules.c). */
extern PyMethodDef sospeso_js_call_methods[];
extern PyMethodDef sospeso_js_module_methods[];
extern PyMethodDef sospeso_js_double_class_methods[];

/* ---- items and iteration (js_items.c, js_arrays.c, js_maps.c) ----------------- */

Py_ssize_t sospeso_js_length(PyObject *self);
/* The kind of a view of an object: JS_HEREDITARY, or that of as_py_json(); the kind itself where there is
 * no such view. */
unsigned sospeso_js_adaptor_kind(unsigned kind, unsigned how);
/* An item of such a view is one, too. Takes the value over. */
PyObject *sospeso_js_inherit(PyObject *self, PyObject *value);
int sospeso_js_contains(PyObject *self, PyObject *item);
PyObject *sospeso_js_iter(PyObject *self);
PyObject *sospeso_js_iternext(PyObject *self);
PyObject *sospeso_js_array_subscript(PyObject *self, PyObject *key);
PyObject *sospeso_js_array_item(PyObject *self, Py_ssize_t index);
int sospeso_js_array_ass_subscript(PyObject *self, PyObject *key, PyObject *value);
int sospeso_js_array_ass_item(PyObject *self, Py_ssize_t index, PyObject *value);
PyObject *sospeso_js_array_concat(PyObject *self, PyObject *other);
PyObject *sospeso_js_array_inplace_concat(PyObject *self, PyObject *other);
PyObject *sospeso_js_array_repeat(PyObject *self, Py_ssize_t times);
PyObject *sospeso_js_array_inplace_repeat(PyObject *self, Py_ssize_t times);
PyObject *sospeso_js_map_subscript(PyObject *self, PyObject *key);
int sospeso_js_map_ass_subscript(PyObject *self, PyObject *key, PyObject *value);
extern PyMethodDef sospeso_js_array_class_methods[];
extern PyMethodDef sospeso_js_typed_array_class_methods[];
extern PyMethodDef sospeso_js_sequence_class_methods[];
extern PyMethodDef sospeso_js_map_class_methods[];
extern PyMethodDef sospeso_js_mutable_map_class_methods[];
extern PyMethodDef sospeso_js_iterator_class_methods[];
extern PyMethodDef sospeso_js_generator_class_methods[];

#endif
