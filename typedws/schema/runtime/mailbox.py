"""A bounded buffer of what was read for somebody: the events, or the updates of one subscription.

One that nobody has asked for yet is never in the way: it drops its oldest item for the next.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from typedws.schema.runtime.turns import Seat

__all__ = ["Mailbox"]

logger = logging.getLogger("typedws.schema")


class Mailbox(Seat):
    """Items in order, and the seat of the one who takes them.

    Args:
        name: what it holds, for people.
        limit: items that it holds before it is full.
        drop_oldest: whether a full one drops an item for the next, so that it is never in the way.
        made_room: called when one is taken out of a full one.

    Attributes:
        dropped: items that were dropped.
        gaps: marks that were passed, see `mark`.
        is_wanted: whether somebody has asked for an item yet.
        is_closed: whether no more will come.
        ends_quietly: whether iteration then ends without an exception.
    """

    __slots__ = (
        "_drop_oldest",
        "_items",
        "_limit",
        "_made_room",
        "_marks",
        "dropped",
        "ends_quietly",
        "gaps",
        "is_closed",
        "is_wanted",
        "name",
    )

    def __init__(self, name: str, limit: int, *, drop_oldest: bool, made_room: Callable[[], None]) -> None:
        super().__init__()
        self.name = name
        self.dropped = 0
        self.gaps = 0
        self.is_wanted = True
        self.is_closed = False
        self.ends_quietly = False
        self._items: deque[Any] = deque()
        self._marks: list[int] = []
        self._limit = limit
        self._drop_oldest = drop_oldest
        self._made_room = made_room

    @property
    def is_served(self) -> bool:
        """Whether there is an item to take, or none will come."""
        return bool(self._items) or self.is_closed

    @property
    def is_full(self) -> bool:
        """Whether nothing should be put in before something is taken."""
        return len(self._items) >= self._limit and self.is_wanted and not self._drop_oldest

    def __len__(self) -> int:
        return len(self._items)

    def __bool__(self) -> bool:
        return True

    def put(self, item: object) -> None:
        """Puts an item in, even into a full one: it is the reader who heeds `is_full`."""
        if len(self._items) >= self._limit and (self._drop_oldest or not self.is_wanted):
            self._drop()
        self._items.append(item)
        self.wake()

    def take(self) -> Any:
        """The oldest item. There must be one."""
        was_full = self.is_full
        item = self._items.popleft()
        if self._marks:
            self._pass_marks()
        if was_full and not self.is_full:
            self._made_room()
        return item

    def items(self) -> list[Any]:
        """What is in it, in order; it stays there."""
        return list(self._items)

    def mark(self) -> None:
        """Marks the place behind what is in it: `gaps` counts the marks before the item that was taken last."""
        self._marks.append(len(self._items))

    def _drop(self) -> None:
        self._items.popleft()
        if self._marks:
            self._pass_marks()
        self.dropped += 1
        if self.dropped == 1 and not self._drop_oldest:
            logger.warning("%d %s wait, and nobody has asked for one: the oldest are dropped", self._limit, self.name)

    def _pass_marks(self) -> None:
        """An item has left."""
        self.gaps += self._marks.count(0)
        self._marks = [ahead - 1 for ahead in self._marks if ahead]

    def close(self, *, forget: bool = False) -> None:
        """Nothing more comes. What is in it can be taken still, unless it is forgotten."""
        self.is_closed = True
        if forget:
            was_full = self.is_full
            self._items.clear()
            if was_full:
                self._made_room()
        self.interrupt()
