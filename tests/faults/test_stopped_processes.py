"""A peer whose process is stopped is noticed; one that goes on in time, and ourselves, are no dead peers."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import anyio
import pytest

from tests.cancellation.interrupting import LOOPS
from tests.cancellation.leftovers import nothing_left
from tests.faults.processes import INTERVAL, TIMEOUT, Process, running
from tests.timing import SOON
from typedws import (
    ConnectionClosedError,
    PingTimeoutError,
    ServerSession,
    SessionConfig,
    TextFrame,
    connect,
    serve,
)

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="whether a process has stopped is read from /proc"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Process, str]]:
    """A server that is a process of its own, and its URL."""
    with running("server") as process:
        yield process, f"ws://127.0.0.1:{process.read_line()}/"


async def test_a_stopped_peer_is_noticed(server: tuple[Process, str]) -> None:
    process, url = server
    config = SessionConfig(ping_interval=None, timeout=0.2, close_timeout=0.2)
    async with nothing_left():
        async with connect(url, converter=None, config=config) as session:
            await session.send("hello")
            assert await session.receive() == TextFrame("hello")
            with process.stopped():
                started = time.monotonic()
                session.ping_interval = 0.1
                await session.send("never read")
                with pytest.raises(ConnectionClosedError) as caught:
                    await session.receive()
                assert isinstance(caught.value.__cause__, PingTimeoutError)
                assert caught.value.reason.code == 1011
                assert await session.wait_closed() == caught.value.reason
                assert time.monotonic() - started < SOON


async def test_a_peer_that_goes_on_in_time_loses_nothing(server: tuple[Process, str]) -> None:
    process, url = server
    config = SessionConfig(ping_interval=0.05, timeout=20)
    async with connect(url, converter=None, config=config) as session:
        with process.stopped():
            for number in range(100):
                await session.send(str(number))
            await anyio.sleep(0.2)
        assert [int((await session.receive()).data) for _ in range(100)] == list(range(100))
        assert session.close_reason is None


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("loop", LOOPS)
async def test_time_in_which_we_were_stopped_does_not_count(loop: str) -> None:
    """A client that sleeps for longer than its peer may take to answer goes on with the same connection."""
    came = anyio.Event()
    sessions: list[ServerSession] = []

    async def handle(session: ServerSession) -> None:
        sessions.append(session)
        came.set()
        await session.wait_closed()

    async with serve(handle, "127.0.0.1", 0, config=SessionConfig(ping_interval=None)) as listening:
        with running("client", loop, listening.url) as client:
            await came.wait()
            [session] = sessions
            with client.stopped():
                await session.send("meanwhile")
                await anyio.sleep(INTERVAL + TIMEOUT + 0.1)
            assert await session.receive() == TextFrame("meanwhile")
            await anyio.sleep(2 * INTERVAL)
            assert session.close_reason is None
            await session.close()
            assert await anyio.to_thread.run_sync(client.read_line) == "1000"
