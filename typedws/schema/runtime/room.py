"""Bounds: what waits to be taken is at most so much, and who reads waits until some of it has been.

A reader that waits here reads nothing, so that TCP slows the server down. It goes on when somebody takes, and when the
connection is lost: what had arrived on it is read whatever waits, because nothing can be opened again before; the
session's own limits bound that.
"""

from __future__ import annotations

import logging
from typing import Final

import anyio

from typedws.schema.runtime.mailbox import Mailbox
from typedws.session import Session

__all__ = ["Room"]

logger = logging.getLogger("typedws.schema")

PATIENCE: Final = 10.0
"""Seconds after which a program is told that nobody takes what waits."""


class Room:
    """The mailboxes of a connection that are full, and the reader that waits for that.

    Attributes:
        full: those that are; while there are any, nothing is read.
    """

    def __init__(self) -> None:
        self.full: dict[Mailbox, None] = {}
        self._wanted: anyio.Event | None = None
        self._has_warned = False

    @property
    def pause(self) -> str:
        """Why nothing is read now, as the rest of a sentence; empty where it is read."""
        for box in self.full:
            return (
                f", because nothing more is read while {len(box)} {box.name} wait: take them, or connect with "
                'overflow="drop_oldest" or more max_events'
            )
        return ""

    def made(self) -> None:
        """Something was taken from a full mailbox."""
        for box in [box for box in self.full if not box.is_full]:
            del self.full[box]
        self.make_way()

    def make_way(self) -> None:
        """Lets a reader go on that waits for room."""
        if self._wanted is not None:
            self._wanted.set()

    async def wait(self, session: Session) -> None:
        """Waits until there is room, or way is made, or this session is gone."""
        self._wanted = wanted = anyio.Event()

        async def wait_closed() -> None:
            await session.wait_closed()
            wanted.set()

        try:
            async with anyio.create_task_group() as group:
                group.start_soon(wait_closed)
                with anyio.move_on_after(PATIENCE):
                    await wanted.wait()
                if not wanted.is_set() and not self._has_warned:
                    self._has_warned = True
                    logger.warning("nobody has taken anything for %.0f s%s", PATIENCE, self.pause)
                await wanted.wait()
                group.cancel_scope.cancel()
        finally:
            self._wanted = None
