"""asyncio and uvloop: the wire is the protocol of the loop's own transport. No stream and no task stands between
them."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Final, cast

import anyio

from typedws.transport.interface import Receiver, Transport, address_of_peer

__all__ = ["AsyncioConduit", "AsyncioRuntime"]

BURST: Final = 256
_HANDSHAKE_BUFFER: Final = 64 * 1024


class AsyncioRuntime:
    """Time, one lazily re-armed timer, and one sleeping receiver, on the running loop."""

    burst: int = BURST

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.at_end_of_turn = self._loop.call_soon
        self._sleeper: asyncio.Future[None] | None = None
        self._timer: asyncio.Handle | None = None
        self._due = 0.0
        self._receiver: Receiver | None = None

    def time(self) -> float:
        return self._loop.time()

    def sleep(self) -> asyncio.Future[None]:
        self._sleeper = sleeper = self._loop.create_future()
        return sleeper

    def wake(self) -> None:
        sleeper = self._sleeper
        if sleeper is not None:
            self._sleeper = None
            if not sleeper.done():
                sleeper.set_result(None)

    def watch(self, receiver: Receiver) -> None:
        """From now on the timer calls this receiver."""
        self._receiver = receiver

    def arm(self, when: float) -> None:
        # A timer that is due earlier is left alone: when it fires, nothing is due, and it is set anew.
        if self._timer is not None:
            if self._due <= when:
                return
            self._timer.cancel()
        # Not `TimerHandle.when()`: for a time in the past uvloop gives a plain handle, which has none.
        self._due = when
        self._timer = self._loop.call_at(when, self._fire)

    def disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        if self._receiver is None:
            return
        # A loop's clock may call a timer up to its resolution early; then nothing is due, and it is set once more.
        self._receiver.on_deadline(self._loop.time())
        when = self._receiver.next_deadline()
        if when is not None:
            self.arm(max(when, self._loop.time() + 0.001))


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
        self.runtime.watch(receiver)
        transport = self._transport
        if transport is None:
            receiver.connection_made(_Gone())
            receiver.data_received(unread)
            receiver.connection_lost(self._error)
            return
        transport.set_protocol(cast(asyncio.BaseProtocol, receiver))
        receiver.connection_made(cast(Transport, transport))
        transport.set_write_buffer_limits(high_water)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
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
