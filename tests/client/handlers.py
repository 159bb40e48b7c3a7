"""Handlers of the servers that the client's tests talk to."""

from __future__ import annotations

from typedws import ServerSession


async def echo(session: ServerSession) -> None:
    async for frame in session.incoming:
        await session.send(frame)


async def tell_request(session: ServerSession) -> None:
    """Sends the request: its target, and its header fields as they came."""
    request = session.call.request
    await session.send_serialized([request.target, *map(list, request.headers.items_raw())])
    async for _ in session.incoming:
        pass
