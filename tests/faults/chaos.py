"""A proxy that spoils connections: it stands between a client and a server, and does what a bad network does.

    with Chaos(server.port, Fault(latency=0.05)) as chaos:
        async with connect(chaos.url) as session:
            ...
            chaos.strike(Fault(end=End.RESET))

A fault is data. It holds from the beginning, or from `strike` on. The proxy has a thread and an event loop of its own,
so nothing that it does takes a turn of the loop that is under test.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Any, Final, Self

__all__ = ["Chaos", "End", "Fault"]

PATIENCE: Final = 10.0
"""Seconds after which the proxy is given up."""


class End(Enum):
    """How a connection goes wrong for good."""

    FIN = "both ends are closed in order"
    HALF = "the server's direction is ended; what the client says is still passed on"
    RESET = "both ends are reset"
    HOLE = "nothing is passed on and nothing is read, until the next strike"
    SINK = "everything is read and nothing is passed on"
    FORGET = "the server is gone; the client gets a reset when it says something, and not before"


@dataclass(frozen=True)
class Fault:
    """What is done to the bytes of a connection.

    Attributes:
        latency: seconds that what was read is held back.
        piece: bytes that are passed on at a time; all that there are where it is None.
        pause: seconds between two pieces.
        after: bytes towards the client that are still passed on before `end` comes.
        end: what comes then; None for a connection that is only slow.
    """

    latency: float = 0.0
    piece: int | None = None
    pause: float = 0.0
    after: int = 0
    end: End | None = None


HEALTHY: Final = Fault()


class Chaos:
    """The proxy.

    Args:
        port: the server's.
        fault: what holds from the beginning.
        secure: whether the URL says `wss://`; TLS is passed on as it is.
    """

    port: int
    url: str

    def __init__(self, port: int, fault: Fault = HEALTHY, *, secure: bool = False) -> None:
        self._server_port = port
        self._fault = fault
        self._scheme = "wss" if secure else "ws"
        self._connections: list[_Connection] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def strike(self, fault: Fault) -> None:
        """From now on, this is what happens to every connection."""

        async def change() -> None:
            self._fault = fault
            for connection in self._connections:
                connection.strike(fault)

        asyncio.run_coroutine_threadsafe(change(), self._loop).result(PATIENCE)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        listener = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=1 << 14)
        self.port = listener.sockets[0].getsockname()[1]
        self.url = f"{self._scheme}://127.0.0.1:{self.port}/"
        self._ready.set()
        await self._over.wait()
        # Whoever was accepted just now is served first: else nobody would close it.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for connection in self._connections:
                connection.close()
            await asyncio.wait(others, timeout=0.01)
        listener.close()
        await asyncio.sleep(0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server = await asyncio.open_connection("127.0.0.1", self._server_port, limit=1 << 14)
            connection = _Connection((reader, writer), server)
            self._connections.append(connection)
            connection.strike(self._fault)
            await connection.run()
        finally:
            writer.transport.abort()


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Connection:
    """One client and one server."""

    def __init__(self, client: Stream, server: Stream) -> None:
        self._client = client
        self._server = server
        self._fault = HEALTHY
        self._left = 0
        self._next_strike = asyncio.Event()
        self._pumps: asyncio.Future[Any] | None = None

    def strike(self, fault: Fault) -> None:
        self._fault = fault
        self._left = fault.after
        self._next_strike.set()
        self._next_strike = asyncio.Event()
        if not self._left:
            self._come_to_an_end()

    async def run(self) -> None:
        """Passes everything on until both directions have ended."""
        self._pumps = asyncio.gather(
            self._pump(self._server[0], self._client[1], to_client=True),
            self._pump(self._client[0], self._server[1], to_client=False),
        )
        try:
            await self._pumps
        except (OSError, asyncio.CancelledError):  # one end was lost: then the other one is lost as well
            reset(self._client[1])
            reset(self._server[1])
        finally:
            for _, writer in (self._client, self._server):
                writer.transport.abort()

    def close(self) -> None:
        if self._pumps is not None:
            self._pumps.cancel()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_client: bool) -> None:
        while data := await reader.read(1 << 14):
            await asyncio.sleep(self._fault.latency)
            for piece in _pieces(data, self._fault.piece):
                await self._pass_on(piece, writer, to_client=to_client)
                await asyncio.sleep(self._fault.pause)
        await self._out_of_a_hole()
        if self._fault.end not in (End.SINK, End.FORGET) and writer.can_write_eof() and not writer.is_closing():
            writer.write_eof()

    async def _pass_on(self, data: bytes, writer: asyncio.StreamWriter, *, to_client: bool) -> None:
        if self._fault.end is not None and to_client and self._left:
            now, data = data[: self._left], data[self._left :]
            writer.write(now)
            await writer.drain()
            self._left -= len(now)
            if not self._left:
                self._come_to_an_end()
        await self._out_of_a_hole()
        if self._fault.end is End.FORGET and not self._left and not to_client:
            reset(writer=self._client[1])
        elif self._fault.end in (None, End.HALF) or (self._left and not to_client):
            writer.write(data)
            await writer.drain()

    async def _out_of_a_hole(self) -> None:
        while self._fault.end is End.HOLE and not self._left:
            await self._next_strike.wait()

    def _come_to_an_end(self) -> None:
        """Does what is to be done once."""
        client, server = self._client[1], self._server[1]
        match self._fault.end:
            case End.FIN:
                client.close()
                server.close()
            case End.HALF:
                client.write_eof()
            case End.RESET:
                reset(client)
                reset(server)
            case End.FORGET:
                server.close()
            case _:
                pass


def _pieces(data: bytes, size: int | None) -> Iterator[bytes]:
    for start in range(0, len(data), size or len(data)):
        yield data[start : start + (size or len(data))]


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with RST."""
    if not writer.transport.is_closing():
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
