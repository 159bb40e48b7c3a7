"""Peers that are slow without an end, on a clock that jumps: only the answers to pings keep a connection, and what has
come of a message is all that it takes in memory (F11, P5, P10, K10).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
import trio.testing

from tests.catalogue.aftermath import check_error, memory_bounded
from tests.peers import CLOSE, PING, MemoryPeer, Sent, close_payload, connected_in_memory, pong
from typedws.close import CloseReason
from typedws.errors import ConnectionClosedError, PingTimeoutError
from typedws.frames import BinaryFrame

pytestmark = [pytest.mark.anyio, pytest.mark.time_limit(10**7)]

MIB = 1 << 20
HEADER = b"\x82\x7f" + (16 * MIB - 1).to_bytes(8)
"""Of a message that is a byte below the limit."""


@pytest.fixture
def anyio_backend() -> Any:
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


async def answer_pings(peer: MemoryPeer) -> None:
    """Answers each ping, as long as the session sends nothing else."""
    while (sent := await peer.frame()).opcode == PING:
        peer.push(pong(sent.payload))


@asynccontextmanager
async def beside(*tasks: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    async with anyio.create_task_group() as group:
        for task in tasks:
            group.start_soon(task)
        yield
        group.cancel_scope.cancel()


async def test_p10_a_message_of_a_byte_in_19_seconds_is_awaited_as_long_as_pings_are_answered() -> None:
    """A message takes longer to come than a keepalive, and the peer's own frames may not stand inside one: so a peer
    that drips can answer pings between fragments only."""
    async with connected_in_memory() as (session, peer):

        async def drip() -> None:
            peer.push(b"\x02\x01x")
            for _ in range(200):
                await anyio.sleep(19)
                peer.push(b"\x00\x01x")
            peer.push(b"\x80\x00")

        async with beside(drip, lambda: answer_pings(peer)):
            started = anyio.current_time()
            with memory_bounded():
                assert await session.receive() == BinaryFrame(b"x" * 201)
            assert anyio.current_time() - started == pytest.approx(3_800)


@pytest.mark.parametrize("interval", [0.5, 19, None], ids=["a byte each half second", "a byte in 19 s", "silence"])
async def test_f11_a_frame_that_does_not_come_to_its_end_is_given_up(interval: float | None) -> None:
    """Whatever comes of it: there is no place for a pong inside a frame, and the peer is not answering."""
    async with connected_in_memory() as (session, peer):

        async def drip() -> None:
            peer.push(HEADER)
            while interval is not None:
                await anyio.sleep(interval)
                peer.push(b"x")

        async with beside(drip):
            started = anyio.current_time()
            with memory_bounded(), pytest.raises(ConnectionClosedError) as caught:
                await session.receive()
            assert anyio.current_time() - started == pytest.approx(40)
        check_error(caught.value)
        assert isinstance(caught.value.__cause__, PingTimeoutError)
        assert session.close_reason == CloseReason(1011, "Ping timeout")


async def test_p5_messages_are_no_answer_to_a_ping() -> None:
    async with connected_in_memory() as (session, peer):

        async def chatter() -> None:
            while True:
                peer.push(b"\x82\x01x")
                await anyio.sleep(1)

        async with beside(chatter):
            started = anyio.current_time()
            with pytest.raises(ConnectionClosedError) as caught:
                while True:
                    await session.receive()
            assert anyio.current_time() - started == pytest.approx(40)
        assert isinstance(caught.value.__cause__, PingTimeoutError)


@pytest.mark.parametrize("talks", [False, True], ids=["says nothing", "goes on talking"])
async def test_k10_a_peer_that_does_not_answer_our_close_is_left_at_the_deadline(talks: bool) -> None:
    async with connected_in_memory() as (session, peer):

        async def talk() -> None:
            while talks:
                peer.push(b"\x82\x01x\x89\x00")
                await anyio.sleep(0.1)

        async with beside(talk):
            started = anyio.current_time()
            with memory_bounded():
                await session.close(CloseReason(4000, "enough"))
            assert anyio.current_time() - started == pytest.approx(5)
        assert session.close_reason == CloseReason(4000, "enough")
        with pytest.raises(ConnectionClosedError) as caught:
            while True:
                await session.receive()
        assert (caught.value.sent, caught.value.received) == (CloseReason(4000, "enough"), None)
        sent = [frame for frame in await peer.rest() if frame.opcode == CLOSE]
        assert sent == [Sent(CLOSE, close_payload(4000, "enough"))]
