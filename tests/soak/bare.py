"""What a connection costs without typedws: the transport of the event loop and nothing else. The measure for `load`."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import anyio
import anyio.abc

from tests.soak.figures import allow_files, look, open_files
from typedws.transport.backend import on_trio


class BareHost:
    """A server that accepts connections and waits for bytes."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._port = 0

    async def __aenter__(self) -> Self:
        if on_trio():
            listener = await anyio.create_tcp_listener(local_host="127.0.0.1", backlog=4096)
            await self._stack.enter_async_context(listener)
            self._port = listener.extra(anyio.abc.SocketAttribute.local_port)
            tasks = await self._stack.enter_async_context(anyio.create_task_group())
            tasks.start_soon(listener.serve, _wait)
            self._stack.callback(tasks.cancel_scope.cancel)
        else:
            loop = asyncio.get_running_loop()
            server = await loop.create_server(_Waiting, "127.0.0.1", 0, backlog=4096)
            self._stack.callback(server.close)
            self._port = server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(exc_type, exc, traceback)

    async def begin(self, connections: int) -> dict[str, Any]:
        """Where it is, and how many of so many connections it can have."""
        return {"url": f"tcp://127.0.0.1:{self._port}", "allowed": allow_files(connections)}

    async def wait_for(self, connections: int) -> dict[str, Any]:
        """The process once it has so many connections."""
        while open_files().sockets < connections:
            await anyio.sleep(0.05)
        return look()._asdict()


class _Waiting(asyncio.Protocol):
    __slots__ = ("transport",)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport


async def _wait(stream: anyio.abc.ByteStream) -> None:
    async with stream:
        try:
            await stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            pass


class BareCrowd:
    """Sockets that are connected and say nothing."""

    def __init__(self, url: str) -> None:
        self._address = ("127.0.0.1", urlsplit(url).port or 0)
        self._sockets: list[socket.socket] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for sock in self._sockets:
            sock.close()

    async def open(self, connections: int) -> int:
        """Connects so many."""
        allow_files(connections)
        self._sockets += [socket.create_connection(self._address) for _ in range(connections)]
        return len(self._sockets)
