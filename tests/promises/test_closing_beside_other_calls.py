"""A close beside other closes, receives and blocked sends, or cancelled: one Close, which is over by its deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
import pytest

from tests.peers import (
    CLOSE,
    Sent,
    close,
    close_payload,
    connected,
    connected_in_memory,
    fill_up,
    turns,
    wire_of,
)
from tests.timing import SOON
from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosed, ConnectionClosedOK
from typedws.session import Session

pytestmark = pytest.mark.anyio


Connected = Callable[..., AbstractAsyncContextManager[tuple[Session, Any]]]


@pytest.fixture(params=[connected, connected_in_memory], ids=["tcp", "memory"])
def opened(request: pytest.FixtureRequest) -> Connected:
    """A way to a session and its peer."""
    return request.param  # type: ignore[no-any-return]


async def ending(session: Session) -> ConnectionClosed:
    """What a receive raises."""
    with pytest.raises(ConnectionClosed) as caught:
        await session.receive()
    return caught.value


async def test_a_second_close_changes_nothing_and_waits_for_the_first() -> None:
    async with connected() as (session, peer):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close, CloseReason(4000))
            await turns(3)
            tasks.start_soon(session.close, CloseReason(4001))
            await turns(3)
            await peer.frame()
            peer.close()
        await session.close()
        assert session.close_reason == CloseReason(4000)


async def test_a_wrong_reason_is_refused_on_a_closed_session_too() -> None:
    async with connected() as (session, peer):
        peer.farewell()
        await session.close()
        with pytest.raises(ValueError, match="1005"):
            await session.close(CloseReason(1005))


async def test_ten_tasks_that_close_send_one_close(opened: Connected) -> None:
    async with opened() as (session, peer):
        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(session.close, CloseReason(4000 + number))
            assert (await peer.frame()).opcode == CLOSE
            peer.push(close(4000))
            peer.finish()
        assert await peer.rest() == []


async def test_a_receive_that_waits_is_told_of_our_close(opened: Connected) -> None:
    async with opened() as (session, peer), anyio.create_task_group() as tasks:

        async def receive() -> None:
            error = await ending(session)
            assert error.sent == CloseReason(4000)

        tasks.start_soon(receive)
        await turns(3)
        peer.farewell()
        await session.close(CloseReason(4000))


async def test_a_close_while_a_send_is_blocked_is_over_by_the_deadline() -> None:
    config = SessionConfig(outgoing_bytes=1024, close_timeout=0.1)
    async with connected(config=config, receive_buffer=4096) as (session, _), anyio.create_task_group() as tasks:
        told: list[bool] = []

        async def send() -> None:
            with pytest.raises(ConnectionClosedOK):
                while True:
                    await session.send(bytes(64 * 1024))
            told.append(True)

        for _ in range(3):
            tasks.start_soon(send)
        while not wire_of(session).writing_paused:
            await anyio.sleep(0.001)
        await anyio.sleep(0.05)
        assert not told
        started = time.monotonic()
        await session.close()
        assert time.monotonic() - started < SOON
        await turns(5)
        assert len(told) == 3


async def test_a_close_waits_behind_what_was_sent_before_it() -> None:
    config = SessionConfig(outgoing_bytes=1024)
    async with connected(config=config, receive_buffer=4096) as (session, peer), anyio.create_task_group() as tasks:
        sent = await fill_up(session, bytes(64 * 1024))
        tasks.start_soon(session.close)
        assert len(await peer.frames(sent)) == sent
        assert await peer.frame() == Sent(CLOSE, close_payload(1000))
        peer.close()


async def test_a_cancelled_close_goes_on_by_itself(opened: Connected) -> None:
    async with opened(config=SessionConfig(close_timeout=0.15)) as (session, peer):
        started = time.monotonic()
        with anyio.move_on_after(0.02):
            await session.close(CloseReason(4000))
        assert session.close_reason == CloseReason(4000)
        assert await peer.frame() == Sent(CLOSE, close_payload(4000))
        assert await session.wait_closed() == CloseReason(4000)
        assert 0.12 < time.monotonic() - started < SOON


async def test_a_close_that_was_cancelled_can_be_awaited_again() -> None:
    async with connected() as (session, peer):
        with anyio.move_on_after(0.02):
            await session.close(CloseReason(4000))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close)
            await peer.frame()
            peer.push(close(4000))
            peer.close()
        assert session.close_reason == CloseReason(4000)
