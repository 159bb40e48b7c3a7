"""A connection that is made again when it is lost: `reconnect`.

It is a loop over attempts, and not a session that heals itself, because only the application knows what a new
connection needs: to subscribe again, to ask for what it missed, to look after an order whose answer was lost. So each
attempt is a session of its own, and the block is run again for each.

    async for    waits, dials, makes the opening handshake; failures that may pass stay inside it
    async with   runs the session; holds back the loss of the connection where another attempt may follow

How a block was left decides how the loop goes on:

    with                                                        and the failure may pass     or may not
    `ConnectionClosed`, or a group of nothing else              next attempt                 raised as itself
    nothing raised, and the connection had ended by then        next attempt                 the loop ends
    nothing raised, and the connection was open                 the loop ends
    any other exception                                         raised as itself

Whoever catches an exception outside `async with` and stays in the loop gets the next attempt.
"""

from __future__ import annotations

import inspect
import logging
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeAlias, TypeVar, cast, final

import anyio
import anyio.lowlevel

from typedws.call import Headers, HeadersLike
from typedws.client import DEFAULT_CONFIG, DEFAULT_CONVERTER, start
from typedws.client_options import ClientOptions
from typedws.config import SessionConfig
from typedws.converters.base import WebsocketContentConverter
from typedws.ending import Ending
from typedws.errors import ConnectionClosed
from typedws.lifetime import DriverGroup, end, reason_for
from typedws.link import WireLink
from typedws.opening import Opened, Opening
from typedws.protocol.deflate import Deflate
from typedws.protocol.head import check_fields, printable
from typedws.retry import RetryPolicy
from typedws.session import ClientSession

__all__ = ["Attempt", "reconnect"]

logger = logging.getLogger("typedws.reconnect")

T = TypeVar("T")
Source: TypeAlias = "Callable[[], T | Awaitable[T]]"
"""Where a value comes from that may be another one for each attempt."""


def reconnect(
    url: str | Source[str],
    *,
    max_attempts: int | None = None,
    initial_delay: float = 5.0,
    max_delay: float = 60.0,
    max_retry_after: float = 300.0,
    reset_after: float = 60.0,
    should_retry: Callable[[Exception], bool | None] | None = None,
    converter: WebsocketContentConverter | None = DEFAULT_CONVERTER,
    converters: Mapping[str, WebsocketContentConverter] | None = None,
    subprotocols: Sequence[str] = (),
    headers: HeadersLike | Source[HeadersLike] = (),
    extensions: Sequence[Deflate] = (),
    origin: str | None = None,
    ssl_context: ssl.SSLContext | None = None,
    server_hostname: str | None = None,
    uds: str | os.PathLike[str] | None = None,
    proxy: str | None = None,
    open_timeout: float | None = 10.0,
    config: SessionConfig = DEFAULT_CONFIG,
) -> AsyncIterator[Attempt]:
    """Opens a WebSocket, and opens it again when it is lost.

    ```python
    async for attempt in reconnect("wss://api.example.com/feed"):
        async with attempt as session:
            await session.send_serialized(Subscribe(["BTC-USD"]))
            async for trade in session.iter_deserialized(Trade):
                ...
    ```

    The loop goes on after close codes 1001, 1006 (lost) and 1011-1014, network errors, HTTP 408, 425 and 429, and every
    other refusal that is no 4xx. It ends when a block is left with the connection open, and after every other close
    code. `break` and `return` end it at any time. Waits grow by exponential backoff with full jitter, and each is
    logged to `typedws.reconnect`, with its cause.

    Args:
        url: `ws://` or `wss://`; or a function, plain or async, that is called for each attempt: for one-time tickets.
        max_attempts: attempts in a row that may fail before the last error is raised; None, the default, for no limit,
            as a feed is meant to outlast any outage.
        initial_delay: the ceiling of the first wait in seconds, 5 unless given: short for one client, and wide enough
            that thousands which lost the server together do not return together. A wait is drawn evenly from 0 to its
            ceiling, and the ceiling doubles with each failure. It is not above `max_delay`.
        max_delay: seconds to which the ceiling grows, 60 unless given: after a long outage the connection is back
            within a minute.
        max_retry_after: seconds of a server's `Retry-After` that are obeyed, 300 unless given; a longer one is cut.
            They are waited for in full, and the wait above comes on top.
        reset_after: seconds that a connection must have lasted for failures to be counted from 0 again, 60 unless
            given: a server that accepts everybody and then falls over is not met with short waits.
        should_retry: called with the error of an attempt; True goes on, False ends, None decides as described above.
        headers: further header fields; or a function as for `url`: for tokens that expire.

    The other arguments are those of `connect`. `open_timeout` is for each attempt, and does not count the functions.

    Raises:
        InvalidURLError: at the call, as are the next two; in the loop for what a function returned.
        ValueError: an argument that cannot be sent, or a number out of range.
        TypeError: an argument of the wrong type.
        HandshakeError: in the loop: an attempt failed for good, or was the last of `max_attempts`; see its subclasses.
        ConnectionClosed: in the loop: likewise, for a connection that had been open.

    What the functions raise comes out of the loop as itself; but a `ConnectionError` or `TimeoutError` from `url` or
    `headers` is a failed attempt. Cancelled while it waits or connects, the loop leaves no connection behind.
    """
    policy = RetryPolicy(
        max_attempts=max_attempts,
        initial_delay=initial_delay,
        max_delay=max_delay,
        max_retry_after=max_retry_after,
        reset_after=reset_after,
        should_retry=should_retry,
    )
    options = ClientOptions(
        converter=converter,
        converters=converters,
        subprotocols=subprotocols,
        headers=() if callable(headers) else Headers(check_fields(headers)),
        extensions=extensions,
        origin=origin,
        ssl_context=ssl_context,
        server_hostname=server_hostname,
        uds=uds,
        proxy=proxy,
        open_timeout=open_timeout,
        config=config,
    )
    # Made for its checks only. A URL that is not known yet is stood in for by one that goes with every option.
    Opening("wss://localhost/" if callable(url) else url, options)
    return _Attempts(url, headers if callable(headers) else None, options, policy)


