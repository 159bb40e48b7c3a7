"""Topics on a connection that several share: who gets which update, and what has been subscribed to on the wire.

Subscriptions that ask for the same share it on the wire: the first one to ask for a topic subscribes to it, and the
last one to leave cancels it. A topic is all that a request is for, or one element of the list in it; see `Topics`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from contextlib import suppress
from typing import Any, Final, Generic, Protocol, TypeVar, cast

import anyio

from typedws.errors import ConnectionClosed
from typedws.frames import DataFrame
from typedws.schema.decisions import Path
from typedws.schema.runtime.mailbox import Mailbox
from typedws.schema.runtime.paths import MISSING, value_at
from typedws.schema.runtime.topics import Topics
from typedws.session import Session

__all__ = ["Filters", "Line", "Live", "Subscription", "Subscriptions"]

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

    @property
    def reconnects(self) -> int:
        """How often the connection has been lost and opened again before the update that was received last.

        Where it has grown, updates are missing between that one and the one before.
        """
        return self._mailbox.gaps

    def __repr__(self) -> str:
        return f"<Subscription {'closed' if self._mailbox.is_closed else 'open'}, {len(self._mailbox)} waiting>"


class Live:
    """A subscription whose block is running.

    Args:
        mailbox: where its updates go.
        updates: the types of its updates.
        message: the request.
        same: what must be the same in both; a value that the request does not have is no condition.
        wanted: the request on the wire.
        cancelled: what cancels it there; None where nothing does.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        updates: tuple[Any, ...],
        message: object,
        same: Filters,
        wanted: Topics,
        cancelled: Topics | None,
    ) -> None:
        self.wanted = wanted
        self.cancelled = cancelled
        self.mailbox = mailbox
        mailbox.may_be_interrupted = True  # its block may be left while another task waits for an update
        self.updates = updates
        values = [(value_at(message, asked), path) for asked, path in same]
        self._values = [(value, path) for value, path in values if value is not MISSING and value is not None]

    def matches(self, update: object) -> bool:
        """Whether an update of one of its types is for it. Where the update does not say, it is."""
        for wanted, path in self._values:
            value = value_at(update, path)
            if value is MISSING or value == wanted:
                continue
            if not isinstance(wanted, list | tuple | set | frozenset) or value not in wanted:
                return False
        return True


class Line(Protocol):
    """Where subscriptions are sent."""

    @property
    def session(self) -> Session:
        """The session in use."""
        ...

    @property
    def send(self) -> Callable[[DataFrame], Awaitable[None]]:
        """Sends, once there is a connection; cancelled or raised, nothing was sent."""
        ...


class Subscriptions:
    """All subscriptions of a connection whose blocks are running.

    Attributes:
        dropped: updates that were dropped for those that are over.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._lock = anyio.Lock()  # held while one begins, so that two for the same do not both go out
        self._beginning: Live | None = None
        self._lives: dict[Live, None] = {}
        self._by_form: dict[Any, list[Live]] = {}
        self._users: Counter[Hashable] = Counter()  # of each topic that is subscribed to

    def __contains__(self, form: object) -> bool:
        return form in self._by_form

    def __iter__(self) -> Iterator[Live]:
        return iter(self._lives)

    def find(self, update: object, form: object) -> list[Live]:
        """The subscriptions that an update is for."""
        return [live for live in self._by_form.get(form, ()) if live.matches(update)]

    def asking_for(self, form: object) -> list[Live]:
        """The subscriptions that have updates of this type."""
        return self._by_form.get(form, [])

    async def enter(self, live: Live, line: Line) -> None:
        """A subscription begins, once its topics that nobody has yet are subscribed to.

        Raises what sending raises; then it has not begun.
        """
        async with self._lock:
            missing = [topic for topic in live.wanted if not self._users[topic]]
            # Counted before anything is waited for: they stay, though all others who have them leave meanwhile.
            had = [topic for topic in live.wanted if self._users[topic]]
            self._users.update(had)
            self._beginning = live
            try:
                if missing:
                    await line.send(live.wanted.frame(missing))
            except BaseException:
                await self._release(live, had, line.session)
                raise
            finally:
                self._beginning = None
            self._users.update(missing)
            self._lives[live] = None
            for form in live.updates:
                self._by_form.setdefault(form, []).append(live)

    async def leave(self, live: Live, line: Line) -> None:
        """A subscription ends. Never raises because the connection is gone.

        Cancelled, it goes on for a moment, so that the server hears of it.
        """
        del self._lives[live]
        for form in live.updates:
            self._by_form[form].remove(live)
            if not self._by_form[form]:
                del self._by_form[form]
        self.dropped += live.mailbox.dropped
        live.mailbox.close(forget=True)
        await self._release(live, list(live.wanted), line.session)

    async def repeat(self, session: Session) -> None:
        """Subscribes to everything once more, on a new session that nobody else uses yet.

        Raises:
            ConnectionClosed: it is lost already.
        """
        sent: dict[Hashable, Live] = {}
        for live in self._all():
            topics = [topic for topic in live.wanted if self._users[topic] and topic not in sent]
            if topics:
                await session.send(live.wanted.frame(topics))
                sent.update(dict.fromkeys(topics, live))
        while gone := [topic for topic in sent if not self._users[topic]]:
            # Left while it was being sent.
            live = sent[gone[0]]
            topics = [topic for topic in gone if sent[topic] is live]
            for topic in topics:
                del sent[topic]
            frame = self._cancel(live, topics)
            if frame is not None:
                await session.send(frame)

    def _all(self) -> list[Live]:
        return [*self._lives, *([] if self._beginning is None else [self._beginning])]

    async def _release(self, live: Live, topics: list[Hashable], session: Session) -> None:
        """One user less; what nobody has any more is cancelled."""
        self._users.subtract(topics)
        gone = [topic for topic in topics if not self._users[topic]]
        for topic in gone:
            del self._users[topic]
        frame = self._cancel(live, gone)
        if frame is not None:
            with anyio.move_on_after(PATIENCE, shield=True), suppress(ConnectionClosed):
                await session.send(frame)

    def _cancel(self, live: Live, topics: list[Hashable]) -> DataFrame | None:
        """What cancels these topics of it; None where nothing does, or others would lose theirs by the same words."""
        if live.cancelled is None or not topics:
            return None
        needed = {topic for other in self._all() if other is not live for topic in other.cancelled or ()}
        over = [topic for topic in live.cancelled.like(live.wanted, topics) if topic not in needed]
        return live.cancelled.frame(over) if over else None
