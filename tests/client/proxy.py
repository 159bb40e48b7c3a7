"""An HTTP proxy that opens tunnels, on a port of this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
import anyio.abc


class Proxy:
    """A proxy that knows servers by names of its own.

    Attributes:
        address: its host and port.
        url: its URL.
        heads: what it was asked, line by line, in order.
        servers: the port of this machine that each `host:port` stands for.
    """

    def __init__(self, port: int, servers: dict[str, int]) -> None:
        self.address = f"127.0.0.1:{port}"
        self.url = f"http://{self.address}"
        self.heads: list[list[str]] = []
        self.servers = servers

    async def handle(self, client: anyio.abc.SocketStream) -> None:
        async with client:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += await client.receive(1)
            lines = head.decode("ascii").split("\r\n")[:-2]
            self.heads.append(lines)
            method, target, version = lines[0].split(" ")
            assert (method, version) == ("CONNECT", "HTTP/1.1")
            if target not in self.servers:
                await client.send(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 12\r\n\r\nno such name")
                return
            server = await anyio.connect_tcp("127.0.0.1", self.servers[target])
            await client.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            async with server, anyio.create_task_group() as both:
                both.start_soon(self._pump, client, server)
                both.start_soon(self._pump, server, client)

    async def _pump(self, source: anyio.abc.SocketStream, sink: anyio.abc.SocketStream) -> None:
        with suppress(OSError, anyio.BrokenResourceError):  # either end may be gone already
            async for data in source:
                await sink.send(data)
            await sink.send_eof()


@asynccontextmanager
async def proxy_to(servers: dict[str, int]) -> AsyncIterator[Proxy]:
    """A proxy for the length of a block.

    Args:
        servers: the port of this machine that each `host:port` stands for.
    """
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        proxy = Proxy(listener.extra(anyio.abc.SocketAttribute.local_port), servers)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, proxy.handle)
            yield proxy
            tasks.cancel_scope.cancel()
