"""What comes in, and where it goes: to the request that it answers, to the subscriptions that asked for it, or to the
events. And what goes out, which may have to wait until there is a connection again.

Bounds. The events, and the updates of each subscription, are at most `max_events`. When so many wait, the reader reads
no further until one is taken, and so pushes back on the server; or the oldest is dropped. Once a connection is lost,
what had arrived on it is read whatever waits, because nothing can be opened again before; the session's own limits
bound that.
"""

from __future__ import annotations

import logging
from typing import Any, Final, cast

import anyio
import anyio.lowlevel

from typedws.errors import ConnectionClosed, DeserializeError, HandshakeError
from typedws.frames import BinaryFrame, DataFrame, TextFrame
from typedws.schema.runtime.endpoint import Endpoint
from typedws.schema.runtime.exchanges import Pending, Requests, copy_of
from typedws.schema.runtime.mailbox import Mailbox
from typedws.schema.runtime.messages import Codec
from typedws.schema.runtime.options import Settings
from typedws.schema.runtime.subscriptions import Subscriptions
from typedws.schema.runtime.turns import Seat, Turns
from typedws.session import ClientSession
from typedws.transport.backend import on_trio

__all__ = ["Feed"]

logger = logging.getLogger("typedws.schema")

BURST: Final = 256
"""Messages that are taken without a turn for other tasks where they are there already; on trio it is one."""

LOOK_EVERY: Final = 0.5
"""Seconds after which a paused reader looks whether the connection is still there."""

PATIENCE: Final = 10.0
"""Seconds after which a program is told that nobody takes what waits."""


