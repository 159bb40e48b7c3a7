# cython: language_level=3
cimport cython

from typedws.protocol.codec cimport scan


@cython.final
cdef class Backlog:
    cdef readonly list ready
    cdef readonly list later
    cdef readonly list arrived
    cdef Py_ssize_t _max_messages
    cdef Py_ssize_t _max_bytes
    cdef Py_ssize_t _at_most

    @cython.locals(later=list)
    cpdef Py_ssize_t make_ready(self, Py_ssize_t count) except -1
    cpdef take(self)
    cdef _turn(self)
    cpdef bint is_full(self) except -1
    @cython.locals(waiting=cython.Py_ssize_t, stop=cython.Py_ssize_t)
    cpdef Py_ssize_t scan(self, bytes data, Py_ssize_t start, bint masked, Py_ssize_t limit, int bare) except -1
    cpdef bint put(self, item, Py_ssize_t size) except -1
    cpdef Py_ssize_t surplus(self) except -1
    cdef Py_ssize_t _count(self) except -1
