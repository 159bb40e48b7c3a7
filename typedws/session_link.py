"""The seam between a session and whatever carries its frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from typedws.close import CloseReason
from typedws.ending import Ending
from typedws.frames import DataFrame, Frame

__all__ = ["Link"]


class Link(Protocol):
    """**Protocol:** what a session needs of a connection.

    `poll`, `send`, `send_made` and `close` are plain calls; the coroutines only wait, and may be cancelled without a
    trace; `next_item` takes its item after the wait, by `poll`.

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
    def poll(self) -> bytes | Frame | Ending | None: ...
    async def next_item(self) -> bytes | Frame | Ending:
        """Waits until `poll` has an item, and takes it. Cancelled, nothing was taken.

        Raises:
            anyio.BusyResourceError: another task waits here.
        """
        ...

    async def wait_to_send(self) -> None: ...
    def send(self, frame: Frame, /) -> None: ...
    def send_made(self, make: Callable[[Any], bytes], value: object, /) -> bool:
        """Makes the payload of a message of the kind `bare` and queues it; False, and neither, where there is a wait
        first, or nothing can be sent any more.

        Raises: what `make` raises; ValueError and TypeError for what is no payload. Nothing was queued.
        """
        ...

    async def flush(self) -> None: ...
    async def ping(self) -> float: ...
    def close(self, reason: CloseReason, /) -> None: ...
    def ending(self) -> Ending | None: ...
    async def wait_gone(self) -> None: ...
