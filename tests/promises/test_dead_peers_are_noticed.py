"""Keepalive notices a peer that does not answer, whether or not anybody receives; its times can be changed at once."""

from __future__ import annotations

import math
import time

import anyio
import pytest

from tests.peers import CLOSE, PING, Peer, close_payload, connected, pong, text, turns
from tests.timing import SOON
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosedError, PingTimeoutError
from typedws.frames import PingFrame

pytestmark = pytest.mark.anyio


QUICK = SessionConfig(ping_interval=0.1, timeout=0.1)


async def answer_pings(peer: Peer) -> None:
    """Answers for ever."""
    while True:
        sent = await peer.frame()
        if sent.opcode == PING:
            await peer.send(pong(sent.payload))


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
    config = SessionConfig(ping_interval=0.1, timeout=0.6)
    async with connected(config=config) as (session, peer), anyio.create_task_group() as tasks:
        tasks.start_soon(answer_pings, peer)
        with anyio.move_on_after(0.9):
            await session.receive()
        assert session.close_reason is None
        tasks.cancel_scope.cancel()


async def test_a_peer_that_does_not_answer_is_given_up_within_interval_and_timeout() -> None:
    async with connected(config=QUICK) as (session, peer):
        started = time.monotonic()
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert 0.17 < time.monotonic() - started < SOON
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
        with anyio.fail_after(SOON):
            assert (await session.wait_closed()).code == 1011


async def test_answers_to_frames_of_the_application_do_not_count_for_the_keepalive() -> None:
    async with connected(config=QUICK) as (session, peer), anyio.create_task_group() as tasks:

        async def answer_only_the_application() -> None:
            keepalive = (await peer.frame()).payload
            asked.set()
            while (sent := await peer.frame()).opcode == PING:
                assert sent.payload != keepalive
                peer.push(pong(sent.payload))

        async def ping_all_the_time() -> None:
            with pytest.raises(ConnectionClosedError):
                while True:
                    await session.send(PingFrame(b"mine"))
                    await anyio.sleep(0.01)

        asked = anyio.Event()
        tasks.start_soon(answer_only_the_application)
        await asked.wait()
        tasks.start_soon(ping_all_the_time)
        assert (await session.wait_closed()).code == 1011


async def test_a_peer_that_stops_reading_is_given_up() -> None:
    config = SessionConfig(ping_interval=0.1, timeout=0.1, outgoing_bytes=1024, close_timeout=0.1)
    async with connected(config=config, receive_buffer=4096) as (session, _):
        with anyio.fail_after(SOON), pytest.raises(ConnectionClosedError) as caught:
            while True:
                await session.send(bytes(64 * 1024))
        assert isinstance(caught.value.__cause__, PingTimeoutError)
        with anyio.fail_after(SOON):
            await session.wait_closed()


async def test_keepalive_can_be_switched_off() -> None:
    async with connected(config=SessionConfig(ping_interval=None)) as (session, peer):
        with anyio.move_on_after(0.1):
            raise AssertionError(await peer.frame())
        assert session.ping_interval is None


async def test_keepalive_can_be_switched_on_while_the_session_is_open() -> None:
    async with connected(config=SessionConfig(ping_interval=None, timeout=None)) as (session, peer):
        session.ping_interval = 0.05
        assert (await peer.frame()).opcode == PING
        assert (await peer.frame()).opcode == PING
        session.timeout = 0.05
        with anyio.fail_after(SOON):
            assert (await session.wait_closed()).code == 1011


async def test_a_shorter_interval_counts_at_once() -> None:
    async with connected(config=SessionConfig(ping_interval=60, timeout=60)) as (session, peer):
        await turns(3)
        session.ping_interval = 0.05
        with anyio.fail_after(SOON):
            sent = await peer.frame()
        assert sent.opcode == PING
        peer.push(pong(sent.payload))
        session.ping_interval = None
        with anyio.move_on_after(0.1):
            raise AssertionError(await peer.frame())


async def test_a_timeout_that_is_set_while_a_ping_waits_counts_from_the_next_one() -> None:
    async with connected(config=SessionConfig(ping_interval=0.05, timeout=0.15)) as (session, peer):
        await peer.frame()
        session.timeout = None
        with anyio.fail_after(SOON), pytest.raises(ConnectionClosedError) as caught:
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
