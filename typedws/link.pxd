# cython: language_level=3
from typedws.wire cimport Wire


cdef class WireLink:
    cdef readonly Wire wire
    cdef readonly object poll
    cdef object _runtime
    cdef Py_ssize_t _burst
    cdef Py_ssize_t _credit_left
    cdef Py_ssize_t _outgoing_bytes
    cdef object _turns
    cdef Py_ssize_t _send_credit
    cdef list _flushing
    cdef set _asking
    cdef object _gone
