"""Keepalive against backpressure: a program that is busy for far longer than any ping may take keeps its connection.

2,000 messages wait, which is more than the queue holds; the program is busy for 1.5 s; pings are due every 0.3 s and
have 0.6 s to be answered; the peer is healthy, and is software that others wrote.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import anyio
import pytest
from websockets.sync.server import ServerConnection
from websockets.sync.server import serve as serve_websockets

from typedws import CloseReason, SessionConfig, connect

pytestmark = pytest.mark.anyio

MESSAGES = 2000
BUSY = 1.5
CONFIG = SessionConfig(ping_interval=0.3, timeout=0.6)


@pytest.fixture
def url() -> Iterator[str]:
    """A server that sends all its messages at once, and then echoes. It answers pings in a thread of its own."""

    def handle(connection: ServerConnection) -> None:
        for number in range(MESSAGES):
            connection.send(str(number))
        for message in connection:
            connection.send(message)

    with serve_websockets(handle, "127.0.0.1", 0, ping_interval=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
        server.shutdown()
        thread.join()


async def waits() -> None:
    """Leaves the event loop to others."""
    await anyio.sleep(BUSY)


async def computes() -> None:
    """Keeps the event loop to itself."""
    time.sleep(BUSY)  # noqa: ASYNC251 - that is what is tested


@pytest.mark.parametrize("busy", [waits, computes], ids=lambda busy: busy.__name__)
async def test_a_busy_program_loses_neither_a_message_nor_the_connection(
    busy: Callable[[], Awaitable[None]], url: str
) -> None:
    async with connect(url, config=CONFIG) as session:
        assert await session.receive_deserialized(int) == 0
        await busy()
        assert session.close_reason is None
        assert [await session.receive_deserialized(int) for _ in range(MESSAGES - 1)] == list(range(1, MESSAGES))
        # The keepalive goes on as before.
        await anyio.sleep(1)
        await session.send_serialized("still here")
        assert await session.receive_deserialized(str) == "still here"
        assert session.latency is not None
    assert session.close_reason == CloseReason(1000)
