"""Handlers and settings that many tests of the server use."""

from __future__ import annotations

import anyio

from typedws import ServerSession, SessionConfig

HASTY = SessionConfig(close_timeout=0.1)
"""For tests in which somebody does not answer."""


async def echo(session: ServerSession) -> None:
    async for frame in session.incoming:
        await session.send(frame)


async def listen(session: ServerSession) -> None:
    """Receives until the end."""
    async for _ in session.incoming:
        pass


async def sleep(session: ServerSession) -> None:
    """Pays no attention to the session at all."""
    await anyio.sleep_forever()
