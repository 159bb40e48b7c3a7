# cython: language_level=3
cdef extern from "_framing.h":
    cpdef bint is_ascii(bytes text)
