# cython: language_level=3
cimport cython

from typedws.inbox cimport Inbox
from typedws.outbox cimport Outbox
from typedws.protocol.framing cimport encode_frame
from typedws.protocol.text cimport is_ascii
from typedws.protocol.sending cimport Sender
from typedws.wire cimport Wire


@cython.final
cdef class WireLink:
    cdef object __weakref__
    cdef readonly Wire wire
    cdef readonly Inbox inbox
    cdef readonly dict writers
    cdef Sender _sender
    cdef Outbox _outbox
    cdef Py_ssize_t _burst
    cdef Py_ssize_t _outgoing_bytes
    cdef list _turns
    cdef Py_ssize_t _send_credit
    cdef tuple _flushing
    cdef tuple _asking
    cdef object _gone

    @cython.locals(outbox=Outbox, sender=Sender, payload=bytes, credit=cython.Py_ssize_t)
    cpdef bint send_value(self, value) except -1
