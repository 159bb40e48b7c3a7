"""Compressed messages with any parameters: what comes out is what went in, and never more than the limit.

The first two bytes choose the parameters of permessage-deflate, the rest are steps of the peer, each with an operation,
a length and so many bytes:

    0 1   a message, compressed as agreed: binary, text
    2     the same in three fragments, with Pings between them
    3     a bomb: the bytes a thousand times, 300 of them at most
    4     a message that ends in a final block (RFC 7692 section 7.2.3.4)
    5     an uncompressed message
    6 7   whatever the bytes are, as a compressed message, and as a fragment of one

What follows 6 or 7 is unknown; up to there, each message is known.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from fuzz.support.pieces import in_pieces
from fuzz.support.reference import BINARY, CONTINUATION, PING, PONG, TEXT, frames_in, masked
from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame, TextFrame
from typedws.protocol.connection import Connection
from typedws.protocol.deflate import DeflateParameters

__all__ = ["check"]

KEY: Final = b"\x37\xfa\x21\x3d"
LIMIT: Final = 20_000
TAIL: Final = b"\x00\x00\xff\xff"
LONG: Final = 255
"""A step with this length has all bytes that are left."""


@dataclass
class Peer:
    """The other end: compresses and inflates with zlib alone.

    Attributes:
        stream: what it sends.
        messages: what the library must make of it, as far as that is known.
        pings: payloads of its Pings.
        bomb: whether it sends more than the limit in the end.
        known: whether all of this is all that comes of the stream.
    """

    parameters: DeflateParameters
    client: bool
    stream: bytes = b""
    messages: list[TextFrame | BinaryFrame] = field(default_factory=list)
    pings: list[bytes] = field(default_factory=list)
    bomb: bool = False
    known: bool = True

    def __post_init__(self) -> None:
        self._deflater = self._new_deflater()
        self._inflater = zlib.decompressobj(-self.parameters.send_window_bits)
        self._open = False

    def _new_deflater(self) -> zlib._Compress:
        return zlib.compressobj(6, zlib.DEFLATED, -self.parameters.receive_window_bits)

    def compressed(self, payload: bytes) -> bytes:
        data = self._deflater.compress(payload) + self._deflater.flush(zlib.Z_SYNC_FLUSH)
        if self.parameters.receive_no_context_takeover:
            self._deflater = self._new_deflater()
        return data.removesuffix(TAIL) or b"\x00"

    def finally_compressed(self, payload: bytes) -> bytes:
        data = self._deflater.compress(payload) + self._deflater.flush(zlib.Z_FINISH)
        self._deflater = self._new_deflater()
        return data + b"\x00"

    def inflated(self, payload: bytes) -> bytes:
        data = self._inflater.decompress(payload + TAIL)
        if self.parameters.send_no_context_takeover:
            self._inflater = zlib.decompressobj(-self.parameters.send_window_bits)
        return data

    def frame(self, first: int, payload: bytes) -> None:
        mask = 0 if self.client else 0x80
        size = len(payload)
        if size < 126:
            head = bytes([first, mask | size])
        else:
            head = bytes([first, mask | 127 if size >> 16 else mask | 126]) + size.to_bytes(
                8 if size >> 16 else 2, "big"
            )
        self.stream += head + (payload if self.client else KEY + masked(payload, KEY))

    def step(self, operation: int, payload: bytes) -> None:
        kind = TEXT if operation == 1 and is_utf8(payload) else BINARY
        expected = payload
        if operation in (0, 1):
            self.frame(0xC0 | kind, self.compressed(payload))
        elif operation == 2:
            data = self.compressed(payload)
            third = len(data) // 3
            self.frame(0x40 | kind, data[:third])
            self.frame(0x80 | PING, payload[:20])
            self.frame(CONTINUATION, data[third : 2 * third])
            self.frame(0x80 | PING, b"")
            self.frame(0x80 | CONTINUATION, data[2 * third :])
            if self.known and not self.bomb:
                self.pings += [payload[:20], b""]
        elif operation == 3:
            expected = payload[:300] * 1000
            self.frame(0xC0 | kind, self.compressed(expected))
        elif operation == 4:
            self.frame(0xC0 | kind, self.finally_compressed(payload))
        elif operation == 5:
            self.frame(0x80 | kind, payload)
        else:
            self.known = False
            first = CONTINUATION if self._open else 0x40 | BINARY
            self._open = operation == 7
            self.frame(first if self._open else first | 0x80, payload)
        if self.known and not self.bomb:
            self.bomb = len(expected) > LIMIT
            if not self.bomb:
                self.messages.append(TextFrame(expected) if kind == TEXT else BinaryFrame(expected))


def is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def steps(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The operations, and their bytes."""
    while len(data) >= 2:
        operation, length = data[0] & 0x07, data[1]
        end = len(data) if length == LONG else 2 + length
        yield operation, data[2:end]
        data = data[end:]


