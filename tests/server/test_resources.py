"""A server under load: nothing leaks, nobody waits for somebody else, and dead clients are noticed."""

from __future__ import annotations

import errno
import gc
import os
import resource
import socket
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import pytest

from tests.leaks import open_sockets
from tests.peers import CLOSE, PING, PONG, TEXT, Sent, close_payload, fill_up
from tests.server.guests import UPGRADE, guest, request, welcome_guest
from tests.server.handlers import HASTY, echo, listen
from tests.timing import SOON
from typedws import CloseReason, ConnectionClosedError, PingTimeoutError, ServerSession, SessionConfig, connect, serve

pytestmark = pytest.mark.anyio


async def test_connections_one_after_the_other_leave_nothing() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        before = open_sockets()
        for number in range(300):
            async with connect(server.url) as session:
                await session.send_serialized(number)
                assert await session.receive_deserialized(int) == number
        assert open_sockets() == before
        gc.collect()
        assert not [found for found in gc.get_objects() if isinstance(found, ServerSession)]
        assert server.sessions == frozenset()


async def test_clients_that_break_off_leave_nothing() -> None:
    """In every state that a connection can be in."""
    async with serve(listen, "127.0.0.1", 0) as server:
        before = open_sockets()
        for _ in range(20):
            async with guest(server):
                pass
            async with guest(server) as client:
                await client.send(b"GET / HTTP/1.1\r\nHost")
            async with welcome_guest(server):
                pass
            async with welcome_guest(server) as client:
                await client.send(b"\x81\xff")
            async with welcome_guest(server) as client:
                await client.say(CLOSE)
        with anyio.fail_after(5):
            while open_sockets() != before:
                await anyio.sleep(0.01)


async def test_a_slow_client_delays_nobody() -> None:
    """One client never reads what the server sends it; the others get everything at once."""
    full = anyio.Event()

    async def flood_or_echo(session: ServerSession) -> None:
        if session.call.request.path != "/slow":
            return await echo(session)
        await fill_up(session, b"x" * 100_000)
        full.set()
        await anyio.sleep_forever()

    async with serve(flood_or_echo, "127.0.0.1", 0, config=HASTY) as server, guest(server) as slow:
        await slow.ask(path="/slow")
        await full.wait()
        started = time.monotonic()
        async with connect(server.url) as session:
            for number in range(100):
                await session.send_serialized(number)
                assert await session.receive_deserialized(int) == number
        assert time.monotonic() - started < 5


async def test_a_dead_client_is_given_up_with_1011() -> None:
    seen: list[ConnectionClosedError] = []
    done = anyio.Event()

    async def watch(session: ServerSession) -> None:
        try:
            await session.receive()
        except ConnectionClosedError as error:
            seen.append(error)
        done.set()

    config = SessionConfig(ping_interval=0.05, timeout=0.1)
    async with serve(watch, "127.0.0.1", 0, config=config) as server, welcome_guest(server) as client:
        assert (await client.frame()).opcode == PING
        with anyio.fail_after(SOON):
            await done.wait()
        assert await client.frame() == Sent(CLOSE, close_payload(1011, "Ping timeout"))
        await client.rest()
    [error] = seen
    assert error.reason == CloseReason(1011, "Ping timeout")
    assert isinstance(error.__cause__, PingTimeoutError)


async def test_a_client_that_answers_pings_stays() -> None:
    config = SessionConfig(ping_interval=0.02)
    async with serve(listen, "127.0.0.1", 0, config=config) as server, welcome_guest(server) as client:
        for _ in range(5):
            sent = await client.frame()
            assert sent.opcode == PING
            await client.say(PONG, sent.payload)
        await client.say(CLOSE)


async def test_a_protocol_error_ends_only_the_connection_that_made_it() -> None:
    async with serve(echo, "127.0.0.1", 0, config=HASTY) as server, connect(server.url) as session:
        async with welcome_guest(server) as client:
            await client.send(b"\x81\x01a")  # a client's frame must be masked
            sent = await client.frame()
            assert (sent.opcode, sent.payload[:2]) == (CLOSE, (1002).to_bytes(2, "big"))
        await session.send_serialized("still here")
        assert await session.receive_deserialized(str) == "still here"


@contextmanager
def no_files_left() -> Iterator[None]:
    """The process may open no further file."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(map(int, os.listdir("/dev/fd")))
    taken = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, limits[1]))
    try:
        with pytest.raises(OSError, match=os.strerror(errno.EMFILE)):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for file in taken:
            os.close(file)


async def test_it_gets_over_having_no_files_left(caplog: pytest.LogCaptureFixture) -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        async with connect(server.url) as session:
            with socket.socket() as newcomer:
                newcomer.setblocking(False)
                with no_files_left():
                    newcomer.connect_ex(("127.0.0.1", server.port))
                    await session.send_serialized("still here")
                    assert await session.receive_deserialized(str) == "still here"
                    await anyio.sleep(0.15)  # the server tries again and again
        async with connect(server.url) as session:
            await session.send_serialized("and again")
            assert await session.receive_deserialized(str) == "and again"
    assert [record.getMessage() for record in caplog.records if record.name == "typedws.server"] == []


async def test_a_listening_socket_that_breaks_is_logged_and_the_rest_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serve(echo, "127.0.0.1", 0) as server, connect(server.url) as session:
        server.sockets[0].shutdown(socket.SHUT_RDWR)
        with anyio.fail_after(SOON):
            while not caplog.records:
                await anyio.sleep(0.01)
        await session.send_serialized("still here")
        assert await session.receive_deserialized(str) == "still here"
    [record] = [record for record in caplog.records if record.name == "typedws.server"]
    assert "accepts no more connections" in record.getMessage()


async def test_what_is_sent_to_a_client_that_reads_slowly_is_bounded() -> None:
    """The handler waits in `send`; the memory that waits with it is `outgoing_bytes` and one message. What transports
    keep of a buffer that has left in part is memory as well."""
    sizes: list[int] = []
    waiting = anyio.Event()

    async def flood(session: ServerSession) -> None:
        tracemalloc.start()
        await fill_up(session, bytes(16 * 1024))
        gc.collect()
        # Without the timers of the waits, which the loop keeps for a while.
        snapshot = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, "*/anyio/*")])
        sizes.append(sum(trace.size for trace in snapshot.traces))
        tracemalloc.stop()
        waiting.set()
        await anyio.sleep_forever()

    config = SessionConfig(close_timeout=0.2, outgoing_bytes=64 * 1024)
    async with serve(flood, "127.0.0.1", 0, config=config) as server:
        # Nothing in this process may read: its buffers would count.
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            sock.sendall(request(*UPGRADE))
            await waiting.wait()
    assert sizes[0] <= 64 * 1024 + 16 * 1024 + 30_000  # besides: what belongs to the waits


async def test_messages_of_a_client_are_answered_in_order() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, welcome_guest(server) as client:
        for number in range(100):
            await client.say(TEXT, b"%d" % number)
        assert [(await client.frame()).payload for _ in range(100)] == [b"%d" % number for number in range(100)]
        await client.say(CLOSE)
