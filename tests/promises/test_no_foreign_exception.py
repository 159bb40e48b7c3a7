"""Whatever a peer sends after the opening handshake, a session raises nothing but errors of ours, and it ends."""

from __future__ import annotations

import random

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peers import MemoryPeer, close, close_payload, connected, frame, text
from typedws.client import wrap_stream
from typedws.config import SessionConfig
from typedws.converters.json import JSONConverter
from typedws.errors import ConnectionClosed, DeserializeError, ProtocolError, TypedWSError
from typedws.frames import BinaryFrame, TextFrame
from typedws.protocol.deflate import Deflate
from typedws.session import Session

pytestmark = pytest.mark.anyio

CONFIG = SessionConfig(max_message_size=2000, max_frame_size=2000, incoming_messages=4, close_timeout=1, timeout=1)

anything = st.builds(
    frame, st.integers(0, 15), st.binary(max_size=130), fin=st.booleans(), rsv=st.sampled_from([0, 0, 0, 4, 2])
)
plain = st.builds(frame, st.sampled_from([1, 2, 9, 10]), st.text(max_size=10).map(str.encode))
values = st.sampled_from(["1", "{", "[[[[", "null", '"x"', "1e999", "NaN", "{}"]).map(text)
closing = st.builds(frame, st.just(8), st.integers(990, 1020).map(close_payload))
streams = st.lists(
    st.lists(plain | anything | values | closing | st.binary(max_size=20), max_size=8).map(b"".join), max_size=4
)


async def take_everything(session: Session) -> list[Exception]:
    """Receives in turn typed and raw, until the end, and answers each message."""
    raised: list[Exception] = []
    while True:
        try:
            await session.receive_deserialized(int)
            frame = await session.receive()
            assert isinstance(frame, TextFrame | BinaryFrame)
            await session.send(frame)
        except ConnectionClosed as error:
            raised.append(error)
            return raised
        except TypedWSError as error:
            raised.append(error)


@settings(max_examples=100, deadline=None)
@given(pieces=streams, deflate=st.booleans())
async def test_any_bytes_end_a_session_with_errors_of_ours(pieces: list[bytes], deflate: bool) -> None:
    fields = ["Sec-WebSocket-Extensions: permessage-deflate"] if deflate else []
    peer = MemoryPeer(*fields)
    extensions = [Deflate()] if deflate else []
    with anyio.fail_after(5):
        async with wrap_stream(
            peer.stream, "ws://peer.test/", converter=JSONConverter(), extensions=extensions, config=CONFIG
        ) as session:
            for piece in pieces:
                peer.push(piece)
            peer.finish()
            raised = await take_everything(session)
    *bad, end = raised
    assert all(isinstance(error, DeserializeError) for error in bad)
    assert isinstance(end, ConnectionClosed)
    assert isinstance(end.__cause__, ProtocolError | None)
    assert session.close_reason == end.reason
    assert peer.stream.is_closed
    for sent in await peer.rest():  # the peer checks what we sent
        assert sent.opcode in (1, 2, 8, 10)


async def test_random_bytes_over_tcp_do_no_harm() -> None:
    chance = random.Random(6455)
    for _ in range(30):
        async with connected(config=CONFIG, converter=JSONConverter()) as (session, peer):
            peer.push(text("1") + chance.randbytes(chance.randrange(1, 400)))
            peer.finish()
            raised = await take_everything(session)
            assert isinstance(raised[-1], ConnectionClosed)


async def test_bytes_that_are_flipped_in_a_valid_stream_do_no_harm() -> None:
    chance = random.Random(7692)
    stream = b"".join(text(str(number)) for number in range(20)) + close(1000)
    for _ in range(30):
        data = bytearray(stream)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        async with connected(config=CONFIG, converter=JSONConverter()) as (session, peer):
            peer.push(bytes(data))
            peer.finish()
            raised = await take_everything(session)
            assert isinstance(raised[-1], ConnectionClosed)
