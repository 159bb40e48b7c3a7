"""The block of a subscription."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any

from typedws.schema.runtime.feed import Feed
from typedws.schema.runtime.messages import Codec
from typedws.schema.runtime.subscriptions import Filters, Live, Subscription, Topic

__all__ = ["SubscriptionBlock"]


class SubscriptionBlock(AbstractAsyncContextManager[Subscription[Any]]):
    """A subscription for the length of an `async with`; enter it once. See `Connection._subscribe`."""

    def __init__(
        self, feed: Feed, codec: Codec[Any], message: object, *, updates: tuple[Any, ...], cancel: object, same: Filters
    ) -> None:
        self._feed = feed
        self._codec = codec
        self._message = message
        self._updates = updates
        self._cancel = cancel
        self._same = same
        self._entered: tuple[Live, Topic] | None = None

    async def __aenter__(self) -> Subscription[Any]:
        if self._entered is not None:
            raise RuntimeError("this subscription has been entered before; call the method again for a new one")
        feed = self._feed
        frame = self._codec.encode(self._message)
        cancel = None if self._cancel is None else self._codec.encode(self._cancel)
        live = Live(feed.mailbox("updates of a subscription"), self._updates, self._message, self._same)
        async with feed.subscriptions.lock:
            topic = feed.subscriptions.topic(frame)
            if topic is None:
                await feed.send(frame)
                topic = Topic(frame, cancel)
            feed.subscriptions.enter(live, topic)
        self._entered = live, topic
        return Subscription(live.mailbox, feed.take)

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._entered is not None
        await self._feed.subscriptions.leave(*self._entered, self._feed.session)
