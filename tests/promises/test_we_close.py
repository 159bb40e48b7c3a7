"""How a connection ends that we end: one Close, at most `close_timeout`, and no exception because the peer is gone."""

from __future__ import annotations

import time
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
    close,
    close_payload,
    connected,
    connected_in_memory,
    ping,
    text,
    turns,
)
from tests.timing import SOON
from typedws.close import CloseCode, CloseReason
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK
from typedws.frames import CloseFrame, TextFrame
from typedws.session import Session

pytestmark = pytest.mark.anyio


Connected = Callable[..., AbstractAsyncContextManager[tuple[Session, Any]]]

BRIEF = SessionConfig(close_timeout=0.1)


@pytest.fixture(params=[connected, connected_in_memory], ids=["tcp", "memory"])
def opened(request: pytest.FixtureRequest) -> Connected:
    """A way to a session and its peer."""
    return request.param  # type: ignore[no-any-return]


async def ending(session: Session) -> ConnectionClosed:
    """What a receive raises."""
    with pytest.raises(ConnectionClosed) as caught:
        await session.receive()
    return caught.value


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4000, 4999])
async def test_a_close_of_ours_is_sent_answered_and_told(opened: Connected, code: int) -> None:
    reason = CloseReason(code, "adiós")
    async with opened() as (session, peer):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close, reason)
            assert await peer.frame() == Sent(CLOSE, close_payload(code, "adiós"))
            peer.push(close(code))
            peer.finish()
        assert session.close_reason == reason
        assert await session.wait_closed() == reason
        error = await ending(session)
        assert isinstance(error, ConnectionClosedOK if code in (1000, 1001) else ConnectionClosedError)
        assert (error.reason, error.sent, error.received) == (reason, reason, CloseReason(code))
        assert not error.by_peer
        assert error.__cause__ is None
        assert await peer.rest() == []


async def test_the_code_is_1000_unless_given() -> None:
    async with connected() as (session, peer):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close)
            assert await peer.frame() == Sent(CLOSE, close_payload(1000))
            peer.close()
        assert session.close_reason == CloseReason(1000)


async def test_a_close_code_may_be_named() -> None:
    async with connected() as (session, peer):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close, CloseReason(CloseCode.GOING_AWAY))
            assert await peer.frame() == Sent(CLOSE, close_payload(1001))
            peer.close()


@pytest.mark.parametrize(
    "reason",
    [
        *(
            CloseReason(code)
            for code in (-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535, 65536)
        ),
        CloseReason(1000, "x" * 124),
        CloseReason(1000, "ñ" * 62),
        CloseReason(1000, "\ud800"),
    ],
    ids=lambda reason: f"{reason.code} {len(reason.message)}",
)
async def test_a_reason_that_may_not_be_sent_is_refused_before_a_byte_is(reason: CloseReason) -> None:
    async with connected() as (session, peer):
        with pytest.raises(ValueError, match="close"):
            await session.close(reason)
        with pytest.raises(ValueError, match=r"close|surrogate"):
            await session.send(CloseFrame(reason))
        assert session.close_reason is None
        await session.send("open as before")
        assert await peer.frame() == Sent(TEXT, b"open as before")
        peer.push(text("both ways"))
        assert await session.receive() == TextFrame("both ways")


async def test_the_longest_reason_can_be_sent() -> None:
    async with connected() as (session, peer):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close, CloseReason(4000, "ñ" * 61 + "x"))
            assert len((await peer.frame()).payload) == 125
            peer.close()


async def test_an_unanswered_close_ends_after_the_close_timeout(opened: Connected) -> None:
    async with opened(config=BRIEF) as (session, peer):
        started = time.monotonic()
        await session.close(CloseReason(4000))
        assert 0.08 < time.monotonic() - started < SOON
        assert session.close_reason == CloseReason(4000)
        error = await ending(session)
        assert (error.sent, error.received, error.by_peer) == (CloseReason(4000), None, False)
        assert await peer.rest() == [Sent(CLOSE, close_payload(4000))]


async def test_a_peer_that_goes_on_talking_does_not_delay_the_end() -> None:
    async with connected(config=BRIEF) as (session, peer), anyio.create_task_group() as tasks:

        async def talk() -> None:
            try:
                while True:
                    await peer.send(binary(bytes(64 * 1024)) + ping())
            except OSError:
                pass  # we have left

        tasks.start_soon(talk)
        started = time.monotonic()
        await session.close()
        assert time.monotonic() - started < SOON
        assert session.close_reason == CloseReason(1000)


async def test_a_peer_that_answers_our_close_and_keeps_tcp_open_is_left_after_the_close_timeout() -> None:
    async with connected(config=BRIEF) as (session, peer), anyio.create_task_group() as tasks:
        started = time.monotonic()
        tasks.start_soon(session.close)
        await peer.frame()
        peer.push(close())
        assert await session.wait_closed() == CloseReason(1000)
        assert 0.08 < time.monotonic() - started < SOON


