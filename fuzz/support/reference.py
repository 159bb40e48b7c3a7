"""A second reader of frames (RFC 6455 section 5), which shares no code with the library: what must come of a stream.

It has the whole stream before it, and is written to be compared with the RFC, not to be fast. It knows no compression.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Read", "Violation", "WireFrame", "check_utf8", "frames_in", "masked", "read_stream"]

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
REMEMBERED_PINGS = 32


class WireFrame(NamedTuple):
    """A frame, unmasked."""

    opcode: int
    payload: bytes
    fin: bool = True
    rsv1: bool = False


class Violation(Exception):
    """The peer broke a rule; the argument is the close code that it gets."""


@dataclass
class Read:
    """What comes of a stream.

    Attributes:
        frames: what the application gets: opcode, payload, whether it is whole or the last fragment.
        pongs: payloads of Pongs.
        pings: payloads of the Pings that must be answered.
        close: code and text of the Close that came, 1005 for an empty one.
        violation: the code of the violation, or None.
    """

    frames: list[tuple[int, bytes, bool]] = field(default_factory=list)
    pongs: list[bytes] = field(default_factory=list)
    pings: list[bytes] = field(default_factory=list)
    close: tuple[int, str] | None = None
    violation: int | None = None


def masked(payload: bytes, key: bytes) -> bytes:
    """A payload under a mask, or from under it (section 5.3)."""
    return bytes(byte ^ key[i % 4] for i, byte in enumerate(payload)) if any(key) else payload


def frames_in(stream: bytes, *, masked_by_peer: bool) -> list[WireFrame]:
    """The frames of a stream that we wrote: all of them whole, and as the RFC wants them."""
    found: list[WireFrame] = []
    while stream:
        first, second = stream[0], stream[1]
        assert not first & 0x30, "a reserved bit is set"
        assert bool(second & 0x80) is masked_by_peer, "the mask bit is wrong"
        size, start = second & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            smallest = 126 if size == 126 else 1 << 16
            size = int.from_bytes(stream[2:start], "big")
            assert size >= smallest, "the length is not in its shortest form"
        key = bytes(4)
        if masked_by_peer:
            key, start = stream[start : start + 4], start + 4
        payload = stream[start : start + size]
        assert len(payload) == size, "a frame is cut off"
        opcode = first & 0x0F
        assert opcode in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG), "an unknown opcode"
        assert opcode < CLOSE or (first & 0x80 and size <= 125), "a control frame is too long or a fragment"
        found.append(WireFrame(opcode, masked(payload, key), bool(first & 0x80), bool(first & 0x40)))
        stream = stream[start + size :]
    return found


def read_stream(stream: bytes, *, client: bool, raw: bool, limit: int, frame_limit: int, closing: bool) -> Read:
    """What the end of a connection must make of a stream.

    Args:
        stream: all that the peer sends.
        client: whether a client reads it, to whom nobody masks.
        raw: whether control frames and fragments are handed out.
        limit: bytes of a message.
        frame_limit: bytes of a frame.
        closing: whether our own Close went out before: data is discarded then, and Pings are not answered.
    """
    read = Read()
    try:
        _read_into(read, stream, client=client, raw=raw, limit=limit, frame_limit=frame_limit, closing=closing)
    except Violation as violation:
        read.violation = violation.args[0]
    read.pings = read.pings[-REMEMBERED_PINGS:]
    return read


def _read_into(
    read: Read, stream: bytes, *, client: bool, raw: bool, limit: int, frame_limit: int, closing: bool
) -> None:
    kind = fragments = size = 0
    gathered = b""  # of the message, or in raw mode of the fragment
    utf8 = codecs.getincrementaldecoder("utf-8")()
    while (begun := _begun(stream, client=client, limit=frame_limit)) is not None:
        stream = begun.rest
        if begun.opcode >= CLOSE:
            if not begun.complete:
                return
            _control(read, begun.opcode, begun.payload, raw=raw, closing=closing)
            if begun.opcode == CLOSE:
                return
        elif not closing:
            if (begun.opcode == CONTINUATION) is not bool(fragments):
                raise Violation(1002)
            kind = begun.opcode or kind
            fragments += 1
            if fragments > 1024 + (size + begun.length) // 32:
                raise Violation(1008)
            if size + begun.length > limit:
                raise Violation(1009)
            size += begun.length
            gathered += begun.payload
            if kind == TEXT:
                check_utf8(utf8, begun.payload, begun.fin and begun.complete)
            if begun.complete and (begun.fin or raw):
                read.frames.append((kind, gathered, begun.fin))
                gathered = b""
            if begun.complete and begun.fin:
                fragments = size = 0
                utf8.reset()
        if not begun.complete:
            return


class Begun(NamedTuple):
    """A frame whose header is there, and of its payload as much as is."""

    opcode: int
    fin: bool
    length: int
    payload: bytes
    rest: bytes

    @property
    def complete(self) -> bool:
        return len(self.payload) == self.length


def _begun(stream: bytes, *, client: bool, limit: int) -> Begun | None:
    if len(stream) < 2:
        return None
    first, second = stream[0], stream[1]
    opcode, length, start, smallest = first & 0x0F, second & 0x7F, 2, 0
    if first & 0x70 or opcode in (3, 4, 5, 6, 7) or opcode > PONG or bool(second & 0x80) is client:
        raise Violation(1002)
    if opcode >= CLOSE and (not first & 0x80 or length > 125):
        raise Violation(1002)
    if length == 126:
        start, smallest = 4, 126
    elif length == 127:
        start, smallest = 10, 1 << 16
    end = start if client else start + 4
    if len(stream) < end:
        return None
    if start > 2:
        length = int.from_bytes(stream[2:start], "big")
    if length < smallest or length >= 1 << 63:
        raise Violation(1002)
    if opcode < CLOSE and length > limit:
        raise Violation(1009)
    key = bytes(4) if client else stream[start:end]
    return Begun(opcode, bool(first & 0x80), length, masked(stream[end : end + length], key), stream[end + length :])


def _control(read: Read, opcode: int, payload: bytes, *, raw: bool, closing: bool) -> None:
    if opcode == PONG:
        read.pongs.append(payload)
    elif opcode == PING and not closing:
        read.pings.append(payload)
    elif opcode == CLOSE:
        read.close = _close(payload)
    if raw and not closing:
        read.frames.append((opcode, payload, True))


def _close(payload: bytes) -> tuple[int, str]:
    if not payload:
        return 1005, ""
    code = int.from_bytes(payload[:2], "big")
    may_be_sent = code in (*range(1000, 1004), *range(1007, 1015), *range(3000, 5000))
    if len(payload) == 1 or not may_be_sent:
        raise Violation(1002)
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError:
        raise Violation(1007) from None


def check_utf8(decoder: codecs.IncrementalDecoder, piece: bytes, final: bool) -> None:
    """Takes the next piece of a text (section 8.1).

    Raises:
        Violation: it is none.
    """
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        raise Violation(1007) from None
