"""Arrays as keys of MessagePack maps, which a peer could use to stop us.

Where nothing says what the keys of a map are, msgspec makes tuples of arrays. `hash((-1,)) == hash((-2,))`, so a peer
can send any number of different keys with one hash, and the dict that they go into compares each with all before it:
128 KiB take a second, one MiB a minute. Text and bytes are safe (their hashes are secret), and so are numbers, of
which at most a handful collide.

So where a type is open, a message that could hold a map of hundreds of keys is walked through once, and an array that
is a key is refused. The walk makes no objects of the message, and goes through runs of small values and of floats in
one step; at worst it takes about a second per MiB.
"""

from __future__ import annotations

import re
from typing import Final

from typedws.converters.failures import Refused

__all__ = ["refuse_array_keys"]

HARMLESS_SIZE: Final = 4096
"""Bytes below which there are too few keys to do harm: about 300, or two milliseconds."""

RUN: Final = re.compile(rb"[\x00-\x80\x90\xc0\xc2\xc3\xe0-\xff]+|(?:\xcb.{8})+", re.DOTALL)
RUN_IN_MAP: Final = re.compile(rb"[\x00-\x7f\xc0\xc2\xc3\xe0-\xff]+|(?:\xcb.{8})+", re.DOTALL)
"""Values of one byte, or floats, one after the other; in a map an empty container may be a key."""

FLOAT64: Final = 0xCB

NUMBERS: Final = {0xCA: 5, 0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9, 0xD0: 2, 0xD1: 3, 0xD2: 5, 0xD3: 9}
FIXED: Final = NUMBERS | {0xD4: 3, 0xD5: 4, 0xD6: 6, 0xD7: 10, 0xD8: 18}
"""Bytes of a float, an int, and an extension of a fixed size, by its first byte."""

BINARY: Final = {0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1)}
COUNTED: Final = BINARY | {0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0)}
"""Of binary data, extensions and text: the bytes that count their bytes, and what comes besides, by the first byte."""

ARRAYS: Final = {0xDC: 2, 0xDD: 4}
MAPS: Final = {0xDE: 2, 0xDF: 4}
"""The bytes that count the items, by the first byte. Arrays and maps of up to 15 have their number in the first
byte."""


def refuse_array_keys(data: bytes) -> None:
    """Returns if no map in `data` has an array or a map for a key, or if it is malformed: msgspec says so better.

    Raises:
        Refused: one has.
    """
    if len(data) < HARMLESS_SIZE or not (0xDE in data or 0xDF in data):
        return
    position = 0
    left = 1
    in_map = False
    outer: list[tuple[int, bool]] = []
    while True:
        while left == 0:
            if not outer:
                return
            left, in_map = outer.pop()
        if position >= len(data):
            return
        # Not beyond what this container can hold: each would go through the same bytes again.
        run = (RUN_IN_MAP if in_map else RUN).match(data, position, position + 9 * left)
        if run is not None:
            size = 9 if data[position] == FLOAT64 else 1
            count = min(left, (run.end() - position) // size)
            position += count * size
            left -= count
            continue
        first = data[position]
        is_key = in_map and left % 2 == 0
        left -= 1
        if first in FIXED:
            position += FIXED[first]
        elif 0xA0 <= first <= 0xBF:
            position += 1 + (first & 0x1F)
        elif first in COUNTED:
            width, extra = COUNTED[first]
            position += 1 + width + extra + int.from_bytes(data[position + 1 : position + 1 + width], "big")
        elif first == 0xC1 or first == FLOAT64:
            return
        else:
            if is_key:
                raise Refused("a key of a map in it is an array or a map")
            is_map = first <= 0x8F or first in MAPS
            if first <= 0x9F:
                count = first & 0x0F
                position += 1
            else:
                width = (MAPS if is_map else ARRAYS)[first]
                count = int.from_bytes(data[position + 1 : position + 1 + width], "big")
                position += 1 + width
            outer.append((left, in_map))
            left, in_map = (2 * count, True) if is_map else (count, False)