def check(data: bytes) -> None:
    """Valid messages come out as they went in; nothing is larger than the limit; what we send can be inflated."""
    first, second = (data + b"\0\0")[:2]
    client = bool(first & 0x01)
    parameters = DeflateParameters(
        receive_window_bits=9 + second % 7,
        send_window_bits=9 + second // 7 % 7,
        receive_no_context_takeover=bool(first & 0x02),
        send_no_context_takeover=bool(first & 0x04),
        level=1 + (first >> 3 & 0x07),
        mem_level=1 + second // 49 % 6,
        min_size=0,
    )
    raw = bool(first & 0x80)
    peer = Peer(parameters, client)
    for operation, payload in steps(data[2:]):
        peer.step(operation, payload)
    outcomes = []
    for pieces in in_pieces(peer.stream):
        end = new_connection(parameters, client=client, raw=raw)
        for piece in pieces:
            end.receive_data(piece)
        outcomes.append(outcome(end))
        check_received(end, peer, raw=raw)
    assert all(each == outcomes[0] for each in outcomes), "it matters how the stream is cut"
    check_sent(new_connection(parameters, client=client, raw=raw), peer)


def new_connection(parameters: DeflateParameters, *, client: bool, raw: bool) -> Connection:
    many = 1 << 30
    return Connection(
        client=client,
        max_frame_size=many,
        max_message_size=LIMIT,
        max_queued_messages=many,
        max_queued_bytes=many,
        deflate=parameters,
        raw=raw,
    )


def outcome(end: Connection) -> tuple[object, ...]:
    """What must not depend on how the stream was cut."""
    return list(end.inbox), list(end.pongs), end.received, type(end.violation), str(end.violation)


def check_received(end: Connection, peer: Peer, *, raw: bool) -> None:
    """What is known of the messages, and the limit for all of them."""
    if not raw:
        messages = list(end.inbox)
        assert messages[: len(peer.messages)] == peer.messages
        assert not peer.known or len(messages) == len(peer.messages)
        assert all(len(message.data) <= LIMIT for message in messages)
        assert all(message.text is not None for message in messages if isinstance(message, TextFrame))
    else:
        size = 0
        for frame in end.inbox:
            if isinstance(frame, TextFrame | BinaryFrame):
                size += len(frame.data)
                assert size <= LIMIT
                size = 0 if frame.fin else size
    if peer.known and peer.bomb:
        assert isinstance(end.violation, FrameTooBigError)
        assert end.violation.size == LIMIT + 1 or end.violation.size > LIMIT == end.violation.limit
    elif peer.known:
        assert end.violation is None
        owed = frames_in(end.data_to_send(), masked_by_peer=peer.client)
        assert [(PONG, ping) for ping in peer.pings[-32:]] == [(frame.opcode, frame.payload) for frame in owed]
    assert isinstance(end.violation, RemoteProtocolError | FrameTooBigError | None)
    assert not isinstance(end.violation, RemoteProtocolError) or end.violation.code in (1002, 1007, 1008)


def check_sent(end: Connection, peer: Peer) -> None:
    """The peer inflates what we compress, with the window that was agreed."""
    for message in peer.messages:
        [frame] = frames_in(end.send_data(message), masked_by_peer=peer.client)
        assert (frame.opcode, frame.fin, frame.rsv1) == (TEXT if type(message) is TextFrame else BINARY, True, True)
        assert peer.inflated(frame.payload) == message.data
