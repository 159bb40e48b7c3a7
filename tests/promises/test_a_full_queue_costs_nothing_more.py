"""How much waits to be received makes no difference to what a message costs: neither to receive one nor to read one."""

from __future__ import annotations

import time

import anyio
import pytest

from tests.peers import BINARY, connected_in_memory, deliver, frame, pong, wire_of
from tests.timing import least
from typedws.config import SessionConfig
from typedws.protocol.connection import Connection

pytestmark = pytest.mark.anyio

FEW, MANY = 200, 20_000


async def to_receive(count: int) -> float:
    """Processor time for each message of a queue that is full with so many."""
    config = SessionConfig(incoming_messages=count, incoming_bytes=100 * count, ping_interval=None)
    async with connected_in_memory(config=config) as (session, _):
        deliver(session, frame(BINARY, b"x" * 60) * count)
        assert wire_of(session).inbox.is_blocked
        start = time.process_time()
        for _ in range(FEW // 4):  # it stays full enough for reading to be paused
            await session.receive()
        assert wire_of(session).inbox.is_blocked
        return (time.process_time() - start) / (FEW // 4)


def test_receiving_from_a_long_queue_takes_no_longer(anyio_backend: object) -> None:
    name, options = anyio_backend if isinstance(anyio_backend, tuple) else (str(anyio_backend), {})

    def ratio() -> float:
        long, short = (anyio.run(to_receive, count, backend=name, backend_options=options) for count in (MANY, FEW))
        return long / short

    # Were the queue counted for each message, it would be twenty times as long and more.
    assert least(ratio, 4) < 4


def to_read(count: int) -> float:
    """Processor time for each of so many messages with control frames between them, which fill a queue by bytes."""
    payload = b"x" * 60
    end = Connection(
        client=True,
        max_frame_size=1000,
        max_message_size=1000,
        max_queued_messages=count * 2,
        max_queued_bytes=count * len(payload),
    )
    data = (frame(BINARY, payload) + pong()) * count
    start = time.process_time()
    for begin in range(0, len(data), 64 * 1024):
        end.receive_data(data[begin : begin + 64 * 1024])
        end.pongs.clear()
    took = time.process_time() - start
    assert end.is_full
    return took / count


def test_reading_into_a_long_queue_takes_no_longer() -> None:
    assert least(lambda: to_read(MANY) / to_read(FEW), 4) < 4
