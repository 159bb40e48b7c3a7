"""The life of a session: where one link and one session are joined, run, and brought to an end.

Leaving a block closes the session under a shield, so that its Close is still sent when the block was cancelled. Nothing
here lets a group of exceptions out: driver tasks do not raise, and their group is left with nothing in it.
"""

from __future__ import annotations

import math
from typing import cast

import anyio
import anyio.abc
import anyio.lowlevel

from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosed
from typedws.frames import DataFrame
from typedws.link import WireLink
from typedws.outbox import MOST
from typedws.protocol.connection import Connection
from typedws.protocol.deflate import DeflateParameters
from typedws.transport.interface import Conduit
from typedws.wire import Wire

__all__ = ["DriverGroup", "end", "is_cancelled", "is_departure", "join", "reason_for"]


def join(
    conduit: Conduit,
    unread: bytes,
    *,
    client: bool,
    deflate: DeflateParameters | None,
    bare: type[DataFrame],
    config: SessionConfig,
) -> WireLink:
    """Makes a wire of a conduit whose handshake is done, and the link to it. From now on the wire reads."""
    connection = Connection(
        client=client,
        max_frame_size=config.max_frame_size,
        max_message_size=config.max_message_size,
        max_queued_messages=config.incoming_messages,
        max_queued_bytes=config.incoming_bytes,
        deflate=deflate,
        raw=config.raw,
        bare=bare,
    )
    wire = Wire(connection, config, conduit.runtime)
    high_water = min(config.outgoing_bytes, MOST)
    link = WireLink(wire, conduit.runtime, outgoing_bytes=high_water)
    conduit.attach(wire, unread, high_water=high_water)
    return link


def reason_for(exc_type: type[BaseException] | None) -> CloseReason:
    """What the peer is told when a block is left: 1000; by an exception 1011; by cancellation, Ctrl-C or exit 1001."""
    if exc_type is None:
        return CloseReason(1000)
    return CloseReason(1011) if issubclass(exc_type, Exception) else CloseReason(1001)


def is_cancelled() -> bool:
    """Whether a scope around the running task is cancelled; not so where only an awaited asyncio task or future was."""
    return anyio.current_effective_deadline() == -math.inf


async def end(link: WireLink, reason: CloseReason) -> None:
    """Closes, and waits until the connection is gone, whatever scope of the caller's is cancelled.

    A native cancellation on asyncio, which no shield holds off, drops the connection at once.
    """
    with anyio.CancelScope(shield=True):
        try:
            link.close(reason)
            await link.wait_gone()
        except BaseException:
            link.abort()
            await link.wait_gone()
            raise


def is_departure(error: Exception, link: WireLink) -> bool:
    """Whether an exception only says that this session has ended; one that says so of another session is an error."""
    if link.ending() is None and not link.is_gone:
        return False
    if isinstance(error, ExceptionGroup):
        return cast("ExceptionGroup[Exception]", error).split(ConnectionClosed)[1] is None
    return isinstance(error, ConnectionClosed)


class DriverGroup:
    """The one task group of a block whose connections need tasks; nothing at all where they need none.

    Enter and leave it in the same task.
    """

    __slots__ = ("_group",)

    def __init__(self) -> None:
        self._group: anyio.abc.TaskGroup | None = None

    async def open(self) -> None:
        """Makes it ready to run conduits that need tasks."""
        group = anyio.create_task_group()
        await group.__aenter__()
        self._group = group

    def start(self, conduit: Conduit) -> None:
        """Runs a conduit until its connection is gone."""
        assert self._group is not None
        self._group.start_soon(conduit.run)

    async def begin(self) -> None:
        """Gives what was started its first step. asyncio never runs a task that is cancelled before that, and the
        connection would not come to its end."""
        await anyio.lowlevel.checkpoint()

    @property
    def is_open(self) -> bool:
        return self._group is not None

    async def leave(self) -> None:
        """Waits for the conduits, which must be at their end."""
        if self._group is None:
            return
        group, self._group = self._group, None
        # The shield keeps a cancellation around the block from surfacing here, as a group: it is on its way already.
        group.cancel_scope.shield = True
        await group.__aexit__(None, None, None)
