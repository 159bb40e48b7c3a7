"""Frames and the answer of an opening handshake, written and read by hand: no code of the library is in here."""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


class Sent(NamedTuple):
    """A frame that the session sent, unmasked."""

    opcode: int
    payload: bytes = b""
    fin: bool = True


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes | None = None) -> bytes:
    """The bytes of a frame, as a server sends it unless a mask is given."""
    size = len(payload)
    marked = 0 if mask is None else 0x80
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if size < 126:
        head += bytes([marked | size])
    elif size < 1 << 16:
        head += bytes([marked | 126]) + struct.pack("!H", size)
    else:
        head += bytes([marked | 127]) + struct.pack("!Q", size)
    return head + payload if mask is None else head + mask + masked(payload, mask)


def masked(payload: bytes, key: bytes) -> bytes:
    """`payload` under the mask: the plainest way to write it down (RFC 6455 section 5.3)."""
    if len(payload) > 4096:  # too slow for big ones
        repeated = (key * (len(payload) // 4 + 1))[: len(payload)]
        return (int.from_bytes(payload) ^ int.from_bytes(repeated)).to_bytes(len(payload))
    return bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


def text(payload: str, *, fin: bool = True) -> bytes:
    return frame(TEXT, payload.encode(), fin=fin)


def binary(payload: bytes, *, fin: bool = True) -> bytes:
    return frame(BINARY, payload, fin=fin)


def continuation(payload: bytes, *, fin: bool = True) -> bytes:
    return frame(CONTINUATION, payload, fin=fin)


def ping(payload: bytes = b"") -> bytes:
    return frame(PING, payload)


def pong(payload: bytes = b"") -> bytes:
    return frame(PONG, payload)


def close(code: int | None = 1000, message: str = "") -> bytes:
    return frame(CLOSE, b"" if code is None else close_payload(code, message))


def close_payload(code: int, message: str = "") -> bytes:
    return code.to_bytes(2, "big") + message.encode()


class FrameParser:
    """What the session wrote, as frames. It accepts nothing that a client may not send.

    Args:
        masked: whether the session masks, as a client does; without it, what a server may not send is refused.
    """

    def __init__(self, *, masked: bool = True) -> None:
        self._masked = masked
        self._buffer = bytearray()
        self.closed = False

    def feed(self, data: bytes) -> None:
        self._buffer += data

    @property
    def is_between_frames(self) -> bool:
        return not self._buffer

    def next(self) -> Sent | None:
        data = self._buffer
        if len(data) < 2:
            return None
        assert not data[0] & 0x70, "a reserved bit is set"
        assert bool(data[1] & 0x80) is self._masked, "a client must mask" if self._masked else "a server may not mask"
        size, start = data[1] & 0x7F, 2
        if size >= 126:
            start += 2 if size == 126 else 8
            if len(data) < start:
                return None
            smallest = 126 if size == 126 else 1 << 16
            size = int.from_bytes(data[2:start])
            assert size >= smallest, "the length is not in its shortest form"
        begin = start + 4 if self._masked else start
        end = begin + size
        if len(data) < end:
            return None
        payload = bytes(data[begin:end])
        if self._masked:
            payload = masked(payload, bytes(data[start:begin]))
        sent = Sent(data[0] & 0x0F, payload, bool(data[0] & 0x80))
        assert not self.closed, "a frame after the Close"
        self.closed = sent.opcode == CLOSE
        del data[:end]
        return sent


def upgrade(head: bytes, *fields: str) -> bytes:
    """The response that accepts the request in `head`, with further header fields."""
    key = next(line[19:].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: "))
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", *fields]
    return "\r\n".join([*lines, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode()