class _Unreadable:
    """An item of a mailbox that is raised instead of returned."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error


class _Restored(Seat):
    """Waits until there is another session, or none any more."""

    __slots__ = ("_feed", "_session")

    def __init__(self, feed: Feed, session: ClientSession) -> None:
        super().__init__()
        self._feed = feed
        self._session = session

    @property
    def is_served(self) -> bool:
        return self._feed.ended is not None or self._feed.session is not self._session


class _Expected:
    """The types of what has been asked for."""

    __slots__ = ("_requests", "_subscriptions")

    def __init__(self, requests: Requests, subscriptions: Subscriptions) -> None:
        self._requests = requests
        self._subscriptions = subscriptions

    def __contains__(self, form: object) -> bool:
        return form in self._subscriptions or form in self._requests.forms()


class Feed:
    """Reads, and hands on.

    Args:
        endpoint: where to read from.
        codec: how to read.
        settings: what may wait.

    Attributes:
        events: what is for nobody else.
        requests: who waits for replies.
        subscriptions: who has subscribed.
        ended: why there is nothing more; None while there may be.
    """

    def __init__(self, endpoint: Endpoint, codec: Codec[Any], settings: Settings) -> None:
        self._endpoint = endpoint
        self._codec = codec
        self._settings = settings
        self._turns = Turns(self._read, self._read_ready)
        self._full: dict[Mailbox, None] = {}
        self._room: anyio.Event | None = None
        self._has_warned = False
        self._burst = 1 if on_trio() else BURST
        self._credit = self._burst - 1
        self.requests = Requests()
        self.subscriptions = Subscriptions()
        self._expected = _Expected(self.requests, self.subscriptions)
        self.events = self.mailbox("events of the client")
        self.ended: Exception | None = None

    @property
    def session(self) -> ClientSession:
        """The session in use."""
        return self._endpoint.session

    # Taking.

    def mailbox(self, name: str) -> Mailbox:
        """An empty mailbox that this feed may put something into."""
        settings = self._settings
        return Mailbox(name, settings.max_events, drop_oldest=settings.drop_oldest, made_room=self._made_room)

    async def take(self, box: Mailbox) -> Any:
        """The next item of a mailbox.

        Raises: what was put there to be raised; `ConnectionClosed`, or `HandshakeError`, where no more comes;
        `anyio.BusyResourceError` where another task takes; `anyio.ClosedResourceError` where it was closed.
        """
        if box in self._turns:
            raise anyio.BusyResourceError("receiving from")
        if len(box):
            self._credit -= 1
            if self._credit < 0:
                await anyio.lowlevel.checkpoint()
                self._credit = self._burst - 1
        while not len(box):
            if box.is_closed:
                await anyio.lowlevel.checkpoint()
                raise anyio.ClosedResourceError if self.ended is None else copy_of(self.ended)
            await self._turns.wait(box)
        item = box.take()
        if type(item) is _Unreadable:
            raise item.error
        return item

    async def wait(self, seat: Seat) -> None:
        """Waits until a seat is served, and reads for all meanwhile where nobody does."""
        await self._turns.wait(seat)

    def pass_on(self, reply: tuple[Any, Any]) -> None:
        """Makes an event of a reply that nobody waits for any more."""
        self._put(self.events, reply[0])

    # Sending.

    async def send(self, frame: DataFrame, pending: Pending | None = None) -> None:
        """Sends a frame, once there is a connection. Cancelled, nothing was sent.

        Args:
            frame: what to send.
            pending: the request that it is.

        Raises:
            ConnectionClosed: the connection has ended.
            HandshakeError: likewise, and could not be opened again.
        """
        while True:
            session = self._endpoint.session
            try:
                await session.send(frame)
            except ConnectionClosed:
                # It raised, so nothing was sent, and nothing is sent twice.
                if not self._endpoint.may_reopen:
                    raise
            else:
                if pending is not None:
                    self.requests.sent(pending)
                return
            self.make_way()
            await self._turns.wait(_Restored(self, session))
            if self.ended is not None:
                raise copy_of(self.ended)

    # Ending.

    def make_way(self) -> None:
        """Lets a reader go on that waits for room."""
        if self._room is not None:
            self._room.set()

    def _end(self, error: Exception) -> None:
        self.ended = error
        quiet = self._endpoint.is_stopped or (isinstance(error, ConnectionClosed) and error.reason.is_ok)
        for box in (self.events, *(live.mailbox for live in self.subscriptions)):
            box.ends_quietly = quiet
            box.close()
        self._turns.wake_all()

    # Reading; called by one task at a time.

    def _read_ready(self) -> bool:
        """What `_read` does, for a message that is there; without what that costs."""
        if self._full:
            return False
        item = self._endpoint.session._poll()  # pyright: ignore[reportPrivateUsage] - the short way is ours
        if item.__class__ is not TextFrame and item.__class__ is not BinaryFrame:
            return False  # nothing is there, or the ending, which stays
        self._hand_on(item)
        return True

    async def _read(self) -> None:
        if self.ended is not None:
            raise copy_of(self.ended)
        endpoint = self._endpoint
        if self._full and endpoint.session.close_reason is None and not endpoint.is_stopped:
            await self._wait_for_room()
            return
        try:
            frame = await endpoint.session.receive()
        except ConnectionClosed as error:
            await self._go_on_after(error)
            return
        self._hand_on(cast("DataFrame", frame))

    def _hand_on(self, frame: DataFrame) -> None:
        try:
            message, form = self._codec.read(frame, self._expected)
        except DeserializeError as error:
            self._hand_on_error(error)
            return
        if self.requests and self.requests.answer(message, form):
            return
        found = self.subscriptions.find(message, form)
        for live in found:
            self._put(live.mailbox, message)
        if not found:
            self._put(self.events, message)

    def _hand_on_error(self, error: DeserializeError) -> None:
        if self.requests:
            payload = self._codec.look(cast("DataFrame", error.frame))
            if self.requests.refuse(error, error.type_form, payload):
                return
        asking = self.subscriptions.asking_for(error.type_form)
        # For which of several it is, a message would say that can be read.
        self._put(asking[0].mailbox if len(asking) == 1 else self.events, _Unreadable(error))

    def _put(self, box: Mailbox, item: object) -> None:
        box.put(item)
        if box.is_full:
            self._full[box] = None

    async def _go_on_after(self, error: ConnectionClosed) -> None:
        self.requests.lose(error)
        if not self._endpoint.may_reopen:
            self._end(error)
            return
        try:
            news = await self._endpoint.reopen(error, self.subscriptions.repeat)
        except (ConnectionClosed, HandshakeError) as final:
            self._end(final)
            return
        self._put(self.events, news)
        self._turns.wake_all()

    # Bounds.

    @property
    def pause(self) -> str:
        """Why nothing is read now, as the rest of a sentence; empty where it is read."""
        for box in self._full:
            return (
                f", because nothing more is read while {len(box)} {box.name} wait: take them, or connect with "
                'overflow="drop_oldest" or more max_events'
            )
        return ""

    async def _wait_for_room(self) -> None:
        self._room = room = anyio.Event()
        began = anyio.current_time()
        try:
            while not room.is_set() and self._endpoint.session.close_reason is None:
                with anyio.move_on_after(LOOK_EVERY):
                    await room.wait()
                if anyio.current_time() - began > PATIENCE and not self._has_warned:
                    self._has_warned = True
                    logger.warning("nobody has taken anything for %.0f s%s", PATIENCE, self.pause)
        finally:
            self._room = None

    def _made_room(self) -> None:
        for box in [box for box in self._full if not box.is_full]:
            del self._full[box]
        self.make_way()
