/* http.h - the functions of http.c, for whoever makes a module of them
 * (runtime/api/start.c).
 */
#ifndef SOSPESO_HTTP_H
#define SOSPESO_HTTP_H

#include <Python.h>

/* Functions of the builtin module _sospeso_core. */
extern PyMethodDef sospeso_http_methods[];

#endif
