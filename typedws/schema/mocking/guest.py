"""One client of a mock server, from its handshake to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

import anyio

from typedws.close import CloseReason
from typedws.errors import ConnectionClosed, ContentConvertError, SchemaError
from typedws.frames import BinaryFrame, Frame, TextFrame
from typedws.schema.contract.api import Connection, Message
from typedws.schema.mocking.records import Arrival, Problem, Refused
from typedws.schema.mocking.replies import Replies
from typedws.schema.mocking.roles import Roles
from typedws.schema.mocking.streams import Stream, Streams
from typedws.schema.mocking.wire import Wire
from typedws.schema.samples import Sampler
from typedws.session import ServerSession

__all__ = ["Guest"]

_SUBSCRIPTIONS: Final = 1000
"""Of one client at a time."""


class Guest:
    """A client. Its messages are answered in the order in which they come.

    Args:
        session: the session with it.
        number: which client it is, counted from 1; with the seed it decides what is made up for it.
        interval: seconds between two rounds of updates; None for no updates but the first.
        greeting: whether messages that nobody asked for are sent.
        note: called with each message that came, and each problem.
        tell: called with a line for each message, to be shown.
    """

    def __init__(
        self,
        session: ServerSession,
        *,
        number: int,
        wire: Wire,
        roles: Roles,
        sampler: Sampler,
        seed: int,
        interval: float | None,
        greeting: bool,
        note: Callable[[Arrival | Problem], None],
        tell: Callable[[str], None],
    ) -> None:
        self.session = session
        self.number = number
        self.wire = wire
        self._roles = roles
        self._interval = interval
        self._greeting = greeting
        self._note = note
        self._tell = tell
        self._streams = Streams(roles, most=_SUBSCRIPTIONS)
        # What is streamed depends on the clock, so it has a sampler of its own: replies stay the same.
        direction = roles.connection.incoming
        self._replies = Replies(roles, sampler.reseeded(seed * 1_000_003 + number * 2), direction)
        self._feed = Replies(roles, sampler.reseeded(seed * 1_000_003 + number * 2 + 1), direction)

    @property
    def connection(self) -> Connection:
        """The connection that it asked for."""
        return self._roles.connection

    async def run(self) -> None:
        """Serves it until it is gone."""
        self._tell("connected")
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._stream)
                await self._answer()
                group.cancel_scope.cancel()
        finally:
            reason = self.session.close_reason
            self._tell(f"disconnected{f' ({reason.code})' if reason is not None else ''}")

    async def send(self, value: Any, *, message: str = "", check: bool = True) -> None:
        """Sends a message; see `MockServer.send`.

        Raises:
            ValueError: the connection has no such message, or the value is none.
            ContentConvertError: the value cannot be written.
            ConnectionClosed: the client is gone.
        """
        if not message:
            await self._send_frame(self.wire.write_value(value), type(value).__name__)
            return
        found = self.wire.incoming(message)
        if found is None:
            raise ValueError(f"{self.connection.name} has no message {message!r} that the server sends")
        await self._send_frame(self.wire.write_given(found, value, check=check), found.name)

    async def _answer(self) -> None:
        try:
            while True:
                frame = await self.session.receive()
                await self._take(frame)
        except ConnectionClosed:
            return

    async def _take(self, frame: Frame) -> None:
        assert isinstance(frame, TextFrame | BinaryFrame)
        try:
            arrival = self.wire.read(frame)
        except Refused as refused:
            await self._refuse(refused, frame)
            return
        except RecursionError:
            await self._refuse(Refused("it is nested too deeply", 1008), frame)
            return
        self._note(arrival)
        self._tell(f"<- {arrival.name}")
        exchange = self._roles.exchange(arrival.name)
        answer = self._roles.answer(arrival.name, arrival.tree) if exchange is None else None
        if exchange is not None:
            await self._send_made(partial(self._replies.reply, exchange, arrival.name, arrival.tree))
            for further in self._roles.further(exchange):
                await self._send_made(partial(self._replies.answer, further, arrival.tree))
        elif answer is not None:
            await self._send_made(partial(self._replies.answer, answer, arrival.tree))
        # Whatever message it can be: what is cancelled was asked for with the same values.
        stops = (self._streams.stop(name, arrival.tree) for name in (arrival.name, *arrival.others))
        stopped = next(filter(None, stops), list[tuple[Stream, bool]]())
        for stream, is_whole in stopped:
            self._tell(f"{'' if is_whole else 'a part of '}{stream.subscription.name} ends")
        if stopped:
            return
        try:
            started = self._streams.start(arrival.name, arrival.tree)
        except ValueError as error:
            await self._refuse(Refused(str(error), 1008, name=arrival.name, tree=arrival.tree), frame)
            return
        for stream in started:
            self._tell(f"{stream.subscription.name} begins")
            # What confirms it is no update yet.
            for _ in (*self._roles.updates(stream.subscription)[0], None):
                await self._update(stream)

    async def _refuse(self, refused: Refused, frame: Frame) -> None:
        problem = Problem(str(refused), self.connection.name, refused.name, frame)
        self._note(problem)
        self._tell(f"<- {refused.name or 'a message'}: {refused}")
        if await self._send_made(partial(self._replies.failure, str(refused), refused.name, refused.tree)):
            return
        text = str(refused).encode()[:120].decode(errors="ignore")
        await self.session.close(CloseReason(refused.code, text))

    async def _stream(self) -> None:
        """Everything that is sent without a message before it."""
        unasked = self._roles.unasked if self._greeting else ()
        try:
            await self._send_unasked(unasked)
            turn = 0
            while self._interval is not None:
                await anyio.sleep(self._interval)
                for stream in self._streams:
                    if stream in self._streams:
                        await self._update(stream)
                if unasked and not self.connection.subscriptions:
                    await self._send_unasked((unasked[turn % len(unasked)],))
                    turn += 1
        except ConnectionClosed:
            return

    async def _send_unasked(self, messages: Iterable[Message]) -> None:
        for message in messages:
            await self._send_made(partial(self._feed.unasked, message))

    async def _update(self, stream: Stream) -> None:
        stream.turn += 1
        await self._send_made(partial(self._feed.update, stream.subscription, stream.tree, stream.turn - 1))

    async def _send_made(self, make: Callable[[], tuple[Message, Any] | None]) -> bool:
        """Makes a message and sends it. Returns whether there is one."""
        try:
            made = make()
        except SchemaError as error:
            # Every message was made once at the start; this one had to have a value that it cannot have.
            self._tell(f"a message was not sent: {error}")
            return False
        if made is not None:
            await self._send(*made)
        return made is not None

    async def _send(self, message: Message, tree: Any) -> None:
        try:
            frame = self.wire.write(message, tree)
        except ContentConvertError as error:
            self._tell(f"{message.name} was not sent: {error}")
            return
        await self._send_frame(frame, message.name)

    async def _send_frame(self, frame: Frame, name: str) -> None:
        await self.session.send(frame)
        self._tell(f"-> {name}")
