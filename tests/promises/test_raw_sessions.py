"""With `SessionConfig(raw=True)` a program sees control frames and single fragments; the protocol runs all the same."""

from __future__ import annotations

import pytest

from tests.peers import CLOSE, PONG, Sent, close, close_payload, connected, continuation, frame, ping, pong, text
from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.converters.json import JSONConverter
from typedws.errors import ConnectionClosedError, ConnectionClosedOK, DeserializeError
from typedws.frames import CloseFrame, PingFrame, PongFrame, TextFrame

pytestmark = pytest.mark.anyio

RAW = SessionConfig(raw=True)


async def test_every_frame_is_shown_in_its_order_and_pings_are_answered() -> None:
    async with connected(config=RAW) as (session, peer):
        peer.push(text("a", fin=False) + ping(b"?") + continuation(b"b", fin=False) + pong(b"!") + continuation(b"c"))
        assert [await session.receive() for _ in range(5)] == [
            TextFrame("a", fin=False),
            PingFrame(b"?"),
            TextFrame("b", fin=False),
            PongFrame(b"!"),
            TextFrame("c"),
        ]
        assert await peer.frame() == Sent(PONG, b"?")


async def test_a_close_is_shown_and_echoed_and_then_the_session_has_ended() -> None:
    async with connected(config=RAW) as (session, peer):
        peer.push(close(4000, "bye"))
        assert await session.receive() == CloseFrame(CloseReason(4000, "bye"))
        assert await peer.frame() == Sent(CLOSE, close_payload(4000))
        with pytest.raises(ConnectionClosedError):
            await session.receive()
        peer.finish()


async def test_a_close_without_a_code_is_shown_as_1005() -> None:
    async with connected(config=RAW) as (session, peer):
        peer.push(close(None))
        peer.finish()
        assert await session.receive() == CloseFrame(CloseReason(1005))
        with pytest.raises(ConnectionClosedOK):
            await session.receive()


async def test_text_is_checked_across_fragments() -> None:
    async with connected(config=RAW) as (session, peer):
        peer.push(frame(1, "€".encode()[:1], fin=False) + continuation("€".encode()[1:], fin=False))
        peer.push(continuation(b"\xff"))
        assert (await session.receive()).data + (await session.receive()).data == "€".encode()
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert caught.value.reason.code == 1007


async def test_the_answer_to_a_ping_is_shown_and_measured() -> None:
    async with connected(config=SessionConfig(raw=True, ping_interval=0.02)) as (session, peer):
        payload = (await peer.frame()).payload
        peer.push(pong(payload))
        assert await session.receive() == PongFrame(payload)
        assert session.latency is not None


async def test_a_flood_of_control_frames_fills_the_queue_and_makes_the_peer_wait() -> None:
    config = SessionConfig(raw=True, incoming_messages=16)
    async with connected(config=config) as (session, peer):
        await peer.send(b"".join(ping(b"%d" % number) for number in range(1000)))
        for number in range(1000):
            assert await session.receive() == PingFrame(b"%d" % number)


async def test_a_typed_receive_takes_messages_and_names_what_is_none() -> None:
    async with connected(config=RAW, converter=JSONConverter()) as (session, peer):
        peer.push(text("1") + ping(b"?") + text("2", fin=False) + continuation(b"3") + text("4"))
        assert await session.receive_deserialized(int) == 1
        for shown in (PingFrame(b"?"), TextFrame("2", fin=False)):
            with pytest.raises(DeserializeError) as caught:
                await session.receive_deserialized(int)
            assert caught.value.frame == shown
        assert await session.receive() == TextFrame("3")
        assert await session.receive_deserialized(int) == 4
