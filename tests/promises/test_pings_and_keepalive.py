"""Pings are answered and keepalive runs while the application is busy. Dead peers are noticed; slow programs live."""

from __future__ import annotations

import math
import time

import anyio
import pytest

from tests.peers import CLOSE, PING, PONG, TEXT, Peer, Sent, close, close_payload, connected, ping, pong, text, turns
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK, PingTimeoutError
from typedws.frames import PingFrame, PongFrame, TextFrame

pytestmark = pytest.mark.anyio

QUICK = SessionConfig(ping_interval=0.1, timeout=0.1)


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
        assert math.isclose(await session.ping(), 0.1, abs_tol=0.05)


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
        with anyio.move_on_after(0.02):
            await session.ping()
        late = await peer.frame()
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


# Keepalive.


async def test_keepalive_pings_go_out_at_their_interval_and_measure_latency() -> None:
    async with connected(config=SessionConfig(ping_interval=0.05, timeout=1)) as (session, peer):
        for _ in range(3):
            sent = await peer.frame()
            assert sent.opcode == PING
            peer.push(pong(sent.payload))
        peer.push(text("x"))
        await session.receive()
        assert session.latency is not None


async def test_a_peer_that_answers_pings_and_says_nothing_else_is_alive() -> None:
    async with connected(config=QUICK) as (session, peer), anyio.create_task_group() as tasks:
        tasks.start_soon(answer_pings, peer)
        with anyio.move_on_after(0.4):
            await session.receive()
        assert session.close_reason is None
        tasks.cancel_scope.cancel()


async def test_a_peer_that_does_not_answer_is_given_up_within_interval_and_timeout() -> None:
    async with connected(config=QUICK) as (session, peer):
        started = time.monotonic()
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert 0.19 < time.monotonic() - started < 0.4
        error = caught.value
        assert isinstance(error.__cause__, PingTimeoutError)
        assert "0.1 s" in str(error.__cause__)
        assert error.reason.code == 1011
        assert error.reason.message == "Ping timeout"
        assert error.sent == error.reason
        assert error.received is None
        assert not error.by_peer
        assert session.close_reason == error.reason
        assert await session.wait_closed() == error.reason
        frames = await peer.rest()
        assert [frame.opcode for frame in frames] == [PING, CLOSE]
        assert frames[-1].payload == close_payload(1011, "Ping timeout")


async def test_a_peer_that_sends_data_but_never_a_pong_is_given_up_too() -> None:
    async with connected(config=QUICK) as (session, peer), anyio.create_task_group() as tasks:

        async def chatter() -> None:
            while True:
                peer.push(text("x"))
                await anyio.sleep(0.01)

        tasks.start_soon(chatter)
        with pytest.raises(ConnectionClosedError) as caught:
            while True:
                await session.receive()
        assert isinstance(caught.value.__cause__, PingTimeoutError)
        tasks.cancel_scope.cancel()


async def test_a_dead_peer_is_noticed_while_nobody_receives() -> None:
    async with connected(config=QUICK) as (session, _):
        with anyio.fail_after(1):
            assert (await session.wait_closed()).code == 1011


async def test_only_the_answer_to_the_keepalive_counts_for_it() -> None:
    async with connected(config=QUICK) as (session, peer), anyio.create_task_group() as tasks:

        async def answer_only_the_application() -> None:
            keepalive = (await peer.frame()).payload
            while (sent := await peer.frame()).opcode == PING:
                assert sent.payload != keepalive
                peer.push(pong(sent.payload))

        async def ping_all_the_time() -> None:
            with pytest.raises(ConnectionClosedError):
                while True:
                    await session.ping()
                    await anyio.sleep(0.01)

        tasks.start_soon(answer_only_the_application)
        await anyio.sleep(0.12)
        tasks.start_soon(ping_all_the_time)
        assert (await session.wait_closed()).code == 1011


async def test_a_peer_that_stops_reading_is_given_up() -> None:
    config = SessionConfig(ping_interval=0.1, timeout=0.1, outgoing_bytes=1024, close_timeout=0.3)
    async with connected(config=config, receive_buffer=4096) as (session, _):
        with anyio.fail_after(2), pytest.raises(ConnectionClosedError) as caught:
            while True:
                await session.send(bytes(64 * 1024))
        assert isinstance(caught.value.__cause__, PingTimeoutError)
        with anyio.fail_after(1):
            await session.wait_closed()


