"""From bytes to frames (RFC 6455 section 5.2); `framing` does the reverse.

      0               1               2               3
     +-+-+-+-+-------+-+-------------+-------------------------------+
     |F|R|R|R| opcode|M| length (7)  | length again, 16 or 64 bits,  |
     |I|S|S|S|  (4)  |A|             | where those 7 say 126 or 127  |
     |N|V|V|V|       |S|             |                               |
     | |1|2|3|       |K|             | then 4 bytes of key if masked |
     +-+-+-+-+-------+-+-------------+-------------------------------+

Readers share the work. `scan` takes whole, unfragmented, uncompressed data messages straight out of what the network
delivered: nearly all traffic, and the only part whose speed matters. It stops at the first byte that it does not
understand, and judges nothing. `Assembler.scan` does the same for compressed ones, and `Connection.receive_data` for a
small one that came alone. `HeaderReader` reads one header byte by byte if it must, checks it against every rule, and is
where all errors of framing come from. So no rule is checked in two places.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame, TextFrame
from typedws.protocol.masking import unmask
from typedws.protocol.text import is_ascii, is_utf8

__all__ = [
    "BINARY",
    "CLOSE",
    "CONTINUATION",
    "FIN",
    "PING",
    "PONG",
    "RSV1",
    "TEXT",
    "Header",
    "HeaderReader",
    "scan",
]

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

FIN: Final = 0x80
RSV1: Final = 0x40
RSV2_RSV3: Final = 0x30
MASKED: Final = 0x80

_KNOWN_OPCODES: Final = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})


def scan(
    data: bytes,
    start: int,
    masked: bool,
    limit: int,
    arrived: list[Any],
    bare: int,
    room: int,
    room_bytes: int,
) -> int:
    """Hands over the whole data messages at `start`.

    Args:
        data: what the network delivered; a frame must begin at `start`.
        start: where to begin.
        masked: whether the peer must mask.
        limit: the largest payload to take.
        arrived: where they are put.
        bare: the opcode of messages of which the payload alone is handed over; 0 for none.
        room: at most so many frames are taken.
        room_bytes: at most about so many payload bytes are taken. A message beyond it is left to the caller, who lets
            one of any size in where there is room at all.

    Returns:
        Where it stopped: at `len(data)`, or at a frame that is incomplete, a control frame, a fragment, compressed, too
        big, not UTF-8, or against the rules.
    """
    # This loop runs once per message, so it is written for few steps. `view` is `data`, and where this is compiled a
    # pointer to its bytes, which nothing checks: no index may lie beyond `end`.
    view = data
    # Bytes of the wire, so the backlog may be left with a little room; the next call goes on.
    end = min(len(data), start + room_bytes) if room_bytes < len(data) - start else len(data)
    header = 6 if masked else 2
    small = limit + 1 if limit < 126 else 126  # `limit` may be the largest number that C has
    text = 0x81 if bare == TEXT else -1  # how messages begin that are handed over as they are
    binary = 0x82 if bare == BINARY else -1
    for _ in repeat(None, room):
        payload_start = start + header
        if payload_start > end:
            break
        length = view[start + 1]
        if masked:
            length -= MASKED  # below 0 where the bit is not as it must be, and beyond 127 otherwise
        if length >= small:
            if length == 126:
                extra = 2
                minimum = 126
            elif length == 127:
                extra = 8
                minimum = 0x10000
            else:
                break
            payload_start += extra
            first = view[start]
            # The highest byte of eight: no limit is so large, and what is against the rules is not judged here.
            if payload_start > end or (first != 0x81 and first != 0x82) or (extra == 8 and view[start + 2]):
                break
            length = _to_int(view[start + 2 : start + 2 + extra], "big")
            if not minimum <= length <= limit:
                break
        stop = payload_start + length
        if stop > end:
            break
        if masked:
            if length < 0:
                break
            payload = unmask(data, payload_start - 4, stop)
        else:
            payload = view[payload_start:stop]
        if view[start] == text and is_ascii(payload):
            arrived.append(payload)
            start = stop
            continue
        first = view[start]
        if first == 0x82:
            arrived.append(payload if first == binary else BinaryFrame(payload))
        elif first == 0x81 and (is_ascii(payload) or is_utf8(payload)):
            arrived.append(payload if first == text else TextFrame(payload))
        else:
            break
        start = stop
    return start


_to_int: Final = int.from_bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A frame's header, checked."""

    fin: bool
    rsv1: bool
    opcode: int
    length: int
    key: bytes | None

    @property
    def is_control(self) -> bool:
        return self.opcode >= CLOSE


