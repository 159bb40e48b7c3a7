/* Masking keys and masking (RFC 6455 section 5.3), as `masking.py` has them in plain Python, and the bytes of a frame. */

#include "_framing.h"

/* Random bytes that have not been used. The lock of the interpreter guards them. */
static unsigned char pool[4096];
static size_t pool_used = sizeof pool;

/* Four bytes of the pool to `key`; -1 with an exception where there is no randomness. */
static int
take_key(unsigned char *key)
{
    if (pool_used == sizeof pool) {
        PyObject *os = PyImport_ImportModule("os");
        PyObject *fresh = os == NULL ? NULL : PyObject_CallMethod(os, "urandom", "n", (Py_ssize_t)sizeof pool);
        Py_XDECREF(os);
        if (fresh == NULL) {
            return -1;
        }
        if (!PyBytes_Check(fresh) || PyBytes_GET_SIZE(fresh) != (Py_ssize_t)sizeof pool) {
            Py_DECREF(fresh);
            PyErr_SetString(PyExc_SystemError, "os.urandom did not return what it was asked for");
            return -1;
        }
        memcpy(pool, PyBytes_AS_STRING(fresh), sizeof pool);
        pool_used = 0;
        Py_DECREF(fresh);
    }
    memcpy(key, pool + pool_used, 4);
    pool_used += 4;
    return 0;
}

static PyObject *
new_key(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(nothing))
{
    unsigned char key[4];
    return take_key(key) < 0 ? NULL : PyBytes_FromStringAndSize((char *)key, 4);
}

static PyObject *
empty_pool(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(nothing))
{
    pool_used = sizeof pool;
    Py_RETURN_NONE;
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
    if (key.len != 4) {
        PyErr_SetString(PyExc_ValueError, "a masking key has four bytes");
    } else if ((masked = PyBytes_FromStringAndSize(NULL, data.len)) != NULL) {
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

/* encode_frame(first, payload, mask), for who calls it from Python. */
static PyObject *
encode_frame_method(PyObject *Py_UNUSED(module), PyObject *args)
{
    int first, mask;
    PyObject *payload;
    if (!PyArg_ParseTuple(args, "iSp:encode_frame", &first, &payload, &mask)) {
        return NULL;
    }
    return encode_frame(first, payload, mask);
}

static PyObject *
unmask_method(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *data;
    Py_ssize_t start, stop;
    if (!PyArg_ParseTuple(args, "Snn:unmask", &data, &start, &stop)) {
        return NULL;
    }
    return unmask(data, start, stop);
}

static PyMethodDef methods[] = {
    {"apply_mask", apply_mask, METH_VARARGS, "`data` exclusive-or `key`, which starts at its byte `offset % 4`."},
    {"encode_frame", encode_frame_method, METH_VARARGS, "The bytes of one frame; see `framing.py`."},
    {"unmask", unmask_method, METH_VARARGS, "The payload behind a key in received bytes; see `masking.py`."},
    {"new_key", new_key, METH_NOARGS, "Four random bytes that nobody was given before."},
    {"empty_pool", empty_pool, METH_NOARGS, "Forgets the random bytes that have not been used."},
    {NULL, NULL, 0, NULL},
};

static int
execute(PyObject *module)
{
    PyObject *capsule = PyCapsule_New((void *)take_key, TAKE_KEY, NULL);
    int failed = capsule == NULL || PyModule_AddObjectRef(module, "_take_key", capsule) < 0;
    Py_XDECREF(capsule);
    return failed ? -1 : 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
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
