# cython: language_level=3
cimport cython

from typedws.protocol.backlog cimport Backlog


@cython.final
cdef class Inbox:
    cdef Backlog _backlog
    cdef object _items
    cdef object _take
    cdef object _at_end
    cdef object _made_room
    cdef Py_ssize_t _credit
    cdef public bint has_ended
    cdef public bint is_blocked
    cdef public bint is_awaited
    cdef Py_ssize_t _granted
    cdef Py_ssize_t _batch
    cdef bint _begun

    @cython.locals(granted=cython.Py_ssize_t)
    cpdef poll(self)
    cpdef Py_ssize_t begin_wait(self) except -1
    cpdef end_wait(self, Py_ssize_t credit)
    @cython.locals(batch=cython.Py_ssize_t, grant=cython.Py_ssize_t)
    cdef _grant(self)
