"""The way of received messages from the protocol to the receiver: in order, and a few at a time.

The receiver takes what is shown to it by plain calls, and waits where there is nothing. After so many messages it has
to wait once in any case, so that other tasks get a turn; where there are more, they are kept back until then. And while
somebody waits, nothing is shown to anybody else.

Most messages are payloads that a converter's function turns into a value, and `poll_value` does it at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

import anyio
import anyio.lowlevel

from typedws.ending import Ending
from typedws.frames import Frame
from typedws.novalue import NOTHING
from typedws.protocol.backlog import Backlog
from typedws.transport.interface import Runtime

__all__ = ["Inbox", "Owner"]


_NO_TYPE: Final = object()  # None is a type that may be asked for
_NOT_SHOWN: Final[list[Any]] = []


class Owner(Protocol):
    """**Protocol:** what an inbox tells its owner."""

    def reach_ending(self) -> Ending:
        """The receiver has taken every message, and comes for the ending, which `has_ended` promised."""
        ...

    def resume_reading(self) -> None:
        """The backlog has room again; told while it is blocked."""
        ...


class Inbox:
    """Messages that were received and have not been taken.

    Args:
        backlog: where the protocol puts them.
        runtime: where the receiver sleeps.
        owner: what is told how far the receiver has come.

    Attributes:
        has_ended: whether an ending comes after the messages.
        is_awaited: whether the receiver waits for the next item.
        is_blocked: whether reading waits for room; see `block`.
        type_form: the type that is being read.
    """

    def __init__(self, backlog: Backlog, runtime: Runtime, owner: Owner) -> None:
        self._backlog = backlog
        self._oldest = backlog.ready
        self._later = backlog.later
        self._arrived = backlog.arrived
        # What may be taken. Where each message needs a wait, one that has just come must not be among it.
        self._ready: list[Any] = backlog.ready if runtime.burst > 1 else []
        self._shown: list[Any] = _NOT_SHOWN
        self._sleep = runtime.sleep
        self._burst = runtime.burst
        self._owner = owner
        # How many items may be taken without a wait, besides those that are shown and one that comes alone.
        self._credit: int = 0 if runtime.burst == 1 else runtime.burst
        # How many messages may stay when reading goes on.
        self._may_stay: int = 0
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
        return bool(self._backlog) or self._shown is not _NOT_SHOWN

    def poll(self) -> bytes | Frame | Ending | None:
        """Takes the next item: a frame or a bare payload, or after the last one the ending, which stays. None: wait
        first."""
        item = self._unread
        if item is not None:
            self._unread = None
            return item  # type: ignore[no-any-return]
        if self._shown or self._show():
            return self._shown.pop()  # type: ignore[no-any-return]
        if not self._credit or self.is_awaited:
            return None
        if self._backlog:
            return self._take_and_tell()  # type: ignore[no-any-return]
        if not self.has_ended:
            return None
        self._credit -= 1
        return self._owner.reach_ending()

    def read_as(self, type_form: object, read: Callable[[bytes], Any]) -> None:
        """From now on `poll_value` reads this type."""
        self.type_form = type_form
        self._read = read

    def poll_value(self, type_form: object) -> Any:
        """Takes the next message and returns what is read from its payload, or `NOTHING` where that cannot be done at
        once: another type is being read, or there is nothing to take, or what was taken is no bare payload, or one that
        cannot be read. The next `poll` returns that."""
        shown = self._shown
        if shown:
            if type_form is self.type_form:
                item = shown.pop()
                if type(item) is bytes:
                    read = self._read
                    try:
                        return read(item)
                    except Exception:  # who polls finds out once more, and says what is wrong
                        pass
                self._unread = item
        elif self._arrived and self._show():
            return self.poll_value(type_form)
        return NOTHING

    def _show(self) -> bool:
        """Shows what may be taken without a wait, where nothing is shown, and returns whether there is anything."""
        if self.is_awaited or not self._credit:
            return False
        ready = self._ready
        if not ready:
            count = len(self._backlog)
            if self.is_blocked:
                count -= self._may_stay + 1
            if count <= 0:
                return False
            if self._burst == 1:
                self._credit = 0
                ready.append(self._backlog.take())
            else:
                self._credit -= self._backlog.make_ready(min(count, self._credit))
        self._shown = ready
        return True

    # Waiting. Between `begin_wait` and the end of the wait, no other task may take what it waits for.

    def begin_wait(self) -> Awaitable[object] | None:
        """Returns what to await, and then comes `end_wait`, or `leave_wait` where the wait was left early; None where
        `poll` has an item.

        Raises:
            anyio.BusyResourceError: another task waits.
        """
        if self.is_awaited:
            raise anyio.BusyResourceError("receiving from")
        there_is = self._oldest or self._later or self._arrived or self.has_ended
        if self._unread is not None or self._shown or (self._credit and there_is):
            return None
        self.is_awaited = True
        self._credit = 0
        self._shown = _NOT_SHOWN
        return anyio.lowlevel.checkpoint() if there_is else self._sleep()

    def end_wait(self) -> None:
        """The wait is over: about as many messages as are given at once may be taken."""
        self.is_awaited = False
        self._credit = self._burst
        self._shown = ready = self._ready
        if not ready:
            self._show()

    def leave_wait(self) -> None:
        """The wait was left early: others have had their turn all the same."""
        self.is_awaited = False
        self._credit = self._burst - 1

    async def next_item(self) -> bytes | Frame | Ending:
        """Waits until `poll` has an item, and takes it. Cancelling it loses nothing: it only waits, until it takes.

        Raises:
            anyio.BusyResourceError: another task waits.
        """
        while True:
            waiting = self.begin_wait()
            if waiting is not None:
                try:
                    await waiting
                except BaseException:
                    self.leave_wait()
                    raise
                self.end_wait()
            item = self.poll()
            if item is not None:
                return item

    # Reading is paused while the backlog is full.

    def block(self) -> None:
        """Reading waits for room from now on: until the message is taken whose going makes room. Only those before it
        stay ready."""
        self.is_blocked = True
        surplus = self._backlog.surplus()
        self._may_stay = len(self._backlog) - surplus
        too_many = len(self._backlog.ready) - max(surplus - 1, 0)
        if too_many > 0:
            self._backlog.put_back(too_many)
            if not self.is_awaited and self._burst > 1:
                self._credit += too_many

    def unblock(self) -> None:
        """Reading goes on."""
        self.is_blocked = False

    def _take_and_tell(self) -> Any:
        # Told now, and not when the receiver comes back, because that may take long.
        self._credit -= 1
        item = self._backlog.take()
        self._shown = self._ready  # which is empty: the receiver is at a message
        self._owner.resume_reading()
        return item
