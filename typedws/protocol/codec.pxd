# cython: language_level=3
cimport cython

from typedws.protocol.masking cimport unmask
from typedws.protocol.text cimport is_ascii


@cython.locals(
    view="const unsigned char*",
    payload=bytes,
    end=cython.Py_ssize_t,
    header=cython.Py_ssize_t,
    extra=cython.Py_ssize_t,
    minimum=cython.Py_ssize_t,
    small=cython.Py_ssize_t,
    text=cython.int,
    binary=cython.int,
    payload_start=cython.Py_ssize_t,
    first=cython.int,
    length=cython.Py_ssize_t,
    stop=cython.Py_ssize_t,
)
cpdef Py_ssize_t scan(
    bytes data,
    Py_ssize_t start,
    bint masked,
    Py_ssize_t limit,
    list arrived,
    int bare,
    Py_ssize_t room,
    Py_ssize_t room_bytes,
) except -1

@cython.final
cdef class HeaderReader:
    cdef bint _masked
    cdef bint _compressed
    cdef bytearray _bytes
