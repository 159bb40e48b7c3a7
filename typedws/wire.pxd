# cython: language_level=3
from typedws.inbox cimport Inbox
from typedws.outbox cimport Outbox
from typedws.protocol.connection cimport Connection


cdef class Wire:
    cdef readonly Connection connection
    cdef readonly Inbox inbox
    cdef readonly Outbox outbox
    cdef readonly object pinger
    cdef readonly object close_reason
    cdef readonly bint is_gone
    cdef readonly bint writing_paused
    cdef object _runtime
    cdef object _wake
    cdef object _transport
    cdef object _lost
    cdef bint _asked_for
    cdef object _cause
    cdef double _close_timeout
    cdef object _violation_due
    cdef object _drop_due
    cdef list _on_change
