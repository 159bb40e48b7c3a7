"""The default times of keepalive and closing, on a clock that jumps to the next deadline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
import trio.testing

from tests.peers import CLOSE, PING, MemoryPeer, close_payload, connected_in_memory, pong, text
from typedws.client import wrap_stream
from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosedError, HandshakeTimeoutError, PingTimeoutError

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Any:
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


@asynccontextmanager
async def answering(peer: MemoryPeer) -> AsyncIterator[None]:
    """Answers pings, and sends "tick" once an hour."""

    async def answer() -> None:
        while True:
            sent = await peer.frame()
            assert sent.opcode == PING
            peer.push(pong(sent.payload))

    async def tick() -> None:
        while True:
            await anyio.sleep(3600)
            peer.push(text("tick"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(answer)
        tasks.start_soon(tick)
        yield
        tasks.cancel_scope.cancel()


@pytest.mark.time_limit(10**6)
async def test_a_quiet_connection_stays_open_for_a_day() -> None:
    async with connected_in_memory() as (session, peer), answering(peer):
        started = anyio.current_time()
        for _ in range(24):
            assert (await session.receive()).data == b"tick"
        assert anyio.current_time() - started == pytest.approx(24 * 3600)
        assert session.close_reason is None


@pytest.mark.time_limit(10**6)
async def test_a_silent_peer_is_given_up_after_forty_seconds() -> None:
    async with connected_in_memory() as (session, peer):
        started = anyio.current_time()
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert anyio.current_time() - started == pytest.approx(40)
        assert isinstance(caught.value.__cause__, PingTimeoutError)
        assert [sent.opcode for sent in await peer.rest()] == [PING, CLOSE]


@pytest.mark.time_limit(10**6)
async def test_a_full_queue_keeps_a_connection_for_a_week() -> None:
    config = SessionConfig(incoming_messages=2)
    async with connected_in_memory(config=config) as (session, peer), answering(peer):
        await anyio.sleep(7 * 24 * 3600)
        assert session.close_reason is None
        for _ in range(7 * 24 + 5):
            assert (await session.receive()).data == b"tick"
        assert session.close_reason is None


@pytest.mark.time_limit(10**6)
async def test_an_unanswered_close_takes_the_close_timeout() -> None:
    async with connected_in_memory() as (session, peer):
        started = anyio.current_time()
        await session.close(CloseReason(4000))
        assert anyio.current_time() - started == pytest.approx(5)
        assert session.close_reason == CloseReason(4000)
        assert (await peer.rest())[-1].payload == close_payload(4000)


@pytest.mark.time_limit(10**6)
async def test_an_unanswered_handshake_takes_the_open_timeout() -> None:
    peer = MemoryPeer()
    peer.stall()
    started = anyio.current_time()
    with pytest.raises(HandshakeTimeoutError):
        async with wrap_stream(peer.stream, "ws://peer.test/"):
            raise AssertionError("nobody answered")
    assert anyio.current_time() - started == pytest.approx(10)
    assert peer.stream.is_closed
