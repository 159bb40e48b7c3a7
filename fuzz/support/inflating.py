"""A second reader of compressed messages (RFC 7692 section 7.2.2), which shares no code with the library.

It takes the frames of a peer as they are, and says what must come of them.
"""

from __future__ import annotations

import codecs
import zlib
from typing import Final

from fuzz.support.reference import CONTINUATION, TEXT, Violation, check_utf8

__all__ = ["FINAL_BLOCKS", "TAIL", "Messages"]

TAIL: Final = b"\x00\x00\xff\xff"
FINAL_BLOCKS: Final = 16
"""So many may be in one message."""


class Messages:
    """What comes of data frames, compressed or not.

    Args:
        window_bits: of the peer.
        forgets: whether its window is a new one for each message.
        limit: bytes of a message.
        raw: whether fragments are handed out.

    Attributes:
        frames: what the application gets: opcode, payload, whether it is whole or the last fragment.
        violation: the code of the first violation, after which there is nothing.
        either: whether that may be 1007 as well as 1009. A compressed text can be two things at once, too big and no
            text (or no DEFLATE data), and which one is noticed depends on how much of it is inflated at a time.
    """

    def __init__(self, *, window_bits: int, forgets: bool, limit: int, raw: bool) -> None:
        self.frames: list[tuple[int, bytes, bool]] = []
        self.violation: int | None = None
        self.either = False
        self._window_bits = window_bits
        self._forgets = forgets
        self._limit = limit
        self._raw = raw
        self._inflater = zlib.decompressobj(-window_bits)
        self._ended = False
        self._final_blocks = 0
        self._open = False
        self._compressed = False
        self._kind = 0
        self._size = 0
        self._gathered = b""
        self._utf8 = codecs.getincrementaldecoder("utf-8")()

    def take(self, opcode: int, payload: bytes, *, fin: bool, rsv1: bool) -> None:
        """Takes a data frame."""
        if self.violation is not None:
            return
        try:
            self._take(opcode, payload, fin=fin, rsv1=rsv1)
        except Violation as violation:
            self.violation = violation.args[0]
            self.either = self._compressed and self._kind == TEXT and self.violation in (1007, 1009)

    def _take(self, opcode: int, payload: bytes, *, fin: bool, rsv1: bool) -> None:
        if (opcode == CONTINUATION) is not self._open:
            raise Violation(1002)
        if not self._open:
            self._kind, self._compressed = opcode, rsv1
        self._open = not fin
        if self._compressed:
            self._inflate(payload)
            if fin:
                self._end()
        else:
            self._add(payload)
        if self._kind == TEXT:
            check_utf8(self._utf8, b"", fin)
        if fin or self._raw:
            self.frames.append((self._kind, self._gathered, fin))
            self._gathered = b""
        if fin:
            self._size = 0
            self._utf8.reset()

    def _add(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise Violation(1009)
        self._gathered += data
        if self._kind == TEXT:
            check_utf8(self._utf8, data, False)

    def _inflate(self, data: bytes) -> None:
        while data:
            self._ended = False
            self._add(self._output(data))
            if not self._inflater.eof:
                return
            # Section 7.2.3.4: behind a final block another stream may begin.
            data = self._inflater.unused_data
            self._inflater = zlib.decompressobj(-self._window_bits)
            self._ended = True
            self._final_blocks += 1
            if self._final_blocks > FINAL_BLOCKS:
                raise Violation(1007)

    def _end(self) -> None:
        if not self._ended:
            before = self._size
            self._add(self._output(TAIL))
            # The tail ends an empty block, so nothing comes out, and a block may begin: a final one, for instance.
            between = self._inflater.copy()
            if self._size > before or between.eof or not _reads_final_block(between):
                raise Violation(1007)
        self._ended = False
        self._final_blocks = 0
        if self._forgets:
            self._inflater = zlib.decompressobj(-self._window_bits)

    def _output(self, data: bytes) -> bytes:
        try:
            return self._inflater.decompress(data, self._limit + 1 - self._size)
        except zlib.error:
            raise Violation(1007) from None


def _reads_final_block(inflater: zlib._Decompress) -> bool:
    try:
        return inflater.decompress(b"\x03\x00") == b"" and inflater.eof and not inflater.unused_data
    except zlib.error:
        return False
