"""The way of received messages from the protocol to the receiver: in order, and a few at a time.

Most messages only pass through `poll`, so nothing is counted per message. They are handed out in grants: as many as
came together in one batch, but no more than the credit, which is how many may be taken before other tasks get a turn.
Bytes are given back, and reading goes on, once per grant.
"""

from __future__ import annotations

from collections.abc import Callable

from typedws.ending import Ending
from typedws.frames import Frame
from typedws.protocol.backlog import Backlog

__all__ = ["Inbox"]


class Inbox:
    """Messages that were received and have not been taken.

    Args:
        backlog: where the protocol puts them.
        credit: how many items may be taken before the first wait.
        at_end: asked for the ending when there is no message and `has_ended` is set; None where more may come.
        made_room: told after a grant, while `is_blocked` is set, how many messages are as good as taken.

    Attributes:
        has_ended: whether an ending comes after the messages.
        is_blocked: whether reading waits for room.
        is_awaited: whether the receiver waits for the next item.
    """

    def __init__(
        self,
        backlog: Backlog,
        *,
        credit: int,
        at_end: Callable[[], Ending | None],
        made_room: Callable[[int], None],
    ) -> None:
        self._backlog = backlog
        self._items = backlog.items
        self._take: Callable[[], bytes | Frame] = backlog.items.popleft
        self._at_end = at_end
        self._made_room = made_room
        self._credit: int = credit
        self.has_ended = False
        self.is_blocked = False
        self.is_awaited = False
        # Of the oldest batch, whose bytes have been given back: messages granted, and messages not granted yet.
        self._granted: int = 0
        self._batch: int = 0
        self._begun = False

    def __bool__(self) -> bool:
        return bool(self._items)

    @property
    def precedes(self) -> bool:
        """Whether there is a message before what comes next: one that waits, or one that the receiver
        may still be at."""
        return bool(self._items) or (self._begun and not self.is_awaited)

    def poll(self) -> bytes | Frame | Ending | None:
        """Takes the next item: a frame or a bare payload, or after the last one the ending, which stays. None: wait
        first."""
        granted = self._granted
        if granted:
            self._granted = granted - 1
            take = self._take
            return take()
        if self._items:
            return self._grant() if self._credit else None
        if not self.has_ended or not self._credit:
            return None
        ending = self._at_end()
        if ending is not None:
            self._credit -= 1
        return ending

    def begin_wait(self) -> int:
        """While a task waits, no other one may take what it waits for. Returns what was left of the credit."""
        left = self._credit + self._granted
        self._batch += self._granted
        self._granted = 0
        self._credit = 0
        self.is_awaited = True
        return left

    def end_wait(self, credit: int) -> None:
        """The wait is over: `poll` may hand out so many items before the next one."""
        self._credit = credit
        self.is_awaited = False

    def _grant(self) -> bytes | Frame:
        batch = self._batch
        if not batch:
            batch = self._backlog.begin_batch()
        grant = batch if batch < self._credit else self._credit
        self._batch = batch - grant
        self._credit -= grant
        self._granted = grant - 1
        take = self._take
        item = take()
        self._begun = True
        if self.is_blocked:
            # Told now, because nobody may come back when the last of the granted ones has been taken.
            self._made_room(grant - 1)
        return item
