"""asyncio and uvloop: the wire is the protocol of the loop's own transport. No stream and no task stands between
them."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Final, cast

import anyio

from typedws.transport.asyncio_runtime import AsyncioRuntime
from typedws.transport.interface import Receiver, Transport, address_of_peer

__all__ = ["AsyncioConduit"]

_HANDSHAKE_BUFFER: Final = 64 * 1024
READ_BYTES: Final = 64 * 1024


class AsyncioConduit(asyncio.Protocol):
    """A connected transport while the opening handshake is made over it. It is the transport's protocol until a wire
    is."""

    needs_run = False

    def __init__(self) -> None:
        self.runtime = AsyncioRuntime()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._ended = False
        self._gone = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._writing_paused = False

    # As the transport's protocol.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > _HANDSHAKE_BUFFER and self._transport is not None:
            self._transport.pause_reading()
        self._wake(self._reader)

    def eof_received(self) -> None:
        self._ended = True
        self._wake(self._reader)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._gone = True
        self._error = exc
        self._transport = None
        self._writing_paused = False
        self._wake(self._reader)
        self._wake(self._drained)

    def pause_writing(self) -> None:
        self._writing_paused = True

    def resume_writing(self) -> None:
        self._writing_paused = False
        self._wake(self._drained)

    @staticmethod
    def _wake(waiter: asyncio.Future[None] | None) -> None:
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # As a conduit.

    @property
    def remote(self) -> tuple[str, int] | str | None:
        return None if self._transport is None else address_of_peer(self._transport.get_extra_info("peername"))

    async def receive(self) -> bytes:
        while not self._buffer and not self._ended:
            self._reader = self._loop.create_future()
            await self._reader
        if self._buffer:
            data = bytes(self._buffer)
            self._buffer.clear()
            if self._transport is not None:
                self._transport.resume_reading()
            return data
        if self._error is not None:
            raise self._broken()
        return b""

    async def send(self, data: bytes) -> None:
        if self._transport is None:
            raise self._broken()
        self._transport.write(data)
        while self._writing_paused:
            self._drained = self._loop.create_future()
            await self._drained

    def _broken(self) -> OSError:
        return self._error if isinstance(self._error, OSError) else ConnectionResetError("the connection was lost")

    async def send_eof(self) -> None:
        if self._transport is not None and self._transport.can_write_eof():
            with suppress(OSError):  # the peer has reset the connection
                self._transport.write_eof()

    async def abort(self) -> None:
        if self._transport is None:
            return
        self._transport.abort()
        # The socket is closed in the loop's next turn: whoever is told that the connection failed must not find it
        # open.
        with anyio.CancelScope(shield=True):
            while not self._gone:
                self._reader = self._loop.create_future()
                await self._reader

    def attach(self, receiver: Receiver, unread: bytes, *, high_water: int) -> None:
        unread += bytes(self._buffer)
        self._buffer.clear()
        transport = self._transport
        self.runtime.watch(receiver, transport)
        if transport is None:
            receiver.connection_made(_Gone())
            receiver.data_received(unread)
            receiver.connection_lost(self._error)
            return
        if hasattr(transport, "max_size"):
            # asyncio's own transports read 256 KiB at once, more than is good for what comes before a large message.
            setattr(transport, "max_size", READ_BYTES)  # noqa: B010 - it is in no interface
        receiver.connection_made(cast(Transport, transport))
        transport.set_write_buffer_limits(high_water, 0)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            with suppress(OSError):  # macOS: the peer has reset the connection, which the transport is about to tell
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.resume_reading()
        receiver.data_received(unread)
        if self._ended:
            receiver.eof_received()

    async def run(self) -> None:
        return None


class _Gone:
    """The transport of a connection that was lost before it was a WebSocket."""

    def write(self, data: bytes, /) -> None: ...
    def can_write_eof(self) -> bool:
        return False

    def write_eof(self) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...
    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None: ...
    def abort(self) -> None: ...
