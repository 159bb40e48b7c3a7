# cython: language_level=3
cimport cython

from typedws.protocol.inflating cimport Decompressor


@cython.final
cdef class Assembler:
    cdef public object max_message_size
    cdef Decompressor _decompressor
    cdef bint _raw
    cdef int _opcode
    cdef bint _inflating
    cdef Py_ssize_t _fragments
    cdef object _wire_size
    cdef Py_ssize_t _size
    cdef object _payload
    cdef object _utf8

    cpdef begin(self, header)
    cpdef add(self, bytes piece)
    cpdef check(self, object piece)
    cpdef end(self, bint fin, landed=*)
    cdef _add(self, bytes piece)
    @cython.locals(decompressor=Decompressor)
    cdef bytes _inflate(self, bytes piece)
    cdef _check_utf8(self, piece, bint final=*)
