"""A TCP relay that counts what passes, to see what a session costs on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
import anyio.abc


class Relay:
    """A port that leads to another one of this machine.

    Attributes:
        port: where to connect to.
        sent: bytes that passed from the client to the server.
        received: bytes that passed from the server to the client.
    """

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self.sent = 0
        self.received = 0
        self._target = target

    async def handle(self, client: anyio.abc.SocketStream) -> None:
        server = await anyio.connect_tcp("127.0.0.1", self._target)
        async with client, server, anyio.create_task_group() as both:
            both.start_soon(self._forward, client, server)
            both.start_soon(self._backward, client, server)

    async def _forward(self, client: anyio.abc.SocketStream, server: anyio.abc.SocketStream) -> None:
        with suppress(OSError, anyio.BrokenResourceError):  # either end may be gone already
            async for data in client:
                self.sent += len(data)
                await server.send(data)
            await server.send_eof()

    async def _backward(self, client: anyio.abc.SocketStream, server: anyio.abc.SocketStream) -> None:
        with suppress(OSError, anyio.BrokenResourceError):
            async for data in server:
                self.received += len(data)
                await client.send(data)
            await client.send_eof()


@asynccontextmanager
async def relay_to(target: int) -> AsyncIterator[Relay]:
    """A relay to a TCP port, for the length of a block."""
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        relay = Relay(listener.extra(anyio.abc.SocketAttribute.local_port), target)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, relay.handle)
            yield relay
            tasks.cancel_scope.cancel()
