"""The way of received frames from the protocol to the receiver: in order, and a few at a time.

Most messages only pass through `poll`, so nothing is counted per message. Frames are handed out in grants: as many as
came together in one batch, but no more than the credit, which is how many may be taken before other tasks get a turn.
Bytes are given back, and reading goes on, once per grant.
"""

from __future__ import annotations

from collections.abc import Callable

from typedws.ending import Ending
from typedws.frames import Frame
from typedws.protocol.connection import Connection

__all__ = ["Inbox"]


class Inbox:
    """Frames that were received and have not been taken.

    Args:
        connection: the protocol, which fills it.
        credit: how many items may be taken before the first wait.
        at_end: asked when there is no frame; returns the ending, or None where more may come.
        made_room: told after a grant how many frames are as good as taken.

    Attributes:
        is_awaited: whether the receiver waits for the next item.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        credit: int,
        at_end: Callable[[], Ending | None],
        made_room: Callable[[int], None],
    ) -> None:
        self._connection = connection
        self._frames = connection.inbox
        self._take = connection.inbox.popleft
        self._at_end = at_end
        self._made_room = made_room
        self._credit: int = credit
        self.is_awaited = False
        # Of the oldest batch, whose bytes have been given back: frames granted, and frames not granted yet.
        self._granted: int = 0
        self._batch: int = 0
        self._begun = False

    def __bool__(self) -> bool:
        return bool(self._frames)

    @property
    def precedes(self) -> bool:
        """Whether there is a message before what comes next: one that waits, or one that the receiver
        may still be at."""
        return bool(self._frames) or (self._begun and not self.is_awaited)

    def poll(self) -> Frame | Ending | None:
        """Takes the next item: a frame, or after the last one the ending, which stays. None: wait first."""
        granted = self._granted
        if granted:
            self._granted = granted - 1
            take = self._take
            return take()
        return self._grant()

    def set_credit(self, items: int) -> int:
        """Lets `poll` hand out so many items before the next wait. Returns what was left of the last credit."""
        left = self._credit + self._granted
        self._batch += self._granted
        self._granted = 0
        self._credit = items
        return left

    def _grant(self) -> Frame | Ending | None:
        if not self._credit:
            return None
        if not self._frames:
            ending = self._at_end()
            if ending is not None:
                self._credit -= 1
            return ending
        if not self._batch:
            self._batch, size = self._connection.batches.popleft()
            self._connection.queued_bytes -= size
        grant = min(self._batch, self._credit)
        self._batch -= grant
        self._credit -= grant
        self._granted = grant - 1
        frame = self._take()
        self._begun = True
        # Told now, because nobody may come back when the last of the granted ones has been taken.
        self._made_room(self._granted)
        return frame
