"""A session that only `on_open` works on yet: what a program does before everybody else may, such as to log in.

Inside of `on_open`, in its task and in those that it starts, the client reads and writes the new session by a feed of
its own, and nobody else does. Outside, everybody waits as for a connection that is not there yet. So the two do not
wait for each other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, Final

import anyio
import anyio.lowlevel

from typedws.schema.runtime.feed import Feed
from typedws.session import ClientSession

__all__ = ["Openings"]

_inside: Final[ContextVar[tuple[Feed, ...]]] = ContextVar("typedws.schema.runtime.opening", default=())
"""Of the openings that this task is inside of: more than one where the `on_open` of one client opens another."""


class Openings:
    """New sessions, one after the other, and what is done on each of them first.

    Args:
        main: the feed of the connection.
        make_feed: makes the one that reads a new session.
        on_open: called with the client for each new session; None for nothing.
    """

    def __init__(
        self, main: Feed, make_feed: Callable[[ClientSession], Feed], on_open: Callable[[Any], Awaitable[object]] | None
    ) -> None:
        self._main = main
        self._make_feed = make_feed
        self._on_open = on_open
        self._feed: Feed | None = None

    @property
    def feed(self) -> Feed:
        """What the task that asks reads and writes by."""
        feed = self._feed
        return feed if feed is not None and feed in _inside.get() else self._main

    async def run(self, session: ClientSession, connection: object, *, is_first: bool) -> None:
        """Does what is to be done on a session first. Raises what that raises."""
        if self._on_open is None:
            return
        self._feed = feed = self._make_feed(session)
        token = _inside.set((*_inside.get(), feed))
        try:
            await self._on_open(connection)
        finally:
            _inside.reset(token)
            self._feed = None
            left = feed.hand_over()
            with anyio.CancelScope(shield=True):
                while feed.is_reading:  # a task that `on_open` has left behind, and that has been told to stop
                    await anyio.lowlevel.checkpoint()
        self._main.adopt(left, now=is_first)
