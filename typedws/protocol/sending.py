"""From frames to the bytes of the wire: compression, and the order of fragments (RFC 6455 section 5)."""

from __future__ import annotations

from typing import Final

from typedws.errors import LocalProtocolError
from typedws.frames import DataFrame, TextFrame
from typedws.protocol.codec import BINARY, CONTINUATION, FIN, PING, PONG, RSV1, TEXT
from typedws.protocol.deflate import Compressor, DeflateParameters
from typedws.protocol.framing import encode_frame
from typedws.protocol.text import is_ascii, is_utf8

__all__ = ["FIN_TEXT", "Sender"]

FIN_TEXT: Final = FIN | TEXT
_FIN_BINARY: Final = FIN | BINARY


class Sender:
    """Makes the bytes of data frames, and of Pings and Pongs.

    Args:
        client: whether frames are masked.
        deflate: what was negotiated for permessage-deflate, or None.
        raw: whether fragments may be sent.
        bare: the kind of the messages that `bare` makes.

    Attributes:
        client: whether frames are masked.
        is_simple: whether a whole message is one frame now, and its payload nothing but the message.
        is_simple_text: whether that is so, and `bare` makes text: `encode_frame` then does where the text is ASCII.
    """

    def __init__(
        self, *, client: bool, deflate: DeflateParameters | None, raw: bool, bare: type[DataFrame] | None
    ) -> None:
        self.client = client
        self._raw = raw
        self._kind = bare
        self._compressor = Compressor(deflate) if deflate is not None else None
        self._min_compressed = deflate.min_size if deflate is not None else 0
        # The opcode of the message that is being sent in fragments, or 0.
        self._sending = 0
        self.is_simple = self.is_simple_text = False
        self._choose_way()

    def _choose_way(self) -> None:
        self.is_simple = self._compressor is None and not self._sending
        self.is_simple_text = self.is_simple and self._kind is TextFrame

    def check_order(self, frame: DataFrame) -> None:
        """Raises `LocalProtocolError` where `frame` may not be sent now: a fragment out of place (section 5.4)."""
        opcode = TEXT if type(frame) is TextFrame else BINARY
        if self._sending and self._sending != opcode:
            raise LocalProtocolError("a message is being sent in fragments; the next frame must go on with its kind")
        if not frame.fin and not self._raw:
            raise LocalProtocolError("a fragment (fin=False) can be sent with SessionConfig(raw=True) only")

    def data(self, frame: DataFrame) -> bytes:
        """The bytes of a message, compressed where that was negotiated and is worth it, or of a fragment.

        Raises:
            LocalProtocolError: a fragment out of place; see `check_order`.
            ValueError: a whole text message that is not UTF-8.
        """
        payload = frame.data
        if type(frame) is TextFrame:
            opcode = TEXT
            if frame.fin and not self._sending and not is_ascii(payload):
                _check_text(payload)
        else:
            opcode = BINARY
        if self._sending or not frame.fin:
            self.check_order(frame)
            first = CONTINUATION if self._sending else opcode
            self._sending = 0 if frame.fin else opcode
            self._choose_way()
            return encode_frame(FIN | first if frame.fin else first, payload, self.client)
        if self._compressor is not None and len(payload) >= self._min_compressed:
            return encode_frame(FIN | RSV1 | opcode, self._compressor.compress(payload), self.client)
        return encode_frame(FIN | opcode, payload, self.client)

    def bare(self, payload: bytes) -> bytes:
        """The bytes of a whole message of one kind, of which there is only the payload; otherwise as `data`.

        Raises:
            TypeError: no bytes.
            ValueError: text that is not UTF-8.
        """
        if not self.is_simple:
            assert self._kind is not None
            return self.data(self._kind(payload))
        if self.is_simple_text:
            if not is_ascii(payload):
                _check_text(payload)
            return encode_frame(FIN_TEXT, payload, self.client)
        if type(payload) is not bytes:
            raise TypeError(f"a payload is bytes, not {type(payload).__name__}")
        return encode_frame(_FIN_BINARY, payload, self.client)

    def ping(self, payload: bytes) -> bytes:
        """The bytes of a Ping."""
        return encode_frame(FIN | PING, payload, self.client)

    def pong(self, payload: bytes) -> bytes:
        """The bytes of a Pong."""
        return encode_frame(FIN | PONG, payload, self.client)


def _check_text(payload: bytes) -> None:
    if not is_utf8(payload):
        raise ValueError("a text message must be UTF-8; send bytes of any other kind as BinaryFrame")
