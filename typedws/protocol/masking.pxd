# cython: language_level=3
cdef extern from "_framing.h":
    cpdef bytes unmask(bytes data, Py_ssize_t start, Py_ssize_t stop)