async def test_a_peer_that_ends_tcp_instead_of_answering_is_told_by_received(opened: Connected) -> None:
    async with opened() as (session, peer):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close, CloseReason(4000))
            await peer.frame()
            peer.finish()
        assert session.close_reason == CloseReason(4000)
        assert (await ending(session)).received is None


async def test_an_answer_with_another_code_is_told_beside_ours(opened: Connected) -> None:
    async with opened() as (session, peer):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close, CloseReason(1000))
            await peer.frame()
            peer.push(close(4000, "no, you"))
            peer.finish()
        error = await ending(session)
        assert error.reason == error.sent == CloseReason(1000)
        assert error.received == CloseReason(4000, "no, you")
        assert not error.by_peer


async def test_when_both_close_at_once_there_is_one_close_each_way(opened: Connected) -> None:
    async with opened() as (session, peer):
        async with anyio.create_task_group() as tasks:
            peer.push(close(1001, "at once"))
            tasks.start_soon(session.close, CloseReason(4000))
            sent = await peer.frame()
            peer.finish()
        assert await peer.rest() == []
        error = await ending(session)
        assert error.received == CloseReason(1001, "at once")
        assert error.sent is not None
        assert sent == Sent(CLOSE, close_payload(error.sent.code))
        assert error.reason == (error.received if error.by_peer else error.sent)


async def test_a_close_frame_can_be_sent_without_waiting(opened: Connected) -> None:
    async with opened() as (session, peer):
        await session.send(CloseFrame(CloseReason(4000)))
        assert session.close_reason == CloseReason(4000)
        with pytest.raises(ConnectionClosedError):
            await session.send("too late")
        assert await peer.frame() == Sent(CLOSE, close_payload(4000))
        peer.push(close(4000))
        peer.finish()
        assert await session.wait_closed() == CloseReason(4000)


async def test_nothing_can_be_sent_after_our_close() -> None:
    async with connected() as (session, peer):
        await session.send(CloseFrame())
        for attempt in (lambda: session.send("x"), session.ping, lambda: session.send(CloseFrame())):
            with pytest.raises(ConnectionClosedOK):
                await attempt()
        peer.push(ping(b"no longer answered"))
        await turns(20)
        peer.finish()
        assert await peer.rest() == [Sent(CLOSE, close_payload(1000))]


async def test_closing_with_unread_messages_is_a_clean_close() -> None:
    async with connected() as (session, peer):
        peer.push(binary(bytes(1000)))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close)
            assert await peer.frame() == Sent(CLOSE, close_payload(1000))
            peer.push(close())
            peer.finish()
        assert await peer.rest() == [], "a reset ate the end"


async def test_closing_behind_a_full_queue_reads_the_peers_close() -> None:
    async with connected(config=SessionConfig(incoming_messages=4)) as (session, peer):
        peer.push(text("x") * 1000)
        await turns(20)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close)
            await peer.frame()
            peer.push(text("x") * 1000 + close(1000))
            peer.close()
        assert (await session.wait_closed()).code == 1000
        assert len([frame async for frame in session.incoming]) == 4
        assert (await ending(session)).received == CloseReason(1000)


async def test_pings_are_answered_until_our_close() -> None:
    async with connected() as (session, peer):
        peer.push(ping(b"x"))
        assert await peer.frame() == Sent(PONG, b"x")
        await session.send(CloseFrame())
        peer.push(close())
        peer.finish()
        assert [sent.opcode for sent in await peer.rest()] == [CLOSE]


async def test_wait_closed_waits_for_the_end_of_the_connection() -> None:
    async with connected() as (session, peer), anyio.create_task_group() as tasks:
        waited: list[CloseReason] = []

        async def wait() -> None:
            waited.append(await session.wait_closed())

        tasks.start_soon(wait)
        await session.send(CloseFrame(CloseReason(4000)))
        await turns(20)
        assert not waited
        await peer.frame()
        peer.push(close(4000))
        peer.finish()
        await session.wait_closed()
        await turns(3)
        assert waited == [CloseReason(4000)]


async def test_the_messages_of_closed_errors_say_who_closed_and_why() -> None:
    async with connected() as (session, peer):
        peer.push(close(1008, "slow down"))
        peer.finish()
        assert str(await ending(session)) == "closed by the peer: 1008 (policy violation) slow down"
    async with connected() as (session, peer):
        peer.farewell()
        await session.close(CloseReason(4000, "enough"))
        assert str(await ending(session)) == "closed here: 4000 enough"
    async with connected() as (session, peer):
        peer.close()
        assert str(await ending(session)).startswith("connection lost: ")
