# cython: language_level=3
cimport cython

from typedws.protocol.assembly cimport Assembler
from typedws.protocol.backlog cimport Backlog
from typedws.protocol.codec cimport HeaderReader
from typedws.protocol.framing cimport encode_frame
from typedws.protocol.sending cimport Sender
from typedws.protocol.text cimport is_ascii


@cython.final
cdef class Connection:
    cdef object __weakref__
    cdef readonly bint client
    cdef readonly Backlog backlog
    cdef list _ready
    cdef list _later
    cdef list _arrived
    cdef readonly object pongs
    cdef public object sent
    cdef public object received
    cdef public bint by_peer
    cdef public object violation
    cdef public bint failed
    cdef readonly object bare
    cdef readonly Sender sender

    cdef object _max_frame_size
    cdef object _max_message_size
    cdef Py_ssize_t _limit
    cdef bint _raw
    cdef int _bare_opcode
    cdef Assembler _assembler
    cdef bytes _unread
    cdef object _owed_pongs
    cdef bytes _owed_close
    cdef HeaderReader _headers
    cdef object _header
    cdef bint _between_frames
    cdef Py_ssize_t _remaining
    cdef bytearray _control
    cdef bint _is_at_rest
    cdef object _landing
    cdef int _usual
    cdef bint _takes_any
    cdef Py_ssize_t _longest_alone

    @cython.locals(start=cython.Py_ssize_t, size=cython.Py_ssize_t, payload=bytes, there_is=cython.bint)
    cpdef bint receive_data(self, bytes data) except -1
