# cython: language_level=3
cimport cython

from typedws.protocol.codec cimport encode_frame


@cython.final
cdef class Sender:
    cdef bint _client
    cdef bint _raw
    cdef object _kind
    cdef bint _is_text
    cdef object _compressor
    cdef Py_ssize_t _min_compressed
    cdef int _sending

    @cython.locals(opcode=cython.int, first=cython.int)
    cpdef bytes data(self, frame)
    cpdef bytes bare(self, bytes payload)
