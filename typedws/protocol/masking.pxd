# cython: language_level=3
cpdef bytes new_key()
