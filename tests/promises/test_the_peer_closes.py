"""How a connection ends that the peer ends: by its Close, or without one."""

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
    Server,
    accepting,
    binary,
    close,
    close_payload,
    connected,
    connected_in_memory,
    fill_up,
    ping,
    text,
    turns,
)
from tests.timing import SOON
from typedws.client import connect
from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK
from typedws.frames import TextFrame
from typedws.session import Session

pytestmark = pytest.mark.anyio

Connected = Callable[..., AbstractAsyncContextManager[tuple[Session, Any]]]

CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]


@pytest.fixture(params=[connected, connected_in_memory], ids=["tcp", "memory"])
def opened(request: pytest.FixtureRequest) -> Connected:
    """A way to a session and its peer."""
    return request.param  # type: ignore[no-any-return]


async def ending(session: Session) -> ConnectionClosed:
    """What a receive raises."""
    with pytest.raises(ConnectionClosed) as caught:
        await session.receive()
    return caught.value


@pytest.mark.parametrize("code", CODES)
async def test_a_close_is_echoed_and_told_as_it_came(opened: Connected, code: int) -> None:
    async with opened() as (session, peer):
        peer.push(close(code, "see you, ñandú"))
        error = await ending(session)
        reason = CloseReason(code, "see you, ñandú")
        assert isinstance(error, ConnectionClosedOK if code in (1000, 1001) else ConnectionClosedError)
        assert (error.reason, error.received, error.sent) == (reason, reason, CloseReason(code))
        assert error.by_peer
        assert error.__cause__ is None
        assert "ñandú" in str(error)
        assert session.close_reason == reason
        peer.finish()
        assert await session.wait_closed() == reason
        assert await peer.rest() == [Sent(CLOSE, close_payload(code))]


async def test_a_close_without_a_code_is_echoed_empty_and_told_as_1005(opened: Connected) -> None:
    async with opened() as (session, peer):
        peer.push(close(None))
        error = await ending(session)
        assert isinstance(error, ConnectionClosedOK)
        assert (error.reason, error.received, error.sent) == (CloseReason(1005),) * 3
        assert error.by_peer
        peer.finish()
        assert await peer.rest() == [Sent(CLOSE)]
        assert session.close_reason == CloseReason(1005)


async def test_the_longest_reason_is_told_whole() -> None:
    async with connected() as (session, peer):
        peer.push(close(4000, "x" * 123))
        assert (await ending(session)).reason == CloseReason(4000, "x" * 123)
        peer.finish()


async def test_a_close_is_echoed_while_nobody_receives(opened: Connected) -> None:
    async with opened() as (session, peer):
        peer.push(text("unread") + close(4000))
        assert await peer.frame() == Sent(CLOSE, close_payload(4000))
        assert session.close_reason == CloseReason(4000)
        assert await session.receive() == TextFrame("unread")
        peer.finish()


async def test_a_close_behind_a_full_queue_is_echoed_when_reading_goes_on() -> None:
    async with connected(config=SessionConfig(incoming_messages=2)) as (session, peer):
        peer.push(text("x") * 2 + close(4000))
        await turns(20)
        assert session.close_reason is None
        await session.receive()
        assert await peer.frame() == Sent(CLOSE, close_payload(4000))
        peer.finish()


async def test_pings_before_a_close_are_answered_before_it(opened: Connected) -> None:
    async with opened() as (_, peer):
        peer.push(ping(b"1") + ping(b"2") + close(1000))
        peer.finish()
        assert await peer.rest() == [Sent(PONG, b"1"), Sent(PONG, b"2"), Sent(CLOSE, close_payload(1000))]


async def test_what_was_sent_before_the_echo_leaves_before_it(opened: Connected) -> None:
    async with opened() as (session, peer):
        for number in range(10):
            await session.send(str(number))
        peer.push(close(1000))
        await ending(session)
        peer.finish()
        frames = await peer.rest()
        assert frames == [*(Sent(TEXT, b"%d" % number) for number in range(10)), Sent(CLOSE, close_payload(1000))]


async def test_everything_behind_a_close_is_ignored(opened: Connected) -> None:
    async with opened() as (session, peer):
        peer.push(close(1000) + text("ignored") + close(4000) + b"\xff\xff\xff\xff")
        peer.push(b"\xff" * 1000 + text("ignored") + ping(b"ignored"))
        await turns(20)
        error = await ending(session)
        assert (error.reason, error.sent) == (CloseReason(1000), CloseReason(1000))
        peer.finish()
        assert await peer.rest() == [Sent(CLOSE, close_payload(1000))]


async def test_a_close_between_two_fragments_ends_the_connection_without_the_message(opened: Connected) -> None:
    async with opened() as (session, peer):
        peer.push(text("half a ", fin=False) + close(1001))
        assert (await ending(session)).reason == CloseReason(1001)
        peer.finish()


async def test_nothing_can_be_sent_after_the_peers_close(opened: Connected) -> None:
    async with opened() as (session, peer):
        peer.push(close(1001))
        await ending(session)
        for attempt in (lambda: session.send("x"), lambda: session.outgoing.send(TextFrame("x")), session.ping):
            with pytest.raises(ConnectionClosedOK):
                await attempt()
        peer.finish()
        await session.close(CloseReason(4000))
        assert session.close_reason == CloseReason(1001)
        assert await peer.rest() == [Sent(CLOSE, close_payload(1001))]


