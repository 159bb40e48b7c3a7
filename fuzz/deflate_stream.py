"""Compressed messages with any parameters: what comes out is what a second reader makes of them, within the limit.

The first two bytes choose the parameters of permessage-deflate, the rest are steps of the peer, each with an operation,
a length and so many bytes:

    0 1   a message, compressed as agreed: binary, text
    2     the same in three fragments, with Pings between them
    3     a bomb: the bytes a hundred times, 300 of them at most
    4     a message that ends in a final block (RFC 7692 section 7.2.3.4)
    5     an uncompressed message
    6 7   whatever the bytes are, as the last frame of a compressed message, and as an earlier one
    8     the same as a text
    9     a long message, in which the same comes again far behind
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from fuzz.support.inflating import TAIL, Messages
from fuzz.support.pieces import in_pieces
from fuzz.support.reference import BINARY, CONTINUATION, PING, PONG, TEXT, frames_in, masked
from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame, PingFrame, TextFrame
from typedws.protocol.connection import Connection
from typedws.protocol.deflate import DeflateParameters

__all__ = ["check"]

KEY: Final = b"\x37\xfa\x21\x3d"
LIMIT: Final = 5_000
LONG: Final = 255
"""A step with this length has all bytes that are left."""

NOISE: Final = random.Random(7692).randbytes(1200)
"""What cannot be compressed, so that what is around it is far apart."""


@dataclass
class Peer:
    """The other end: compresses and inflates with zlib alone.

    Attributes:
        stream: what it sends.
        sent: the messages that it compressed as was agreed.
        read: what must come of its data frames.
        pings: payloads of its Pings, up to the violation.
    """

    parameters: DeflateParameters
    client: bool
    raw: bool
    stream: bytes = b""
    sent: list[TextFrame | BinaryFrame] = field(default_factory=list)
    pings: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.read = Messages(
            window_bits=self.parameters.receive_window_bits,
            forgets=self.parameters.receive_no_context_takeover,
            limit=LIMIT,
            raw=self.raw,
        )
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

    def step(self, operation: int, payload: bytes) -> None:
        kind = TEXT if operation == 1 and is_utf8(payload) else BINARY
        if operation == 3:
            payload = payload[:300] * 100
        elif operation == 9:
            payload = (payload[:300] + NOISE) * 3
        if operation in (6, 7, 8):
            opcode = CONTINUATION if self._open else TEXT if operation == 8 else BINARY
            self.data(opcode, payload, fin=operation != 7, rsv1=not self._open)
            self._open = operation == 7
            return
        if operation == 2:
            data = self.compressed(payload)
            third = len(data) // 3
            self.data(kind, data[:third], fin=False)
            self.ping(payload[:20])
            self.data(CONTINUATION, data[third : 2 * third], fin=False, rsv1=False)
            self.ping(b"")
            self.data(CONTINUATION, data[2 * third :], rsv1=False)
        elif operation == 4:
            self.data(kind, self.finally_compressed(payload))
        elif operation == 5:
            self.data(kind, payload, rsv1=False)
        else:
            self.data(kind, self.compressed(payload))
        self.sent.append(TextFrame(payload) if kind == TEXT else BinaryFrame(payload))

    def data(self, opcode: int, payload: bytes, *, fin: bool = True, rsv1: bool = True) -> None:
        """Sends a data frame."""
        self._frame(opcode | (0x80 if fin else 0) | (0x40 if rsv1 else 0), payload)
        self.read.take(opcode, payload, fin=fin, rsv1=rsv1)

    def ping(self, payload: bytes) -> None:
        self._frame(0x80 | PING, payload)
        if self.read.violation is None:
            self.pings.append(payload)
            if self.raw:
                self.read.frames.append((PING, payload, True))

    def _frame(self, first: int, payload: bytes) -> None:
        mask = 0 if self.client else 0x80
        size = len(payload)
        head = bytes([first, mask | size]) if size < 126 else bytes([first, mask | 126]) + size.to_bytes(2, "big")
        self.stream += head + (payload if self.client else KEY + masked(payload, KEY))


def is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def steps(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The operations, and their bytes."""
    while len(data) >= 2:
        operation, length = data[0] % 10, data[1]
        end = len(data) if length == LONG else 2 + length
        yield operation, data[2:end]
        data = data[end:]


def check(data: bytes) -> None:
    """What comes of a stream is the same however it is cut; what we send can be inflated."""
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
    peer = Peer(parameters, client, raw)
    for operation, payload in steps(data[2:]):
        peer.step(operation, payload)
    outcomes = []
    for pieces in in_pieces(peer.stream):
        end = new_connection(parameters, client=client, raw=raw)
        for piece in pieces:
            end.receive_data(piece)
        outcomes.append(outcome(end, peer))
        check_received(end, peer)
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


def outcome(end: Connection, peer: Peer) -> tuple[object, ...]:
    """What must not depend on how the stream was cut."""
    return list(end.backlog), list(end.pongs), end.received, None if peer.read.either else str(end.violation)


def check_received(end: Connection, peer: Peer) -> None:
    """Frames, the violation, and Pongs for the latest Pings."""
    kinds = {TextFrame: TEXT, BinaryFrame: BINARY, PingFrame: PING}
    assert [(kinds[type(frame)], frame.data, frame.fin) for frame in end.backlog] == peer.read.frames
    violation = end.violation
    code = None
    if isinstance(violation, FrameTooBigError):
        code = 1009
        assert violation.size > LIMIT == violation.limit
    elif violation is not None:
        assert isinstance(violation, RemoteProtocolError)
        code = violation.code
    assert code == peer.read.violation or (peer.read.either and code in (1007, 1009))
    owed = frames_in(end.data_to_send(), masked_by_peer=peer.client)
    assert [(frame.opcode, frame.payload) for frame in owed] == [(PONG, ping) for ping in peer.pings[-32:]]


def check_sent(end: Connection, peer: Peer) -> None:
    """The peer inflates what we compress, with the window that was agreed."""
    for message in peer.sent:
        [frame] = frames_in(end.sender.data(message), masked_by_peer=peer.client)
        assert (frame.opcode, frame.fin, frame.rsv1) == (TEXT if type(message) is TextFrame else BINARY, True, True)
        assert peer.inflated(frame.payload) == message.data
