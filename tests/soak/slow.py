"""Slow consumers beside fast ones: clients that do not read what the server sends them, and clients in a hurry."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from statistics import quantiles
from types import TracebackType
from typing import Self

import anyio

import typedws
from tests.soak.figures import allow_files
from tests.soak.messages import Tick

PATIENT = typedws.SessionConfig(ping_interval=None, close_timeout=0.1, incoming_messages=8)
"""Of clients that do not read. The server must not ping them either: they could not answer."""


class Sleepers:
    """Clients of /flood: half of them never receive, the others do so ten times a second.

    Args:
        url: the server.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url}/flood"
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._tasks = await self._stack.enter_async_context(anyio.create_task_group())
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.leave()
        await self._stack.__aexit__(exc_type, exc, traceback)

    async def come(self, sessions: int) -> int:
        """Opens so many sessions."""
        allow_files(sessions)
        for index in range(sessions):
            await self._tasks.start(self._sleep, index % 2 == 1)
        return sessions

    async def _sleep(self, lightly: bool, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        async with typedws.connect(self._url, open_timeout=60, config=PATIENT) as session:
            task_status.started()
            while lightly:
                await anyio.sleep(0.1)
                await session.receive()
            await anyio.sleep_forever()

    async def leave(self) -> None:
        """Ends them all."""
        self._tasks.cancel_scope.cancel()
        await self._stack.aclose()
        self._tasks = await self._stack.enter_async_context(anyio.create_task_group())


class Readers:
    """Clients of /echo that send a message as soon as the last one has been answered.

    Args:
        url: the server.
        sessions: how many there are.
    """

    def __init__(self, url: str, *, sessions: int) -> None:
        allow_files(sessions)
        self._url = f"{url}/echo"
        self._count = sessions
        self._stack = AsyncExitStack()
        self._sessions: list[typedws.ClientSession] = []

    async def __aenter__(self) -> Self:
        client = await self._stack.enter_async_context(typedws.WebSocketClient(open_timeout=60))
        self._sessions = [await client.websocket_session(self._url) for _ in range(self._count)]
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(exc_type, exc, traceback)

    async def measure(self, seconds: float) -> dict[str, float]:
        """Round trips for so many seconds: how many in a second, and how long they took, in milliseconds."""
        trips: list[float] = []
        begin = time.perf_counter()

        async def hurry(session: typedws.ClientSession) -> None:
            number = 0
            while (sent := time.perf_counter()) < begin + seconds:
                await session.send_serialized(Tick(number))
                assert (await session.receive_deserialized(Tick)).number == number
                trips.append(time.perf_counter() - sent)
                number += 1

        async with anyio.create_task_group() as tasks:
            for session in self._sessions:
                tasks.start_soon(hurry, session)
        cuts = quantiles(trips, n=100)
        return {
            "per second": len(trips) / (time.perf_counter() - begin),
            "median ms": cuts[49] * 1000,
            "p99 ms": cuts[98] * 1000,
        }
