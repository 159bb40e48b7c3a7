# cython: language_level=3
cimport cython

from typedws.wire cimport Wire


@cython.final
cdef class WireLink:
    cdef object __weakref__
    cdef readonly Wire wire
    cdef readonly object poll
    cdef object _runtime
    cdef Py_ssize_t _burst
    cdef object _sleep
    cdef Py_ssize_t _outgoing_bytes
    cdef list _turns
    cdef Py_ssize_t _send_credit
    cdef list _flushing
    cdef list _asking
    cdef object _gone
