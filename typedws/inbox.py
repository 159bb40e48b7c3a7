"""The way of received messages from the protocol to the receiver: in order, and a few at a time.

The receiver takes what is there by plain calls, and waits where there is nothing; the credit says how many messages it
may take before other tasks get a turn, and is 0 while somebody waits.

Most messages are payloads that a converter's function turns into a value, and `poll_value` does it at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio
import anyio.lowlevel

from typedws.ending import Ending
from typedws.frames import Frame
from typedws.novalue import NOTHING, OTHERWISE
from typedws.protocol.backlog import Backlog
from typedws.transport.interface import Runtime

__all__ = ["Inbox"]


_NO_TYPE: Final = object()  # None is a type that may be asked for


class Inbox:
    """Messages that were received and have not been taken.

    Args:
        backlog: where the protocol puts them.
        runtime: where the receiver sleeps.
        at_end: asked for the ending when there is no message and `has_ended` is set; None where more may come.
        made_room: told while reading is paused, when the backlog has room again.

    Attributes:
        has_ended: whether an ending comes after the messages.
        is_awaited: whether the receiver waits for the next item.
        is_blocked: whether reading waits for room; see `block`.
        type_form: the type that is being read.
    """

    def __init__(
        self, backlog: Backlog, runtime: Runtime, *, at_end: Callable[[], Ending | None], made_room: Callable[[], None]
    ) -> None:
        self._backlog = backlog
        self._items = backlog.items
        self._take: Callable[[], Any] = backlog.items.popleft
        self._sleep = runtime.sleep
        self._burst = runtime.burst
        self._at_end = at_end
        self._made_room = made_room
        self._credit: int = 0 if runtime.burst == 1 else runtime.burst
        # The part of the credit that begins with the message whose going makes room, while reading is paused.
        self._held: int = 0
        # How many messages may stay when reading goes on.
        self._may_stay: int = 0
        # What the credit was when the last wait ended, and when it began.
        self._granted: int = self._credit
        self._left: int = 0
        self._read: Any = None
        self._unread: Any = None
        self.type_form: object = _NO_TYPE
        self.has_ended = False
        self.is_awaited = False
        self.is_blocked = False

    @property
    def precedes(self) -> bool:
        """Whether there is a message before what comes next: one that waits, or one that the receiver
        may still be at."""
        return bool(self._items) or (self._credit + self._held < self._granted and not self.is_awaited)

    def poll(self) -> bytes | Frame | Ending | None:
        """Takes the next item: a frame or a bare payload, or after the last one the ending, which stays. None: wait
        first."""
        item = self._unread
        if item is not None:
            self._unread = None
            return item  # type: ignore[no-any-return]
        if not self._credit:
            return self._take_and_tell() if self._held else None
        if not self._items:
            return self._poll_ending() if self.has_ended else None
        self._credit -= 1
        take = self._take
        return take()  # type: ignore[no-any-return]

    def _poll_ending(self) -> Ending | None:
        ending = self._at_end()
        if ending is not None and self._credit:
            self._credit -= 1
        return ending

    def read_as(self, type_form: object, read: Callable[[bytes], Any]) -> None:
        """From now on `poll_value` reads this type."""
        self.type_form = type_form
        self._read = read

    def poll_value(self, type_form: object) -> Any:
        """Takes the next message and returns what is read from its payload, or a `NoValue`. What was taken and is no
        bare payload, or one that cannot be read, is what the next `poll` returns."""
        credit = self._credit
        if credit and self._items and type_form is self.type_form:
            self._credit = credit - 1
            take = self._take
            item = take()
            if type(item) is bytes:
                read = self._read
                try:
                    return read(item)
                except Exception:  # who polls finds out once more, and says what is wrong
                    self._unread = item
                    return OTHERWISE
            self._unread = item
            return OTHERWISE
        if type_form is not self.type_form:
            return OTHERWISE
        return OTHERWISE if (credit or self._held) and (self._items or self.has_ended) else NOTHING

    # Waiting. Between `begin_wait` and one of the others, no other task may take what it waits for.

    def begin_wait(self) -> Awaitable[object]:
        """Returns what to await.

        Raises:
            anyio.BusyResourceError: another task waits.
        """
        if self.is_awaited:
            raise anyio.BusyResourceError("receiving from")
        self.is_awaited = True
        # Whoever is woken and finds nothing, and leaves then, must not take the next message without a wait.
        self._left = min(self._credit + self._held, self._burst - 1)
        self._credit = self._held = 0
        if self._items or self.has_ended:
            return anyio.lowlevel.checkpoint()
        return self._sleep()

    def end_wait(self) -> None:
        """The wait was left early."""
        self._grant(self._left)

    def poll_again(self, type_form: object) -> Any:
        """The wait is over: as `poll_value`."""
        self._grant(self._burst)
        return self.poll_value(type_form)

    async def next_item(self) -> bytes | Frame | Ending:
        """Waits until `poll` has an item, and takes it. Cancelling it loses nothing: it only waits, until it takes.

        Raises:
            anyio.BusyResourceError: another task waits.
        """
        while True:
            waiting = self.begin_wait()
            try:
                await waiting
            except BaseException:
                self.end_wait()
                raise
            self._grant(self._burst)
            item = self.poll()
            if item is not None:
                return item

    def _grant(self, credit: int) -> None:
        self.is_awaited = False
        self._credit = self._granted = credit
        if self.is_blocked:
            self._hold()

    # Reading is paused while the backlog is full.

    def block(self) -> None:
        """Reading waits for room from now on."""
        self.is_blocked = True
        self._may_stay = len(self._items) - self._backlog.surplus()
        self._hold()

    def unblock(self) -> None:
        """Reading goes on."""
        self.is_blocked = False
        self._credit += self._held
        self._held = 0

    def _hold(self) -> None:
        credit = self._credit + self._held
        self._credit = min(credit, max(len(self._items) - self._may_stay - 1, 0))
        self._held = credit - self._credit

    def _take_and_tell(self) -> Any:
        # Told now, and not when the receiver comes back, because that may take long.
        item = self._take()
        self._held -= 1
        self._made_room()
        return item
