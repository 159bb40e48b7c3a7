/* Where zlib stands in a DEFLATE stream, which it says (`data_type` in zlib.h: "on return inflate() always sets") and
 * Python's `zlib` does not hand on.
 *
 * It is read from the object that Python keeps it in, whose first member is zlib's `z_stream` in every version so far.
 * Nothing is written, and nothing is read beyond the object; `inflating.py` tries out whether it is so before it relies
 * on what is read. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>

/* The beginning of `z_stream`, as zlib.h has it; that header need not be there to build this. */
typedef struct {
    const unsigned char *next_in;
    unsigned int avail_in;
    unsigned long total_in;
    unsigned char *next_out;
    unsigned int avail_out;
    unsigned long total_out;
    const char *msg;
    void *state;
    void *zalloc;
    void *zfree;
    void *opaque;
    int data_type;
} Stream;

typedef struct {
    PyObject_HEAD
    Stream stream;
} Inflater;

static PyObject *
position(PyObject *Py_UNUSED(module), PyObject *inflater)
{
    PyTypeObject *type = Py_TYPE(inflater);
    if (strcmp(type->tp_name, "zlib.Decompress") != 0 || type->tp_basicsize < (Py_ssize_t)sizeof(Inflater)) {
        return PyLong_FromLong(-1);
    }
    return PyLong_FromLong(((Inflater *)inflater)->stream.data_type);
}

static PyMethodDef methods[] = {
    {"position", position, METH_O, "zlib's `data_type` of what `zlib.decompressobj` made; -1 for anything else."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "typedws.protocol._inflating",
    .m_doc = "The position of an inflater.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__inflating(void)
{
    return PyModuleDef_Init(&module);
}
