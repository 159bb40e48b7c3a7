"""Two connected sessions, what was done with them, and what must come of it.

The model is small. For each direction it keeps what was sent, in order: a send that returned counts, one that was
cancelled or refused does not. What was received must at any time be the beginning of that, and all of it where the
connection did not end otherwise. For each side it keeps why it must have ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
import anyio.abc
import anyio.lowlevel
import msgspec
from anyio.lowlevel import checkpoint

from tests.peers import turns, wire_of
from tests.properties.operations import Close, Drop, Flush, Operation, Ping, Receive, Send, Settle, Sleep
from typedws import (
    BinaryFrame,
    CloseReason,
    ConnectionClosed,
    ConnectionClosedOK,
    DeserializeError,
    Frame,
    Session,
    SessionConfig,
    TextFrame,
)
from typedws.transport.backend import on_trio

__all__ = ["CONFIG", "World"]

CONFIG = SessionConfig(
    ping_interval=None, close_timeout=1000.0, incoming_messages=4, incoming_bytes=3000, outgoing_bytes=2000
)
"""Queues that are soon full, and a deadline that only `Sleep` reaches."""

LOW_MESSAGES, LOW_BYTES = CONFIG.incoming_messages // 2, CONFIG.incoming_bytes // 2
"""Reading goes on when the queue has so little left."""


class World:
    """A client's session and a server's, and the model of both.

    Args:
        sessions: the two.
        settle: waits until nothing moves any more, as well as it can be told.
        certain: whether that is certain. Without a network it is, and then more must hold.

    Attributes:
        sent: by side, the messages whose sending returned.
        received: by side, what came, messages that could not be deserialized included.
        safe: by side, how many of the other side's messages have certainly arrived, taken or not.
        chosen: by side, the reason it was closed with, while it had none.
        dropped: the sides at whose hand the connection was lost.
        late: whether a closing may have run into its deadline.
    """

    def __init__(self, sessions: tuple[Session, Session], settle: Callable[[], Awaitable[None]], certain: bool) -> None:
        self.sessions = sessions
        self.sent: tuple[list[Frame], list[Frame]] = ([], [])
        self.received: tuple[list[Frame], list[Frame]] = ([], [])
        self.safe = [0, 0]
        self.chosen: list[CloseReason | None] = [None, None]
        self.dropped: list[int] = []
        self.late = False
        self._settle = settle
        self._certain = certain
        self._reasons: list[CloseReason | None] = [None, None]
        self._sending = 0
        self._numbers = 0
        self._last = [0, 0]

    async def run(self, program: list[Operation]) -> None:
        """Runs a program, reads both ends to their end, and checks that all is as it must be."""
        endings: list[ConnectionClosed | None] = [None, None]

        async def drain(side: int) -> None:
            try:
                while True:
                    self.received[side].append(await self.sessions[side].receive())
            except ConnectionClosed as error:
                endings[side] = error

        async with anyio.create_task_group() as tasks:
            for operation in program:
                await self._do(operation, tasks)
                self._check()
            # All that is still going on ends when both sides are read.
            async with anyio.create_task_group() as drains:
                drains.start_soon(drain, 0)
                drains.start_soon(drain, 1)
                await self._until_all_is_there()
                self._check()
                self.chosen[0] = self.chosen[0] or (CloseReason(1000) if self._is_open else None)
                await self.sessions[0].close()
                await self.sessions[1].wait_closed()
        for side, ending in enumerate(endings):
            assert ending is not None
            await self._check_ending(side, ending)

    # What is done.

    async def _do(self, operation: Operation, tasks: anyio.abc.TaskGroup) -> None:
        match operation:
            case Send():
                tasks.start_soon(self._send, operation)
                await checkpoint()
            case Receive():
                await self._receive(operation)
            case Close():
                await self._close(operation, tasks)
            case Drop(side):
                if not wire_of(self.sessions[side]).is_gone:
                    self.dropped.append(side)
                    wire_of(self.sessions[side]).abort()
                    await self.sessions[side].wait_closed()
            case Ping(side):
                await self._ping(side)
            case Flush(side):
                await self._unless_settled(self.sessions[side].flush)
            case Settle():
                await self._settle()
                self._note_what_is_safe()
            case Sleep():
                await anyio.sleep(2 * CONFIG.close_timeout if self._certain else 0)
                self.late = self.late or not self._is_open

    async def _send(self, operation: Send) -> None:
        session = self.sessions[operation.side]
        self._sending += 1
        try:
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(cancel_after, operation.after, scope)
                    number, message = self._message(operation)
                    if operation.kind == "typed":
                        await session.send_serialized(msgspec.json.decode(message.data))
                    else:
                        await session.send(message)
                    self.sent[operation.side].append(message)
                    assert number > self._last[operation.side], "a sender has overtaken another"
                    self._last[operation.side] = number
                    tasks.cancel_scope.cancel()
        except* ConnectionClosed:
            assert not self._is_open
        finally:
            self._sending -= 1

    def _message(self, operation: Send) -> tuple[int, TextFrame | BinaryFrame]:
        """A message that differs from all others, and its number in the order of the calls."""
        self._numbers += 1
        text = f"{self._numbers} {'ü' * (operation.size // 2)}"
        if operation.kind == "typed":
            return self._numbers, TextFrame(msgspec.json.encode(text))
        return self._numbers, TextFrame(text) if operation.kind == "text" else BinaryFrame(text.encode())

    async def _receive(self, operation: Receive) -> None:
        async def receive() -> None:
            with suppress(ConnectionClosed, anyio.BusyResourceError):
                self.received[operation.side].append(await self._next(operation))

        if operation.native and operation.after is not None and not on_trio():
            task = asyncio.ensure_future(receive())
            await turns(operation.after)
            task.cancel()
            await asyncio.wait([task])
            return
        async with anyio.create_task_group() as tasks:
            for _ in range(2 if operation.twice else 1):
                tasks.start_soon(receive)
            if operation.after is None:
                await self._settle()
            else:
                await turns(operation.after)
            tasks.cancel_scope.cancel()

    async def _next(self, operation: Receive) -> Frame:
        session = self.sessions[operation.side]
        if operation.how == "frame":
            return await session.receive()
        if operation.how == "incoming":
            return await session.incoming.receive()
        try:
            return TextFrame(msgspec.json.encode(await session.receive_deserialized(str)))
        except DeserializeError as error:
            return error.frame

    async def _close(self, operation: Close, tasks: anyio.abc.TaskGroup) -> None:
        session = self.sessions[operation.side]
        reason = CloseReason(operation.code, f"closed by {operation.side}")

        async def close() -> None:
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as within:
                    within.start_soon(cancel_after, operation.after, scope)
                    if session.close_reason is None and self.chosen[operation.side] is None:
                        self.chosen[operation.side] = reason
                    await session.close(reason)
                    assert wire_of(session).is_gone
                    within.cancel_scope.cancel()

        tasks.start_soon(close)
        await checkpoint()

    async def _ping(self, side: int) -> None:
        if not await self._unless_settled(self.sessions[side].ping) and self._certain:
            reads = all(len(self._waiting(1 - end)) <= LOW_MESSAGES for end in (0, 1))
            reads = reads and all(size(self._waiting(end)) <= LOW_BYTES for end in (0, 1))
            assert not (self._is_open and reads and not self._sending), "nobody answered the ping"

    async def _unless_settled(self, call: Callable[[], Awaitable[Any]]) -> bool:
        """Whether a call returned before nothing moved any more, or the connection was closed."""
        done = False

        async def wait() -> None:
            nonlocal done
            with suppress(ConnectionClosed):
                await call()
            done = True

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await self._settle()
            tasks.cancel_scope.cancel()
        return done

    # What must hold.

    @property
    def _is_open(self) -> bool:
        return not self.dropped and self.chosen == [None, None]

    def _waiting(self, side: int) -> list[Frame]:
        """What the other side sent and this one has not taken."""
        return self.sent[1 - side][len(self.received[side]) :]

    def _note_what_is_safe(self) -> None:
        """Reading stops when a queue is full, and goes on when half of it is free. So where nothing moves, either all
        is there, or more than half a queue."""
        if not self._certain:
            return
        for side in (0, 1):
            if not self._is_open:
                continue
            here: list[Frame] = []
            for frame in self._waiting(side):
                if len(here) > LOW_MESSAGES or size(here) > LOW_BYTES:
                    break
                here.append(frame)
            self.safe[side] = max(self.safe[side], len(self.received[side]) + len(here))

    def _check(self) -> None:
        for side, session in enumerate(self.sessions):
            received = self.received[side]
            assert received == self.sent[1 - side][: len(received)], "a message was lost, doubled, or out of order"
            reason = session.close_reason
            assert self._reasons[side] in (None, reason), "a reason has changed"
            self._reasons[side] = reason
            assert not (self._is_open and reason is not None), "nothing has ended it"

    async def _until_all_is_there(self) -> None:
        """Both sides are being read: whatever is being sent can be, and arrives."""
        for _ in range(1000):
            await self._settle()
            everything = all(not self._waiting(side) for side in (0, 1)) and not self._sending
            if everything or not self._is_open or self._certain:
                break
            await anyio.sleep(0.002)
        if self._is_open:
            assert not self._sending, "a message cannot be sent"
            assert self._waiting(0) == self._waiting(1) == [], "a message did not arrive"

    async def _check_ending(self, side: int, ending: ConnectionClosed) -> None:
        session, other = self.sessions[side], 1 - side
        reason = session.close_reason
        assert reason is not None
        assert ending.reason == reason == await session.wait_closed()
        assert isinstance(ending, ConnectionClosedOK) is reason.is_ok
        self._check()
        assert len(self.received[side]) >= self.safe[side], "a message that had arrived was not delivered"
        mine, theirs = self.chosen[side], self.chosen[other]
        if mine is not None:
            assert reason == mine or (self.dropped and reason.code == 1006)
            if not self.dropped:
                assert ending.sent == mine
                assert not ending.by_peer
        elif theirs is not None:
            assert reason == theirs or ((self.dropped or self.late) and reason.code == 1006)
            if reason == theirs:
                assert ending.by_peer
                assert ending.received == theirs
                assert ending.sent == CloseReason(theirs.code)
                assert not self._waiting(side), "a message sent before the Close did not arrive"
        else:
            assert reason.code == 1006
            assert ending.received is None
            assert ending.sent is None or side in self.dropped  # a close that came later may have been too late


def size(frames: list[Frame]) -> int:
    return sum(len(frame.data) for frame in frames)


async def cancel_after(turns_: int | None, scope: anyio.CancelScope) -> None:
    if turns_ is None:
        return
    await turns(turns_)
    scope.cancel()
