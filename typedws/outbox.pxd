# cython: language_level=3

cdef class Outbox:
    cdef public bint is_fresh
    cdef public object transport
    cdef public Py_ssize_t size
    cdef Py_ssize_t _limit
    cdef Py_ssize_t _room
    cdef object _at_end_of_turn
    cdef list _kept
    cdef bint _is_scheduled

    cpdef write(self, bytes data)
    cpdef flush(self)
