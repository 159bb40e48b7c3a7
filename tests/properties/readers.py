"""Three readers of one stream, and what each of them makes of it: we, `wsproto` and `websockets`.

A `Reading` is what a program would be told: the messages in their order, the Pings that were answered, the Pongs that
came, and how it ended. Each reader says it in its own way; here they say it in one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Frame as WebsocketsFrame
from websockets.frames import Opcode
from websockets.protocol import CLIENT, SERVER
from websockets.protocol import Protocol as WebsocketsProtocol
from wsproto.connection import Connection as WsprotoConnection
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

from tests.properties.streams import LIMIT
from tests.raw_frames import CLOSE, PONG, masked
from typedws.ending import reason_of
from typedws.frames import BinaryFrame, Frame, TextFrame
from typedws.protocol.connection import Connection

__all__ = ["End", "Reader", "Reading", "frames_in", "our_connection", "ours", "websockets", "wsproto"]

End: TypeAlias = tuple[str, int, str] | None
"""None while it is open; ("closed", code, text) by the peer's Close; ("failed", code, "") by a broken rule."""


@dataclass
class Reading:
    """What a stream came to."""

    messages: list[Frame] = field(default_factory=list)
    pings: list[bytes] = field(default_factory=list)
    pongs: list[bytes] = field(default_factory=list)
    end: End = None

    def closed(self, code: int, text: str) -> None:
        self.end = ("closed", code, text)

    def failed(self, code: int) -> None:
        self.end = ("failed", code, "")

    def goes_on_from(self, other: Reading) -> bool:
        """Whether all that the other reader told was told here as well, and perhaps more."""
        return (
            self.messages[: len(other.messages)] == other.messages
            and self.pings[: len(other.pings)] == other.pings
            and self.pongs[: len(other.pongs)] == other.pongs
        )


class Reader(Protocol):
    """**Protocol:** reads a whole stream as one end of a connection, and says what it came to. A message may have
    `limit` bytes, where the reader has a limit."""

    def __call__(self, stream: bytes, *, client: bool, limit: int = LIMIT) -> Reading: ...


def our_connection(*, client: bool, **options: Any) -> Connection:
    sizes = {"max_frame_size": LIMIT, "max_message_size": LIMIT}
    return Connection(client=client, **{**sizes, "max_queued_messages": 10_000, "max_queued_bytes": 1 << 24, **options})


def ours(stream: bytes, *, client: bool) -> Reading:
    end = our_connection(client=client)
    end.receive_data(stream)
    reading = Reading([frame for frame in end.backlog if not isinstance(frame, bytes)], pongs=list(end.pongs))
    reading.pings = [payload for opcode, payload in frames_in(end.data_to_send()) if opcode == PONG]
    if end.violation is not None:
        reason = reason_of(end.violation)
        [(opcode, payload)] = frames_in(end.fail(end.violation, reason))
        assert opcode == CLOSE
        reading.failed(int.from_bytes(payload[:2]))
    elif end.received is not None:
        reading.closed(end.received.code, end.received.message)
    return reading


def wsproto(stream: bytes, *, client: bool, limit: int = LIMIT) -> Reading:
    connection = WsprotoConnection(ConnectionType.CLIENT if client else ConnectionType.SERVER)
    connection.receive_data(stream)
    reading = Reading()
    pieces: list[bytes] = []
    for event in connection.events():
        if isinstance(event, TextMessage | BytesMessage):
            pieces.append(event.data.encode() if isinstance(event, TextMessage) else bytes(event.data))
            if event.message_finished:
                kind = TextFrame if isinstance(event, TextMessage) else BinaryFrame
                reading.messages.append(kind(b"".join(pieces)))
                pieces.clear()
        elif isinstance(event, Ping):
            reading.pings.append(bytes(event.payload))
        elif isinstance(event, Pong):
            reading.pongs.append(bytes(event.payload))
        else:
            assert isinstance(event, CloseConnection)
            if connection.state is ConnectionState.OPEN:  # it tells of a broken rule as it does of a Close
                reading.failed(event.code)
            else:
                reading.closed(event.code, event.reason or "")
    return reading


def websockets(stream: bytes, *, client: bool, limit: int = LIMIT) -> Reading:
    protocol = WebsocketsProtocol(
        CLIENT if client else SERVER, max_size=limit, logger=logging.getLogger("tests.properties.silent")
    )
    protocol.receive_data(stream)
    reading = Reading()
    pieces: list[bytes] = []
    kind: type[TextFrame | BinaryFrame] = TextFrame
    for event in protocol.events_received():
        assert isinstance(event, WebsocketsFrame)
        data = bytes(event.data)
        if event.opcode is Opcode.PING:
            reading.pings.append(data)
        elif event.opcode is Opcode.PONG:
            reading.pongs.append(data)
        elif event.opcode is Opcode.CLOSE:
            assert protocol.close_rcvd is not None
            reading.closed(protocol.close_rcvd.code, protocol.close_rcvd.reason)
        else:
            if event.opcode is not Opcode.CONT:
                kind = TextFrame if event.opcode is Opcode.TEXT else BinaryFrame
            pieces.append(data)
            if event.fin:
                # What its connections do: the sans-I/O half leaves text to whoever joins the frames.
                if kind is TextFrame and not is_utf8(b"".join(pieces)):
                    reading.failed(1007)
                    return reading
                reading.messages.append(kind(b"".join(pieces)))
                pieces.clear()
    error = protocol.parser_exc
    if error is not None:
        assert isinstance(error, ProtocolError | PayloadTooBig | UnicodeDecodeError)
        assert protocol.close_sent is not None
        reading.failed(protocol.close_sent.code)
    return reading


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def frames_in(data: bytes) -> Sequence[tuple[int, bytes]]:
    """The frames of a stream, unmasked, as far as ends answer a peer by themselves: short, whole control frames."""
    found = []
    while data:
        length = data[1] & 0x7F
        assert length < 126
        key = data[2:6] if data[1] & 0x80 else b""
        start = 2 + len(key)
        payload = data[start : start + length]
        found.append((data[0] & 0x0F, masked(payload, key) if key else payload))
        data = data[start + length :]
    return found
