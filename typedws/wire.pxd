# cython: language_level=3
cimport cython

from typedws.inbox cimport Inbox
from typedws.outbox cimport Outbox
from typedws.protocol.connection cimport Connection


@cython.final
cdef class Wire:
    cdef object __weakref__
    cdef readonly Connection connection
    cdef readonly Inbox inbox
    cdef readonly Outbox outbox
    cdef readonly object pinger
    cdef readonly object close_reason
    cdef readonly bint is_gone
    cdef readonly bint writing_paused
    cdef readonly object _runtime
    cdef object _wake_now
    cdef object _transport
    cdef bint _reads_into_us
    cdef bytearray _spare
    cdef object _lost
    cdef bint _asked_for
    cdef object _cause
    cdef double _close_timeout
    cdef object _violation_due
    cdef object _drop_due
    cdef tuple _on_change

    cpdef data_received(self, bytes data)
