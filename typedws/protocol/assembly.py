"""From the payloads of data frames to whole messages (RFC 6455 sections 5.4 and 8.1, RFC 7692 section 6).

A payload comes in pieces, as the network cut it. Each piece is inflated, counted and checked when it comes, so that a
bad or too big message fails at its first bad byte, and no more memory is taken than was received.
"""

from __future__ import annotations

import codecs
import sys
from io import BytesIO
from typing import Final

from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame, DataFrame, TextFrame
from typedws.protocol.backlog import Backlog
from typedws.protocol.codec import BINARY, CONTINUATION, FIN, MASKED, RSV1, TEXT, Header
from typedws.protocol.deflate import DeflateParameters
from typedws.protocol.inflating import Decompressor
from typedws.protocol.masking import unmask
from typedws.protocol.text import is_ascii, is_utf8

__all__ = ["Assembler"]

FREE_FRAGMENTS: Final = 1024
BYTES_PER_FRAGMENT: Final = 32
"""A message may have 1024 fragments, and one more for each 32 bytes: 65,536 fragments of 64 bytes, but not of none."""

COMPRESSED: Final = FIN | RSV1

MAX_ROOM: Final = sys.maxsize - 1
"""The largest limit of an inflater, which asks for a byte more."""

_new_utf8_decoder: Final = codecs.getincrementaldecoder("utf-8")


