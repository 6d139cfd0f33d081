/* buffers.c - blocks of memory in both directions.
 *
 * A Python object with a buffer shows its memory to JavaScript without a copy
 * (PyProxy.getBuffer(), ffi/convert/buffers.ts); a typed array, DataView or ArrayBuffer
 * is copied from and to Python by the methods here, which js_proxy.c gives to
 * the class of such objects. Its memory is not ours, so Python cannot have a
 * view of it.
 *
 * Invariants
 *  1. While JavaScript holds a view, the Python object is exported: it cannot be
 *     resized or freed until sospeso_buffer_release().
 *  2. The size of a JavaScript buffer is asked for just before each copy, and
 *     the import checks it again: it may be detached or resized at any time.
 */
#include "convert.h"

#include "../bridge/js_object.h"

#include <stdlib.h>

int sospeso_buffer_type(const char *format, int *swapped)
{
    *swapped = 0;
    if (format == NULL) {
        return BUFFER_U8;
    }
    if (*format == '>' || *format == '!') {
        *swapped = 1;
        format++;
    }
    else if (*format == '@' || *format == '=' || *format == '<') {
        format++;
    }
    if (format[0] == '\0' || format[1] != '\0') {
        return BUFFER_UNKNOWN; /* a struct */
    }
    switch (*format) {
    case 'b':
        *swapped = 0;
        return BUFFER_I8;
    case 'B':
    case 'c':
    case '?':
    case 's':
    case 'p':
        *swapped = 0;
        return BUFFER_U8;
    case 'h':
        return BUFFER_I16;
    case 'H':
        return BUFFER_U16;
    case 'i':
    case 'l':
    case 'n':
        return BUFFER_I32;
    case 'I':
    case 'L':
    case 'N':
    case 'P':
    case 'u':
    case 'w':
        return BUFFER_U32;
    case 'q':
        return BUFFER_I64;
    case 'Q':
        return BUFFER_U64;
    case 'f':
        return BUFFER_F32;
    case 'd':
        return BUFFER_F64;
    case 'e':
        return BUFFER_F16;
    default:
        return BUFFER_UNKNOWN;
    }
}

/* ---- Python's memory for JavaScript -------------------------------------------- */

/* Read by ffi/convert/buffers.ts; pointers are addresses. */
typedef struct {
    const void *data;
    int32_t length; /* bytes */
    int32_t readonly;
    int32_t itemsize;
    int32_t dimensions;
    int32_t type; /* BUFFER_UNKNOWN for structs */
    int32_t swapped;
    int32_t c_contiguous;
    int32_t f_contiguous;
    const char *format; /* with an end mark */
    const Py_ssize_t *shape;
    const Py_ssize_t *strides; /* bytes */
    int32_t indirect;          /* there are suboffsets */
    Py_buffer view;
} exported_buffer;

SOSPESO_AT(exported_buffer, data, EXPORTED_DATA);
SOSPESO_AT(exported_buffer, length, EXPORTED_LENGTH);
SOSPESO_AT(exported_buffer, readonly, EXPORTED_READONLY);
SOSPESO_AT(exported_buffer, itemsize, EXPORTED_ITEMSIZE);
SOSPESO_AT(exported_buffer, dimensions, EXPORTED_DIMENSIONS);
SOSPESO_AT(exported_buffer, type, EXPORTED_TYPE);
SOSPESO_AT(exported_buffer, swapped, EXPORTED_SWAPPED);
SOSPESO_AT(exported_buffer, c_contiguous, EXPORTED_C_CONTIGUOUS);
SOSPESO_AT(exported_buffer, f_contiguous, EXPORTED_F_CONTIGUOUS);
SOSPESO_AT(exported_buffer, format, EXPORTED_FORMAT);
SOSPESO_AT(exported_buffer, shape, EXPORTED_SHAPE);
SOSPESO_AT(exported_buffer, strides, EXPORTED_STRIDES);
SOSPESO_AT(exported_buffer, indirect, EXPORTED_INDIRECT);

