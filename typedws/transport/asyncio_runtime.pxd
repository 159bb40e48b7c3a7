# cython: language_level=3
cimport cython

@cython.final
cdef class AsyncioRuntime:
    cdef object __weakref__
    cdef readonly int burst
    cdef readonly object at_end_of_turn
    cdef object _loop
    cdef object _sleeper
    cdef object _timer
    cdef double _due
    cdef object _receiver
    cdef bint _reads_into_it
    cdef object _transport

    cpdef wake(self)
    cpdef wake_now(self)
    cpdef sleep(self)
