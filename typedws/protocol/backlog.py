"""What was received and has not been taken: in order, and bounded in messages and bytes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from typedws.protocol.codec import scan

__all__ = ["ALONE", "Backlog"]


ALONE: Final = 125
"""Bytes that are counted in advance, for one small message that is appended without a word."""


class Backlog:
    """Received messages, oldest first.

    They come to the end of one list, which is turned round into a second one where that is empty, and leave at the end
    of a third, which gets as many of them as may be taken: so nothing is counted as they are taken, each costs a few
    steps at the end of a list, and an empty backlog is small.

    Bytes are added up as messages come, and nothing is done when they go: so what is counted may be too much, and it is
    counted anew before anything is decided by it.

    Args:
        max_messages: messages at which it is full.
        max_bytes: payload bytes at which it is full.

    Attributes:
        ready: the oldest messages, as frames and bare payloads, the very oldest last: the owner takes it off. Where
            this is empty, `make_ready` gets more. Where the whole backlog is, a message of at most `ALONE` bytes may be
            put here without a word, as these are counted already; otherwise `put` has to count.
        later: those that follow, the oldest last.
        arrived: all that came after those, the oldest first.
    """

    def __init__(self, *, max_messages: int, max_bytes: int) -> None:
        # Untyped, because they are told apart by their exact class, which no type checker follows. A list that was made
        # with one element keeps room for it.
        self.ready: list[Any] = [None]
        self.ready.pop()
        self.later: list[Any] = []
        self.arrived: list[Any] = []
        self._max_messages = min(max_messages, sys.maxsize)
        self._max_bytes = min(max_bytes, sys.maxsize)
        self._at_most = ALONE

    def __len__(self) -> int:
        return len(self.ready) + len(self.later) + len(self.arrived)

    def __iter__(self) -> Iterator[Any]:
        return chain(reversed(self.ready), reversed(self.later), self.arrived)

    @property
    def size(self) -> int:
        """Payload bytes of the messages in it."""
        return sum([size_of(item) for item in self])

    def make_ready(self, count: int) -> int:
        """Fills `ready`, which must be empty, with so many messages at most, of those that there are, and returns how
        many that are."""
        later = self.later
        if not later:
            self._turn()
        if count >= len(later):
            self.ready.extend(later)
            later.clear()
        else:
            self.ready.extend(later[-count:])
            del later[-count:]
        return len(self.ready)

    def put_back(self, count: int) -> None:
        """The newest so many messages that are ready are so no longer."""
        self.later.extend(self.ready[:count])
        del self.ready[:count]

    def take(self) -> Any:
        """Takes the oldest message. There must be one."""
        if self.ready:
            return self.ready.pop()
        if not self.later:
            self._turn()
        return self.later.pop()

    def _turn(self) -> None:
        self.arrived.reverse()
        self.later.extend(self.arrived)
        self.arrived.clear()

    def is_full(self) -> bool:
        """Whether there is as much as there may be."""
        if len(self) >= self._max_messages:
            return True
        if self._at_most < self._max_bytes:
            return False
        return self._count() >= self._max_bytes

    def scan(self, data: bytes, start: int, masked: bool, limit: int, bare: int) -> int:
        """Takes the whole messages at `start`, as far as there is room, and returns where it stopped. See
        `codec.scan`."""
        waiting = len(self)
        if not waiting:
            self._at_most = ALONE
        elif not start and self._at_most + len(data) >= self._max_bytes:  # once for all that came together
            self._count()
        stop = scan(
            data,
            start,
            masked,
            limit,
            self.arrived,
            bare,
            self._max_messages - waiting,
            self._max_bytes - self._at_most,
        )
        self._at_most += stop - start
        return stop

    def put(self, item: Any, size: int) -> bool:
        """Adds a frame or a payload of so many bytes, and returns whether it is full now."""
        self.arrived.append(item)
        self._at_most += size
        if len(self) < self._max_messages and self._at_most < self._max_bytes:
            return False
        return self.is_full()

    def surplus(self) -> int:
        """How many messages have to go until at least half of it is free: time to read on."""
        surplus = len(self) - self._max_messages // 2
        if self._at_most > self._max_bytes // 2:
            surplus_bytes = self._count() - self._max_bytes // 2
            for count, item in enumerate(self, start=1):
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
