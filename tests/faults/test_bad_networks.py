"""A slow network loses nothing; a broken one is noticed, with a reason, after everything that came before it.

Over TCP and TLS, and on every event loop.
"""

from __future__ import annotations

import time

import anyio
import pytest

from tests.cancellation.leftovers import nothing_left
from tests.certificates import Certificates
from tests.faults.chaos import HEALTHY, End, Fault
from tests.faults.ends import CONFIG, both_ends, served
from tests.timing import SOON
from typedws import (
    BinaryFrame,
    CloseReason,
    ConnectError,
    ConnectionClosedError,
    HandshakeTimeoutError,
    PingTimeoutError,
    ServerSession,
    SessionConfig,
    TextFrame,
    connect,
)

pytestmark = pytest.mark.anyio

# Slow.

SLOW = {
    "latency": (Fault(latency=0.02), 100),
    "one byte at a time": (Fault(piece=1), 10),
    "a narrow line": (Fault(piece=8192, pause=0.001), 20_000),
}


@pytest.mark.parametrize(("fault", "size"), SLOW.values(), ids=SLOW)
async def test_a_slow_network_loses_nothing(fault: Fault, size: int, tls: Certificates | None) -> None:
    """With senders that have to wait, and a keepalive that is longer than any delay."""
    config = SessionConfig(ping_interval=0.05, timeout=20, outgoing_bytes=1024)
    async with nothing_left():
        async with both_ends(tls, fault, config=config) as (session, _, ends), anyio.create_task_group() as tasks:
            messages = [b"%d:" % number + bytes(size) for number in range(20)]

            async def send() -> None:
                for message in messages:
                    await session.send(message)

            tasks.start_soon(send)
            for message in messages:
                assert await session.receive() == BinaryFrame(message)
            assert await session.ping() > 0.8 * fault.latency
            assert session.close_reason is None
        assert session.close_reason == CloseReason(1000)
        assert ends.reasons == [CloseReason(1000)]


# Broken.


async def deliver_five(server: ServerSession) -> None:
    """Sends five messages, and waits until the client has read them: its Pong comes after that."""
    for number in range(5):
        await server.send(str(number))
    await server.ping()


LOST = [End.FIN, End.HALF, End.RESET]


@pytest.mark.parametrize("after", [0, 500], ids=["between frames", "inside a frame"])
@pytest.mark.parametrize("end", LOST)
async def test_a_lost_connection_is_noticed_at_once(end: End, after: int, tls: Certificates | None) -> None:
    async with nothing_left():
        async with both_ends(tls) as (session, server, ends):
            await deliver_five(server)
            started = time.monotonic()
            ends.chaos.strike(Fault(after=after, end=end))
            if after:
                await server.send(bytes(1000))
            for number in range(5):
                assert await session.receive() == TextFrame(str(number))
            with pytest.raises(ConnectionClosedError) as caught:
                await session.receive()
            reason = caught.value.reason
            assert reason.code == 1006
            assert caught.value.received is None
            assert not caught.value.by_peer
            assert caught.value.__cause__ is None or isinstance(caught.value.__cause__, OSError)
            assert session.close_reason == reason
            assert await session.wait_closed() == reason
            with pytest.raises(ConnectionClosedError):
                await session.send("too late")
            assert (await server.wait_closed()).code == 1006
            assert time.monotonic() - started < SOON


SILENT = [(End.HOLE, 0), (End.HOLE, 500), (End.SINK, 500), (End.FORGET, 0)]


