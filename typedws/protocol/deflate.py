"""permessage-deflate: what may be asked for, what was agreed, and compressing by it (RFC 7692).

A message is one run of DEFLATE blocks that ends with an empty stored block, whose last four bytes, always 00 00 FF FF,
do not travel (section 7.2.1). Unless "no context takeover" was agreed, the window of the last message goes on in the
next, so messages of one direction are one endless DEFLATE stream. The other end of it is in `inflating`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

__all__ = ["TAIL", "Compressor", "Deflate", "DeflateParameters"]

MIN_WINDOW_BITS: Final = 9
"""The RFC allows 8, but zlib cannot compress with it."""
MAX_WINDOW_BITS: Final = 15
"""The window where nothing was said about it."""
DEFAULT_WINDOW_BITS: Final = 12

TAIL: Final = b"\x00\x00\xff\xff"
"""The end of every message, which does not travel."""
EMPTY_MESSAGE: Final = b"\x00"
"""Section 7.2.3.6. zlib may flush nothing at all when it has nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deflate:
    """permessage-deflate, as a client offers it and as a server is willing to accept it.

    Compression is off unless one of these is given as `extensions=[Deflate()]`. The defaults ask nothing that some
    peers refuse, and take about 32 KiB for sending and up to 40 KiB for receiving, once a connection compresses at all.
    A client may give several in order of preference, as in `[Deflate(server_max_window_bits=10), Deflate()]`.

    Raises:
        ValueError: a number out of its range.
    """

    client_max_window_bits: int | None = None
    """Window of what the client sends, as a power of two in bytes: 9 to 15, or None for the default. A client
    compresses with at most that, 12 (4 KiB) by default, and tells the server only that it can be limited further: a
    number in the offer makes some servers fail the handshake. A server limits clients that can be limited to it, to 12
    by default, which bounds the memory for receiving."""

    server_max_window_bits: int | None = None
    """Window of what the server sends, as a power of two in bytes: 9 to 15, or None for the default. A server
    compresses with at most that, 12 (4 KiB) by default. A client demands it, and a server that cannot be limited then
    declines or the handshake fails; by default a client demands nothing and keeps up to 32 KiB of window for
    receiving."""

    client_no_context_takeover: bool = False
    """Whether the client forgets its window after each message. It compresses small messages worse, and frees memory
    between messages on both ends. A client does it, a server asks for it. Off, because small messages gain most from
    the window."""

    server_no_context_takeover: bool = False
    """Whether the server forgets its window after each message. A server does it; a client demands it, and fails the
    handshake if the server does not agree. Off, for the same reason."""

    level: int = 6
    """Effort of zlib, 1 (fastest) to 9 (smallest). 6 is what zlib itself takes; higher ones cost much time for few
    bytes."""

    mem_level: int = 5
    """Memory of the compressor beside its window: 2 ** (mem_level + 9) bytes, 1 to 9. 5 (16 KiB) fits a window of 4
    KiB; zlib's own 8 (128 KiB) hardly compresses messages of a few KiB any better."""

    min_size: int = 64
    """Bytes of payload from which on a message is compressed. Below 64 the headers of frame and TCP outweigh the
    gain."""

    def __post_init__(self) -> None:
        for name in ("client_max_window_bits", "server_max_window_bits"):
            if getattr(self, name) is not None:
                _check_range(name, getattr(self, name), MIN_WINDOW_BITS, MAX_WINDOW_BITS, " or None")
        _check_range("level", self.level, 1, 9)
        _check_range("mem_level", self.mem_level, 1, 9)
        _check_range("min_size", self.min_size, 0, None)


def _check_range(name: str, value: object, least: int, most: int | None, also: str = "") -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least or (most is not None and value > most):
        allowed = f"{least} to {most}" if most is not None else f"{least} or more"
        raise ValueError(f"{name} must be {allowed}{also}, not {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeflateParameters:
    """What both ends agreed on, as one of them sees it.

    Attributes:
        send_window_bits: the largest window that we may compress with, 9 to 15.
        receive_window_bits: the largest window that the peer may use, 9 to 15.
        send_no_context_takeover: whether we forget our window after each message.
        receive_no_context_takeover: whether the peer does.
        level: effort of our zlib, 1 to 9.
        mem_level: memory of our compressor, 1 to 9.
        min_size: bytes of payload below which we do not compress a message.
    """

    send_window_bits: int = MAX_WINDOW_BITS
    receive_window_bits: int = MAX_WINDOW_BITS
    send_no_context_takeover: bool = False
    receive_no_context_takeover: bool = False
    level: int = 6
    mem_level: int = 5
    min_size: int = 64


class Compressor:
    """Compresses whole messages. No memory is taken before the first one, nor between two of them without takeover."""

    __slots__ = ("_deflater", "_parameters")

    def __init__(self, parameters: DeflateParameters) -> None:
        self._parameters = parameters
        self._deflater: zlib._Compress | None = None  # pyright: ignore[reportPrivateUsage]

    def compress(self, payload: bytes) -> bytes:
        """The payload of a frame with RSV1 set that carries `payload` as a whole message (RFC 7692 section 7.2.1)."""
        if not payload:
            return EMPTY_MESSAGE
        agreed = self._parameters
        deflater = self._deflater
        if deflater is None:
            deflater = zlib.compressobj(agreed.level, zlib.DEFLATED, -agreed.send_window_bits, agreed.mem_level)
            if not agreed.send_no_context_takeover:
                self._deflater = deflater
        return (deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH))[: -len(TAIL)]
