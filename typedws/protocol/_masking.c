/* Masking (RFC 6455 section 5.3) and the bytes of a frame: what plain Python in `masking.py` and `codec.py` does with
 * long integers and joined pieces, here in one pass over one allocation. Both are held to the same tests. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

/* The bytes of `source`, exclusive-or the four bytes of `key`, to `target`. Eight at a time; compilers make more of it. */
static void
mask_into(unsigned char *target, const unsigned char *source, Py_ssize_t length, const unsigned char *key)
{
    unsigned char twice[8];
    uint64_t stream;
    memcpy(twice, key, 4);
    memcpy(twice + 4, key, 4);
    memcpy(&stream, twice, 8);
    Py_ssize_t words = length / 8;
    for (Py_ssize_t i = 0; i < words; i++) {
        uint64_t word;
        memcpy(&word, source + 8 * i, 8);
        word ^= stream;
        memcpy(target + 8 * i, &word, 8);
    }
    for (Py_ssize_t i = 8 * words; i < length; i++) {
        target[i] = source[i] ^ key[i & 3];
    }
}

static int
check_key(Py_ssize_t length)
{
    if (length == 4) {
        return 0;
    }
    PyErr_SetString(PyExc_ValueError, "a masking key has four bytes");
    return -1;
}

static PyObject *
apply_mask(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer data, key;
    Py_ssize_t offset = 0;
    if (!PyArg_ParseTuple(args, "y*y*|n:apply_mask", &data, &key, &offset)) {
        return NULL;
    }
    PyObject *masked = NULL;
    if (check_key(key.len) == 0 && (masked = PyBytes_FromStringAndSize(NULL, data.len)) != NULL) {
        const unsigned char *given = key.buf;
        unsigned char turned[4];
        for (int i = 0; i < 4; i++) {
            turned[i] = given[(offset + i) & 3];
        }
        mask_into((unsigned char *)PyBytes_AS_STRING(masked), data.buf, data.len, turned);
    }
    PyBuffer_Release(&data);
    PyBuffer_Release(&key);
    return masked;
}

/* build_frame(first, payload, key): the frame, masked where the key is not None. */
static PyObject *
build_frame(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "build_frame takes the first byte, the payload and the key");
        return NULL;
    }
    long first = PyLong_AsLong(args[0]);
    if (first == -1 && PyErr_Occurred()) {
        return NULL;
    }
    Py_buffer payload;
    if (PyObject_GetBuffer(args[1], &payload, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    const unsigned char *key = NULL;
    if (args[2] != Py_None) {
        char *given;
        Py_ssize_t length;
        if (PyBytes_AsStringAndSize(args[2], &given, &length) < 0 || check_key(length) < 0) {
            PyBuffer_Release(&payload);
            return NULL;
        }
        key = (const unsigned char *)given;
    }
    uint64_t length = (uint64_t)payload.len;
    int extra = length < 126 ? 0 : length < 0x10000 ? 2 : 8;
    PyObject *frame = PyBytes_FromStringAndSize(NULL, 2 + extra + (key ? 4 : 0) + payload.len);
    if (frame != NULL) {
        unsigned char *next = (unsigned char *)PyBytes_AS_STRING(frame);
        *next++ = (unsigned char)first;
        *next++ = (unsigned char)((key ? 0x80 : 0) | (extra == 0 ? length : extra == 2 ? 126 : 127));
        for (int shift = 8 * (extra - 1); shift >= 0; shift -= 8) {
            *next++ = (unsigned char)(length >> shift);
        }
        if (key) {
            memcpy(next, key, 4);
            mask_into(next + 4, payload.buf, payload.len, key);
        } else {
            memcpy(next, payload.buf, payload.len);
        }
    }
    PyBuffer_Release(&payload);
    return frame;
}

static PyMethodDef methods[] = {
    {"apply_mask", apply_mask, METH_VARARGS, "`data` exclusive-or `key`, which starts at its byte `offset % 4`."},
    {"build_frame", (PyCFunction)(void (*)(void))build_frame, METH_FASTCALL,
     "The bytes of one frame, masked where a key is given."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "typedws.protocol._masking",
    .m_doc = "Masking in C.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__masking(void)
{
    return PyModuleDef_Init(&module);
}