@pytest.mark.parametrize(("end", "after"), SILENT)
async def test_a_silent_network_is_noticed_by_keepalive(end: End, after: int, tls: Certificates | None) -> None:
    async with nothing_left():
        async with both_ends(tls) as (session, server, ends):
            await deliver_five(server)
            started = time.monotonic()
            ends.chaos.strike(Fault(after=after, end=end))
            if after:
                await server.send(bytes(1000))
            if end is End.FORGET:
                session.timeout = 20
            session.ping_interval = 0.1
            for number in range(5):
                assert await session.receive() == TextFrame(str(number))
            with pytest.raises(ConnectionClosedError) as caught:
                await session.receive()
            assert caught.value.received is None
            if end is End.FORGET:
                assert caught.value.reason.code == 1006
            else:
                assert caught.value.reason.code == 1011
                assert isinstance(caught.value.__cause__, PingTimeoutError)
                assert caught.value.sent == caught.value.reason
                assert time.monotonic() - started > 0.25
            assert await session.wait_closed() == session.close_reason == caught.value.reason
            assert time.monotonic() - started < SOON


async def test_senders_are_told_when_nobody_answers(tls: Certificates | None) -> None:
    config = SessionConfig(ping_interval=None, timeout=0.2, close_timeout=0.2, outgoing_bytes=1024)
    async with nothing_left():
        async with both_ends(tls, config=config) as (session, _, ends):
            ends.chaos.strike(Fault(end=End.HOLE))
            started = time.monotonic()
            session.ping_interval = 0.1
            with pytest.raises(ConnectionClosedError) as caught:
                while True:
                    await session.send(bytes(64 * 1024))
            assert isinstance(caught.value.__cause__, PingTimeoutError)
            with pytest.raises(ConnectionClosedError):
                await session.ping()
        assert time.monotonic() - started < SOON


async def test_closing_into_a_hole_ends_by_its_deadline(tls: Certificates | None) -> None:
    async with nothing_left():
        async with both_ends(tls) as (session, _, ends):
            await session.ping()
            ends.chaos.strike(Fault(end=End.HOLE))
            started = time.monotonic()
            await session.close(CloseReason(4000, "done"))
            assert CONFIG.close_timeout - 0.03 < time.monotonic() - started < SOON
            assert session.close_reason == CloseReason(4000, "done")


async def test_a_hole_that_is_mended_in_time_loses_nothing(tls: Certificates | None) -> None:
    config = SessionConfig(ping_interval=0.05, timeout=20, close_timeout=5)
    async with nothing_left():
        async with both_ends(tls, config=config) as (session, server, ends):
            ends.chaos.strike(Fault(after=300, end=End.HOLE))
            for number in range(100):
                await session.send(f"up {number}")
                await server.send(f"down {number}")
            await anyio.sleep(0.2)
            assert session.close_reason is None
            ends.chaos.strike(HEALTHY)
            received = [(await session.receive()).data.decode() for _ in range(200)]
            assert [text for text in received if text.startswith("up")] == [f"up {number}" for number in range(100)]
            assert [text for text in received if text.startswith("down")] == [f"down {number}" for number in range(100)]
        assert session.close_reason == CloseReason(1000)


# While it opens. The answer of the server is 129 bytes long, and its part of the TLS handshake more than 1000.

STALLS = [(End.HOLE, 0), (End.HOLE, 1), (End.HOLE, 100), (End.SINK, 0)]


@pytest.mark.parametrize(("end", "after"), STALLS)
async def test_a_handshake_that_stalls_ends_by_its_deadline(end: End, after: int, tls: Certificates | None) -> None:
    async with nothing_left():
        async with served(tls, Fault(after=after, end=end)) as ends:
            started = time.monotonic()
            with pytest.raises(HandshakeTimeoutError):
                async with connect(**ends.options, open_timeout=0.2):
                    raise AssertionError("it was let through")
            assert 0.17 < time.monotonic() - started < SOON


@pytest.mark.parametrize("after", [0, 1, 100])
@pytest.mark.parametrize("end", LOST)
async def test_a_handshake_that_breaks_off_fails_at_once(end: End, after: int, tls: Certificates | None) -> None:
    async with nothing_left():
        async with served(tls, Fault(after=after, end=end)) as ends:
            started = time.monotonic()
            with pytest.raises(ConnectError):
                async with connect(**ends.options):
                    raise AssertionError("it was let through")
            assert time.monotonic() - started < SOON
