"""The session of a connection, and the next one when it is lost.

Only the reader opens again, so there is one who does, and all others wait for it as for a message. What has been
learned of an outage is kept: a reader that is cancelled while it waits to try again leaves the rest of the wait to the
next.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

import anyio

from typedws.client import WebSocketClient
from typedws.close import CloseReason
from typedws.errors import ConnectionClosed, HandshakeError
from typedws.protocol.head import printable
from typedws.retry import RetryPolicy
from typedws.schema.runtime.address import Address
from typedws.schema.runtime.events import Reconnected
from typedws.session import ClientSession

__all__ = ["Endpoint", "Prepare"]

logger = logging.getLogger("typedws.schema")

Prepare: TypeAlias = Callable[[ClientSession], Awaitable[None]]
"""Makes a new session ready, before anybody else uses it."""


@dataclass(slots=True)
class _Outage:
    """A time without a connection.

    Attributes:
        since: when it was noticed.
        cause: how the last connection ended.
        error: what failed last.
        next_at: when to try next; None where that has not been decided.
        attempts: how many have been made.
    """

    since: float
    cause: Exception
    error: Exception
    next_at: float | None = None
    attempts: int = 0


class Endpoint:
    """Where a connection goes, and how it is going.

    Args:
        client: opens the sessions, and closes what is left of them.
        address: what is opened.
        policy: how to open again; None for never.

    Attributes:
        session: the one in use; closed while there is none.
        is_stopped: whether nothing is opened any more: the connection was closed here.
    """

    session: ClientSession

    def __init__(self, client: WebSocketClient, address: Address, policy: RetryPolicy | None) -> None:
        self._client = client
        self._address = address
        self._policy = policy
        self._outage: _Outage | None = None
        self._failures = 0
        self._opened_at = 0.0
        self._was_lost = False
        self._opening: anyio.CancelScope | None = None
        self.is_stopped = False

    @property
    def may_reopen(self) -> bool:
        """Whether the end of a session need not be the end."""
        return self._policy is not None and not self.is_stopped

    @property
    def shown(self) -> str:
        """The URL, without what may be secret in it."""
        return self._address.shown

    async def open(self) -> None:
        """Opens the first session. Raises as `typedws.connect`, without the secrets of the request."""
        self.session = await self._dial()

    def alone(self, session: ClientSession) -> Endpoint:
        """One session that is not opened again when it is lost."""
        alone = Endpoint(self._client, self._address, None)
        alone.session = session
        return alone

    async def _dial(self) -> ClientSession:
        try:
            session = await self._client.websocket_session(self._address.url)
        except HandshakeError as error:
            error.call = self._address.masked(error.call)
            raise
        self._opened_at = anyio.current_time()
        return session

    async def reopen(self, error: Exception, prepare: Prepare) -> Reconnected:
        """Opens the next session. One task at a time.

        Args:
            error: how the one before ended.
            prepare: called with the new session before anybody else uses it.

        Raises:
            ConnectionClosed: it is not opened again; `error`, or how a new session ended at once.
            HandshakeError: likewise; why it could not be opened.
            TimeoutError: likewise; `prepare` has waited in vain.

        Whatever else `prepare` raises is raised as it is.

        Cancelling it leaves no connection behind, and a later call goes on where this one was.
        """
        if self._outage is None:
            self._lose(error)
        outage = self._outage
        assert outage is not None
        while self._goes_on(outage):
            with anyio.CancelScope() as self._opening:
                try:
                    await self._attempt(outage, prepare)
                except (HandshakeError, ConnectionClosed, TimeoutError) as failure:
                    self._failures += 1
                    outage.error = failure
                    outage.next_at = None
                    continue
                finally:
                    self._opening = None
                self._outage = None
                gap = anyio.current_time() - outage.since
                return Reconnected(gap, outage.cause, outage.attempts)
        raise outage.error

    def stop(self) -> None:
        """Nothing is opened from now on."""
        self.is_stopped = True
        if self._opening is not None:
            self._opening.cancel()

    def _lose(self, error: Exception) -> None:
        now = anyio.current_time()
        self._outage = _Outage(now, error, error)
        if self._policy is not None and now - self._opened_at >= self._policy.reset_after:
            self._failures = 0
        elif self._was_lost:
            self._failures += 1  # the attempt did not come to much
        self._was_lost = True

    def _goes_on(self, outage: _Outage) -> bool:
        policy = self._policy
        return (
            policy is not None
            and not self.is_stopped
            and not policy.is_used_up(self._failures)
            and policy.allows(outage.error)
        )

    async def _attempt(self, outage: _Outage, prepare: Prepare) -> None:
        assert self._policy is not None
        if outage.next_at is None:
            delay = self._policy.delay(self._failures + 1, outage.error)
            outage.next_at = anyio.current_time() + delay
            what = f"{type(outage.error).__name__}: {printable(str(outage.error))}"
            logger.warning("%s; %s is opened again in %.1f s", what, self._address.shown, delay)
        await anyio.sleep_until(outage.next_at)
        outage.attempts += 1
        session = await self._dial()
        try:
            await prepare(session)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await session.close(CloseReason(1001))
            raise
        if self.is_stopped:
            with anyio.CancelScope(shield=True):
                await session.close()
            raise outage.error
        self.session = session
