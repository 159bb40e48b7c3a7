"""The seam between a session and whatever carries its frames."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from typedws.close import CloseReason
from typedws.ending import Ending
from typedws.frames import DataFrame, Frame

__all__ = ["Inbox", "Link"]


class Inbox(Protocol):
    """**Protocol:** the received messages. Plain calls take them. What `begin_wait` returns, and `next_item`, wait, and
    cancelled, they have taken nothing."""

    @property
    def type_form(self) -> object:
        """The type that is being read."""
        ...

    def read_as(self, type_form: object, read: Callable[[bytes], Any], /) -> None:
        """From now on `poll_value` reads this type, by `read`."""
        ...

    def poll(self) -> bytes | Frame | Ending | None:
        """Takes the next item, which is the ending after the last message; None: wait first."""
        ...

    def poll_value(self, type_form: object, /) -> Any:
        """Takes the next message as a value, or returns `NOTHING`: another type is being read, or `begin_wait` says."""
        ...

    def begin_wait(self) -> Awaitable[object] | None:
        """Returns what to await; then comes `end_wait`, or `leave_wait` where the wait was left early. None where
        `poll` has an item.

        Raises:
            anyio.BusyResourceError: another task waits.
        """
        ...

    def end_wait(self) -> None: ...
    def leave_wait(self) -> None: ...
    async def next_item(self) -> bytes | Frame | Ending:
        """Waits until `poll` has an item, and takes it.

        Raises:
            anyio.BusyResourceError: another task waits.
        """
        ...


class Link(Protocol):
    """**Protocol:** what a session needs of a connection.

    `send`, `send_value` and `close` are plain calls; the coroutines only wait, and may be cancelled without a trace.

    Whole messages of the kind `bare` are handed out as their payloads, `bytes`, and may be sent as such: most messages
    are of the kind that the session's converter reads, and nobody wants a frame of them.
    """

    @property
    def ping_interval(self) -> float | None: ...
    @ping_interval.setter
    def ping_interval(self, seconds: float | None, /) -> None: ...
    @property
    def timeout(self) -> float | None: ...
    @timeout.setter
    def timeout(self, seconds: float | None, /) -> None: ...
    @property
    def max_frame_size(self) -> int: ...
    @max_frame_size.setter
    def max_frame_size(self, size: int, /) -> None: ...
    @property
    def max_message_size(self) -> int: ...
    @max_message_size.setter
    def max_message_size(self, size: int, /) -> None: ...
    @property
    def latency(self) -> float | None: ...
    @property
    def may_send(self) -> bool: ...
    @property
    def bare(self) -> type[DataFrame] | None: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def writers(self) -> dict[type, Callable[[Any], bytes]]:
        """What makes the values of a class into payloads of the kind `bare`; the session fills it."""
        ...

    async def wait_to_send(self) -> None: ...
    def send(self, frame: Frame, /) -> None: ...
    def send_value(self, value: object, /) -> bool:
        """Makes a value into a message by one of the `writers`, and queues it; False, and neither, where a wait comes
        first, or nothing can be sent any more.

        Raises: KeyError where there is no writer for its class; what the writer raises; ValueError and TypeError for
            what is no payload. Nothing was queued.
        """
        ...

    async def flush(self) -> None: ...
    async def ping(self) -> float: ...
    def close(self, reason: CloseReason, /) -> None: ...
    def ending(self) -> Ending | None: ...
    async def wait_gone(self) -> None: ...
