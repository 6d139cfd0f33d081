/* http.c - Python's door to fetch.
 *
 * Functions of the builtin module _sospeso_core (runtime/api/start.c adds
 * this table to it) for polyfills/http/http_fetch.py: start a request, get its
 * response as a file descriptor, and find what a relative address means. The descriptor is a device of
 * polyfills/stdio, so os.read() waits on it and os.close() aborts the request;
 * the requests themselves are made in polyfills/http/http.ts.
 */
#include "http.h"

#include "../../jspi/jspi.h"

#include <Python.h>
#include <errno.h>
#include <stdint.h>

#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

/* A descriptor, or a negative errno. Both buffers are copied. */
IMPORT(http_open)
extern int host_http_open(const char *request, size_t request_size,
                          const char *body, size_t body_size);
/* Why the response failed, as JSON; its full length (0: it did not fail), of
 * which at most `capacity` bytes are stored. */
IMPORT(http_error) extern size_t host_http_error(int fd, char *buffer, size_t capacity);
/* The whole address for one that is relative to the page's or worker's: its full
 * length in UTF-8, of which at most `capacity` bytes are stored; 0: nothing here
 * has an address that http could reach. */
IMPORT(http_absolute)
extern size_t host_http_absolute(const char *address, size_t address_size,
                                 char *buffer, size_t capacity);
/* 0, or an errno. */
IMPORT(http_timeout) extern int host_http_timeout(int fd, double milliseconds);

static PyObject *http_open(PyObject *module, PyObject *args)
{
    (void)module;
    const char *request;
    Py_ssize_t request_size;
    Py_buffer body;
    if (!PyArg_ParseTuple(args, "s#y*:http_open", &request, &request_size, &body)) {
        return NULL;
    }
    int fd = -1;
    /* Asked before the request goes out: a POST must not be sent by a call that
     * can only fail. */
    if (!sospeso_can_wait()) {
        PyErr_SetString(PyExc_RuntimeError, sospeso_cannot_wait_reason());
    }
    else {
        fd = host_http_open(request, (size_t)request_size, body.buf, (size_t)body.len);
        if (fd < 0) {
            errno = -fd;
            PyErr_SetFromErrno(PyExc_OSError);
        }
    }
    PyBuffer_Release(&body);
    return fd < 0 ? NULL : PyLong_FromLong(fd);
}

static PyObject *http_error(PyObject *module, PyObject *args)
{
    (void)module;
    int fd;
    if (!PyArg_ParseTuple(args, "i:http_error", &fd)) {
        return NULL;
    }
    char small[512];
    size_t size = host_http_error(fd, small, sizeof small);
    if (size == 0) {
        Py_RETURN_NONE;
    }
    if (size <= sizeof small) {
        return PyUnicode_DecodeUTF8(small, (Py_ssize_t)size, "replace");
    }
    char *large = PyMem_Malloc(size);
    if (large == NULL) {
        return PyErr_NoMemory();
    }
    host_http_error(fd, large, size);
    PyObject *text = PyUnicode_DecodeUTF8(large, (Py_ssize_t)size, "replace");
    PyMem_Free(large);
    return text;
}

static PyObject *http_absolute(PyObject *module, PyObject *args)
{
    (void)module;
    const char *address;
    Py_ssize_t address_size;
    if (!PyArg_ParseTuple(args, "s#:http_absolute", &address, &address_size)) {
        return NULL;
    }
    char small[512];
    size_t size = host_http_absolute(address, (size_t)address_size, small, sizeof small);
    if (size == 0) {
        Py_RETURN_NONE;
    }
    if (size <= sizeof small) {
        return PyUnicode_DecodeUTF8(small, (Py_ssize_t)size, "replace");
    }
    char *large = PyMem_Malloc(size);
    if (large == NULL) {
        return PyErr_NoMemory();
    }
    /* No Python and no JavaScript of the page ran since the first call, so the
     * answer is the same. */
    host_http_absolute(address, (size_t)address_size, large, size);
    PyObject *text = PyUnicode_DecodeUTF8(large, (Py_ssize_t)size, "replace");
    PyMem_Free(large);
    return text;
}

static PyObject *http_timeout(PyObject *module, PyObject *args)
{
    (void)module;
    int fd;
    double milliseconds;
    if (!PyArg_ParseTuple(args, "id:http_timeout", &fd, &milliseconds)) {
        return NULL;
    }
    int error = host_http_timeout(fd, milliseconds);
    if (error != 0) {
        errno = error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

PyMethodDef sospeso_http_methods[] = {
    {"http_open", http_open, METH_VARARGS,
     "http_open(request_json, body) -> fd of the raw HTTP/1.1 response.\n"
     "request_json: {method, url, headers: [[name, value]], timeout_ms (< 0: none)}.\n"
     "RuntimeError, and nothing is sent, when this stack cannot wait."},
    {"http_error", http_error, METH_VARARGS,
     "http_error(fd) -> why reading fd failed, as JSON {kind, code, message}, or None."},
    {"http_absolute", http_absolute, METH_VARARGS,
     "http_absolute(address) -> the whole address for one that is relative to this page's or\n"
     "worker's, by the rules of fetch; None where neither has an http or https address.\n"
     "What makes no address comes back as it is."},
    {"http_timeout", http_timeout, METH_VARARGS,
     "http_timeout(fd, milliseconds): how long each read may wait; < 0 for ever."},
    {NULL, NULL, 0, NULL},
};
