"""What a program may do with two connected sessions, as data: lists of it are drawn, run and shrunk.

A `side` is 0 for the client and 1 for the server. Sending and closing go on beside what follows; everything else is
over before the next operation begins. `after` is the number of turns of the event loop after which something is
cancelled, with 0 before it has begun; None is never.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from hypothesis import strategies as st

__all__ = [
    "Close",
    "Drop",
    "Flush",
    "Operation",
    "Ping",
    "Receive",
    "Send",
    "Settle",
    "Sleep",
    "programs",
]


@dataclass(frozen=True)
class Send:
    """Sends a message: a frame, or a value through the converter."""

    side: int
    kind: Literal["text", "binary", "typed"]
    size: int
    after: int | None


@dataclass(frozen=True)
class Receive:
    """Receives one message, if it comes before the cancellation; where `after` is None, before nothing moves any more.

    With `native` on asyncio the task is cancelled, not a scope; with `twice` a second task tries it as well.
    """

    side: int
    how: Literal["frame", "typed", "incoming"]
    after: int | None
    native: bool
    twice: bool


@dataclass(frozen=True)
class Ping:
    """Asks for a Pong, until nothing moves any more."""

    side: int


@dataclass(frozen=True)
class Flush:
    """Waits for the operating system, until nothing moves any more."""

    side: int


@dataclass(frozen=True)
class Close:
    side: int
    code: int
    after: int | None


@dataclass(frozen=True)
class Drop:
    """The connection is lost, at the hand of one side."""

    side: int


@dataclass(frozen=True)
class Settle:
    """Waits until nothing moves any more."""


@dataclass(frozen=True)
class Sleep:
    """Waits until every deadline has passed."""


Operation: TypeAlias = Send | Receive | Ping | Flush | Close | Drop | Settle | Sleep

sides = st.sampled_from([0, 1])
afters = st.sampled_from([None, None, None, 0, 1, 2, 3, 5, 9])
SIZES = [0, 5, 126, 900, 2500, 20_000, 70_000]
"""Bytes of a message: some are more than a queue of these sessions holds, the last is more than the stream holds."""

kinds: st.SearchStrategy[Literal["text", "binary", "typed"]] = st.sampled_from(["text", "binary", "typed"])
sends = st.builds(Send, sides, kinds, st.sampled_from(SIZES), afters)
rarely = st.integers(0, 5).map(lambda number: number == 5)
receives = st.builds(Receive, sides, st.sampled_from(["frame", "typed", "incoming"]), afters, rarely, rarely)
closes = st.builds(Close, sides, st.sampled_from([1000, 1001, 1008, 1014, 4321]), afters)


@st.composite
def races(draw: st.DrawFn) -> list[Operation]:
    """A message is on its way while the other side receives, and is cancelled about when it comes."""
    side = draw(sides)
    send = Send(side, draw(kinds), draw(st.sampled_from(SIZES[:4])), None)
    return [send, Receive(1 - side, "frame", draw(st.integers(0, 14)), draw(st.booleans()), False)]


@st.composite
def crowds(draw: st.DrawFn) -> list[Operation]:
    """Several send at once, more than there is room for; some are cancelled in the line."""
    side = draw(sides)
    sizes = draw(st.lists(st.sampled_from(SIZES[3:]), min_size=2, max_size=6))
    return [Send(side, draw(kinds), size, draw(afters)) for size in sizes]


def alone(operation: st.SearchStrategy[Operation]) -> st.SearchStrategy[list[Operation]]:
    return operation.map(lambda one: [one])


others: st.SearchStrategy[Operation] = sides.map(Ping) | sides.map(Flush)
ends: st.SearchStrategy[Operation] = closes | closes | sides.map(Drop)
usual = alone(sends | sends | receives | receives | st.just(Settle()) | others) | races() | crowds()
anything = usual | usual | alone(ends | st.just(Sleep()))


def programs() -> st.SearchStrategy[list[Operation]]:
    """A program: mostly an open connection, then its end, by either side or by both, and what is tried after it."""
    return st.builds(
        lambda before, end, after: [operation for phrase in [*before, *end, *after] for operation in phrase],
        st.lists(usual, max_size=15),
        st.lists(alone(ends), max_size=2),
        st.lists(anything, max_size=5),
    )