/* 0 with the exception kept. */
EMSCRIPTEN_KEEPALIVE exported_buffer *sospeso_buffer_get(PyObject *object)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    exported_buffer *made = calloc(1, sizeof *made);
    if (made == NULL) {
        PyErr_NoMemory();
    }
    else if (PyObject_GetBuffer(object, &made->view, PyBUF_FULL_RO) < 0) {
        free(made);
        made = NULL;
    }
    else {
        Py_buffer *view = &made->view;
        made->data = view->buf;
        made->length = (int32_t)view->len;
        made->readonly = view->readonly;
        made->itemsize = (int32_t)view->itemsize;
        made->dimensions = view->ndim;
        made->type = sospeso_buffer_type(view->format, &made->swapped);
        made->c_contiguous = PyBuffer_IsContiguous(view, 'C');
        made->f_contiguous = PyBuffer_IsContiguous(view, 'F');
        made->format = view->format == NULL ? "B" : view->format;
        made->shape = view->shape;
        made->strides = view->strides;
        made->indirect = view->suboffsets != NULL;
    }
    if (made == NULL) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return made;
}

EMSCRIPTEN_KEEPALIVE void sospeso_buffer_release(exported_buffer *buffer)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyBuffer_Release(&buffer->view);
    free(buffer);
    sospeso_leave_python(&entry);
}

/* ---- JavaScript's memory for Python ----------------------------------------------- */

static const char *const formats[] = {
    [BUFFER_I8] = "b",  [BUFFER_U8] = "B",  [BUFFER_U8_CLAMPED] = "B", [BUFFER_I16] = "h",
    [BUFFER_U16] = "H", [BUFFER_I32] = "i", [BUFFER_U32] = "I",        [BUFFER_I64] = "q",
    [BUFFER_U64] = "Q", [BUFFER_F32] = "f", [BUFFER_F64] = "d",        [BUFFER_F16] = "e",
};

static PyObject *new_memoryview(Py_ssize_t length, int type, char **data)
{
    PyObject *bytes = PyByteArray_FromStringAndSize(NULL, length);
    if (bytes == NULL) {
        return NULL;
    }
    *data = PyByteArray_AS_STRING(bytes);
    PyObject *view = PyMemoryView_FromObject(bytes);
    Py_DECREF(bytes);
    if (view != NULL && type != BUFFER_U8 && type != BUFFER_U8_CLAMPED) {
        Py_SETREF(view, PyObject_CallMethod(view, "cast", "s", formats[type]));
    }
    return view;
}

/* A memoryview of `length` bytes of its own; where they are is written to *data.
 * A new reference; 0 with the exception kept. */
EMSCRIPTEN_KEEPALIVE PyObject *sospeso_memoryview_new(double length, int type, char **data)
{
    sospeso_entry entry;
    sospeso_enter_python(&entry);
    PyObject *view = NULL;
    if (length > PY_SSIZE_T_MAX) {
        PyErr_Format(PyExc_OverflowError, "a buffer of %lld bytes is too large for Python",
                     (long long)length);
    }
    else {
        view = new_memoryview((Py_ssize_t)length, type, data);
    }
    if (view == NULL) {
        sospeso_keep_error();
    }
    sospeso_leave_python(&entry);
    return view;
}

/* Bytes and element type of a JavaScript buffer. */
typedef struct {
    double length;
    int32_t type;
} js_buffer;

SOSPESO_AT(js_buffer, length, 0);
SOSPESO_AT(js_buffer, type, 2);

SOSPESO_IMPORT(buffer_describe) extern int host_describe(int handle, js_buffer *buffer);
/* Copy `length` bytes out of or into it; -1 when it has another size by now. */
SOSPESO_IMPORT(buffer_read) extern int host_read(int handle, void *to, Py_ssize_t length);
SOSPESO_IMPORT(buffer_write) extern int host_write(int handle, const void *from, Py_ssize_t length);
/* The text in it; the slot holds the encoding, then the text. 1: there is no such encoding, or the bytes are no text
 * in it. */
SOSPESO_IMPORT(buffer_decode) extern int host_decode(int handle, sospeso_slot *slot);

static int describe(PyObject *self, int *handle, js_buffer *buffer)
{
    *handle = sospeso_js_handle(self);
    if (host_describe(*handle, buffer) < 0) {
        sospeso_raise_js_error();
        return -1;
    }
    if (buffer->length > PY_SSIZE_T_MAX) {
        PyErr_Format(PyExc_OverflowError, "a buffer of %lld bytes is too large for Python",
                     (long long)buffer->length);
        return -1;
    }
    return 0;
}

