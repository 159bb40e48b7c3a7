"""Decisions that an input makes beside its content: where it is cut, and which of several ways is gone.

They follow from a checksum, so an input stays what it is on the wire, and can be written by hand, and every change that
the fuzzer makes to it cuts it elsewhere. The same input always decides the same.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator

__all__ = ["decisions", "in_pieces"]

MAX_CUTS = 12
MAX_SINGLE_BYTES = 300
SINGLE_BYTES_OF = 0.25
"""Longer inputs are not fed byte by byte, and of the others only a part: it would take most of the time."""


def decisions(data: bytes) -> random.Random:
    """What an input decides with."""
    return random.Random(zlib.crc32(data))


def in_pieces(data: bytes) -> Iterator[list[bytes]]:
    """The input in one piece, cut at random, and some short ones byte by byte."""
    yield [data]
    chance = decisions(data)
    cuts = sorted(chance.randint(0, len(data)) for _ in range(chance.randint(1, MAX_CUTS)))
    yield [data[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    if len(data) <= MAX_SINGLE_BYTES and chance.random() < SINGLE_BYTES_OF:
        yield [bytes([byte]) for byte in data]
