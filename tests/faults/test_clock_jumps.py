"""A clock that jumps, as after a suspend: a healthy connection survives, a dead one fails once, deadlines are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
import pytest
import trio.testing

from tests.peers import (
    CLOSE,
    PING,
    MemoryPeer,
    Peer,
    Sent,
    Server,
    close_payload,
    connected,
    connected_in_memory,
    pong,
    text,
    turns,
)
from typedws import (
    ClientSession,
    CloseReason,
    ConnectError,
    ConnectionClosedError,
    HandshakeTimeoutError,
    PingTimeoutError,
    TextFrame,
    reconnect,
    wrap_stream,
)

pytestmark = [pytest.mark.anyio, pytest.mark.time_limit(10**7)]

HOUR = 3600.0

Opened = Callable[[], AbstractAsyncContextManager[tuple[ClientSession, Peer]]]

opened_each_way = pytest.mark.parametrize("opened", [connected, connected_in_memory])


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop of asyncio's whose clock can be put forward."""

    offset = 0.0

    def time(self) -> float:
        return super().time() + self.offset


@pytest.fixture(
    params=[
        pytest.param(lambda: ("asyncio", {"loop_factory": JumpingLoop}), id="asyncio"),
        pytest.param(lambda: ("trio", {"clock": trio.testing.MockClock(rate=1.0)}), id="trio"),
    ]
)
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param()


def jump(seconds: float) -> None:
    """The clock is put forward, as by a suspend; what has become due by that comes in the next turns."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        clock = trio.lowlevel.current_clock()
        assert isinstance(clock, trio.testing.MockClock)
        clock.jump(seconds)
    else:
        assert isinstance(loop, JumpingLoop)
        loop.offset += seconds


async def is_alive(session: ClientSession, peer: Peer) -> None:
    """What the peer says now is read behind everything that it said before."""
    peer.push(text("still here"))
    assert await session.receive() == TextFrame("still here")
    await turns(5)
    assert session.close_reason is None


@opened_each_way
async def test_a_healthy_connection_survives_suspends_while_it_is_idle(opened: Opened) -> None:
    async with opened() as (session, peer):
        for _ in range(3):
            jump(HOUR)
            sent = await peer.frame()
            assert sent.opcode == PING
            peer.push(pong(sent.payload))
            await is_alive(session, peer)
        assert peer.parser.next() is None, "one suspend is one ping"


@opened_each_way
@pytest.mark.parametrize("answered_before", [True, False])
async def test_a_healthy_connection_survives_suspends_with_a_ping_on_its_way(
    opened: Opened, answered_before: bool
) -> None:
    async with opened() as (session, peer):
        for _ in range(3):
            jump(20.5)
            sent = await peer.frame()
            assert sent.opcode == PING
            if answered_before:
                peer.push(pong(sent.payload))
                jump(HOUR)
            else:
                jump(HOUR)
                await turns(5)  # the timer is due, and the answer is not there
                peer.push(pong(sent.payload))
            await is_alive(session, peer)
            while (sent := await peer.frame()).opcode != PING:
                pass
            peer.push(pong(sent.payload))  # to the ping that has become due meanwhile
            await is_alive(session, peer)


@opened_each_way
async def test_a_peer_that_died_meanwhile_is_given_up_once(opened: Opened) -> None:
    async with opened() as (session, peer):
        jump(HOUR)
        assert (await peer.frame()).opcode == PING
        jump(HOUR)  # its answer is looked for once more, as it may wait unread
        await turns(5)
        assert session.close_reason is None
        jump(HOUR)
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert isinstance(caught.value.__cause__, PingTimeoutError)
        assert session.close_reason == caught.value.reason == CloseReason(1011, "Ping timeout")
        assert await session.wait_closed() == caught.value.reason
        assert await peer.rest() == [Sent(CLOSE, close_payload(1011, "Ping timeout"))]


@opened_each_way
async def test_a_close_that_is_not_answered_is_over_after_a_suspend(opened: Opened) -> None:
    async with opened() as (session, peer):

        async def sleep() -> None:
            assert (await peer.frame()).opcode == CLOSE
            jump(HOUR)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(sleep)
            await session.close(CloseReason(4000))
        assert session.close_reason == CloseReason(4000)
        assert await peer.rest() == []


async def test_a_handshake_that_is_not_answered_is_over_after_a_suspend() -> None:
    peer = MemoryPeer()
    peer.stall()

    async def sleep() -> None:
        await turns(5)
        jump(HOUR)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sleep)
        with pytest.raises(HandshakeTimeoutError):
            async with wrap_stream(peer.stream, "ws://peer.test/"):
                raise AssertionError("nobody answered")
    assert peer.stream.is_closed


async def test_a_loop_that_waits_makes_one_attempt_after_a_suspend() -> None:
    """And not one for each that it has missed."""
    with Server() as server:
        url = server.url
    failures = 0

    def count(error: Exception) -> bool:
        nonlocal failures
        assert isinstance(error, ConnectError)
        failures += 1
        failed.set()
        return True

    failed = anyio.Event()
    async with anyio.create_task_group() as tasks:

        async def stay_connected() -> None:
            async for _ in reconnect(url, should_retry=count, initial_delay=3000, max_delay=3000):
                raise AssertionError("nobody listens there")

        tasks.start_soon(stay_connected)
        for expected in (1, 2, 3):
            await failed.wait()
            failed = anyio.Event()
            await turns(20)
            assert failures == expected
            jump(HOUR)
        tasks.cancel_scope.cancel()
