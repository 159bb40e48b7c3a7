"""What a row of the catalogue is: what a peer sends, and what has to come of it. Rows are data; one test plays them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from tests.raw_frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Sent, close_payload, masked
from typedws.close import CloseReason
from typedws.frames import BinaryFrame, TextFrame

CANARY = "hunter2"
"""It stands in every payload, and may stand in no error and no log."""

LIMIT = 200
"""Bytes of a frame and of a message in a session that plays a row, unless the row says otherwise."""

KEY = b"\x37\xfa\x21\x3d"
"""The mask of a peer that is a client."""


@dataclass(frozen=True, slots=True)
class Written:
    """A frame as a peer writes it, by the rules or against them. Its mask depends on who the peer is.

    Attributes:
        length: what the header says; the length of the payload unless given.
        width: bytes of the length behind the second byte, 0, 2 or 8; as few as it needs unless given.
        masked_rightly: False for a mask where none may be, and none where one must be.
    """

    opcode: int
    payload: bytes = b""
    fin: bool = True
    rsv: int = 0
    length: int | None = None
    width: int | None = None
    masked_rightly: bool = True

    def to_bytes(self, key: bytes | None) -> bytes:
        """The bytes of a peer that masks with `key`, or must not mask."""
        if not self.masked_rightly:
            key = KEY if key is None else None
        length = len(self.payload) if self.length is None else self.length
        width = self.width
        if width is None:
            width = 0 if length < 126 else 2 if length < 1 << 16 else 8
        second = {0: length, 2: 126, 8: 127}[width] | (0x80 if key else 0)
        head = bytes([self.fin << 7 | self.rsv << 4 | self.opcode, second]) + length.to_bytes(8)[8 - width :]
        return head + self.payload if key is None else head + key + masked(self.payload, key)


def text(payload: str | bytes = "", *, fin: bool = True, rsv: int = 0) -> Written:
    return Written(TEXT, payload.encode() if isinstance(payload, str) else payload, fin, rsv)


def binary(payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> Written:
    return Written(BINARY, payload, fin, rsv)


def more(payload: bytes = b"", *, fin: bool = True) -> Written:
    """A continuation frame."""
    return Written(CONTINUATION, payload, fin)


def ping(payload: bytes = b"") -> Written:
    return Written(PING, payload)


def pong(payload: bytes = b"") -> Written:
    return Written(PONG, payload)


def closing(code: int = 1000, message: str = "") -> Written:
    return Written(CLOSE, close_payload(code, message))


Message: TypeAlias = TextFrame | BinaryFrame


@dataclass(frozen=True, slots=True)
class Taken:
    """All of it is in order: these messages arrive, and these frames are the answers. The peer then closes."""

    messages: tuple[Message, ...] = ()
    answers: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """After these messages the connection fails, and the peer is told so with this code."""

    code: int
    messages: tuple[Message, ...] = ()
    answers: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """After these messages the peer's Close is met, told as it came, and answered with its code."""

    reason: CloseReason
    messages: tuple[Message, ...] = ()
    answers: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """The peer ends the stream behind it. After these messages that is 1006, and no Close is sent."""

    messages: tuple[Message, ...] = ()
    answers: tuple[Sent, ...] = ()


Outcome: TypeAlias = Taken | Failed | Closed | Lost


class Compression(enum.Enum):
    """Whether the peer's compressor remembers its last message, where compression was negotiated at all."""

    KEPT = "with takeover"
    FORGOTTEN = "without takeover"


@dataclass(frozen=True, slots=True)
class Row:
    """One hostile, or merely unusual, peer after the opening handshake.

    Attributes:
        id: the case of the index, and what is special about this row.
        sent: its frames.
        outcome: what comes of them.
        compression: what was negotiated.
        limit: bytes of a frame and of a message in the session that plays it.
        missing: how many bytes at the end of the frames are never sent.
        pure: whether it is played without I/O only, because others like it are played over sockets.
    """

    id: str
    sent: tuple[Written, ...]
    outcome: Outcome
    compression: Compression | None = None
    limit: int = LIMIT
    missing: int = 0
    pure: bool = False

    @property
    def case(self) -> str:
        return self.id.split()[0]

    @property
    def is_greedy(self) -> bool:
        """Whether the peer claims, or sends, more than a session may hold."""
        too_much = isinstance(self.outcome, Failed) and self.outcome.code in (1008, 1009)
        return too_much or any((frame.length or 0) > self.limit for frame in self.sent)

    def stream(self, key: bytes | None) -> bytes:
        """What a peer sends that masks with `key`, or must not mask."""
        stream = b"".join(frame.to_bytes(key) for frame in self.sent)
        return stream[: len(stream) - self.missing]
