"""A client and a server of ours, with a proxy between them that spoils the connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio

from tests.certificates import Certificates
from tests.faults.chaos import HEALTHY, Chaos, Fault
from typedws import ClientSession, CloseReason, ServerSession, SessionConfig, connect, serve

CONFIG: Final = SessionConfig(ping_interval=None, timeout=0.2, close_timeout=0.2)
"""No keepalive until a test has spoiled the connection: a busy machine is no fault of the network's."""


class Served:
    """A server behind a proxy.

    Attributes:
        chaos: the proxy.
        options: what `connect` needs to get through it.
        reasons: how the server's sessions ended.
    """

    def __init__(self, tls: Certificates | None) -> None:
        self.tls = tls
        self.chaos: Chaos
        self.options: dict[str, Any] = {"converter": None, "config": CONFIG}
        self.reasons: list[CloseReason] = []
        self._sessions: list[ServerSession] = []
        self._came = anyio.Event()

    async def session(self) -> ServerSession:
        """The server's end of the first connection."""
        await self._came.wait()
        return self._sessions[0]

    async def handle(self, session: ServerSession) -> None:
        """Echoes."""
        self._sessions.append(session)
        self._came.set()
        try:
            async for frame in session.incoming:
                await session.send(frame)
        finally:
            with anyio.CancelScope(shield=True):
                self.reasons.append(await session.wait_closed())


@asynccontextmanager
async def served(tls: Certificates | None, fault: Fault = HEALTHY, **settings: Any) -> AsyncIterator[Served]:
    """A server behind a proxy. `settings` are those of `serve`."""
    ends = Served(tls)
    context = None if tls is None else tls.server_context()
    async with serve(
        ends.handle, "127.0.0.1", 0, converter=None, ssl_context=context, config=CONFIG, **settings
    ) as server:
        with Chaos(server.port, fault, secure=tls is not None) as ends.chaos:
            ends.options["url"] = ends.chaos.url
            if tls is not None:
                ends.options["ssl_context"] = tls.client_context()
            yield ends


@asynccontextmanager
async def both_ends(
    tls: Certificates | None, fault: Fault = HEALTHY, **options: Any
) -> AsyncIterator[tuple[ClientSession, ServerSession, Served]]:
    """Both ends of a connection through the proxy. `options` are those of `connect`."""
    async with served(tls, fault) as ends, connect(**{**ends.options, **options}) as session:
        yield session, await ends.session(), ends
