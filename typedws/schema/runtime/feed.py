"""What comes in, and where it goes: to the request that it answers, to the subscriptions that asked for it, or to the
events.

While a new session is made ready by `on_open`, a second feed reads it for that alone. The two share requests,
subscriptions and bounds, and events that `on_open` has not taken go over to the first.
"""

from __future__ import annotations

from typing import Any, Final, cast

import anyio
import anyio.lowlevel

from typedws.errors import ConnectionClosed, DeserializeError
from typedws.frames import BinaryFrame, DataFrame, TextFrame
from typedws.schema.runtime.endpoint import Endpoint, Prepare
from typedws.schema.runtime.events import Unknown
from typedws.schema.runtime.exchanges import Forms, Pending, Requests, copy_of
from typedws.schema.runtime.mailbox import Mailbox
from typedws.schema.runtime.messages import Codec
from typedws.schema.runtime.options import Settings
from typedws.schema.runtime.room import Room
from typedws.schema.runtime.sending import Sender
from typedws.schema.runtime.subscriptions import Subscriptions
from typedws.schema.runtime.turns import Turns
from typedws.session import ClientSession
from typedws.transport.backend import on_trio

__all__ = ["Feed"]

BURST: Final = 256
"""Messages that are taken without a turn for other tasks where they are there already; on trio it is one."""


