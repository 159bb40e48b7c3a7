# cython: language_level=3
cdef extern from "_framing.h":
    cpdef bytes encode_frame(int first, bytes payload, bint mask)