class Assembler:
    """Joins fragments into messages.

    Args:
        max_message_size: bytes of one message, joined and inflated; settable, from the next piece on.
        deflate: what was negotiated for permessage-deflate, or None.
        raw: whether each fragment is handed out by itself.
    """

    __slots__ = (
        "_decompressor",
        "_fragments",
        "_inflating",
        "_opcode",
        "_payload",
        "_raw",
        "_size",
        "_utf8",
        "_wire_size",
        "max_message_size",
    )

    def __init__(self, *, max_message_size: int, deflate: DeflateParameters | None, raw: bool) -> None:
        self.max_message_size = max_message_size
        self._decompressor = Decompressor(deflate) if deflate is not None else None
        self._raw = raw
        self._opcode = 0
        self._inflating = False
        self._fragments = 0
        self._wire_size = 0
        self._size = 0
        # More than one piece goes into a BytesIO, which hands out what it holds without a copy.
        self._payload: bytes | BytesIO = b""
        self._utf8: codecs.IncrementalDecoder | None = None

    @property
    def is_between_messages(self) -> bool:
        """Whether the next data frame begins a message."""
        return not self._fragments

    def scan(self, data: bytes, start: int, masked: bool, limit: int, bare: int, backlog: Backlog) -> int:
        """Takes the whole compressed messages at `start`, to be called between messages; see `codec.scan`.

        Args:
            data: what the network delivered; a frame must begin at `start`.
            start: where to begin.
            masked: whether the peer must mask.
            limit: the largest payload of a frame to take.
            bare: the opcode of messages of which the payload alone is handed over; 0 for none.
            backlog: where they go, as long as there is room.

        Returns:
            Where it stopped: at `len(data)`, where the backlog is full, or at a frame that is anything else.

        Raises: as `add`.
        """
        if self._decompressor is None:
            return start
        view = data
        end = len(data)
        header = 6 if masked else 2
        mask_bit = MASKED if masked else 0
        while start + header <= end:
            first = view[start] ^ COMPRESSED
            length = view[start + 1] ^ mask_bit  # beyond 127 where the bit is not as it must be
            payload_start = start + header
            if length == 126:
                payload_start += 2
                if payload_start > end:
                    break
                length = view[start + 2] << 8 | view[start + 3]
                if length < 126:
                    break
            elif length > 126:
                break
            stop = payload_start + length
            if (first != TEXT and first != BINARY) or length > limit or stop > end or backlog.is_full():
                break
            payload = unmask(data, payload_start - 4, stop) if masked else data[payload_start:stop]
            self._opcode = first
            payload = self._inflate(payload)
            self._size = len(payload)
            if first == TEXT:
                self._check_utf8(payload)
            self._inflate(None)
            if self._utf8 is not None:
                self._check_utf8(b"", final=True)
                self._utf8 = None
            self._size = 0
            item = payload if first == bare else TextFrame(payload) if first == TEXT else BinaryFrame(payload)
            backlog.put(item, len(payload))
            start = stop
        return start

    def begin(self, header: Header) -> None:
        """A data frame begins.

        Raises:
            RemoteProtocolError: it is out of place, or one tiny fragment too many.
            FrameTooBigError: the message would be over its limit.
        """
        # Section 5.4: fragments of one message are not interleaved with those of another.
        if header.opcode == CONTINUATION:
            if not self._fragments:
                raise RemoteProtocolError("a continuation frame, but no message to continue")
        elif self._fragments:
            raise RemoteProtocolError("a new message begins before the last one has ended")
        else:
            self._opcode = header.opcode
            self._inflating = header.rsv1
        self._fragments += 1
        self._wire_size += header.length
        if self._fragments > FREE_FRAGMENTS + self._wire_size // BYTES_PER_FRAGMENT:
            raise RemoteProtocolError(f"a message in {self._fragments} tiny fragments", code=1008)
        if not self._inflating and self._size + header.length > self.max_message_size:
            self._fail_too_big(self._size + header.length)

    def add(self, piece: bytes) -> None:
        """Takes the next piece of the frame's payload, unmasked.

        Raises:
            RemoteProtocolError: it cannot be inflated, or is no UTF-8.
            FrameTooBigError: the inflated message is over its limit.
        """
        self._add(self._inflate(piece) if self._inflating else piece)

    def check(self, piece: memoryview) -> None:
        """As `add`, for a piece that is kept elsewhere until `end`."""
        self._size += len(piece)
        if self._opcode == TEXT:
            self._check_utf8(piece)

    def end(self, fin: bool, landed: bytes | None = None) -> DataFrame | None:
        """The frame has ended: the message where that was its last one, or in raw mode the fragment.

        Args:
            fin: whether it is the last one of its message.
            landed: the payload of a whole message, where it was kept elsewhere.

        Raises: as `add`.
        """
        if fin:
            if self._inflating:
                self._inflate(None)
            if self._utf8 is not None:
                self._check_utf8(b"", final=True)
                self._utf8 = None
            self._fragments = self._wire_size = self._size = 0
        elif not self._raw:
            return None
        payload = self._payload
        self._payload = b""
        data = landed if landed is not None else payload.getvalue() if isinstance(payload, BytesIO) else payload
        return TextFrame(data, fin=fin) if self._opcode == TEXT else BinaryFrame(data, fin=fin)

    def _add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._opcode == TEXT:
            self._check_utf8(piece)
        payload = self._payload
        if isinstance(payload, BytesIO):
            payload.write(piece)
        elif not payload:
            self._payload = piece
        else:
            self._payload = joined = BytesIO()
            joined.write(payload)
            joined.write(piece)

    def _inflate(self, piece: bytes | None) -> bytes:
        """The next piece of the message, inflated; None for its end, which is empty."""
        decompressor = self._decompressor
        assert decompressor is not None  # RSV1 is refused without it
        # The limit may have been lowered in the middle of the message, and may be the largest number there is.
        room = min(max(0, self.max_message_size - self._size), MAX_ROOM)
        try:
            if piece is None:
                return decompressor.finish(room)
            return decompressor.decompress(piece, room)
        except FrameTooBigError as error:
            self._fail_too_big(self._size + error.size)
            raise

    def _fail_too_big(self, size: int) -> None:
        limit = self.max_message_size
        raise FrameTooBigError(f"a message of {size} bytes or more, over the limit of {limit}", size=size, limit=limit)

    def _check_utf8(self, piece: bytes | memoryview, final: bool = False) -> None:
        try:
            if self._utf8 is None:
                # Most pieces are whole characters, and only what is cut needs a decoder, which is not cheap to make.
                if isinstance(piece, bytes) and (is_ascii(piece) or is_utf8(piece)):
                    return
                self._utf8 = _new_utf8_decoder()
            self._utf8.decode(piece, final)
        except UnicodeDecodeError as error:
            raise RemoteProtocolError(f"a text message is not UTF-8: {error.reason}", code=1007) from None
