# cython: language_level=3
cimport cython

from typedws.protocol.backlog cimport Backlog


@cython.final
cdef class Inbox:
    cdef Backlog _backlog
    cdef list _ready
    cdef list _oldest
    cdef list _later
    cdef list _arrived
    cdef list _shown
    cdef object _sleep
    cdef Py_ssize_t _burst
    cdef object _owner
    cdef Py_ssize_t _credit
    cdef Py_ssize_t _may_stay
    cdef object _read
    cdef object _unread
    cdef readonly object type_form
    cdef readonly bint is_awaited
    cdef readonly bint is_blocked
    cdef public bint has_ended

    cpdef poll(self)
    @cython.locals(shown=list)
    cpdef poll_value(self, type_form)
    @cython.locals(ready=list, count=cython.Py_ssize_t)
    cdef bint _show(self) except -1
    @cython.locals(there_is=cython.bint)
    cpdef begin_wait(self)
    @cython.locals(ready=list)
    cpdef end_wait(self)