/* The same number of bytes on both sides, and elements of one size if it is a typed array. */
static int check_match(PyObject *self, const Py_buffer *view, const js_buffer *buffer, int is_target)
{
    static const char sizes[] = {
        [BUFFER_I8] = 1, [BUFFER_U8] = 1, [BUFFER_U8_CLAMPED] = 1, [BUFFER_I16] = 2, [BUFFER_U16] = 2, [BUFFER_F16] = 2,
        [BUFFER_I32] = 4, [BUFFER_U32] = 4, [BUFFER_F32] = 4, [BUFFER_I64] = 8, [BUFFER_U64] = 8, [BUFFER_F64] = 8,
    };
    if ((double)view->len != buffer->length) {
        long long length = (long long)buffer->length;
        if (is_target) {
            PyErr_Format(PyExc_ValueError, "cannot assign to TypedArray of length %zd from buffer of length %lld",
                         view->len, length);
        }
        else {
            PyErr_Format(PyExc_ValueError, "cannot assign from TypedArray of length %lld to buffer of length %zd",
                         length, view->len);
        }
        return -1;
    }
    int swapped;
    sospeso_buffer_type(view->format, &swapped);
    if (swapped || (sospeso_js_part(self)->kind & JS_TYPED_ARRAY && view->itemsize != sizes[buffer->type])) {
        PyErr_SetString(PyExc_ValueError, "TypedArray and memorybuffer have incompatible formats");
        return -1;
    }
    return 0;
}

static PyObject *assign(PyObject *self, PyObject *source)
{
    int handle;
    js_buffer buffer;
    Py_buffer view;
    if (PyObject_GetBuffer(source, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) {
        return NULL;
    }
    int status = describe(self, &handle, &buffer);
    if (status == 0) {
        status = check_match(self, &view, &buffer, 1);
    }
    if (status == 0 && host_write(handle, view.buf, view.len) < 0) {
        sospeso_raise_js_error();
        status = -1;
    }
    PyBuffer_Release(&view);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *assign_to(PyObject *self, PyObject *target)
{
    int handle;
    js_buffer buffer;
    Py_buffer view;
    if (PyObject_GetBuffer(target, &view, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE | PyBUF_FORMAT) < 0) {
        return NULL;
    }
    int status = describe(self, &handle, &buffer);
    if (status == 0) {
        status = check_match(self, &view, &buffer, 0);
    }
    if (status == 0 && host_read(handle, view.buf, view.len) < 0) {
        sospeso_raise_js_error();
        status = -1;
    }
    PyBuffer_Release(&view);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *to_memoryview(PyObject *self, PyObject *unused)
{
    (void)unused;
    int handle;
    js_buffer buffer;
    char *data;
    if (describe(self, &handle, &buffer) < 0) {
        return NULL;
    }
    PyObject *view = new_memoryview((Py_ssize_t)buffer.length, buffer.type, &data);
    if (view != NULL && host_read(handle, data, (Py_ssize_t)buffer.length) < 0) {
        Py_DECREF(view);
        return sospeso_raise_js_error();
    }
    return view;
}

static PyObject *to_bytes(PyObject *self, PyObject *unused)
{
    (void)unused;
    int handle;
    js_buffer buffer;
    if (describe(self, &handle, &buffer) < 0) {
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)buffer.length);
    if (bytes != NULL && host_read(handle, PyBytes_AS_STRING(bytes), (Py_ssize_t)buffer.length) < 0) {
        Py_DECREF(bytes);
        return sospeso_raise_js_error();
    }
    return bytes;
}

static PyObject *to_string(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"encoding", NULL};
    PyObject *encoding = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:to_string", names, &encoding)) {
        return NULL;
    }
    if (encoding != Py_None && !PyUnicode_CheckExact(encoding)) {
        PyErr_Format(PyExc_TypeError, "encoding must be a str or None, not %s",
                     Py_TYPE(encoding)->tp_name);
        return NULL;
    }
    sospeso_slot slot;
    PyObject *kept = NULL;
    if (sospeso_to_slot(encoding, &slot, &kept) < 0) {
        return NULL;
    }
    Py_XDECREF(kept);
    int status = host_decode(sospeso_js_handle(self), &slot);
    if (status == 1) {
        PyErr_Format(PyExc_ValueError, "Failed to decode Javascript TypedArray as %s",
                     encoding == Py_None ? "utf8" : PyUnicode_AsUTF8(encoding));
    }
    return status < 0 ? sospeso_raise_js_error() : status == 0 ? sospeso_from_slot(&slot) : NULL;
}

