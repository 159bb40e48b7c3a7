"""What was received and has not been taken: in order, and bounded in messages and bytes."""

from __future__ import annotations

import sys
from collections import deque
from typing import Any, Final

from typedws.protocol.codec import scan

__all__ = ["ALONE", "Backlog"]


ALONE: Final = 125
"""Bytes that are counted in advance, for one small message that is appended without a word."""


class Backlog:
    """Received messages, oldest first.

    Bytes are added up as messages come, and nothing is done when they go: so what is counted may be too much, and it is
    counted anew before anything is decided by it.

    Args:
        max_messages: messages at which it is full.
        max_bytes: payload bytes at which it is full.

    Attributes:
        items: frames and bare payloads. The owner takes from the left.
        append: the method of `items`. Where there is no message, one of at most `ALONE` bytes may be added by it, as
            these are counted already; otherwise `put` has to count.
    """

    def __init__(self, *, max_messages: int, max_bytes: int) -> None:
        # Frames and payloads; untyped, because they are told apart by their exact class, which no type checker follows.
        self.items: deque[Any] = deque()
        self.append = self.items.append
        self._max_messages = min(max_messages, sys.maxsize)
        self._max_bytes = min(max_bytes, sys.maxsize)
        self._at_most = ALONE

    @property
    def size(self) -> int:
        """Payload bytes of the messages in it."""
        return sum([size_of(item) for item in self.items])

    def is_full(self) -> bool:
        """Whether there is as much as there may be."""
        if len(self.items) >= self._max_messages:
            return True
        if self._at_most < self._max_bytes:
            return False
        return self._count() >= self._max_bytes

    def scan(self, data: bytes, start: int, masked: bool, limit: int, bare: int) -> int:
        """Takes the whole messages at `start`, as far as there is room, and returns where it stopped. See
        `codec.scan`."""
        waiting = len(self.items)
        if not waiting:
            self._at_most = ALONE
        elif not start and self._at_most + len(data) >= self._max_bytes:  # once for all that came together
            self._count()
        stop = scan(
            data,
            start,
            masked,
            limit,
            self.append,
            bare,
            self._max_messages - waiting,
            self._max_bytes - self._at_most,
        )
        self._at_most += stop - start
        return stop

    def put(self, item: Any, size: int) -> bool:
        """Adds a frame or a payload of so many bytes, and returns whether it is full now."""
        self.append(item)
        self._at_most += size
        if len(self.items) < self._max_messages and self._at_most < self._max_bytes:
            return False
        return self.is_full()

    def surplus(self) -> int:
        """How many messages have to go until at least half of it is free: time to read on."""
        surplus = len(self.items) - self._max_messages // 2
        if self._at_most > self._max_bytes // 2:
            surplus_bytes = self._count() - self._max_bytes // 2
            for count, item in enumerate(self.items, start=1):
                if surplus_bytes <= 0:
                    break
                surplus_bytes -= size_of(item)
                surplus = max(surplus, count)
        return max(surplus, 0)

    def _count(self) -> int:
        """Counts anew."""
        size = self.size
        self._at_most = max(size, ALONE)
        return size


def size_of(item: Any) -> int:
    """The bytes of a payload, or of a frame's."""
    return len(item) if type(item) is bytes else len(item.data)
