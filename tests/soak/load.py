"""Load: many sessions to one server, and many messages, each of them numbered."""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import anyio

import typedws
from tests.soak.figures import allow_files, look
from tests.soak.messages import Sequence, Tally, Tick

DIALING = 100
"""Sessions that are opened at the same time."""

WINDOW = 10
"""Messages that a session sends before it receives as many."""


class Crowd:
    """Clients that open their sessions together, exchange messages, and close them.

    Args:
        url: the server.
        options: fields of the sessions' `SessionConfig`.
    """

    def __init__(self, url: str, *, options: dict[str, Any] | None = None) -> None:
        self._url = f"{url}/count"
        self._client = typedws.WebSocketClient(open_timeout=60, config=typedws.SessionConfig(**options or {}))
        self._stack = AsyncExitStack()
        self.sessions: list[tuple[typedws.ClientSession, Sequence]] = []

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._client)
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(exc_type, exc, traceback)

    async def allow(self, sessions: int) -> int:
        """How many of so many sessions this process can have."""
        return allow_files(sessions)

    async def open(self, sessions: int) -> dict[str, Any]:
        """Opens so many sessions more."""
        limit = anyio.CapacityLimiter(DIALING)

        async def dial() -> None:
            async with limit:
                session = await self._client.websocket_session(self._url)
            self.sessions.append((session, Sequence()))

        async with anyio.create_task_group() as tasks:
            for _ in range(sessions):
                tasks.start_soon(dial)
        return look()._asdict()

    async def exchange(self, messages: int) -> int:
        """Sends so many messages on each session, and receives the answers. Returns how many were sent."""
        async with anyio.create_task_group() as tasks:
            for session, came in self.sessions:
                tasks.start_soon(self._exchange, session, came, messages)
        return messages * len(self.sessions)

    async def _exchange(self, session: typedws.ClientSession, came: Sequence, messages: int) -> None:
        first = came.expected
        for start in range(first, first + messages, WINDOW):
            stop = min(start + WINDOW, first + messages)
            for number in range(start, stop):
                await session.send_serialized(Tick(number))
            for _ in range(start, stop):
                came.add((await session.receive_deserialized(Tick)).number)

    async def close(self) -> dict[str, Any]:
        """Closes all sessions. Returns what they received, and how they ended."""
        limit = anyio.CapacityLimiter(DIALING)
        codes: dict[int, int] = {}
        received = Tally()

        async def close(session: typedws.ClientSession, came: Sequence) -> None:
            nonlocal received
            async with limit:
                await session.close()
                reason = await session.wait_closed()
            codes[reason.code] = codes.get(reason.code, 0) + 1
            received += came.tally

        async with anyio.create_task_group() as tasks:
            for session, came in self.sessions:
                tasks.start_soon(close, session, came)
        self.sessions.clear()
        return {"received": vars(received), "codes": codes, "figures": look()._asdict()}
