"""Inflating messages of permessage-deflate (RFC 7692 section 7.2.2).

The inflater counts what comes out, not what goes in, because one byte can become a thousand. It never asks zlib for
more than the caller's limit and one byte, so a bomb costs the time and memory of the limit. An error cannot be got
over, as the messages of one direction are one stream.

The end of a message is known for certain: after the four bytes that did not travel, the stream must stand between two
blocks. zlib knows where it stands, but Python's `zlib` does not tell. The compiled form looks it up. The plain one asks
a copy of the inflater to read a final block, which can stand only there; a copy takes the window along, and so more
time than a small message.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, NoReturn

from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.protocol import compiled
from typedws.protocol.deflate import MIN_WINDOW_BITS, TAIL, DeflateParameters

if compiled or TYPE_CHECKING:
    from typedws.protocol._inflating import position

__all__ = ["Decompressor"]

FINAL_BLOCK: Final = b"\x03\x00"
"""An empty block with BFINAL set."""

MAX_FINAL_BLOCKS: Final = 16
"""Final blocks in one message. Each costs a new inflater and a copy of what follows it; senders make one, or none."""

BETWEEN_BLOCKS: Final = 128
"""zlib's `data_type` right after the end of a block that is not the final one and that ended with its byte."""


def can_read_final_block(inflater: zlib._Decompress) -> bool:  # pyright: ignore[reportPrivateUsage]
    """Whether a final block may come next; afterwards the inflater is of no use."""
    if inflater.eof:
        return False
    try:
        return not inflater.decompress(FINAL_BLOCK, 1) and inflater.eof and not inflater.unused_data
    except zlib.error:
        return False


def is_position_told() -> bool:
    """Whether `position` can be relied on: where it is read from is no promise of Python's."""
    inflater = zlib.decompressobj(-MIN_WINDOW_BITS)
    # "Hello" in two pieces, two empty blocks, one of which is cut, a stored block in two pieces, and a final one.
    pieces = (b"\xf2", b"\x48\xcd\xc9\xc9\x07\x00", TAIL, b"\x00", TAIL, b"\x00\x02\x00\xfd\xffx", b"x", FINAL_BLOCK)
    told: list[bool] = []
    for piece in pieces:
        inflater.decompress(piece)
        told.append(position(inflater) == BETWEEN_BLOCKS)
    return told == [False, False, True, False, True, False, True, False]


POSITION_IS_TOLD: Final = compiled and is_position_told()


class Decompressor:
    """Inflates messages piece by piece, within a limit. No memory is taken before the first one.

    After an error nothing more can be inflated: the window is not what the peer thinks it is.
    """

    __slots__ = ("_ended", "_failed", "_final_blocks", "_forgets", "_inflater", "_window_bits")

    def __init__(self, parameters: DeflateParameters) -> None:
        self._window_bits = parameters.receive_window_bits
        self._forgets = parameters.receive_no_context_takeover
        self._inflater: zlib._Decompress | None = None  # pyright: ignore[reportPrivateUsage]
        # Whether the last byte of this message so far was that of a final block.
        self._ended = False
        self._final_blocks = 0
        self._failed = False

    def decompress(self, data: bytes, limit: int) -> bytes:
        """The next piece of a message, inflated.

        Args:
            data: the next compressed bytes of the message, as they came.
            limit: bytes that may come out of them.

        Raises:
            FrameTooBigError: more than `limit` bytes would come out; `.size` is how many did when we stopped.
            RemoteProtocolError: this is no DEFLATE data (1007).
        """
        if self._failed:
            self._fail("an earlier message could not be inflated")
        output = self._inflate(data, limit, 0)
        while (inflater := self._inflater) is not None and inflater.eof:
            # Section 7.2.3.4: a final block ends the DEFLATE stream, not the message; another stream may follow. zlib
            # would ignore it, and all later messages.
            self._inflater = None
            self._ended = True
            self._final_blocks += 1
            if self._final_blocks > MAX_FINAL_BLOCKS:
                self._fail(f"a compressed message has more than {MAX_FINAL_BLOCKS} final blocks")
            if inflater.unused_data:
                output += self._inflate(inflater.unused_data, limit, len(output))
        return output

    def finish(self, limit: int) -> bytes:
        """Ends the message (RFC 7692 section 7.2.2): its last piece, which is always empty.

        Args:
            limit: bytes that may still come out.

        Raises:
            FrameTooBigError: as `decompress` does.
            RemoteProtocolError: the message is cut off in the middle of a block (1007).
        """
        if self._failed:
            self._fail("an earlier message could not be inflated")
        if not self._ended:
            # Where bytes come out of the tail, it was read as the content of a stored block.
            if self._inflate(TAIL, limit, 0) or not self._is_between_blocks():
                self._fail("a compressed message ends in the middle of a block")
        if self._forgets:
            self._inflater = None
        self._ended = False
        self._final_blocks = 0
        return b""

    def _inflate(self, data: bytes, limit: int, before: int) -> bytes:
        """What comes out of `data`, where `limit` holds for it and for the `before` bytes that came out already."""
        if not data:
            return b""
        inflater = self._inflater
        if inflater is None:
            inflater = self._inflater = zlib.decompressobj(-self._window_bits)
        self._ended = False
        try:
            output = inflater.decompress(data, limit - before + 1)
        except zlib.error as error:
            self._fail("a compressed message is no DEFLATE data", error)
        size = before + len(output)
        if size > limit:
            self._failed = True
            self._inflater = None
            raise FrameTooBigError(f"more than {limit} bytes came out of inflating", size=size, limit=limit)
        return output

    def _is_between_blocks(self) -> bool:
        inflater = self._inflater
        assert inflater is not None
        if POSITION_IS_TOLD and position(inflater) == BETWEEN_BLOCKS:
            return True
        return can_read_final_block(inflater if self._forgets else inflater.copy())

    def _fail(self, message: str, cause: Exception | None = None) -> NoReturn:
        self._failed = True
        self._inflater = None
        raise RemoteProtocolError(message, code=1007) from cause
