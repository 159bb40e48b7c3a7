# cython: language_level=3
cimport cython


@cython.final
cdef class Decompressor:
    cdef int _window_bits
    cdef bint _forgets
    cdef readonly object _inflater
    cdef bint _ended
    cdef int _final_blocks
    cdef bint _failed

    cpdef bytes decompress(self, bytes data, Py_ssize_t limit)
    cpdef bytes finish(self, Py_ssize_t limit)
    cdef bytes _inflate(self, bytes data, Py_ssize_t limit, Py_ssize_t before)
    cdef bint _is_between_blocks(self) except -1
