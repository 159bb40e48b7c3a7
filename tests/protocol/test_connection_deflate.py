"""Compressed messages on a connection: between control frames and plain messages, in fragments, too big, broken."""

from __future__ import annotations

import tracemalloc
import zlib
from typing import Any

import pytest

from tests.peers import (
    BINARY,
    TEXT,
    continuation,
    frame,
    ping,
    pong,
    text,
)
from tests.protocol.ends import MIB, connection, parsed, received
from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame, TextFrame
from typedws.protocol.connection import Connection
from typedws.protocol.deflate import DeflateParameters


def deflating(client: bool = True, *, takeover: bool = True, min_size: int = 0, **options: Any) -> Connection:
    parameters = DeflateParameters(
        send_no_context_takeover=not takeover, receive_no_context_takeover=not takeover, min_size=min_size
    )
    return connection(client=client, deflate=parameters, **options)


def deflated(payload: bytes) -> bytes:
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    return (deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]


@pytest.mark.parametrize("takeover", [True, False])
def test_two_ends_understand_each_other(takeover: bool) -> None:
    here, there = deflating(True, takeover=takeover), deflating(False, takeover=takeover)
    messages: list[TextFrame | BinaryFrame] = [
        TextFrame("hello " * 100),
        BinaryFrame(bytes(10_000)),
        TextFrame(""),
        TextFrame("hello " * 100),
    ]
    for message in messages:
        data = here.sender.data(message)
        assert len(data) < 100
        assert received(there, data) == [message]
        assert received(here, there.sender.data(message)) == [message]


def test_small_messages_are_sent_as_they_are() -> None:
    here, there = deflating(True, min_size=64), deflating(False)
    assert not here.sender.data(TextFrame("x" * 63))[0] & 0x40
    assert here.sender.data(TextFrame("x" * 64))[0] & 0x40
    assert received(there, connection(client=True).sender.data(TextFrame("plain"))) == [TextFrame("plain")]


@pytest.mark.parametrize("kind", [TEXT, BINARY])
def test_control_frames_between_compressed_fragments_do_not_disturb_them(kind: int) -> None:
    payload = b"a message that is compressed, " * 50
    data = deflated(payload)
    end = deflating()
    for cut in range(1, len(data)):
        end = deflating()
        stream = ping(b"before") + pong(b"before")
        stream += frame(kind, data[:cut], fin=False, rsv=4) + ping(b"between") + pong(b"between")
        stream += continuation(data[cut:]) + ping(b"after") + frame(kind, deflated(b"next"), rsv=4)
        frames = received(end, stream)
        assert [taken.data for taken in frames] == [payload, b"next"]
        assert [sent.payload for sent in parsed(end.data_to_send())] == [b"before", b"between", b"after"]


def test_compressed_and_plain_messages_may_alternate() -> None:
    end = deflating()
    plain, packed = text("plain"), frame(TEXT, deflated(b"packed"), rsv=4)
    frames = received(end, (plain + packed) * 3)
    assert frames == [TextFrame("plain"), TextFrame("packed")] * 3


def test_a_bomb_is_noticed_while_it_is_inflated() -> None:
    end = deflating(max_message_size=1 * MIB)
    bomb = deflated(bytes(64 * MIB))
    tracemalloc.start()
    try:
        end.receive_data(frame(BINARY, bomb, rsv=4))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(end.violation, FrameTooBigError)
    assert end.violation.limit == MIB
    assert MIB < end.violation.size < 2 * MIB
    assert peak < 4 * MIB


def test_a_bomb_in_fragments_is_noticed_too() -> None:
    end = deflating(max_message_size=MIB)
    bomb = deflated(bytes(4 * MIB))
    stream = frame(BINARY, bomb[:10], fin=False, rsv=4)
    stream += b"".join(continuation(bomb[i : i + 10], fin=False) for i in range(10, len(bomb), 10))
    end.receive_data(stream + continuation(b""))
    assert isinstance(end.violation, FrameTooBigError)


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff\xff", b"\x05\xe0", deflated(b"x" * 100)[:4]], ids=bytes.hex)
def test_what_cannot_be_inflated_is_1007(data: bytes) -> None:
    end = deflating()
    end.receive_data(frame(TEXT, data, rsv=4))
    assert isinstance(end.violation, RemoteProtocolError)
    assert end.violation.code == 1007


def test_text_is_checked_after_it_was_inflated() -> None:
    end = deflating()
    euro = deflated("€".encode())
    assert received(end, frame(TEXT, euro[:1], fin=False, rsv=4) + continuation(euro[1:])) == [TextFrame("€")]
    end.receive_data(frame(TEXT, deflated(b"\xff"), rsv=4))
    assert isinstance(end.violation, RemoteProtocolError)
    assert end.violation.code == 1007