@final
class Attempt:
    """One opened connection of `reconnect`; `async with attempt as session` uses it, once.

    Enter it right away. One that is not entered is dropped when the loop goes on; before a `break`, call `aclose`.

    Attributes:
        number: counts the attempts of the loop, those that failed to connect as well; the first is 1.
        delay: the seconds that were waited before it; 0 for the first.
        cause: the error that made it necessary; None for the first, and after an attempt that was given up without one.
    """

    def __init__(
        self,
        opened: Opened,
        options: ClientOptions,
        loop: _Attempts,
        *,
        number: int,
        delay: float,
        cause: Exception | None,
    ) -> None:
        self.number = number
        self.delay = delay
        self.cause = cause
        self._opened: Opened | None = opened
        self._opened_at = anyio.current_time()
        self._options = options
        self._loop = loop
        self._drivers = DriverGroup()
        self._link: WireLink | None = None

    @property
    def is_running(self) -> bool:
        """Whether its block has been entered, and not been left."""
        return self._link is not None

    async def __aenter__(self) -> ClientSession:
        opened = self._opened
        if opened is None:
            raise RuntimeError("this attempt is over; each is entered once, and before the loop goes on to the next")
        try:
            await anyio.lowlevel.checkpoint()
            if opened.conduit.needs_run:
                await self._drivers.open()
            self._link, session = start(opened, self._options, self._drivers)
        except BaseException:
            await self._drop()
            await self._drivers.leave()
            raise
        self._opened = None
        return session

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        link = self._link
        assert link is not None
        ending = link.ending()
        was_open = ending is None and not link.is_gone
        lasted = anyio.current_time() - self._opened_at
        try:
            try:
                await end(link, reason_for(exc_type))
            finally:
                await self._drivers.leave()
            if not was_open:
                ending = link.ending()
        finally:
            self._link = None
        if exc is None:
            self._loop.left(ending, lasted)
            return False
        return self._loop.broke(exc, lasted, was_open=was_open)

    async def aclose(self) -> None:
        """Drops the connection, where the attempt has not been entered; a connection in use is closed by its block."""
        await self._drop()
        await anyio.lowlevel.checkpoint()

    async def _drop(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.abort()


class _Attempts(AsyncIterator[Attempt]):
    """The loop. An object and not an async generator: `break` leaves a generator to the garbage collector."""

    def __init__(
        self,
        url: str | Source[str],
        headers: Source[HeadersLike] | None,
        options: ClientOptions,
        policy: RetryPolicy,
    ) -> None:
        self._url = url
        self._headers = headers
        self._options = options
        self._policy = policy
        self._attempt: Attempt | None = None
        self._number = 0
        self._failures = 0
        self._cause: Exception | None = None
        self._is_over = False

    async def __anext__(self) -> Attempt:
        await self._put_away()
        if self._cause is not None and self._policy.is_used_up(self._failures) and not self._is_over:
            self._is_over = True
            raise self._cause
        while not self._is_over:
            delay = await self._wait() if self._number else 0.0
            self._number += 1
            try:
                options, opened = await self._open()
            except Exception as error:
                self._count(error)
                if self._goes_on_after(error):
                    continue
                self._is_over = True
                raise
            cause, self._cause = self._cause, None
            self._attempt = Attempt(opened, options, self, number=self._number, delay=delay, cause=cause)
            return self._attempt
        await anyio.lowlevel.checkpoint()
        raise StopAsyncIteration

    async def _put_away(self) -> None:
        """Makes sure that nothing is left of the attempt before."""
        attempt = self._attempt
        if attempt is None:
            return
        if attempt.is_running:
            raise RuntimeError("the block of the attempt before has not been left")
        self._attempt = None
        await attempt.aclose()

    async def _wait(self) -> float:
        delay = self._policy.delay(self._failures, self._cause)
        if self._cause is not None:
            what = f"{type(self._cause).__name__}: {printable(str(self._cause))}"
            logger.warning("%s; attempt %d in %.1f s", what, self._number + 1, delay)
        await anyio.sleep(delay)
        return delay

    async def _open(self) -> tuple[ClientOptions, Opened]:
        url, options = self._url, self._options
        if not isinstance(url, str):
            url = await _fetch(url)
        if self._headers is not None:
            options = replace(options, headers=await _fetch(self._headers))
        return options, await Opening(url, options).dial()

    # What the blocks report.

    def left(self, ending: Ending | None, lasted: float) -> None:
        """A block was left with nothing raised, when the connection had ended, or was open."""
        if ending is None:
            self._is_over = True
            return
        error = ending.error()
        self._count(error, lasted)
        self._is_over = not self._policy.allows(error)

    def broke(self, exc: BaseException, lasted: float, *, was_open: bool) -> bool:
        """A block was left by an exception. Returns whether it is held back, and the loop goes on."""
        if not isinstance(exc, Exception):
            return False
        # While the connection was open, it is another one that was lost.
        losses = [] if was_open else _losses(exc)
        self._count(losses[0] if losses else exc, lasted)
        return bool(losses) and all(self._goes_on_after(loss) for loss in losses)

    def _count(self, error: Exception, lasted: float = 0.0) -> None:
        self._cause = error
        self._failures = 0 if lasted >= self._policy.reset_after else self._failures + 1

    def _goes_on_after(self, error: Exception) -> bool:
        return not self._policy.is_used_up(self._failures) and self._policy.allows(error)


def _losses(exc: BaseException) -> list[ConnectionClosed]:
    """The lost connections that an exception tells of; none where it tells of anything else as well.

    Tasks of the block that share the session raise theirs in a group.
    """
    if isinstance(exc, BaseExceptionGroup):
        inside = [_losses(each) for each in cast("BaseExceptionGroup[BaseException]", exc).exceptions]
        return [loss for losses in inside for loss in losses] if all(inside) else []
    return [exc] if isinstance(exc, ConnectionClosed) else []


async def _fetch(source: Source[T]) -> T:
    """What the function returns, now or later."""
    value: Any = source()
    return cast(T, await value if inspect.isawaitable(value) else value)
