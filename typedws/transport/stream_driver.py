"""trio, and any `anyio.abc.ByteStream` on either backend: three small tasks make the calls that asyncio's transport
makes.

One task reads, one writes, one keeps the time; `run` holds them and returns when the connection is gone. It is shielded
from the cancellation of whoever uses the session, because the Close has to be written after that, and it never raises:
a failure of the stream is what the wire's `connection_lost` gets.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable
from contextlib import suppress
from typing import Final

import anyio
import anyio.abc
from anyio.streams.tls import TLSStream

from typedws.transport.backend import leave_interrupts_to_the_caller
from typedws.transport.interface import Receiver

__all__ = ["StreamConduit"]

_READ_SIZE: Final = 64 * 1024
_SMALL: Final = 1024
"""Writes of fewer bytes are kept together, so that a queue of them is not mostly objects."""


class StreamConduit:
    """A byte stream: the conduit of the opening handshake, and then transport and runtime of the wire.

    Args:
        stream: the stream; closed with the connection.
        remote: the peer's address, where there is one.
    """

    burst: int = 1
    needs_run: bool = True
    at_end_of_turn: None = None

    def __init__(self, stream: anyio.abc.ByteStream, *, remote: tuple[str, int] | str | None = None) -> None:
        self.remote = remote
        self.stream = stream
        self._receiver: Receiver | None = None
        self._scope = anyio.CancelScope(shield=True)
        self._failure: Exception | None = None
        # Writing.
        self._chunks: list[bytes | bytearray] = []
        self._size = 0
        self._high = 0
        self._low = 0
        self._paused = False
        self._eof_wanted = False
        self._closing = False
        self._writer: anyio.Event | None = None
        # Reading.
        self._reading = True
        self._reader: anyio.Event | None = None
        # Time, and the sleeping receiver.
        self._armed = math.inf
        self._timer: anyio.Event | None = None
        self._sleeper: anyio.Event | None = None

    @property
    def runtime(self) -> StreamConduit:
        return self

    # As a conduit.

    async def receive(self) -> bytes:
        try:
            return await self.stream.receive(_READ_SIZE)
        except anyio.EndOfStream:
            return b""
        except Exception as error:
            raise _as_os_error(error) from error

    async def send(self, data: bytes) -> None:
        try:
            await self.stream.send(data)
        except Exception as error:
            raise _as_os_error(error) from error

    async def send_eof(self) -> None:
        if self.can_half_close:
            with suppress(Exception):
                await self.stream.send_eof()

    async def abort(self) -> None:
        await _close_now(self.stream)

    def attach(self, receiver: Receiver, unread: bytes, *, high_water: int) -> None:
        leave_interrupts_to_the_caller(
            StreamConduit.run, StreamConduit._read, StreamConduit._write, StreamConduit._keep_time
        )
        self._receiver = receiver
        self.set_write_buffer_limits(high_water, 0)
        receiver.connection_made(_StreamTransport(self))
        receiver.data_received(unread)

    async def run(self) -> None:
        receiver = self._receiver
        assert receiver is not None
        try:
            with self._scope:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._read, receiver)
                    tasks.start_soon(self._write, receiver)
                    tasks.start_soon(self._keep_time, receiver)
        finally:
            try:
                await _close_now(self.stream)
            finally:
                receiver.connection_lost(self._failure)

    def stop(self, failure: Exception | None = None) -> None:
        """Ends `run`, whatever is left to write."""
        if self._failure is None:
            self._failure = failure
        self._scope.cancel()

    async def _read(self, receiver: Receiver) -> None:
        while True:
            while not self._reading:
                self._reader = anyio.Event()
                await self._reader.wait()
            try:
                data = await self.stream.receive(_READ_SIZE)
            except anyio.EndOfStream:
                receiver.eof_received()
                self._closing = True
                _set(self._writer)
                return
            except Exception as error:
                self.stop(_as_os_error(error))
                return
            receiver.data_received(bytes(data))

    async def _write(self, receiver: Receiver) -> None:
        try:
            while True:
                if self._chunks:
                    data = b"".join(self._chunks)
                    self._chunks.clear()
                    await self.stream.send(data)
                    self._size -= len(data)
                    if self._paused and self._size <= self._low:
                        self._paused = False
                        receiver.resume_writing()
                elif self._closing:
                    break
                elif self._eof_wanted:
                    self._eof_wanted = False
                    await self.stream.send_eof()
                else:
                    self._writer = anyio.Event()
                    await self._writer.wait()
        except Exception as error:
            self.stop(_as_os_error(error))
        else:
            self.stop()

    async def _keep_time(self, receiver: Receiver) -> None:
        while True:
            self._timer = anyio.Event()
            with anyio.CancelScope(deadline=self._armed):
                await self._timer.wait()
                continue
            self._armed = math.inf
            receiver.on_deadline(anyio.current_time())
            self.arm(receiver.next_deadline() or math.inf)

    # As a runtime.

    def time(self) -> float:
        return anyio.current_time()

    def arm(self, when: float) -> None:
        # A timer that is due earlier is left alone: when it fires, nothing is due, and it is set anew.
        if when < self._armed:
            self._armed = when
            _set(self._timer)

    def read_into_receiver(self, wanted: bool) -> None:
        return None  # a stream hands out bytes

    def disarm(self) -> None:
        self._armed = math.inf

    def sleep(self) -> Awaitable[object]:
        self._sleeper = sleeper = anyio.Event()
        return sleeper.wait()

    def wake(self) -> None:
        _set(self._sleeper)

    wake_now = wake

    # As a transport; see `_StreamTransport`.

    def write(self, data: bytes) -> None:
        chunks = self._chunks
        if len(data) >= _SMALL:
            chunks.append(data)
        elif chunks and isinstance(chunks[-1], bytearray):
            chunks[-1] += data
        else:
            chunks.append(bytearray(data))
        self._size += len(data)
        self._check_high()
        _set(self._writer)

    def set_reading(self, reading: bool) -> None:
        self._reading = reading
        if reading:
            _set(self._reader)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = 64 * 1024 if high is None else high
        self._low = self._high // 4 if low is None else low
        self._check_high()

    def _check_high(self) -> None:
        if self._size > self._high and not self._paused and self._receiver is not None:
            self._paused = True
            self._receiver.pause_writing()

    def want_eof(self) -> None:
        self._eof_wanted = True
        _set(self._writer)

    def close(self) -> None:
        self._closing = True
        _set(self._writer)

    @property
    def size(self) -> int:
        return self._size

    @property
    def can_half_close(self) -> bool:
        return not isinstance(self.stream, TLSStream)


class _StreamTransport:
    """The transport's side of a `StreamConduit`, in asyncio's shape."""

    __slots__ = ("_conduit",)

    def __init__(self, conduit: StreamConduit) -> None:
        self._conduit = conduit

    def write(self, data: bytes, /) -> None:
        self._conduit.write(data)

    def can_write_eof(self) -> bool:
        return self._conduit.can_half_close

    def write_eof(self) -> None:
        self._conduit.want_eof()

    def pause_reading(self) -> None:
        self._conduit.set_reading(False)

    def resume_reading(self) -> None:
        self._conduit.set_reading(True)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._conduit.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        return self._conduit.size

    def close(self) -> None:
        self._conduit.close()

    def abort(self) -> None:
        self._conduit.stop()


def _set(event: anyio.Event | None) -> None:
    if event is not None:
        event.set()


def _as_os_error(error: Exception) -> OSError:
    """What a stream raised, as the kind of error that a socket raises: the socket's own where there is one behind
    it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            return cause
        cause = cause.__cause__
    wrapped = ConnectionResetError(f"the stream is broken ({type(error).__name__})")
    wrapped.__cause__ = error
    return wrapped


async def _close_now(stream: anyio.abc.ByteStream) -> None:
    """Closes without waiting for anybody; a stream that fails to close is gone as well."""
    with anyio.CancelScope(shield=True), suppress(Exception):
        await anyio.aclose_forcefully(stream)
