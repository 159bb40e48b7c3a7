"""Who reads. There is no task that reads for the others: of all that wait for something, one reads for all.

    the reader    takes a message and hands it to whom it is for, until its own has come; then wakes the next to read
    the others    sleep until theirs has been handed to them, or until they are woken to read

So nothing runs when nobody waits, and a slow program pushes back on the server by itself. Whoever is cancelled leaves
the line, and wakes the next if it was to read: what has been taken was handed on in the same step, so nothing is lost.
A message wakes the one that it is for, and nobody else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

import anyio

__all__ = ["Seat", "Turns"]


class Seat(ABC):
    """Someone who waits, or may.

    Attributes:
        may_be_interrupted: whether `interrupt` ends its reading; that costs a little each time that it reads.
    """

    __slots__ = ("_reading", "_sleep", "may_be_interrupted")

    def __init__(self) -> None:
        self.may_be_interrupted = False
        self._sleep: anyio.Event | None = None
        self._reading: anyio.CancelScope | None = None

    @property
    @abstractmethod
    def is_served(self) -> bool:
        """Whether there is nothing to wait for any more."""

    def wake(self) -> None:
        """Lets it look: it has been served, or is to read."""
        if self._sleep is not None:
            self._sleep.set()

    def interrupt(self) -> None:
        """As `wake`, for one that has been served by somebody else than the reader: it may be the reader itself."""
        self.wake()
        if self._reading is not None:
            self._reading.cancel()

    async def read(self, read: Callable[[], Awaitable[None]]) -> None:
        """Reads once, unless it is interrupted."""
        if not self.may_be_interrupted:
            await read()
            return
        with anyio.CancelScope() as self._reading:
            try:
                await read()
            finally:
                self._reading = None

    async def sleep(self) -> None:
        """Waits for `wake`."""
        self._sleep = anyio.Event()
        try:
            await self._sleep.wait()
        finally:
            self._sleep = None


class Turns:
    """All that wait.

    Args:
        read: takes one message and hands it on, without a wait in between; cancelled, it has taken none.
        read_ready: does so for one that is there, and says so; False where there is none, or other tasks are to have a
            turn.
    """

    def __init__(self, read: Callable[[], Awaitable[None]], read_ready: Callable[[], bool]) -> None:
        self._read = read
        self._read_ready = read_ready
        self._reader: Seat | None = None
        self._line: dict[Seat, None] = {}

    def __contains__(self, seat: Seat) -> bool:
        return seat in self._line

    async def wait(self, seat: Seat) -> None:
        """Waits until a seat is served. Raises what `read` raises while it is this one that reads.

        Cancelling it loses nothing.
        """
        self._line[seat] = None
        try:
            while not seat.is_served:
                if self._reader is not None:
                    await seat.sleep()
                    continue
                self._reader = seat
                try:
                    while not seat.is_served:
                        if not self._read_ready():
                            await seat.read(self._read)
                finally:
                    self._reader = None
        finally:
            del self._line[seat]
            self._call_next()

    @property
    def is_reading(self) -> bool:
        """Whether somebody reads now."""
        return self._reader is not None

    def seats(self) -> list[Seat]:
        """Everyone who waits now, in order."""
        return list(self._line)

    def wake_all(self) -> None:
        """Wakes everyone who is served now."""
        for seat in self._line:
            if seat.is_served:
                seat.wake()

    def _call_next(self) -> None:
        if self._reader is None:
            for seat in self._line:
                if not seat.is_served:
                    seat.wake()
                    return
