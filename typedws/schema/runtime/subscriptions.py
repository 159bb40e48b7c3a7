"""Topics on a connection that several share: who gets which update, and what has been subscribed to on the wire.

Subscriptions that ask for the same with the same words share one subscription on the wire: the first one sends it, and
the last one to leave cancels it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, cast

import anyio

from typedws.errors import ConnectionClosed
from typedws.frames import DataFrame
from typedws.schema.decisions import Path
from typedws.schema.runtime.mailbox import Mailbox
from typedws.schema.runtime.paths import MISSING, value_at
from typedws.session import Session

__all__ = ["Filters", "Live", "Subscription", "Subscriptions", "Topic"]

T_co = TypeVar("T_co", covariant=True)

Filters = tuple[tuple[Path, Path], ...]
"""Pairs of a path in the request and a path in an update, whose values must go together."""

PATIENCE: Final = 1.0
"""Seconds that leaving a subscription may take where the peer takes nothing from us."""


class Subscription(AsyncIterator[T_co], Generic[T_co]):
    """The updates of one subscription: `async for update in updates`. One task at a time may take them.

    Iteration ends as that of the client does, and when the block of the subscription is left.
    """

    def __init__(self, mailbox: Mailbox, take: Callable[[Mailbox], Awaitable[Any]]) -> None:
        self._mailbox = mailbox
        self._take = take

    async def receive(self) -> T_co:
        """The next update.

        Raises:
            DeserializeError: it is none; the next call gets the next one.
            ConnectionClosed: the connection has ended and every update before that was delivered.
            HandshakeError: likewise, where it could not be opened again.
            anyio.ClosedResourceError: the block of the subscription has been left.
            anyio.BusyResourceError: another task is receiving.

        Cancelling it loses no update.
        """
        return cast("T_co", await self._take(self._mailbox))

    async def __anext__(self) -> T_co:
        try:
            return await self.receive()
        except anyio.ClosedResourceError:
            raise StopAsyncIteration from None
        except ConnectionClosed:
            if self._mailbox.ends_quietly:
                raise StopAsyncIteration from None
            raise

    @property
    def dropped(self) -> int:
        """Updates that were dropped with `overflow="drop_oldest"`."""
        return self._mailbox.dropped

    def __repr__(self) -> str:
        return f"<Subscription {'closed' if self._mailbox.is_closed else 'open'}, {len(self._mailbox)} waiting>"


class Live:
    """A subscription whose block is running.

    Args:
        mailbox: where its updates go.
        updates: the types of its updates.
        message: the request.
        same: what must be the same in both; a value that the request does not have is no condition.
    """

    def __init__(self, mailbox: Mailbox, updates: tuple[Any, ...], message: object, same: Filters) -> None:
        self.mailbox = mailbox
        mailbox.may_be_interrupted = True  # its block may be left while another task waits for an update
        self.updates = updates
        wanted = [(value_at(message, asked), path) for asked, path in same]
        self._wanted = [(value, path) for value, path in wanted if value is not MISSING and value is not None]

    def matches(self, update: object) -> bool:
        """Whether an update of one of its types is for it. Where the update does not say, it is."""
        for wanted, path in self._wanted:
            value = value_at(update, path)
            if value is MISSING or value == wanted:
                continue
            if not isinstance(wanted, list | tuple | set | frozenset) or value not in wanted:
                return False
        return True


@dataclass(slots=True, eq=False)
class Topic:
    """What has been subscribed to on the wire.

    Attributes:
        frame: what subscribed to it.
        cancel: what cancels it; None where nothing does.
        users: the subscriptions that share it.
    """

    frame: DataFrame
    cancel: DataFrame | None
    users: int = 0


class Subscriptions:
    """All subscriptions of a connection whose blocks are running.

    Attributes:
        lock: held while one begins, so that two of the same words do not both go out.
        dropped: updates that were dropped for those that are over.
    """

    def __init__(self) -> None:
        self.lock = anyio.Lock()
        self.dropped = 0
        self._topics: dict[DataFrame, Topic] = {}
        self._by_form: dict[Any, list[Live]] = {}

    def __contains__(self, form: object) -> bool:
        return form in self._by_form

    def __iter__(self) -> Iterator[Live]:
        return iter(dict.fromkeys(live for lives in self._by_form.values() for live in lives))

    def find(self, update: object, form: object) -> list[Live]:
        """The subscriptions that an update is for."""
        return [live for live in self._by_form.get(form, ()) if live.matches(update)]

    def asking_for(self, form: object) -> list[Live]:
        """The subscriptions that have updates of this type."""
        return self._by_form.get(form, [])

    def topic(self, frame: DataFrame) -> Topic | None:
        """What these words have subscribed to already."""
        return self._topics.get(frame)

    def enter(self, live: Live, topic: Topic) -> None:
        """A subscription begins; its topic has been subscribed to."""
        self._topics[topic.frame] = topic
        topic.users += 1
        for form in live.updates:
            self._by_form.setdefault(form, []).append(live)

    async def leave(self, live: Live, topic: Topic, session: Session) -> None:
        """A subscription ends. Never raises because the connection is gone.

        Cancelled, it goes on for a moment, so that the server hears of it.
        """
        for form in live.updates:
            self._by_form[form].remove(live)
            if not self._by_form[form]:
                del self._by_form[form]
        self.dropped += live.mailbox.dropped
        live.mailbox.close(forget=True)
        topic.users -= 1
        if topic.users:
            return
        del self._topics[topic.frame]
        if topic.cancel is not None:
            with anyio.move_on_after(PATIENCE, shield=True), suppress(ConnectionClosed):
                await session.send(topic.cancel)

    async def repeat(self, session: Session) -> None:
        """Subscribes to everything once more, on a new session that nobody else uses yet.

        Raises:
            ConnectionClosed: it is lost already.
        """
        sent: list[Topic] = []
        for topic in list(self._topics.values()):
            if topic.users:
                await session.send(topic.frame)
                sent.append(topic)
        while gone := [topic for topic in sent if not topic.users]:
            # Left while it was being sent.
            for topic in gone:
                sent.remove(topic)
                if topic.cancel is not None:
                    await session.send(topic.cancel)
