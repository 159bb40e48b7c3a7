"""What a wire needs of the world (`Transport`, `Runtime`), and what a driver needs of a wire (`Receiver`).

The shapes are asyncio's, so that on asyncio nothing stands between its transport and the wire.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Protocol, cast

__all__ = ["Conduit", "Receiver", "Runtime", "Transport", "address_of_peer"]


def address_of_peer(address: object) -> tuple[str, int] | str | None:
    """A peer's address in one form, whatever form an event loop gives it in.

    Returns:
        host and port, where the host of a link-local IPv6 address ends in `%` and the number of the interface; the path
        of a Unix socket, with NUL first for an abstract one; None for a socket without a name, and for none at all.
    """
    if isinstance(address, tuple):
        host, port, *rest = cast("tuple[str, int, int, int] | tuple[str, int]", address)
        scope = rest[1] if len(rest) == 2 else 0
        # Some loops append the interface's name, some nothing.
        return (f"{host.partition('%')[0]}%{scope}" if scope else host), port
    return os.fsdecode(address) if isinstance(address, str | bytes) and address else None


class Transport(Protocol):
    """**Protocol:** where bytes go. `asyncio.Transport` fits it. No method waits, and none raises because the peer is
    gone."""

    def write(self, data: bytes, /) -> None:
        """Queues all of `data`."""
        ...

    def can_write_eof(self) -> bool:
        """Whether `write_eof` works: it does not over TLS."""
        ...

    def write_eof(self) -> None:
        """Ends our direction once what is queued has been written; reading goes on."""
        ...

    def pause_reading(self) -> None:
        """Stops `data_received`; idempotent."""
        ...

    def resume_reading(self) -> None:
        """Lets `data_received` go on; idempotent."""
        ...

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Bytes queued above which `pause_writing` is called, and at which `resume_writing` is."""
        ...

    def get_write_buffer_size(self) -> int:
        """Bytes queued."""
        ...

    def close(self) -> None:
        """Writes what is queued, then ends the connection."""
        ...

    def abort(self) -> None:
        """Ends the connection now."""
        ...


class Runtime(Protocol):
    """**Protocol:** the event loop's time, its one timer for a wire, and its one sleeping receiver."""

    @property
    def burst(self) -> int:
        """How many items may be taken, or messages sent, without giving other tasks a turn."""
        ...

    @property
    def at_end_of_turn(self) -> Callable[[Callable[[], None]], object] | None:
        """Calls a function when the current turn of the event loop ends; None where the transport joins what is
        written in one turn by itself."""
        ...

    def time(self) -> float:
        """Monotonic seconds."""
        ...

    def read_into_receiver(self, wanted: bool, /) -> None:
        """Whether the receiver wants to be asked by `lend_buffer` where to read to; done where the transport can."""
        ...

    def arm(self, when: float) -> None:
        """Makes sure that the wire's `on_deadline` is called at `when` or earlier."""
        ...

    def disarm(self) -> None:
        """Forgets the timer: the wire is gone."""
        ...

    def sleep(self) -> Awaitable[object]:
        """Waits for `wake`. One task at a time."""
        ...

    def wake(self) -> None:
        """Wakes the task in `sleep`; nothing where there is none."""
        ...

    def wake_now(self) -> None:
        """The same, as the last thing that a call of the transport's does: the task may run before this returns."""
        ...


class Receiver(Protocol):
    """**Protocol:** what a driver calls: an `asyncio.Protocol` with a clock. No method raises."""

    def connection_made(self, transport: Transport, /) -> None:
        """Called once, first."""
        ...

    def data_received(self, data: bytes, /) -> None:
        """Bytes from the peer."""
        ...

    def lend_buffer(self, sizehint: int, /) -> memoryview:
        """Where the next bytes are to be read to, once `read_into_receiver` was wanted; then `take_buffer` is called
        instead of `data_received`."""
        ...

    def take_buffer(self, nbytes: int, /) -> None:
        """So many bytes have been read to where `lend_buffer` said."""
        ...

    def eof_received(self) -> None:
        """The peer's direction has ended; the driver closes the transport afterwards."""
        ...

    def connection_lost(self, exc: Exception | None, /) -> None:
        """Called once, last: the connection is gone."""
        ...

    def pause_writing(self) -> None:
        """More is queued than the high-water mark."""
        ...

    def resume_writing(self) -> None:
        """The queue is down to the low-water mark."""
        ...

    def next_deadline(self) -> float | None:
        """When `on_deadline` is due, in the runtime's time; None for never."""
        ...

    def on_deadline(self, now: float, /) -> None:
        """Time has come, or is about to."""
        ...


class Conduit(Protocol):
    """**Protocol:** a connected byte stream before it is a WebSocket: what the opening handshake is made over.

    Cancelling `receive` loses nothing; cancelling `send` leaves the stream fit only to be aborted.
    """

    @property
    def runtime(self) -> Runtime:
        """The runtime for the wire that will be attached."""
        ...

    @property
    def remote(self) -> tuple[str, int] | str | None:
        """The peer's address, as `address_of_peer` gives it."""
        ...

    async def receive(self) -> bytes:
        """The next bytes, or `b""` at the end.

        Raises:
            OSError: the connection broke.
        """
        ...

    async def send(self, data: bytes, /) -> None:
        """Writes all of `data`.

        Raises:
            OSError: the connection broke.
        """
        ...

    async def send_eof(self) -> None:
        """Ends our direction, where that can be done without ending both; reading goes on."""
        ...

    async def abort(self) -> None:
        """Ends the connection now; idempotent, and not cancellable."""
        ...

    def attach(self, receiver: Receiver, unread: bytes, /, *, high_water: int) -> None:
        """Hands the stream over to a wire; `receive` and `send` must not be called again.

        Args:
            receiver: the wire.
            unread: what was received already and is the wire's: it comes first.
            high_water: bytes queued for the peer above which the wire is told to pause.
        """
        ...

    async def run(self) -> None:
        """Moves bytes until the connection is gone; never raises. Returns at once where the event loop does it by
        itself."""
        ...

    @property
    def needs_run(self) -> bool:
        """Whether a task must be in `run` for anything to move."""
        ...