class _Unreadable:
    """An item of a mailbox that is raised instead of returned."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error


class _Expected:
    """The types of what has been asked for."""

    __slots__ = ("_requests", "_subscriptions")

    def __init__(self, requests: Requests, subscriptions: Subscriptions) -> None:
        self._requests = requests
        self._subscriptions = subscriptions

    def __contains__(self, form: object) -> bool:
        return form in self._subscriptions or form in self._requests


class Feed:
    """Reads, and hands on.

    Args:
        endpoint: where to read from.
        codec: how to read.
        settings: what may wait.
        prepare: makes a session ready that was opened again.
        beside: the feed of the connection, for one that reads a new session for `on_open` alone.

    Attributes:
        events: what is for nobody else.
        requests: who waits for replies.
        subscriptions: who has subscribed.
        room: what is full.
        ended: why there is nothing more; None while there may be.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        codec: Codec[Any],
        settings: Settings,
        *,
        prepare: Prepare | None = None,
        beside: Feed | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._codec = codec
        self._settings = settings
        self._beside = beside
        self._turns = Turns(self._read, self._read_ready)
        self._burst = 1 if on_trio() else BURST
        self._credit = self._burst - 1
        self._early: list[Any] = []
        self._lost: ClientSession | None = None
        self.requests: Requests = Requests() if beside is None else beside.requests
        self.subscriptions: Subscriptions = Subscriptions() if beside is None else beside.subscriptions
        self.room: Room = Room() if beside is None else beside.room
        self._full = self.room.full
        self._prepare = prepare or self.subscriptions.repeat
        self._expected = _Expected(self.requests, self.subscriptions)
        self.events = self.mailbox("events of the client")
        self.events.is_wanted = False
        self.events.may_be_interrupted = beside is not None
        self.ended: Exception | None = None
        self.send = Sender(endpoint, self._turns, self.room, self.requests, lambda: self.ended).send

    @property
    def session(self) -> ClientSession:
        """The session in use."""
        return self._endpoint.session

    @property
    def is_reading(self) -> bool:
        """Whether somebody reads now."""
        return self._turns.is_reading

    # Taking.

    def mailbox(self, name: str) -> Mailbox:
        """An empty mailbox that this feed may put something into."""
        settings = self._settings
        return Mailbox(name, settings.max_events, drop_oldest=settings.drop_oldest, made_room=self.room.made)

    async def take(self, box: Mailbox) -> Any:
        """The next item of a mailbox.

        Raises: what was put there to be raised; `ConnectionClosed`, or `HandshakeError`, where no more comes;
        `anyio.BusyResourceError` where another task takes; `anyio.ClosedResourceError` where it was closed.
        """
        if box in self._turns:
            raise anyio.BusyResourceError("receiving from")
        box.is_wanted = True
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

    async def wait(self, pending: Pending) -> None:
        """Waits until a request is served, and reads for all meanwhile where nobody does."""
        pending.may_be_interrupted = self._beside is not None
        await self._turns.wait(pending)

    def pass_on(self, reply: tuple[Any, Any]) -> None:
        """Makes an event of a reply that nobody waits for any more."""
        feed = self._beside if self._beside is not None and self.events.is_closed else self
        feed._put(feed.events, reply[0])

    # Ending.

    def _end(self, error: Exception) -> None:
        self.ended = error
        quiet = self._endpoint.is_stopped or (isinstance(error, ConnectionClosed) and error.reason.is_ok)
        lives = self.subscriptions if self._beside is None else ()
        for box in (self.events, *(live.mailbox for live in lives)):
            box.ends_quietly = quiet
            box.close()
        self._turns.wake_all()

    def hand_over(self) -> list[Any]:
        """Ends reading for `on_open`. Returns the events that it has not taken.

        Who still waits gets an error: nobody would read for a task that `on_open` has left behind.
        """
        self.ended = error = RuntimeError(
            "on_open has returned, and what a task of it waited for cannot come any more: start such a task when the "
            "connection is open"
        )
        left = self.events.items()
        self.events.close(forget=True)
        for seat in self._turns.seats():
            if isinstance(seat, Pending) and not seat.is_served:
                self.requests.fail(seat, copy_of(error))
            seat.interrupt()
        return left

    def adopt(self, events: list[Any], *, now: bool) -> None:
        """Takes over events of a new session: now, or where it was opened again after that has been said."""
        self._early.extend(events)
        if now:
            self._put_early()

    def _put_early(self) -> None:
        early, self._early = self._early, []
        for item in early:
            self._put(self.events, item)

    # Reading; called by one task at a time.

    def _read_ready(self) -> bool:
        """What `_read` does, for a message that is there; without what that costs."""
        if self._full:
            return False
        item = self._endpoint.session._poll_frame()  # pyright: ignore[reportPrivateUsage] - the short way is ours
        if item.__class__ is not TextFrame and item.__class__ is not BinaryFrame:
            return False  # nothing is there, or the ending, which stays
        self._hand_on(item)
        return True

    async def _read(self) -> None:
        if self.ended is not None:
            raise copy_of(self.ended)
        endpoint = self._endpoint
        if self._full and endpoint.session.close_reason is None and not endpoint.is_stopped:
            await self.room.wait(endpoint.session)
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
        if self.requests and self._answers(message, form, frame):
            return
        found = self.subscriptions.find(message, form)
        for live in found:
            self._put(live.mailbox, message)
        if not found:
            self._put(self.events, message)

    def _answers(self, message: object, form: Any, frame: DataFrame) -> bool:
        requests = self.requests
        if requests.answer(message, form):
            return True
        if requests.have_ids and (form is Unknown or form in self._codec.unsure):
            # By itself it could be the reply to many a request; with its id it is the reply to one.
            pending, forms = requests.find(self._codec.look(frame))
            if pending is not None and self._answers_one(pending, forms, frame):
                return True
        return requests.answer_in_order(message, form)

    def _answers_one(self, pending: Pending, forms: Forms, frame: DataFrame) -> bool:
        failure: DeserializeError | None = None
        for form in (*forms.fitting, *forms.others):
            try:
                reply = self._codec.read_as(frame, form)
            except DeserializeError as error:
                if form in forms.fitting:
                    failure = failure or error
                continue
            return self.requests.serve(pending, reply, form)
        return failure is not None and self.requests.fail(pending, failure)

    def _hand_on_error(self, error: DeserializeError) -> None:
        frame = cast("DataFrame", error.frame)
        if self.requests:
            payload = self._codec.look(frame)
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
        if self._lost is not self.session:  # else a reader that was cancelled has been here
            self._lost = self.session
            for live in self.subscriptions:
                live.mailbox.mark()
        try:
            news = await self._endpoint.reopen(error, self._prepare)
        except Exception as final:  # of the connection, or of `on_open`: of whatever kind, everybody who waits gets it
            self._end(final)
            return
        self._put(self.events, news)
        self._put_early()
        self._turns.wake_all()
