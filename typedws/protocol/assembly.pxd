# cython: language_level=3
cimport cython

from typedws.protocol.backlog cimport Backlog
from typedws.protocol.inflating cimport Decompressor
from typedws.protocol.masking cimport unmask
from typedws.protocol.text cimport is_ascii


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

    @cython.locals(
        view="const unsigned char*",
        end=cython.Py_ssize_t,
        header=cython.Py_ssize_t,
        mask_bit=cython.int,
        first=cython.int,
        length=cython.Py_ssize_t,
        payload_start=cython.Py_ssize_t,
        stop=cython.Py_ssize_t,
        payload=bytes,
    )
    cpdef Py_ssize_t scan(
        self, bytes data, Py_ssize_t start, bint masked, Py_ssize_t limit, int bare, Backlog backlog
    ) except -1
    cpdef begin(self, header)
    cpdef add(self, bytes piece)
    cpdef check(self, object piece)
    cpdef end(self, bint fin, landed=*)
    cdef _add(self, bytes piece)
    @cython.locals(decompressor=Decompressor)
    cdef bytes _inflate(self, bytes piece)
    cdef _check_utf8(self, piece, bint final=*)
