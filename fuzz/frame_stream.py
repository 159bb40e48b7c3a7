"""Bytes behind the opening handshake, without compression: what comes out is what a second reader makes of them.

The first byte chooses the end that reads; the rest is what its peer sends.

    01  a client reads, to whom nobody masks; otherwise a server
    02  raw mode
    04  our own Close went out before
    08  a limit of 200 bytes for a message, instead of 4000
    10  the inbox takes two messages, and its owner empties it whenever it is full
    20  half of that limit for a frame
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from fuzz.support.pieces import in_pieces
from fuzz.support.reference import BINARY, CLOSE, PING, PONG, TEXT, Read, frames_in, read_stream
from typedws.close import CloseReason
from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame, CloseFrame, Frame, PingFrame, PongFrame, TextFrame
from typedws.protocol.connection import Connection

__all__ = ["check"]

KINDS: Final[dict[type, int]] = {
    TextFrame: TEXT,
    BinaryFrame: BINARY,
    PingFrame: PING,
    PongFrame: PONG,
    CloseFrame: CLOSE,
}
MANY: Final = 1 << 30


@dataclass(frozen=True)
class Options:
    """What the first byte says."""

    client: bool
    raw: bool
    closing: bool
    limit: int
    frame_limit: int
    room: int

    @property
    def room_bytes(self) -> int:
        return self.limit if self.room < MANY else MANY

    def connection(self) -> Connection:
        end = Connection(
            client=self.client,
            max_frame_size=self.frame_limit,
            max_message_size=self.limit,
            max_queued_messages=self.room,
            max_queued_bytes=self.room_bytes,
            raw=self.raw,
        )
        if self.closing:
            end.close(CloseReason(1000))
        return end


@dataclass
class Owner:
    """Takes what a connection has, as a session and a wire do."""

    end: Connection
    options: Options
    frames: list[Frame] = field(default_factory=list)
    pongs: list[bytes] = field(default_factory=list)

    def feed(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            self.end.receive_data(piece)
            self.pongs += self.end.pongs
            self.end.pongs.clear()
            while self.end.is_full:
                self._take()
                self.end.resume()
                self.pongs += self.end.pongs
                self.end.pongs.clear()
        self._take()
        assert not self.end.is_stalled

    def _take(self) -> None:
        # The message that fills the inbox is the last one in it.
        assert len(self.end.backlog) <= self.options.room
        backlog = self.end.backlog
        assert backlog.size < self.options.room_bytes + self.options.limit
        assert backlog.size == sum(len(frame.data) for frame in self.end.backlog)
        self.frames += [self.end.backlog.take() for _ in range(len(self.end.backlog))]


def check(data: bytes) -> None:
    """The events are those of the second reader, however the stream is cut; what we owe are frames."""
    flags, stream = data[0] if data else 0, data[1:]
    limit = 200 if flags & 0x08 else 4000
    options = Options(
        client=bool(flags & 0x01),
        raw=bool(flags & 0x02),
        closing=bool(flags & 0x04),
        limit=limit,
        frame_limit=limit // 2 if flags & 0x20 else limit,
        room=2 if flags & 0x10 else MANY,
    )
    expected = read_stream(
        stream,
        client=options.client,
        raw=options.raw,
        limit=options.limit,
        frame_limit=options.frame_limit,
        closing=options.closing,
    )
    texts = set()
    for pieces in in_pieces(stream):
        end = options.connection()
        owner = Owner(end, options)
        owner.feed(pieces)
        check_received(owner, expected, options)
        texts.add(str(end.violation))
        check_owed(end, expected, options)
        check_failing(end, expected, options)
    assert len(texts) == 1, texts


def check_received(owner: Owner, expected: Read, options: Options) -> None:
    """Frames, Pongs, the Close and the violation."""
    end = owner.end
    assert [(KINDS[type(frame)], frame.data, frame.fin) for frame in owner.frames] == expected.frames
    assert owner.pongs == expected.pongs
    assert (end.received and (end.received.code, end.received.message)) == expected.close
    assert end.by_peer is (expected.close is not None and not options.closing)
    for frame in owner.frames:
        assert len(frame.data) <= options.limit
        if isinstance(frame, TextFrame) and not options.raw:
            assert frame.text.encode() == frame.data
    violation = end.violation
    if isinstance(violation, FrameTooBigError):
        assert violation.size > violation.limit
        assert violation.limit in (options.limit, options.frame_limit)
        assert expected.violation == 1009
    elif isinstance(violation, RemoteProtocolError):
        assert violation.code == expected.violation
    else:
        assert violation is None
        assert expected.violation is None
    assert len(str(violation)) < 150
    assert str(violation).isprintable()


def check_owed(end: Connection, expected: Read, options: Options) -> None:
    """A Pong for each of the latest Pings, and the echo of the Close, once."""
    owed = [(frame.opcode, frame.payload) for frame in frames_in(end.data_to_send(), masked_by_peer=options.client)]
    answers = [(PONG, payload) for payload in expected.pings]
    if expected.close is not None and not options.closing:
        code = expected.close[0]
        answers.append((CLOSE, b"" if code == 1005 else code.to_bytes(2, "big")))
    assert owed == answers
    assert end.data_to_send() == b""


def check_failing(end: Connection, expected: Read, options: Options) -> None:
    """A violation ends in a Close that says so, unless one was sent before; then nothing more is read."""
    if end.violation is None or expected.violation is None:
        return
    data = end.fail(end.violation, CloseReason(expected.violation, str(end.violation)))
    if options.closing:
        assert data == b""
    else:
        [(opcode, payload, fin, _)] = frames_in(data, masked_by_peer=options.client)
        assert (opcode, payload[:2], fin) == (CLOSE, expected.violation.to_bytes(2, "big"), True)
    end.receive_data(b"\x81\x01x")
    assert not end.backlog
    assert end.data_to_send() == b""
