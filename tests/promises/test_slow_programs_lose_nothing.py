"""Time in which we could not read does not count for keepalive: no slow program ends a healthy connection."""

from __future__ import annotations

import time

import anyio
import pytest

from tests.peers import PING, Peer, connected, pong, text, turns
from tests.timing import SOON
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosedError, PingTimeoutError

pytestmark = pytest.mark.anyio


QUICK = SessionConfig(ping_interval=0.1, timeout=0.3)


async def answer_pings(peer: Peer) -> None:
    """Answers for ever."""
    while True:
        sent = await peer.frame()
        if sent.opcode == PING:
            await peer.send(pong(sent.payload))


async def test_a_full_queue_does_not_end_a_healthy_connection_and_loses_nothing() -> None:
    config = SessionConfig(ping_interval=0.1, timeout=0.3, incoming_messages=256)
    async with connected(config=config) as (session, peer), anyio.create_task_group() as tasks:

        async def flood() -> None:
            for first in range(0, 5000, 100):
                await peer.send(b"".join(text(f"{first + i}" + "x" * 500) for i in range(100)))

        tasks.start_soon(flood)
        tasks.start_soon(answer_pings, peer)
        await session.receive()
        await anyio.sleep(0.6)  # busy with the first message
        assert session.close_reason is None
        for number in range(1, 5000):
            received = await session.receive()
            assert int(received.data.split(b"x")[0]) == number
            if number % 2000 == 0:
                await anyio.sleep(0.5)
        tasks.cancel_scope.cancel()
    assert session.close_reason is not None
    assert session.close_reason.is_ok


async def test_two_thousand_queued_messages_survive_an_application_that_is_busy_for_long() -> None:
    async with connected(config=QUICK) as (session, peer), anyio.create_task_group() as tasks:
        tasks.start_soon(answer_pings, peer)
        peer.push(b"".join(text(str(number)) for number in range(2000)))
        await anyio.sleep(0.7)
        assert [int((await session.receive()).data) for _ in range(2000)] == list(range(2000))
        tasks.cancel_scope.cancel()


async def test_an_event_loop_that_is_blocked_beyond_the_deadline_does_not_end_a_healthy_connection() -> None:
    async with connected(config=SessionConfig(ping_interval=0.05, timeout=0.1)) as (session, peer):
        for _ in range(2):
            sent = await peer.frame()
            assert sent.opcode == PING
            peer.push(pong(sent.payload))
            time.sleep(0.25)  # noqa: ASYNC251 - the answer is there, and nobody could read it
            await turns(5)
            assert session.close_reason is None


async def test_a_dead_peer_is_noticed_when_a_full_queue_is_emptied() -> None:
    config = SessionConfig(ping_interval=0.1, timeout=0.1, incoming_messages=4)
    async with connected(config=config) as (session, peer):
        peer.push(text("x") * 4)
        await anyio.sleep(0.3)
        assert session.close_reason is None
        for _ in range(4):
            await session.receive()
        with anyio.fail_after(SOON), pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert isinstance(caught.value.__cause__, PingTimeoutError)
