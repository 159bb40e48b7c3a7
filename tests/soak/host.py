"""The server of these runs. The path of a session says what its handler does.

/count    answers each tick with the next of its own, and keeps book of both directions
/echo     answers each tick with the same one
/flood    sends and never receives; the other end reads slowly, or not at all
/fail     receives one message and raises
/leave    closes with 4000 after one message
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import typedws
from tests.soak.figures import allow_files, look, objects, open_files, rest
from tests.soak.messages import Sequence, Tally, Tick

FLOOD = bytes(16 * 1024)
"""A message of /flood."""


class Host:
    """A server for the length of a block, and what is to be known of it.

    Args:
        connections: sessions that it must have room for.
        options: fields of the sessions' `SessionConfig`.
        handshake_timeout: that of `serve`.
    """

    def __init__(
        self, *, connections: int = 10_000, handshake_timeout: float = 60.0, options: dict[str, Any] | None = None
    ) -> None:
        self.files_allowed = allow_files(connections)
        self.received = Tally()
        self.codes: dict[int, int] = {}
        self.flooded = 0
        self._handlers = {
            "/count": self._count,
            "/echo": self._echo,
            "/flood": self._flood,
            "/fail": self._fail,
            "/leave": self._leave,
        }
        self._server = typedws.serve(
            self._handle,
            "127.0.0.1",
            0,
            extensions=[typedws.Deflate()],
            max_connections=connections,
            backlog=4096,
            handshake_timeout=handshake_timeout,
            config=typedws.SessionConfig(**options or {}),
        )
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.server = await self._stack.enter_async_context(self._server)
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(exc_type, exc, traceback)

    async def _handle(self, session: typedws.ServerSession) -> None:
        await self._handlers[session.call.request.path](session)

    async def _count(self, session: typedws.ServerSession) -> None:
        came, sent = Sequence(), 0
        try:
            async for tick in session.iter_deserialized(Tick):
                came.add(tick.number)
                await session.send_serialized(Tick(sent, note=tick.note))
                sent += 1
        finally:
            self.received += came.tally
            reason = await session.wait_closed()
            self.codes[reason.code] = self.codes.get(reason.code, 0) + 1

    async def _echo(self, session: typedws.ServerSession) -> None:
        async for tick in session.iter_deserialized(Tick):
            await session.send_serialized(tick)

    async def _flood(self, session: typedws.ServerSession) -> None:
        while True:
            await session.send(FLOOD)
            self.flooded += 1

    async def _fail(self, session: typedws.ServerSession) -> None:
        await session.receive()
        raise RuntimeError("as it is meant to")

    async def _leave(self, session: typedws.ServerSession) -> None:
        await session.receive()
        await session.close(typedws.CloseReason(4000, "that was all"))

    # What a run asks for.

    async def begin(self) -> dict[str, Any]:
        """Where it is, how many connections its files allow, and the sockets that it has without any."""
        return {
            "url": self.server.url,
            "files_allowed": self.files_allowed,
            "sockets": open_files().sockets,
        }

    async def figures(self) -> dict[str, Any]:
        """The process now."""
        return look()._asdict()

    async def rest(self, sockets: int) -> dict[str, Any]:
        """The process once it has no more sockets than that, or does not get rid of them within half a minute."""
        return (await rest(sockets))._asdict()

    async def objects(self) -> dict[str, int]:
        """Objects of typedws, by class."""
        return objects()

    async def book(self) -> dict[str, Any]:
        """What was received on /count, and how its sessions ended."""
        return {"received": vars(self.received), "codes": self.codes, "sessions": len(self.server.sessions)}
