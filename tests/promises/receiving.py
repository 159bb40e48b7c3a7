"""The five ways to receive, each as a call that returns a number, and what tests do with the numbers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import anyio

from tests.timing import SOON
from typedws.session import Session

ROUNDS = 300

Receive = Callable[[Session], Coroutine[Any, Any, int]]


async def receive(session: Session) -> int:
    return int((await session.receive()).data)


async def incoming_receive(session: Session) -> int:
    return int((await session.incoming.receive()).data)


async def iterate_incoming(session: Session) -> int:
    return int((await anext(session.incoming)).data)


async def receive_deserialized(session: Session) -> int:
    return await session.receive_deserialized(int)


async def iter_deserialized(session: Session) -> int:
    return await anext(session.iter_deserialized(int))


WAYS: list[Receive] = [receive, incoming_receive, iterate_incoming, receive_deserialized, iter_deserialized]


class Collected:
    """What came out of a session that got the numbers from 0 on, one in each round.

    Attributes:
        numbers: what was received.
        cancelled: rounds in which the receive was cancelled after, or while, its number arrived.
    """

    def __init__(self, session: Session) -> None:
        self.numbers: list[int] = []
        self.cancelled = 0
        self._session = session

    async def complete(self, round: int) -> None:
        """Receives what a cancelled receive has left, so that the next round begins with an empty queue."""
        if len(self.numbers) == round:
            self.cancelled += 1
            with anyio.fail_after(SOON, reason=f"message {round} is lost"):
                self.numbers.append(await receive(self._session))
        assert self.numbers == list(range(round + 1))
