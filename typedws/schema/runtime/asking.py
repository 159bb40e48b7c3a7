"""A request, from sending it to what it comes to."""

from __future__ import annotations

from typing import TypeVar

import anyio

from typedws.frames import DataFrame
from typedws.schema.runtime.exchanges import Exchange
from typedws.schema.runtime.failures import RequestTimeoutError
from typedws.schema.runtime.feed import Feed

__all__ = ["ask"]

R = TypeVar("R")


async def ask(feed: Feed, frame: DataFrame, message: object, exchange: Exchange[R], timeout: float | None) -> R:
    """Sends a request and waits for its reply; see `Connection._request`.

    Args:
        feed: sends it, and reads.
        frame: the request.
        message: what is in it.
        exchange: what it is part of.
        timeout: seconds for all of it; None for ever.
    """
    requests = feed.requests
    pending = requests.add(message, exchange)
    try:
        with anyio.move_on_after(timeout):
            await feed.send(frame, pending)
            await feed.wait(pending)
    except BaseException:
        requests.leave(pending)
        if pending.reply is not None:
            feed.pass_on(pending.reply)
        raise
    requests.leave(pending)
    if pending.error is not None:
        raise pending.error
    if pending.reply is None:
        assert timeout is not None
        raise _timed_out(feed, type(message).__name__, timeout, is_sent=pending.is_sent)
    return exchange.result(*pending.reply)


def _timed_out(feed: Feed, name: str, timeout: float, *, is_sent: bool) -> RequestTimeoutError:
    if is_sent:
        text = f"no reply to {name} within {timeout:g} s{feed.room.pause}"
    elif feed.session.close_reason is not None:
        text = f"{name} was not sent: there was no connection for {timeout:g} s"
    else:
        text = f"{name} was not sent: the connection took nothing more for {timeout:g} s"
    return RequestTimeoutError(text, timeout=timeout, sent=is_sent)