/* The binary file below a text file, else the file itself. A new reference. */
static PyObject *binary_file(PyObject *file)
{
    PyObject *below;
    if (PyObject_GetOptionalAttrString(file, "buffer", &below) < 0) {
        return NULL;
    }
    if (below == NULL) {
        return Py_NewRef(file);
    }
    PyObject *flushed = PyObject_CallMethod(file, "flush", NULL);
    if (flushed == NULL) {
        Py_DECREF(below);
        return NULL;
    }
    Py_DECREF(flushed);
    return below;
}

/* Call write() or readinto() with a view of what is left, until nothing is.
 * 0 at the end of a file, and where it would block. */
static int transfer(PyObject *file, const char *method, PyObject *memory)
{
    Py_ssize_t length = PyObject_Length(memory);
    Py_ssize_t at = 0;
    while (at < length) {
        PyObject *rest = PySequence_GetSlice(memory, at, length);
        if (rest == NULL) {
            return -1;
        }
        PyObject *done = PyObject_CallMethod(file, method, "O", rest);
        Py_DECREF(rest);
        if (done == NULL) {
            return -1;
        }
        Py_ssize_t count = done == Py_None ? 0 : PyNumber_AsSsize_t(done, PyExc_OverflowError);
        Py_DECREF(done);
        if (count < 0 && PyErr_Occurred()) {
            return -1;
        }
        if (count <= 0 || count > length - at) {
            break;
        }
        at += count;
    }
    return 0;
}

static PyObject *to_file(PyObject *self, PyObject *file)
{
    PyObject *bytes = to_bytes(self, NULL);
    PyObject *memory = bytes == NULL ? NULL : PyMemoryView_FromObject(bytes);
    PyObject *binary = memory == NULL ? NULL : binary_file(file);
    int status = binary == NULL ? -1 : transfer(binary, "write", memory);
    Py_XDECREF(binary);
    Py_XDECREF(memory);
    Py_XDECREF(bytes);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

/* What the file has less than the buffer leaves the rest of it as it was. */
static PyObject *from_file(PyObject *self, PyObject *file)
{
    PyObject *memory = to_memoryview(self, NULL);
    if (memory != NULL && strcmp(PyMemoryView_GET_BUFFER(memory)->format, "B") != 0) {
        Py_SETREF(memory, PyObject_CallMethod(memory, "cast", "s", "B"));
    }
    PyObject *binary = memory == NULL ? NULL : binary_file(file);
    int status = binary == NULL ? -1 : transfer(binary, "readinto", memory);
    Py_buffer view;
    if (status == 0 && (status = PyObject_GetBuffer(memory, &view, PyBUF_SIMPLE)) == 0) {
        if ((status = host_write(sospeso_js_handle(self), view.buf, view.len)) < 0) {
            sospeso_raise_js_error();
        }
        PyBuffer_Release(&view);
    }
    Py_XDECREF(binary);
    Py_XDECREF(memory);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

PyMethodDef sospeso_js_buffer_class_methods[] = {
    {"assign", assign, METH_O,
     PyDoc_STR("assign(source, /)\n--\n\nCopy a Python buffer of the same size into this one.")},
    {"assign_to", assign_to, METH_O,
     PyDoc_STR("assign_to(target, /)\n--\n\nCopy this into a writable Python buffer of the same size.")},
    {"to_memoryview", to_memoryview, METH_NOARGS,
     PyDoc_STR("to_memoryview()\n--\n\nA memoryview of a copy, with the same type of elements.")},
    {"to_bytes", to_bytes, METH_NOARGS, PyDoc_STR("to_bytes()\n--\n\nA copy as bytes.")},
    {"to_string", (PyCFunction)(void (*)(void))to_string, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("to_string(encoding=None)\n--\n\n"
               "The text in it; encoding is a label of the Encoding Standard, default utf-8.\n"
               "Raises ValueError when the bytes are not such text.")},
    {"to_file", to_file, METH_O,
     PyDoc_STR("to_file(file, /)\n--\n\nWrite all of it to a file at its position.")},
    {"from_file", from_file, METH_O,
     PyDoc_STR("from_file(file, /)\n--\n\nFill it from a file at its position.")},
    {"_into_file", to_file, METH_O, PyDoc_STR("_into_file(file, /)\n--\n\nAs to_file().")},
    {NULL, NULL, 0, NULL},
};

PyMethodDef sospeso_buffer_methods[] = {
    {NULL, NULL, 0, NULL},
};
