"""The block of a subscription."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any

from typedws.schema.decisions import Path
from typedws.schema.runtime.feed import Feed
from typedws.schema.runtime.messages import Codec
from typedws.schema.runtime.subscriptions import Filters, Live, Subscription
from typedws.schema.runtime.topics import Topics, place_of

__all__ = ["SubscriptionBlock"]


class SubscriptionBlock(AbstractAsyncContextManager[Subscription[Any]]):
    """A subscription for the length of an `async with`; enter it once. See `Connection._subscribe`."""

    def __init__(
        self,
        feed: Feed,
        codec: Codec[Any],
        message: object,
        *,
        updates: tuple[Any, ...],
        cancel: object,
        same: Filters,
        request_id: Path,
    ) -> None:
        self._feed = feed
        self._codec = codec
        self._message = message
        self._updates = updates
        self._cancel = cancel
        self._same = same
        self._request_id = request_id
        self._entered: Live | None = None

    async def __aenter__(self) -> Subscription[Any]:
        if self._entered is not None:
            raise RuntimeError("this subscription has been entered before; call the method again for a new one")
        feed = self._feed
        place = place_of(self._message, [asked for asked, _ in self._same])
        wanted = self._topics(self._message, place)
        cancelled = None if self._cancel is None else self._topics(self._cancel, place)
        live = Live(
            feed.mailbox("updates of a subscription"), self._updates, self._message, self._same, wanted, cancelled
        )
        await feed.subscriptions.enter(live, feed)
        self._entered = live
        return Subscription(live.mailbox, feed.take)

    def _topics(self, message: object, place: Path | None) -> Topics:
        return Topics(self._codec, message, place=place, request_id=self._request_id)

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._entered is not None
        await self._feed.subscriptions.leave(self._entered, self._feed)
