# cython: language_level=3
cimport cython

from typedws.protocol.masking cimport new_key


@cython.locals(length=cython.Py_ssize_t)
cpdef bytes encode_frame(int first, bytes payload, bint mask)

@cython.locals(
    view="const unsigned char*",
    payload=bytes,
    begin=cython.Py_ssize_t,
    before=cython.Py_ssize_t,
    longer_headers=cython.Py_ssize_t,
    longer_at=cython.Py_ssize_t,
    end=cython.Py_ssize_t,
    header=cython.Py_ssize_t,
    mask_bit=cython.int,
    extra=cython.Py_ssize_t,
    minimum=cython.Py_ssize_t,
    small=cython.Py_ssize_t,
    usual=cython.int,
    payload_start=cython.Py_ssize_t,
    first=cython.int,
    length=cython.Py_ssize_t,
    stop=cython.Py_ssize_t,
    count=cython.Py_ssize_t,
    _=cython.Py_ssize_t,
)
cpdef (Py_ssize_t, Py_ssize_t, Py_ssize_t) scan(
    bytes data,
    Py_ssize_t start,
    bint masked,
    Py_ssize_t limit,
    object inbox,
    int bare,
    Py_ssize_t room,
    Py_ssize_t room_bytes,
)

cdef class HeaderReader:
    cdef bint _masked
    cdef bint _compressed
    cdef bytearray _bytes
