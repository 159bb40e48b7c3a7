# cython: language_level=3
cimport cython

from typedws.protocol.backlog cimport Backlog


@cython.final
cdef class Inbox:
    cdef Backlog _backlog
    cdef object _items
    cdef object _take
    cdef object _sleep
    cdef Py_ssize_t _burst
    cdef object _at_end
    cdef object _made_room
    cdef Py_ssize_t _credit
    cdef Py_ssize_t _held
    cdef Py_ssize_t _may_stay
    cdef Py_ssize_t _granted
    cdef Py_ssize_t _left
    cdef object _read
    cdef object _unread
    cdef readonly object type_form
    cdef readonly bint is_awaited
    cdef readonly bint is_blocked
    cdef public bint has_ended

    cpdef poll(self)
    @cython.locals(credit=cython.Py_ssize_t)
    cpdef poll_value(self, type_form)
    cpdef begin_wait(self)
    cpdef poll_again(self, type_form)
    cdef _grant(self, Py_ssize_t credit)
