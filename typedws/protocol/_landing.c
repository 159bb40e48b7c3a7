/* Where the payload of a large message lands: bytes that are handed to the operating system to read into, so that
 * nothing is copied afterwards. Up to a megabyte they take what the peer has announced, once more than a header has
 * arrived, and from there on they grow with what has. */

#include "_framing.h"

#define BEFORE_ANYTHING ((Py_ssize_t)16 * 1024)
#define SMALL_CHANGE ((Py_ssize_t)1024 * 1024)

typedef struct {
    PyObject_HEAD
    PyObject *payload;  /* bytes of which this object has the only reference, until `finish` */
    Py_ssize_t length;  /* as announced */
    Py_ssize_t filled;
    int masked;
    unsigned char key[4];
} Landing;

static int
landing_init(Landing *self, PyObject *args, PyObject *Py_UNUSED(keywords))
{
    PyObject *key;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "nO:Landing", &length, &key)) {
        return -1;
    }
    if (length < 1) {
        PyErr_SetString(PyExc_ValueError, "there is nothing to land");
        return -1;
    }
    self->masked = key != Py_None;
    if (self->masked) {
        if (!PyBytes_Check(key) || PyBytes_GET_SIZE(key) != 4) {
            PyErr_SetString(PyExc_ValueError, "a masking key has four bytes");
            return -1;
        }
        memcpy(self->key, PyBytes_AS_STRING(key), 4);
    }
    self->length = length;
    self->filled = 0;
    Py_XSETREF(self->payload, PyBytes_FromStringAndSize(NULL, length < BEFORE_ANYTHING ? length : BEFORE_ANYTHING));
    return self->payload == NULL ? -1 : 0;
}

static void
landing_dealloc(Landing *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_CLEAR(self->payload);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Makes room for `wanted` more bytes, or without that for some. */
static int
make_room(Landing *self, Py_ssize_t wanted)
{
    if (self->payload == NULL || wanted > self->length - self->filled) {
        PyErr_SetString(PyExc_ValueError, "more bytes than were announced");
        return -1;
    }
    Py_ssize_t size = PyBytes_GET_SIZE(self->payload);
    if (self->filled + wanted <= size) {
        return 0;
    }
    if (size < SMALL_CHANGE) {
        size = self->length < SMALL_CHANGE ? self->length : SMALL_CHANGE;
    }
    while (size < self->filled + wanted) {
        size = size > self->length / 2 ? self->length : 2 * size;
    }
    return _PyBytes_Resize(&self->payload, size);
}

/* `count` bytes have come behind those before: unmasks them, and returns a view of them. */
static PyObject *
take(Landing *self, Py_ssize_t count)
{
    unsigned char *piece = (unsigned char *)PyBytes_AS_STRING(self->payload) + self->filled;
    if (self->masked) {
        unsigned char turned[4];
        for (int i = 0; i < 4; i++) {
            turned[i] = self->key[(self->filled + i) & 3];
        }
        mask_into(piece, piece, count, turned);
    }
    self->filled += count;
    return PyMemoryView_FromMemory((char *)piece, count, PyBUF_READ);
}

static PyObject *
landing_window(Landing *self, PyObject *Py_UNUSED(nothing))
{
    if (make_room(self, self->filled < self->length) < 0) {
        return NULL;
    }
    return PyMemoryView_FromMemory(PyBytes_AS_STRING(self->payload) + self->filled,
                                   PyBytes_GET_SIZE(self->payload) - self->filled, PyBUF_WRITE);
}

static PyObject *
landing_advance(Landing *self, PyObject *count)
{
    Py_ssize_t bytes = PyLong_AsSsize_t(count);
    if (bytes == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (self->payload == NULL || bytes < 0 || bytes > PyBytes_GET_SIZE(self->payload) - self->filled) {
        PyErr_SetString(PyExc_ValueError, "more bytes than there was room for");
        return NULL;
    }
    return take(self, bytes);
}

static PyObject *
landing_write(Landing *self, PyObject *data)
{
    Py_buffer piece;
    if (PyObject_GetBuffer(data, &piece, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *view = NULL;
    if (make_room(self, piece.len) == 0) {
        memcpy(PyBytes_AS_STRING(self->payload) + self->filled, piece.buf, piece.len);
        view = take(self, piece.len);
    }
    PyBuffer_Release(&piece);
    return view;
}

static PyObject *
landing_finish(Landing *self, PyObject *Py_UNUSED(nothing))
{
    if (self->payload == NULL || self->filled != self->length) {
        PyErr_SetString(PyExc_ValueError, "not all bytes have come");
        return NULL;
    }
    PyObject *payload = self->payload;
    self->payload = NULL;
    return payload;
}

static PyMethodDef landing_methods[] = {
    {"window", (PyCFunction)landing_window, METH_NOARGS,
     "A view of bytes to read into. It must not be used after any other call."},
    {"advance", (PyCFunction)landing_advance, METH_O,
     "So many bytes were read into the window. Returns a view of them, unmasked, to be used before any other call."},
    {"write", (PyCFunction)landing_write, METH_O, "Takes a copy of bytes. Returns as `advance`."},
    {"finish", (PyCFunction)landing_finish, METH_NOARGS, "The payload, when all of it has come."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot landing_slots[] = {
    {Py_tp_doc, "Landing(length, key): the payload of a frame of that length, masked with the key, or None."},
    {Py_tp_init, landing_init},
    {Py_tp_dealloc, landing_dealloc},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_methods, landing_methods},
    {0, NULL},
};

static PyType_Spec landing_spec = {
    .name = "typedws.protocol._landing.Landing",
    .basicsize = sizeof(Landing),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = landing_slots,
};

static int
execute(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &landing_spec, NULL);
    if (type == NULL) {
        return -1;
    }
    int failed = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return failed;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    {0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "typedws.protocol._landing",
    .m_doc = "Where the payload of a large message lands.",
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__landing(void)
{
    return PyModuleDef_Init(&module);
}
