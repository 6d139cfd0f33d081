/* core_methods.h - the functions of core_methods.c, for whoever makes a module of them
 * (runtime/api/start.c).
 */
#ifndef SOSPESO_CORE_METHODS_H
#define SOSPESO_CORE_METHODS_H

#include <Python.h>

/* Functions of the builtin module _sospeso_core. */
extern PyMethodDef sospeso_core_methods[];

#endif