class HeaderReader:
    """Reads one frame header after another out of a byte stream that may be cut anywhere.

    Args:
        masked: whether the peer must mask its frames: True on a server, False on a client (section 5.1).
        compressed: whether permessage-deflate was negotiated, which gives RSV1 a meaning (RFC 7692 section 6).
    """

    def __init__(self, *, masked: bool, compressed: bool) -> None:
        self._masked = masked
        self._compressed = compressed
        self._bytes = bytearray()

    def feed(self, data: bytes, start: int, limit: int) -> tuple[Header | None, int]:
        """Goes on reading at `start`. At most 14 bytes are kept.

        Args:
            data: what the network delivered.
            start: where to go on.
            limit: the largest payload of a data frame, in bytes. Checked here, before any of it is kept.

        Returns:
            the header, or None where its end has not come yet, and where its payload, or the next call, begins.

        Raises:
            RemoteProtocolError: a rule of section 5 is broken.
            FrameTooBigError: a data frame over `limit`.
        """
        head = self._bytes
        while True:
            wanted = self._wanted() - len(head)
            if wanted == 0:
                break
            taken = data[start : start + wanted]
            head += taken
            start += len(taken)
            if len(taken) < wanted:
                return None, start
            if len(head) == 2:
                self._check_start(head[0], head[1])
        header = self._complete(limit)
        head.clear()
        return header, start

    def _wanted(self) -> int:
        """How long the header is, as far as its bytes tell."""
        head = self._bytes
        if len(head) < 2:
            return 2
        length = head[1] & 0x7F
        return 2 + (0 if length < 126 else 2 if length == 126 else 8) + (4 if head[1] & MASKED else 0)

    def _check_start(self, first: int, second: int) -> None:
        opcode = first & 0x0F
        # Section 5.2: reserved bits are 0 unless an extension gives them a meaning; unknown opcodes fail the
        # connection.
        if first & RSV2_RSV3:
            raise RemoteProtocolError("a reserved bit (RSV2 or RSV3) is set that no extension uses")
        if opcode not in _KNOWN_OPCODES:
            raise RemoteProtocolError(f"unknown opcode 0x{opcode:X}")
        if first & RSV1 and not self._compressed:
            raise RemoteProtocolError("RSV1 is set, but compression was not negotiated")
        if first & RSV1 and opcode not in (TEXT, BINARY):
            # RFC 7692 section 6.1: only the first frame of a message says that it is compressed.
            raise RemoteProtocolError("RSV1 is set on a frame that does not begin a message")
        # Section 5.1: a client masks every frame, a server none.
        if bool(second & MASKED) is not self._masked:
            raise RemoteProtocolError(
                "a frame from the client is not masked" if self._masked else "a frame from the server is masked"
            )
        if opcode >= CLOSE:
            # Section 5.5.
            if not first & FIN:
                raise RemoteProtocolError("a control frame is fragmented")
            if second & 0x7F > 125:
                raise RemoteProtocolError("a control frame has more than 125 bytes of payload")

    def _complete(self, limit: int) -> Header:
        head = self._bytes
        length = head[1] & 0x7F
        after = 2
        if length == 126:
            length = int.from_bytes(head[2:4], "big")
            after = 4
            minimum = 126
        elif length == 127:
            length = int.from_bytes(head[2:10], "big")
            after = 10
            minimum = 0x10000
        else:
            minimum = 0
        if length < minimum:
            raise RemoteProtocolError("a payload length is not written in the fewest bytes")
        if length >> 63:
            raise RemoteProtocolError("a payload length has its highest bit set")
        opcode = head[0] & 0x0F
        if length > limit and opcode < CLOSE:
            raise FrameTooBigError(f"a frame of {length} bytes, over the limit of {limit}", size=length, limit=limit)
        key = bytes(head[after : after + 4]) if self._masked else None
        return Header(bool(head[0] & FIN), bool(head[0] & RSV1), opcode, length, key)
