"""What was received and has not been taken: in order, and bounded in messages and bytes."""

from __future__ import annotations

import sys
from collections import deque
from typing import Any

from typedws.protocol.codec import scan

__all__ = ["Backlog"]


class Backlog:
    """Received messages, oldest first. They come in batches, which is how bytes are counted: not per message.

    Args:
        max_messages: messages at which it is full.
        max_bytes: payload bytes at which it is full.

    Attributes:
        items: frames and bare payloads. The owner takes from the left.
        append: the method of `items`.
        bytes: payload bytes of the batches that have not been begun.
    """

    def __init__(self, *, max_messages: int, max_bytes: int) -> None:
        # Frames and payloads; untyped, because they are told apart by their exact class, which no type checker follows.
        self.items: deque[Any] = deque()
        self.append = self.items.append
        self.bytes = 0
        self._max_messages = min(max_messages, sys.maxsize)
        self._max_bytes = min(max_bytes, sys.maxsize)
        # How many messages came together, and their bytes: the oldest batch, and the others.
        self._batch = 0
        self._batch_bytes = 0
        self._later: deque[tuple[int, int]] | None = None

    def is_full(self) -> bool:
        """Whether there is as much as there may be."""
        return len(self.items) >= self._max_messages or self.bytes >= self._max_bytes

    def has_room(self, besides: int) -> bool:
        """Whether at least half of it is free, besides some messages that are as good as taken: time to read on."""
        return len(self.items) - besides <= self._max_messages // 2 and self.bytes <= self._max_bytes // 2

    def scan(self, data: bytes, start: int, masked: bool, limit: int, bare: int) -> int:
        """Takes the whole messages at `start`, as far as there is room, and returns where it stopped. See
        `codec.scan`."""
        stop, count, size = scan(
            data,
            start,
            masked,
            limit,
            self.append,
            bare,
            self._max_messages - len(self.items),
            self._max_bytes - self.bytes,
        )
        if count:
            self.count(count, size)
        return stop

    def count(self, messages: int, size: int) -> None:
        """So many messages, of so many bytes together, have been appended."""
        if not self._batch:
            self._batch = messages
            self._batch_bytes = size
        else:
            if self._later is None:
                self._later = deque()
            self._later.append((messages, size))
        self.bytes += size

    def begin_batch(self) -> int:
        """The owner is about to take the next messages: how many of them came together. Their bytes count as taken from
        now on; 0 where there are none."""
        batch = self._batch
        self.bytes -= self._batch_bytes
        if self._later:
            self._batch, self._batch_bytes = self._later.popleft()
        else:
            self._batch = self._batch_bytes = 0
        return batch
