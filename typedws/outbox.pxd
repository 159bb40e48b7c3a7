# cython: language_level=3
cimport cython

@cython.final
cdef class Outbox:
    cdef public bint is_fresh
    cdef public bint is_open
    cdef public object transport
    cdef public Py_ssize_t size
    cdef Py_ssize_t _high
    cdef Py_ssize_t _limit
    cdef Py_ssize_t _lent
    cdef Py_ssize_t _room
    cdef object _at_end_of_turn
    cdef list _kept
    cdef bint _is_scheduled

    @cython.locals(size=cython.Py_ssize_t, lent=cython.Py_ssize_t)
    cpdef write(self, bytes data)
    cdef _begin_or_flush(self, bytes data)
    cdef _hand_over(self, bytes data)
    cpdef flush(self)
