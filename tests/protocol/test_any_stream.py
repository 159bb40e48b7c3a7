"""Properties of the protocol for any stream of bytes: no other exception, no dependence on how TCP cut it, and the same
messages as two libraries that others wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame as WebsocketsFrame
from websockets.frames import Opcode
from websockets.protocol import CLIENT, SERVER
from websockets.protocol import Protocol as WebsocketsProtocol
from wsproto.connection import Connection as WsprotoConnection
from wsproto.connection import ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

from tests.peers import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close_payload, frame
from typedws.close import CloseReason
from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame, Frame, TextFrame
from typedws.protocol.connection import Connection
from typedws.protocol.deflate import DeflateParameters

KEY = b"\x00\xff\x37\x80"
LIMIT = 1000


def connection(*, client: bool, **options: Any) -> Connection:
    sizes = {"max_frame_size": LIMIT, "max_message_size": LIMIT}
    return Connection(client=client, **{**sizes, "max_queued_messages": 10_000, "max_queued_bytes": 1 << 24, **options})


# Streams.

text_payloads = st.text(max_size=40).map(str.encode) | st.text("ab", min_size=120, max_size=140).map(str.encode)
binary_payloads = st.binary(max_size=40) | st.binary(min_size=120, max_size=260)
close_codes = st.sampled_from([None, 1000, 1001, 1003, 1008, 1011, 3000, 4999])


@dataclass
class Step:
    """A message, in pieces, with pings between them."""

    opcode: int
    pieces: list[bytes]
    pings: list[bytes]

    @property
    def message(self) -> Frame:
        return (TextFrame if self.opcode == TEXT else BinaryFrame)(b"".join(self.pieces))

    def frames(self) -> list[tuple[int, bytes, bool]]:
        last = len(self.pieces) - 1
        found = []
        for i, piece in enumerate(self.pieces):
            found += [(PING, ping, True) for ping in self.pings[i : i + 1]]
            found.append((CONTINUATION if i else self.opcode, piece, i == last))
        return found


@st.composite
def steps(draw: st.DrawFn) -> Step:
    opcode = draw(st.sampled_from([TEXT, BINARY]))
    payload = draw(text_payloads if opcode == TEXT else binary_payloads)
    cuts = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=3)))
    pieces = [payload[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
    return Step(opcode, pieces, draw(st.lists(st.binary(max_size=8), max_size=len(pieces))))


conversations = st.lists(steps(), max_size=6)

mask = st.sampled_from([None, KEY])
anything = st.builds(
    frame, st.integers(0, 15), st.binary(max_size=130), fin=st.booleans(), rsv=st.sampled_from([0] * 7 + [4, 2])
)
plain = st.builds(frame, st.sampled_from([TEXT, BINARY, PING, PONG]), st.text(max_size=10).map(str.encode))
closing = st.builds(frame, st.just(CLOSE), st.integers(990, 1020).map(close_payload))
hostile_streams = st.lists(plain | anything | closing | st.binary(max_size=20), max_size=12).map(b"".join)


def written(conversation: list[Step], *, masked: bool) -> bytes:
    key = KEY if masked else None
    return b"".join(
        frame(opcode, payload, fin=fin, mask=key) for step in conversation for opcode, payload, fin in step.frames()
    )


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:stop] for start, stop in pairwise(places)]


def outcome(end: Connection) -> dict[str, Any]:
    """All that can be seen of what was received."""
    return {
        "inbox": list(end.inbox),
        "counted": (sum(count for count, _ in end.batches), end.queued_bytes),
        "pongs": list(end.pongs),
        "owed": end.data_to_send() if not end.client else len(end.data_to_send()),
        "closes": (end.sent, end.received, end.by_peer),
        "violation": (type(end.violation), str(end.violation)),
    }


ends: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    client=st.booleans(),
    raw=st.booleans(),
    deflate=st.sampled_from([None, None, DeflateParameters()]),
)


@settings(max_examples=200)
@given(hostile_streams, st.lists(st.integers(0, 2000), max_size=8), ends)
def test_it_does_not_matter_how_a_stream_is_cut(stream: bytes, cuts: list[int], options: dict[str, Any]) -> None:
    whole, cut = connection(**options), connection(**options)
    whole.receive_data(stream)
    for piece in in_pieces(stream, cuts):
        cut.receive_data(piece)
    assert outcome(cut) == outcome(whole)


@settings(max_examples=100)
@given(conversations, st.integers(1, 5), st.booleans())
def test_it_does_not_matter_how_small_the_pieces_and_the_queue_are(
    conversation: list[Step], room: int, client: bool
) -> None:
    end = connection(client=client, max_queued_messages=room)
    received: list[Frame] = []
    for byte in written(conversation, masked=not client):
        end.receive_data(bytes([byte]))
        assert len(end.inbox) <= room
        while end.is_full:
            received += end.inbox
            end.inbox.clear()
            end.batches.clear()
            end.queued_bytes = 0
            end.resume()
    assert received + list(end.inbox) == [step.message for step in conversation]
    assert end.violation is None


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=100) | hostile_streams, max_size=5), ends)
def test_any_bytes_are_frames_or_a_violation_and_never_an_exception(
    pieces: list[bytes], options: dict[str, Any]
) -> None:
    end = connection(**options)
    for piece in pieces:
        end.receive_data(piece)
        end.data_to_send()
    assert isinstance(end.violation, RemoteProtocolError | FrameTooBigError | None)
    for taken in end.inbox:
        assert len(taken.data) <= LIMIT
        if isinstance(taken, TextFrame) and not options["raw"]:
            assert taken.text is not None
    if end.violation is not None:
        assert len(str(end.violation)) < 150
        if end.sent is None:
            assert end.fail(end.violation, CloseReason(1002, str(end.violation)))


# Two other libraries.


class Websockets:
    """What websockets makes of a stream: messages, what it answers, and the close."""

    def __init__(self, *, client: bool) -> None:
        self.protocol = WebsocketsProtocol(CLIENT if client else SERVER, max_size=None)

    def receive(self, data: bytes) -> list[Frame]:
        self.protocol.receive_data(data)
        messages: list[Frame] = []
        pieces: list[bytes] = []
        kind = Opcode.TEXT
        for event in self.protocol.events_received():
            assert isinstance(event, WebsocketsFrame)
            if event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                kind = kind if event.opcode is Opcode.CONT else event.opcode
                pieces.append(bytes(event.data))
                if event.fin:
                    messages.append((TextFrame if kind is Opcode.TEXT else BinaryFrame)(b"".join(pieces)))
                    pieces.clear()
        return messages

    def answers(self) -> bytes:
        return b"".join(self.protocol.data_to_send())

    @property
    def close_code(self) -> int | None:
        received = self.protocol.close_rcvd
        return None if received is None else received.code


class Wsproto:
    """What wsproto makes of a stream."""

    def __init__(self, *, client: bool) -> None:
        self.connection = WsprotoConnection(ConnectionType.CLIENT if client else ConnectionType.SERVER)
        self.close_code: int | None = None
        self._answers = b""

    def receive(self, data: bytes) -> list[Frame]:
        self.connection.receive_data(data)
        messages: list[Frame] = []
        pieces: list[bytes] = []
        for event in self.connection.events():
            if isinstance(event, TextMessage | BytesMessage):
                pieces.append(event.data.encode() if isinstance(event, TextMessage) else bytes(event.data))
                if event.message_finished:
                    kind = TextFrame if isinstance(event, TextMessage) else BinaryFrame
                    messages.append(kind(b"".join(pieces)))
                    pieces.clear()
            elif isinstance(event, Ping):
                self._answers += self.connection.send(event.response())
            elif isinstance(event, CloseConnection):
                self.close_code = event.code
                self._answers += self.connection.send(event.response())
            else:
                assert isinstance(event, Pong)
        return messages

    def answers(self) -> bytes:
        return self._answers


def frames_in(data: bytes, *, masked: bool) -> list[tuple[int, bytes]]:
    """The frames of a stream, unmasked, as far as both peers and we write them: short, whole control frames."""
    found = []
    while data:
        length = data[1] & 0x7F
        assert length < 126
        start = 6 if masked else 2
        payload = data[start : start + length]
        if masked:
            payload = bytes(byte ^ data[2 + i % 4] for i, byte in enumerate(payload))
        found.append((data[0] & 0x0F, payload))
        data = data[start + length :]
    return found


@pytest.mark.parametrize("other", [Websockets, Wsproto], ids=["websockets", "wsproto"])
@pytest.mark.parametrize("client", [True, False], ids=["client", "server"])
@given(conversation=conversations, code=close_codes)
def test_we_read_valid_streams_as_others_do(
    other: Any, client: bool, conversation: list[Step], code: int | None
) -> None:
    stream = written(conversation, masked=not client)
    stream += frame(CLOSE, b"" if code is None else close_payload(code, "bye"), mask=None if client else KEY)
    ours, theirs = connection(client=client), other(client=client)
    ours.receive_data(stream)
    assert theirs.receive(stream) == list(ours.inbox) == [step.message for step in conversation]
    assert ours.received is not None
    assert theirs.close_code == ours.received.code == (code or 1005)
    answers = frames_in(ours.data_to_send(), masked=client)
    assert [payload for opcode, payload in answers if opcode == PONG] == [
        ping for step in conversation for ping in step.pings
    ]
    # Others repeat the reason as well, which the RFC leaves open; the code must be the same.
    assert [(opcode, payload[:2] if opcode == CLOSE else payload) for opcode, payload in answers] == [
        (opcode, payload[:2] if opcode == CLOSE else payload)
        for opcode, payload in frames_in(theirs.answers(), masked=client)
    ]


@pytest.mark.parametrize("other", [Websockets, Wsproto], ids=["websockets", "wsproto"])
@pytest.mark.parametrize("client", [True, False], ids=["client", "server"])
@given(conversation=conversations, code=st.sampled_from([1000, 1001, 1008, 1011, 4999]), raw=st.booleans())
def test_others_read_what_we_write(other: Any, client: bool, conversation: list[Step], code: int, raw: bool) -> None:
    ours, theirs = connection(client=client, raw=raw), other(client=not client)
    stream = b""
    for step in conversation:
        kind = TextFrame if step.opcode == TEXT else BinaryFrame
        pieces = step.pieces if raw else [b"".join(step.pieces)]
        for i, piece in enumerate(pieces):
            stream += b"".join(ours.send_ping(ping) for ping in step.pings[i : i + 1])
            stream += ours.send_data(kind(piece, fin=i == len(pieces) - 1))
    stream += ours.close(CloseReason(code, "bye"))
    assert theirs.receive(stream) == [step.message for step in conversation]
    assert theirs.close_code == code
    ours.receive_data(theirs.answers())
    assert ours.received is not None
    assert ours.received.code == code
    assert ours.violation is None
