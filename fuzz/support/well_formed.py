"""Whether bytes are one value of CBOR or MessagePack and nothing more: a second look, which makes no objects.

RFC 8949 appendix C has the first in pseudocode; the second follows the table of the MessagePack specification.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

__all__ = ["is_cbor", "is_msgpack"]


class _Broken(Exception):
    """It is not well-formed."""


def is_cbor(data: bytes) -> bool:
    """Whether this is one well-formed value of CBOR."""
    return _is_whole(data, lambda: _after_cbor(data, 0))


def is_msgpack(data: bytes) -> bool:
    """Whether this is one well-formed value of MessagePack."""
    return _is_whole(data, lambda: _after_msgpack(data, 0))


def _is_whole(data: bytes, end: Callable[[], int]) -> bool:
    try:
        return end() == len(data)
    except (_Broken, IndexError, RecursionError):
        return False


def _text(data: bytes, start: int, end: int) -> int:
    # Returns the end, for whoever goes on from there.
    if end > len(data):
        raise _Broken
    try:
        data[start:end].decode()
    except UnicodeDecodeError:
        raise _Broken from None
    return end


def _after_cbor(data: bytes, at: int, *, in_indefinite: int | None = None, breakable: bool = False) -> int:
    """Where the value ends that begins at a place; -1 - the place for a break.

    Args:
        data: all of it.
        at: the place.
        in_indefinite: the only major type that may stand here, as a chunk of a string.
        breakable: whether a break may stand here.
    """
    major, info = data[at] >> 5, data[at] & 0x1F
    at += 1
    value = info
    if 24 <= info <= 27:
        size = 1 << (info - 24)
        value = int.from_bytes(data[at : at + size], "big")
        at += size
        if at > len(data):
            raise _Broken
    elif info in (28, 29, 30):
        raise _Broken
    if breakable and major == 7 and info == 31:
        return -1 - at
    if in_indefinite is not None and (major != in_indefinite or info == 31):
        raise _Broken
    if major in (2, 3):
        if info == 31:
            while (end := _after_cbor(data, at, in_indefinite=major, breakable=True)) >= 0:
                at = end
            return -1 - end
        if at + value > len(data):
            raise _Broken
        return _text(data, at, at + value) if major == 3 else at + value
    if major in (4, 5):
        if info == 31:
            count = 0
            while (end := _after_cbor(data, at, breakable=True)) >= 0:
                at, count = end, count + 1
            if major == 5 and count % 2:
                raise _Broken
            return -1 - end
        for _ in range(value * (major - 3)):
            at = _after_cbor(data, at)
        return at
    if major == 6:
        if info == 31:
            raise _Broken
        return _after_cbor(data, at)
    if info == 31 or (major == 7 and info == 24 and value < 32):
        raise _Broken
    return at


LENGTHS: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xC7: 1, 0xC8: 2, 0xC9: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
COUNTS: Final = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
FIXED: Final = {
    **{0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8},
    **{0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8},
    **{0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17},
}


def _after_msgpack(data: bytes, at: int) -> int:
    first = data[at]
    at += 1
    count = 0
    if first <= 0x7F or first >= 0xE0:
        return at
    if first <= 0x8F:
        count = 2 * (first & 0x0F)
    elif first <= 0x9F:
        count = first & 0x0F
    elif first <= 0xBF:
        return _text(data, at, at + (first & 0x1F))
    elif first in FIXED:
        at += FIXED[first]
    elif first in LENGTHS:
        size = LENGTHS[first]
        length = int.from_bytes(data[at : at + size], "big")
        at += size
        if first >= 0xD9:
            return _text(data, at, at + length)
        at += length + (first >= 0xC7)  # an extension has a type
    elif first in COUNTS:
        size = COUNTS[first]
        count = int.from_bytes(data[at : at + size], "big") * (2 if first >= 0xDE else 1)
        at += size
    else:
        raise _Broken
    if at > len(data):
        raise _Broken
    for _ in range(count):
        at = _after_msgpack(data, at)
    return at