async def test_keepalive_can_be_switched_off() -> None:
    async with connected(config=SessionConfig(ping_interval=None)) as (session, peer):
        with anyio.move_on_after(0.2):
            raise AssertionError(await peer.frame())
        assert session.ping_interval is None


async def test_keepalive_can_be_switched_on_while_the_session_is_open() -> None:
    async with connected(config=SessionConfig(ping_interval=None, timeout=None)) as (session, peer):
        session.ping_interval = 0.05
        assert (await peer.frame()).opcode == PING
        assert (await peer.frame()).opcode == PING
        session.timeout = 0.05
        with anyio.fail_after(1):
            assert (await session.wait_closed()).code == 1011


async def test_a_shorter_interval_counts_at_once() -> None:
    async with connected(config=SessionConfig(ping_interval=60, timeout=60)) as (session, peer):
        await turns(3)
        session.ping_interval = 0.05
        with anyio.fail_after(1):
            sent = await peer.frame()
        assert sent.opcode == PING
        peer.push(pong(sent.payload))
        session.ping_interval = None
        with anyio.move_on_after(0.15):
            raise AssertionError(await peer.frame())


async def test_a_timeout_that_is_set_while_a_ping_waits_counts_from_the_next_one() -> None:
    async with connected(config=SessionConfig(ping_interval=0.05, timeout=0.15)) as (session, peer):
        await peer.frame()
        session.timeout = None
        with anyio.fail_after(1), pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert "0.15 s" in str(caught.value.__cause__)


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan, "1", True])
async def test_a_time_that_is_none_is_refused(value: float) -> None:
    async with connected() as (session, _):
        with pytest.raises(ValueError, match="ping_interval"):
            session.ping_interval = value
        with pytest.raises(ValueError, match="timeout"):
            session.timeout = value
        assert (session.ping_interval, session.timeout) == (20.0, 20.0)


# A slow application.


async def test_a_full_queue_does_not_end_a_healthy_connection_and_loses_nothing() -> None:
    config = SessionConfig(ping_interval=0.1, timeout=0.1, incoming_messages=256)
    async with connected(config=config) as (session, peer), anyio.create_task_group() as tasks:

        async def flood() -> None:
            for first in range(0, 5000, 100):
                await peer.send(b"".join(text(f"{first + i}" + "x" * 500) for i in range(100)))

        tasks.start_soon(flood)
        tasks.start_soon(answer_pings, peer)
        await session.receive()
        await anyio.sleep(0.4)  # busy with the first message
        assert session.close_reason is None
        for number in range(1, 5000):
            received = await session.receive()
            assert int(received.data.split(b"x")[0]) == number
            if number % 2000 == 0:
                await anyio.sleep(0.15)
        tasks.cancel_scope.cancel()
    assert session.close_reason is not None
    assert session.close_reason.is_ok


async def test_two_thousand_queued_messages_survive_an_application_that_is_busy_for_long() -> None:
    async with connected(config=QUICK) as (session, peer), anyio.create_task_group() as tasks:
        tasks.start_soon(answer_pings, peer)
        peer.push(b"".join(text(str(number)) for number in range(2000)))
        await anyio.sleep(0.5)
        assert [int((await session.receive()).data) for _ in range(2000)] == list(range(2000))
        tasks.cancel_scope.cancel()


async def test_an_event_loop_that_is_blocked_beyond_the_deadline_does_not_end_a_healthy_connection() -> None:
    async with connected(config=SessionConfig(ping_interval=0.05, timeout=0.1)) as (session, peer):
        for _ in range(4):
            sent = await peer.frame()
            assert sent.opcode == PING
            peer.push(pong(sent.payload))
            time.sleep(0.3)  # noqa: ASYNC251 - the answer is there, and nobody could read it
            await turns(5)
            assert session.close_reason is None


async def test_a_dead_peer_is_noticed_when_a_full_queue_is_emptied() -> None:
    config = SessionConfig(ping_interval=0.1, timeout=0.1, incoming_messages=4)
    async with connected(config=config) as (session, peer):
        peer.push(text("x") * 4)
        await anyio.sleep(0.4)
        assert session.close_reason is None
        for _ in range(4):
            await session.receive()
        with anyio.fail_after(1), pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert isinstance(caught.value.__cause__, PingTimeoutError)
