"""Growth: what a message costs when there are many connections, when it is large, and when the queue is full.

Flat is good for the first and the last; for the second the cost per byte falls until memory is the limit.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import typedws
from benchmarks.clients import client
from benchmarks.one import run_on
from benchmarks.setting import Address, Setting

__all__ = ["CONNECTIONS", "QUEUES", "SIZES", "by_connections", "by_queue", "by_size"]

CONNECTIONS = (1, 10, 100, 1_000, 10_000)
SIZES = (10, 100, 1_000, 10_000, 100_000, 1_000_000, 16 * 1024 * 1024)
QUEUES = (100, 50_000)
ROUND_TRIPS = 20_000
ROUNDS = 5


def by_connections(name: str, setting: Setting, address: Address, many: int) -> float:
    """Microseconds of CPU time for a typed round trip, when so many connections make them side by side."""
    return float(run_on(setting.loop, _side_by_side, name, setting, address, many))


async def _side_by_side(name: str, setting: Setting, address: Address, many: int) -> float:
    module = client(name)
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(module.sharing(setting, address))
        connected = [
            await stack.enter_async_context(module.connect(setting, address, "round_trip", shared)) for _ in range(many)
        ]
        each = max(ROUND_TRIPS // many, 2)

        async def all_of_them() -> None:
            await asyncio.gather(*(one.round_trip(each) for one in connected))

        return await _median(all_of_them) / (each * many) * 1e6


def by_size(setting: Setting, address: Address, size: int) -> float:
    """Nanoseconds of CPU time per byte of a binary message that is sent and comes back."""
    return float(run_on(setting.loop, _echoes, setting, address, size))


async def _echoes(setting: Setting, address: Address, size: int) -> float:
    config = typedws.SessionConfig(max_frame_size=32 * 2**20, max_message_size=32 * 2**20)
    payload = bytes(size)
    count = max(1, min(1_000, 32 * 2**20 // size))
    async with typedws.connect(setting.url(address, "/echo"), config=config) as session:

        async def back_and_forth() -> None:
            for _ in range(count):
                await session.send(payload)
                assert len((await session.receive()).data) == size

        return await _median(back_and_forth) / (count * size) * 1e9


def by_queue(setting: Setting, address: Address, batch: int) -> float:
    """Microseconds of CPU time per received message, where the server sends so many at once: a hundred never fill the
    queue, fifty thousand keep it full, and reading is paused and resumed all the time."""
    return float(run_on(setting.loop, _stream, setting, address, batch))


async def _stream(setting: Setting, address: Address, batch: int) -> float:
    count = max(QUEUES)
    module: Any = client("typedws")
    async with module.connect(setting, address, "stream", None) as connected:

        async def in_batches() -> None:
            for _ in range(count // batch):
                await connected.stream(batch)

        return await _median(in_batches) / count * 1e6


async def _median(work: Callable[[], Awaitable[None]]) -> float:
    seconds: list[float] = []
    for number in range(ROUNDS + 1):
        gc.collect()
        start = time.process_time()
        await work()
        if number:
            seconds.append(time.process_time() - start)
    return statistics.median(seconds)
