"""The way of frames to the transport: the first of a turn of the event loop leaves at once, the rest of it together.

A call of the operating system costs more than all else that a small frame costs. A program that sends one frame and
waits wants it to leave now; one that sends a hundred in a row is served best by one call for all of them. Nobody knows
which it is when the first frame comes, so that one is written, and what follows in the same turn is kept until the turn
ends, at most up to a limit.

"Fresh" means that nothing has been written in this turn, as far as is known, and always that nothing is kept: otherwise
a frame could overtake those before it. The owner says so, where nothing is kept, when bytes have come.

What the transport has not written is no measure of the memory that it holds: most of them keep a buffer whole until its
last byte has left, and uvloop keeps all buffers of a turn. So what counts is all that was handed over since the
transport was empty. Beyond the limit, writing pauses until it is empty again; what the operating system holds by then
keeps the line busy. Over TLS on asyncio's own transports and on uvloop nobody tells what lies below the TLS layer, so a
message more is taken there.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from typedws.transport.interface import Transport

__all__ = ["JOINED_BYTES", "MOST", "Outbox"]

MOST: Final = 2**31 - 1
"""The largest limit that every transport can be given. Nobody queues more."""

JOINED_BYTES: Final = 64 * 1024
"""Beyond this many bytes, joining spares nothing worth the memory."""


class Outbox:
    """Bytes on their way to a transport, in order.

    Args:
        limit: bytes that may be queued, here and in the transport, before what is kept is written; at most
            `JOINED_BYTES` are kept.
        at_end_of_turn: calls a function when the current turn of the event loop ends; None where the transport joins
            what is written by itself, and nothing is kept here.

    Attributes:
        is_fresh: whether the next frame leaves at once.
        transport: where the bytes go; None before there is one and after it is gone, and what is written is dropped.
        size: bytes that are kept.
        is_open: whether messages may be written without a look at anything else: there is a transport, no Close has
            been, and the peer is not behind. For the owner to say.
    """

    def __init__(self, *, limit: int, at_end_of_turn: Callable[[Callable[[], None]], object] | None) -> None:
        self.transport: Transport | None = None
        self.size = 0
        self._high = limit
        self._limit = min(limit, JOINED_BYTES)
        # Bytes that the transport may hold: handed over since it was seen empty.
        self._lent = 0
        self._room = 0
        self._at_end_of_turn = at_end_of_turn
        self._kept: list[bytes] = []
        self.is_fresh = True
        self.is_open = False
        self._is_scheduled = False

    def write(self, data: bytes) -> None:
        """Queues bytes, if there are any."""
        if self.is_fresh:
            transport = self.transport
            if transport is not None and data:
                self.is_fresh = self._at_end_of_turn is None
                lent = self._lent + len(data)
                if lent > self._high:
                    self._hand_over(data)
                else:
                    self._lent = lent
                    transport.write(data)
            return
        size = self.size + len(data)
        if size < self._room:
            self._kept.append(data)
            self.size = size
        else:
            self._begin_or_flush(data)

    def _begin_or_flush(self, data: bytes) -> None:
        """`data` is the first to be kept in this turn, or too much."""
        transport = self.transport
        if transport is None or not data:
            return
        if len(data) >= JOINED_BYTES:
            self.flush()
            self._hand_over(data)
            return
        if not self.size:
            if self._lent and not transport.get_write_buffer_size():
                self._lent = 0
            self._room = self._limit - self._lent
        self._kept.append(data)
        self.size += len(data)
        if self.size >= self._room:
            self.flush()
        elif not self._is_scheduled:
            self._is_scheduled = True
            assert self._at_end_of_turn is not None
            self._at_end_of_turn(self._end_turn)

    def flush(self) -> None:
        """Writes what is kept."""
        if not self.size:
            return
        kept = self._kept
        data = kept[0] if len(kept) == 1 else b"".join(kept)
        kept.clear()
        self.size = self._room = 0
        if self.transport is not None:
            self._hand_over(data)

    def _hand_over(self, data: bytes) -> None:
        transport = self.transport
        assert transport is not None
        if self._lent and self._lent + len(data) > self._high and not transport.get_write_buffer_size():
            self._lent = 0
        self._lent += len(data)
        transport.write(data)
        if self._lent > self._high:
            if transport.get_write_buffer_size():
                transport.set_write_buffer_limits(0)
            else:
                self._lent = 0

    def emptied(self, *, is_open: bool) -> None:
        """Writing goes on: the transport has written all that it had."""
        self.is_open = is_open
        self._lent = 0
        self.set_limits(self._high)

    def write_eof(self) -> None:
        """Ends our direction behind what is queued, where the transport can do that."""
        if self.transport is not None and self.transport.can_write_eof():
            self.flush()
            with suppress(OSError):  # the peer has reset the connection, which the transport is about to tell
                self.transport.write_eof()

    def close(self) -> None:
        """Has the transport write what is queued, and end."""
        if self.transport is not None:
            self.flush()
            self.transport.close()

    @property
    def unwritten(self) -> int:
        """Bytes that have not been handed to the operating system."""
        return 0 if self.transport is None else self.transport.get_write_buffer_size() + self.size

    def set_limits(self, high: int) -> None:
        """The bytes above which writing pauses. It goes on when there are none."""
        if self.transport is not None:
            self.transport.set_write_buffer_limits(high, 0)

    def discard(self) -> None:
        """The transport is gone, and with it what is kept."""
        self.transport = None
        self.is_open = False
        self._kept.clear()
        self.size = self._room = 0

    def _end_turn(self) -> None:
        self._is_scheduled = False
        self.flush()
        self.is_fresh = True
