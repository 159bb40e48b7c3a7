"""A session's frames as anyio streams, for code that speaks anyio."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from anyio.abc import ObjectReceiveStream, ObjectSendStream

from typedws.ending import Ending
from typedws.frames import Frame

__all__ = ["IncomingFrames", "OutgoingFrames"]


class IncomingFrames(ObjectReceiveStream[Frame]):
    """What `Session.incoming` is.

    Iteration ends quietly after 1000, 1001, a Close without a code, or a `close` of ours, and raises
    `ConnectionClosedError` after any other ending. Closing the stream closes the session.
    """

    def __init__(self, take: Callable[[], Awaitable[Frame | Ending]], close: Callable[[], Awaitable[None]]) -> None:
        self._take = take
        self._close = close

    async def receive(self) -> Frame:
        """As `Session.receive`. Its `ConnectionClosedOK` is an `anyio.EndOfStream`, any other an
        `anyio.BrokenResourceError`."""
        item = await self._take()
        if isinstance(item, Ending):
            raise item.error()
        return item

    async def __anext__(self) -> Frame:
        item = await self._take()
        if isinstance(item, Ending):
            if item.is_quiet:
                raise StopAsyncIteration
            raise item.error()
        return item

    async def aclose(self) -> None:
        """As `Session.close`."""
        await self._close()


class OutgoingFrames(ObjectSendStream[Frame]):
    """What `Session.outgoing` is. Closing the stream closes the session."""

    def __init__(self, send: Callable[[Frame], Awaitable[None]], close: Callable[[], Awaitable[None]]) -> None:
        self._send = send
        self._close = close

    async def send(self, item: Frame) -> None:
        """As `Session.send`."""
        await self._send(item)

    async def aclose(self) -> None:
        """As `Session.close`."""
        await self._close()
