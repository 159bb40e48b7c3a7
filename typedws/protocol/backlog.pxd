# cython: language_level=3
cimport cython

from typedws.protocol.codec cimport scan


@cython.final
cdef class Backlog:
    cdef readonly object items
    cdef readonly object append
    cdef readonly Py_ssize_t bytes
    cdef Py_ssize_t _max_messages
    cdef Py_ssize_t _max_bytes
    cdef Py_ssize_t _batch
    cdef Py_ssize_t _batch_bytes
    cdef object _later

    cpdef bint is_full(self) except -1
    @cython.locals(stop=cython.Py_ssize_t, count=cython.Py_ssize_t, size=cython.Py_ssize_t)
    cpdef Py_ssize_t scan(self, bytes data, Py_ssize_t start, bint masked, Py_ssize_t limit, int bare) except -1
    cpdef bint has_room(self, Py_ssize_t besides) except -1
    cpdef count(self, Py_ssize_t messages, Py_ssize_t size)
    cpdef Py_ssize_t begin_batch(self) except -1
