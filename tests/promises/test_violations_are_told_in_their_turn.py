"""A violation is acted on when everything before it has been received, and our Close about it reaches the peer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
import pytest

from tests.peers import (
    CLOSE,
    PONG,
    TEXT,
    Sent,
    binary,
    close_payload,
    connected,
    connected_in_memory,
    frame,
    ping,
    text,
    turns,
    wire_of,
)
from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.errors import (
    ConnectionClosedError,
    RemoteProtocolError,
)
from typedws.frames import TextFrame
from typedws.session import Session

pytestmark = pytest.mark.anyio


Connected = Callable[..., AbstractAsyncContextManager[tuple[Session, Any]]]


async def test_a_violation_with_nothing_before_it_is_answered_while_nobody_receives() -> None:
    async with connected() as (session, peer):
        peer.push(frame(3))
        sent = await peer.frame()
        assert (sent.opcode, sent.payload[:2]) == (CLOSE, close_payload(1002))
        assert session.close_reason is not None
        assert session.close_reason.code == 1002


@pytest.mark.parametrize("is_first", [True, False], ids=["the first receive", "after a cancelled one"])
async def test_the_message_that_made_room_can_be_answered_before_a_violation_behind_it(is_first: bool) -> None:
    async with connected(config=SessionConfig(incoming_messages=1)) as (session, peer):
        if not is_first:
            with anyio.move_on_after(0.005):
                await session.receive()
        peer.push(text("1"))
        while not wire_of(session).inbox.is_blocked:
            await anyio.sleep(0.001)
        peer.push(frame(3))
        await anyio.sleep(0.01)
        assert await session.receive() == TextFrame("1")
        await anyio.sleep(0.01)
        await session.send("answer")
        assert await peer.frame() == Sent(TEXT, b"answer")
        with pytest.raises(ConnectionClosedError):
            await session.receive()
        assert (await peer.frame()).opcode == CLOSE


async def test_before_a_violation_is_reached_everything_still_works() -> None:
    async with connected() as (session, peer):
        peer.push(text("1") + text("2") + ping(b"?") + frame(3))
        assert await peer.frame() == Sent(PONG, b"?")
        assert session.close_reason is None
        await session.send("answer to an earlier one")
        assert await peer.frame() == Sent(TEXT, b"answer to an earlier one")
        assert await session.receive() == TextFrame("1")
        await session.send("1")
        assert await session.receive() == TextFrame("2")
        await session.send("2")
        assert await peer.frames(2) == [Sent(TEXT, b"1"), Sent(TEXT, b"2")]
        with pytest.raises(ConnectionClosedError):
            await session.receive()
        assert (await peer.frame()).opcode == CLOSE
        with pytest.raises(ConnectionClosedError):
            await session.send("too late")


async def test_a_violation_that_nobody_reaches_is_answered_after_the_close_timeout() -> None:
    async with connected(config=SessionConfig(close_timeout=0.1)) as (session, peer):
        peer.push(text("unread") + frame(3))
        await turns(20)
        assert session.close_reason is None
        sent = await peer.frame()
        assert (sent.opcode, sent.payload[:2]) == (CLOSE, close_payload(1002))
        assert session.close_reason is not None
        assert session.close_reason.code == 1002
        peer.close()
        assert (await session.wait_closed()).code == 1002
        assert await session.receive() == TextFrame("unread")
        with pytest.raises(ConnectionClosedError):
            await session.receive()


@pytest.mark.parametrize("opened", [connected, connected_in_memory])
async def test_a_violation_with_the_end_of_the_stream_behind_it_is_answered(opened: Connected) -> None:
    async with opened() as (session, peer):
        peer.push(text("before") + frame(3))
        peer.finish()
        assert (await session.wait_closed()).code == 1002
        sent = await peer.frame()
        assert (sent.opcode, sent.payload[:2]) == (CLOSE, close_payload(1002))
        assert await session.receive() == TextFrame("before")
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert caught.value.reason.code == 1002
        assert session.close_reason == caught.value.reason == caught.value.sent


async def test_a_violation_wins_over_the_loss_of_the_connection_behind_it() -> None:
    async with connected() as (session, peer):
        peer.push(text("before") + frame(3))
        await turns(20)
        peer.reset()
        assert (await session.wait_closed()).code == 1002
        assert await session.receive() == TextFrame("before")
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert isinstance(caught.value.__cause__, RemoteProtocolError)
        assert (caught.value.reason.code, caught.value.sent) == (1002, None)
        assert session.close_reason == caught.value.reason


async def test_closing_before_a_violation_is_reached_tells_the_peer_of_the_violation() -> None:
    async with connected() as (session, peer):
        peer.push(text("before") + frame(3))
        await turns(20)
        peer.farewell()
        await session.close(CloseReason(1000))
        assert session.close_reason is not None
        assert session.close_reason.code == 1002
        assert [received async for received in session.incoming] == [TextFrame("before")]


@pytest.mark.parametrize("opened", [connected, connected_in_memory])
async def test_our_close_reaches_a_peer_that_goes_on_sending(opened: Connected) -> None:
    async with opened() as (session, peer):
        peer.push(frame(3))
        with pytest.raises(ConnectionClosedError):
            await session.receive()
        for _ in range(100):
            await peer.send(binary(bytes(64 * 1024)))
        sent = await peer.frame()
        assert (sent.opcode, sent.payload[:2]) == (CLOSE, close_payload(1002))
        assert await peer.rest() == [], "a reset ate the end"
        peer.finish()
        await session.wait_closed()


async def test_a_peer_that_does_not_end_after_a_violation_is_dropped_after_the_close_timeout() -> None:
    async with connected(config=SessionConfig(close_timeout=0.1)) as (session, peer):
        peer.push(frame(3))
        assert (await session.wait_closed()).code == 1002
        assert [sent.opcode for sent in await peer.rest()] == [CLOSE]


async def test_a_violation_after_our_close_changes_nothing() -> None:
    async with connected(config=SessionConfig(close_timeout=0.1)) as (session, peer):
        peer.push(text("x"))
        await session.receive()
        peer.push(frame(3) + frame(TEXT, b"\xff"))
        await session.close(CloseReason(4000))
        assert session.close_reason is not None
        assert session.close_reason.code in (4000, 1002)
        assert len([sent for sent in await peer.rest() if sent.opcode == CLOSE]) == 1
