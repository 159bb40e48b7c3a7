"""Pings are answered while the application is busy, and the application's own pings find their answers."""

from __future__ import annotations

import time

import anyio
import pytest

from tests.peers import PING, PONG, TEXT, Peer, Sent, close, connected, ping, pong, text
from tests.timing import SOON
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosed, ConnectionClosedOK
from typedws.frames import PingFrame, PongFrame, TextFrame

pytestmark = pytest.mark.anyio


async def answer_pings(peer: Peer) -> None:
    """Answers for ever."""
    while True:
        sent = await peer.frame()
        if sent.opcode == PING:
            await peer.send(pong(sent.payload))


async def test_a_ping_is_answered_while_nobody_receives() -> None:
    async with connected() as (_, peer):
        peer.push(ping(b"are you there?") + text("x") + ping(b"and now?"))
        assert await peer.frames(2) == [Sent(PONG, b"are you there?"), Sent(PONG, b"and now?")]


async def test_pings_are_answered_while_messages_wait_and_there_is_room() -> None:
    async with connected() as (session, peer):
        peer.push(text("x") * 1000 + ping(b"still there?"))
        assert await peer.frame() == Sent(PONG, b"still there?")
        for _ in range(1000):
            await session.receive()


async def test_a_ping_behind_a_full_queue_is_answered_when_reading_goes_on() -> None:
    async with connected(config=SessionConfig(incoming_messages=4)) as (session, peer):
        peer.push(text("x") * 4 + ping(b"late"))
        with anyio.move_on_after(0.05):
            raise AssertionError(f"{await peer.frame()} while the queue was full")
        await session.receive()
        await session.receive()
        assert await peer.frame() == Sent(PONG, b"late")


async def test_a_ping_between_fragments_is_answered_before_the_message_is_complete() -> None:
    async with connected() as (session, peer):
        peer.push(text("one ", fin=False) + ping(b"?"))
        assert await peer.frame() == Sent(PONG, b"?")
        peer.push(b"\x80\x03two")
        assert await session.receive() == TextFrame("one two")


async def test_the_application_may_ping() -> None:
    async with connected() as (session, peer), anyio.create_task_group() as tasks:
        tasks.start_soon(answer_pings, peer)
        assert session.latency is None
        started = time.perf_counter()
        seconds = await session.ping()
        assert 0 < seconds <= time.perf_counter() - started
        assert session.latency == seconds
        tasks.cancel_scope.cancel()


async def test_a_ping_measures_the_round_trip() -> None:
    async with connected() as (session, peer), anyio.create_task_group() as tasks:

        async def answer_late() -> None:
            sent = await peer.frame()
            await anyio.sleep(0.1)
            peer.push(pong(sent.payload))

        tasks.start_soon(answer_late)
        assert 0.08 < await session.ping() < SOON


async def test_many_pings_at_once_get_their_own_answers() -> None:
    async with connected() as (session, peer), anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(session.ping)
        sent = await peer.frames(10)
        assert {frame.opcode for frame in sent} == {PING}
        assert len({frame.payload for frame in sent}) == 10
        for frame in sent:
            peer.push(pong(frame.payload))


async def test_a_pong_answers_the_earlier_pings_too() -> None:
    async with connected() as (session, peer), anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(session.ping)
        sent = await peer.frames(3)
        peer.push(pong(sent[-1].payload))


async def test_pongs_that_nobody_asked_for_are_ignored() -> None:
    async with connected() as (session, peer):
        peer.push(pong() + pong(b"unasked") + text("x"))
        assert await session.receive() == TextFrame("x")
        with anyio.move_on_after(0.05):
            peer.push(pong(b"wrong"))
            await session.ping()
            raise AssertionError("a pong with the wrong payload was taken for the answer")
        assert session.latency is None
        assert session.close_reason is None


async def test_a_cancelled_ping_leaves_nothing_behind() -> None:
    async with connected() as (session, peer):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.ping)
            late = await peer.frame()
            tasks.cancel_scope.cancel()
        peer.push(pong(late.payload) + text("x"))
        assert await session.receive() == TextFrame("x")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(answer_pings, peer)
            await session.ping()
            tasks.cancel_scope.cancel()


async def test_a_ping_on_a_connection_that_ends_raises() -> None:
    async with connected() as (session, peer), anyio.create_task_group() as tasks:

        async def ping_in_vain() -> None:
            with pytest.raises(ConnectionClosedOK):
                await session.ping()

        tasks.start_soon(ping_in_vain)
        await peer.frame()
        peer.push(close(1001))
        peer.finish()
    with pytest.raises(ConnectionClosed):
        await session.ping()


async def test_frames_of_ping_and_pong_can_be_sent_as_they_are() -> None:
    async with connected() as (session, peer):
        await session.send(PingFrame(b"from the application"))
        await session.send(PongFrame(b"a sign of life"))
        await session.send("x")
        assert await peer.frames(3) == [
            Sent(PING, b"from the application"),
            Sent(PONG, b"a sign of life"),
            Sent(TEXT, b"x"),
        ]
