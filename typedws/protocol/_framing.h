/* What is done to every message, for the C modules and the compiled ones: masking (RFC 6455 section 5.3), the bytes of a
 * frame (section 5.2), and whether a text is ASCII. Plain Python has the same in `framing.py`, `masking.py` and `text.py`,
 * and both are held to the same tests. */

#ifndef TYPEDWS_FRAMING_H
#define TYPEDWS_FRAMING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t
word_at(const unsigned char *source)
{
    uint64_t word;
    memcpy(&word, source, 8);
    return word;
}

static inline void
put_word(unsigned char *target, uint64_t word)
{
    memcpy(target, &word, 8);
}

/* The bytes of `source`, exclusive-or the four bytes of `key`, to `target`, which may be the same. Four words are read
 * before the first is written, so that compilers see that they may be handled together. */
static inline void
mask_into(unsigned char *target, const unsigned char *source, Py_ssize_t length, const unsigned char *key)
{
    unsigned char twice[8];
    memcpy(twice, key, 4);
    memcpy(twice + 4, key, 4);
    const uint64_t stream = word_at(twice);
    Py_ssize_t done = 0;
    for (; length - done >= 128; done += 128) {
        for (int part = 0; part < 128; part += 32) {
            const unsigned char *from = source + done + part;
            unsigned char *to = target + done + part;
            uint64_t a = word_at(from), b = word_at(from + 8), c = word_at(from + 16), d = word_at(from + 24);
            put_word(to, a ^ stream);
            put_word(to + 8, b ^ stream);
            put_word(to + 16, c ^ stream);
            put_word(to + 24, d ^ stream);
        }
    }
    for (; length - done >= 8; done += 8) {
        put_word(target + done, word_at(source + done) ^ stream);
    }
    for (; done < length; done++) {
        target[done] = source[done] ^ key[done & 3];
    }
}

/* Whether all bytes are below 128. None, which a compiled caller may hand over for bytes, is left to who uses it. */
static inline int
is_ascii(PyObject *text)
{
    if (text == Py_None) {
        return 1;
    }
    const unsigned char *bytes = (const unsigned char *)PyBytes_AS_STRING(text);
    Py_ssize_t length = PyBytes_GET_SIZE(text);
    uint64_t seen = 0;
    if (length < 8) {
        for (Py_ssize_t i = 0; i < length; i++) {
            seen |= bytes[i];
        }
        return seen < 128;
    }
    for (Py_ssize_t i = 0; i < length - 8; i += 8) {
        seen |= word_at(bytes + i);
    }
    seen |= word_at(bytes + length - 8);
    return (seen & UINT64_C(0x8080808080808080)) == 0;
}

/* The payload, unmasked, of which the key and then the masked bytes stand in `data` from `start` to `stop`. */
static inline PyObject *
unmask(PyObject *data, Py_ssize_t start, Py_ssize_t stop)
{
    if (!PyBytes_Check(data) || start < 0 || stop < start + 4 || stop > PyBytes_GET_SIZE(data)) {
        PyErr_SetString(PyExc_ValueError, "there are no such bytes to unmask");
        return NULL;
    }
    const unsigned char *key = (const unsigned char *)PyBytes_AS_STRING(data) + start;
    PyObject *payload = PyBytes_FromStringAndSize(NULL, stop - start - 4);
    if (payload != NULL) {
        mask_into((unsigned char *)PyBytes_AS_STRING(payload), key + 4, stop - start - 4, key);
    }
    return payload;
}

#define TAKE_KEY "typedws.protocol._masking._take_key"

typedef int (*take_key_function)(unsigned char *key);

/* The bytes of one frame, masked with a fresh key where that is wanted. */
static inline PyObject *
encode_frame(int first, PyObject *payload, int mask)
{
    static take_key_function take_key = NULL;
    unsigned char key[4];
    if (payload == Py_None) {
        PyErr_SetString(PyExc_TypeError, "the payload of a frame is bytes, not None");
        return NULL;
    }
    if (mask) {
        if (take_key == NULL && (take_key = (take_key_function)PyCapsule_Import(TAKE_KEY, 0)) == NULL) {
            return NULL;
        }
        if (take_key(key) < 0) {
            return NULL;
        }
    }
    Py_ssize_t length = PyBytes_GET_SIZE(payload);
    int extra = length < 126 ? 0 : length < 0x10000 ? 2 : 8;
    PyObject *frame = PyBytes_FromStringAndSize(NULL, 2 + extra + (mask ? 4 : 0) + length);
    if (frame == NULL) {
        return NULL;
    }
    unsigned char *next = (unsigned char *)PyBytes_AS_STRING(frame);
    *next++ = (unsigned char)first;
    *next++ = (unsigned char)((mask ? 0x80 : 0) | (extra == 0 ? length : extra == 2 ? 126 : 127));
    for (int shift = 8 * (extra - 1); shift >= 0; shift -= 8) {
        *next++ = (unsigned char)((uint64_t)length >> shift);
    }
    if (mask) {
        memcpy(next, key, 4);
        mask_into(next + 4, (const unsigned char *)PyBytes_AS_STRING(payload), length, key);
    } else {
        memcpy(next, PyBytes_AS_STRING(payload), length);
    }
    return frame;
}

#endif
