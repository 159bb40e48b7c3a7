"""The block of a connection: what opens it, and brings it to an end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import TypeVar

from typedws.client import WebSocketClient
from typedws.schema.runtime.endpoint import Endpoint

__all__ = ["ConnectionBlock"]

C = TypeVar("C")


class ConnectionBlock(AbstractAsyncContextManager[C]):
    """A connection for the length of an `async with`; enter it once.

    The client is entered and left in the task of the block, because on trio the tasks that move bytes are its children,
    also those of sessions that other tasks open again.

    Args:
        name: of the class, for people.
        client: opens the sessions; it is left with the block, which closes them.
        endpoint: opens the first one.
        make: makes the connection, once that is open.
        prepare: called with it before the block begins.
        stop: called with it before it is closed.
    """

    def __init__(
        self,
        name: str,
        client: WebSocketClient,
        endpoint: Endpoint,
        *,
        make: Callable[[], C],
        prepare: Callable[[C], Awaitable[None]],
        stop: Callable[[C], None],
    ) -> None:
        self._name = name
        self._client = client
        self._endpoint = endpoint
        self._make = make
        self._prepare = prepare
        self._stop = stop
        self._made: C | None = None
        self._entered = False

    async def __aenter__(self) -> C:
        if self._entered:
            raise RuntimeError("this block has been entered before; call connect again for a new connection")
        self._entered = True
        await self._client.__aenter__()
        try:
            await self._endpoint.open()
            self._made = made = self._make()
            await self._prepare(made)
        except BaseException as error:
            self._endpoint.stop()
            await self._client.__aexit__(type(error), error, error.__traceback__)
            raise
        return made

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._made is not None
        self._stop(self._made)
        await self._client.__aexit__(exc_type, exc, traceback)

    def __repr__(self) -> str:
        return f"<{self._name}.connect {self._endpoint.shown}>"
