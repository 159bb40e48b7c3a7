# cython: language_level=3
cimport cython

from typedws.protocol.framing cimport encode_frame
from typedws.protocol.text cimport is_ascii


@cython.final
cdef class Sender:
    cdef readonly bint client
    cdef bint _raw
    cdef object _kind
    cdef readonly bint is_simple
    cdef readonly bint is_simple_text
    cdef object _compressor
    cdef Py_ssize_t _min_compressed
    cdef int _sending

    @cython.locals(opcode=cython.int, first=cython.int)
    cpdef bytes data(self, frame)
    cpdef bytes bare(self, bytes payload)