async def test_the_server_is_awaited_to_end_tcp_but_no_longer_than_the_close_timeout(opened: Connected) -> None:
    async with opened(config=SessionConfig(close_timeout=0.15)) as (session, peer):
        started = time.monotonic()
        peer.push(close(1000))
        await ending(session)
        await session.wait_closed()
        assert 0.12 < time.monotonic() - started < SOON
        assert await peer.rest() == [Sent(CLOSE, close_payload(1000))]


async def test_a_close_is_told_while_the_server_is_awaited_to_end_tcp(opened: Connected) -> None:
    async with opened(config=SessionConfig(close_timeout=20)) as (session, peer):
        peer.push(close(1000))
        with anyio.fail_after(SOON):
            await ending(session)
        peer.finish()


async def test_when_the_server_ends_tcp_nothing_is_awaited(opened: Connected) -> None:
    async with opened(config=SessionConfig(close_timeout=20)) as (session, peer):
        peer.push(close(1000))
        peer.finish()
        with anyio.fail_after(SOON):
            await session.wait_closed()


async def test_a_close_that_is_dripped_is_a_close(opened: Connected) -> None:
    async with opened() as (session, peer):
        await peer.push_each_byte(text("x") + close(4321, "slowly"))
        assert await session.receive() == TextFrame("x")
        assert (await ending(session)).reason == CloseReason(4321, "slowly")
        peer.finish()


async def test_a_close_in_the_segment_of_the_handshake_is_echoed() -> None:
    with Server(accepting(then=text("x") + close(4000))) as server:
        async with connect(server.url, converter=None) as session:
            peer = server.peer()
            assert await peer.frame() == Sent(CLOSE, close_payload(4000))
            assert await session.receive() == TextFrame("x")
            peer.close()
            assert (await ending(session)).reason == CloseReason(4000)


# Without a Close.


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x81",
        b"\x81\x7e\x01",
        binary(bytes(100))[:50],
        text("half a message, ", fin=False),
        close(1000)[:-1],
    ],
    ids=["between frames", "in a header", "in a length", "in a payload", "between fragments", "in a close"],
)
async def test_the_end_of_the_stream_without_a_close_is_1006(opened: Connected, sent: bytes) -> None:
    async with opened() as (session, peer):
        peer.push(text("before"))
        if sent:
            peer.push(sent)
        peer.finish()
        assert await session.receive() == TextFrame("before")
        error = await ending(session)
        assert isinstance(error, ConnectionClosedError)
        assert (error.reason.code, error.sent, error.received, error.by_peer) == (1006, None, None, False)
        assert error.__cause__ is None
        assert session.close_reason == error.reason
        with anyio.fail_after(SOON):
            assert await session.wait_closed() == error.reason
        assert await peer.rest() == []


async def test_a_reset_is_1006_and_the_cause_is_the_systems_error() -> None:
    async with connected() as (session, peer):
        peer.reset()
        error = await ending(session)
        assert error.reason.code == 1006
        assert isinstance(error.__cause__, ConnectionResetError)
        assert "reset" in str(error)


async def test_a_broken_stream_is_1006_and_the_cause_is_an_os_error() -> None:
    async with connected_in_memory() as (session, peer):
        peer.break_off(anyio.BrokenResourceError())
        error = await ending(session)
        assert error.reason.code == 1006
        assert isinstance(error.__cause__, ConnectionResetError)
        assert isinstance(error.__cause__.__cause__, anyio.BrokenResourceError)


async def test_a_stream_that_fails_in_its_own_way_is_1006_too() -> None:
    async with connected_in_memory() as (session, peer):
        peer.break_off(ZeroDivisionError())
        error = await ending(session)
        assert error.reason.code == 1006
        assert isinstance(error.__cause__, OSError)


async def test_a_reset_while_sending_is_told_to_the_sender() -> None:
    async with connected() as (session, peer):
        peer.reset()
        with anyio.fail_after(SOON), pytest.raises(ConnectionClosedError) as caught:
            while True:
                await session.send(bytes(1000))
        assert caught.value.reason.code == 1006


async def test_what_was_sent_reaches_a_peer_that_has_ended_its_own_direction() -> None:
    async with connected(config=SessionConfig(outgoing_bytes=1 << 20), receive_buffer=4096) as (session, peer):
        for _ in range(50):
            await session.send(bytes(16 * 1024))
        peer.finish()
        assert len(await peer.rest()) == 50
        assert (await session.wait_closed()).code == 1006


async def test_a_peer_that_has_ended_and_does_not_read_either_is_dropped_after_the_close_timeout(
    opened: Connected,
) -> None:
    config = SessionConfig(outgoing_bytes=1024, close_timeout=0.15, ping_interval=None)
    options = {"receive_buffer": 4096} if opened is connected else {}
    async with opened(config=config, **options) as (session, peer):
        if opened is connected_in_memory:
            peer.stall()
        await fill_up(session, bytes(64 * 1024))
        peer.finish()
        with anyio.fail_after(SOON):
            error = await ending(session)
        assert error.reason.code == 1006
